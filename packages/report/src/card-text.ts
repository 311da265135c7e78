import { cardFix, withoutLinks } from './card-markdown.ts';
import type { CardSequence, CardTable, RuleCard } from './rule-card.ts';
import { PLAIN, type Style } from './style.ts';
import { wrap } from './wrap.ts';

/** How a card is shown to people. */
export interface CardTextOptions {
  readonly style?: Style;
  /** Columns; 100 by default. */
  readonly width?: number;
}

/** A rule's card for a terminal. */
export function cardText(card: RuleCard, { style = PLAIN, width = 100 }: CardTextOptions = {}): string {
  const columns = Math.max(40, width);
  const lines = [`${style[card.severity](card.severity)} ${style.strong(card.id)} ${card.title}`];
  const text = (words: string): void => void lines.push(...wrap(withoutLinks(words), columns, '  '));
  const heading = (words: string): void => void lines.push('', style.strong(words));
  const sequence = ({ about, to, lines: shown }: CardSequence): void => {
    text(about);
    for (const line of shown) lines.push(`    ${line}`);
    if (to !== undefined) text(`(audited with --to ${to})`);
  };
  lines.push('');
  text(card.detects);
  heading('why it matters');
  text(card.why);
  heading('what the manual promises');
  text(card.promise);
  heading('what the kernel answers');
  for (const part of card.answers) {
    if (typeof part === 'string') text(part);
    else lines.push(...table(part, columns, style));
  }
  heading('found');
  sequence(card.bad);
  heading('not found');
  sequence(card.good);
  heading('fix');
  text(cardFix(card));
  if (card.notes !== undefined) {
    heading('notes');
    card.notes.forEach(text);
  }
  heading('source');
  text(card.source);
  return `${lines.join('\n')}\n`;
}

/** A line for each rule. */
export function cardList(cards: readonly RuleCard[], { style = PLAIN, width = 100 }: CardTextOptions = {}): string {
  const titles = Math.max(...cards.map(({ title }) => title.length));
  const lines = cards.map(({ id, severity, title, detects }) => {
    // Colours have no width, so the text is laid out without them.
    const name = `${id}  ${severity.padEnd(7)}  ${title.padEnd(titles)}  `;
    const [first = '', ...more] = wrap(
      withoutLinks(detects),
      Math.max(width, name.length + 30),
      ' '.repeat(name.length),
    );
    const coloured = `${style.strong(id)}  ${style[severity](severity.padEnd(7))}  ${title.padEnd(titles)}  `;
    return [coloured + first.slice(name.length), ...more].join('\n');
  });
  return `${lines.join('\n')}\n`;
}

/** A table as aligned columns; one that is too wide as a line or two for each row. */
function table({ columns, rows }: CardTable, width: number, style: Style): string[] {
  const all = [columns, ...rows];
  const widths = columns.map((_, n) => Math.max(...all.map((row) => (row[n] ?? '').length)));
  if (widths.reduce((sum, n) => sum + n + 2, 0) > width) {
    return rows.flatMap(([first = '', ...cells]) =>
      wrap(`${first}: ${cells.map((cell, n) => `${columns[n + 1] ?? ''} ${cell}`).join('; ')}`, width, '    ', '  '),
    );
  }
  return all.map((row, n) => {
    const line = `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd();
    return n === 0 ? style.faint(line) : line;
  });
}
