import type { CardSequence, CardTable, RuleCard } from './rule-card.ts';
import { wrap } from './wrap.ts';

/** Columns of a page of the documentation. */
const WIDTH = 120;

/** A rule's card as its page of the documentation. */
export function cardMarkdown(card: RuleCard): string {
  const { id, title, severity } = card;
  const lines = [`# ${id}: ${title}`, '', `Severity: ${severity}`, ''];
  for (const paragraph of sections(card)) lines.push(paragraph, '');
  return `${lines.join('\n').trimEnd()}\n`;
}

/** A rule's card as one text in Markdown without links, for where the pages of the documentation are not at hand. */
export const cardHelp = (card: RuleCard): string => withoutLinks(sections(card).join('\n\n'));

/** A text of a card without its links. */
export const withoutLinks = (text: string): string => text.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');

/** What there is to do, in words. */
export const cardFix = ({ fix, advice }: RuleCard): string =>
  [fix === null ? 'There is no general one.' : fix.text, advice].filter((text) => text !== undefined).join(' ');

/** Everything below the title: headings, paragraphs, tables and sequences. */
function sections(card: RuleCard): string[] {
  const { notes = [] } = card;
  return [
    paragraph(`**Detects:** ${card.detects}`),
    '## Why it matters',
    paragraph(card.why),
    '## What the manual promises',
    paragraph(card.promise),
    '## What the kernel answers',
    ...card.answers.map((part) => (typeof part === 'string' ? paragraph(part) : table(part))),
    '## Found',
    ...sequence('bad', card.bad),
    '## Not found',
    ...sequence('good', card.good),
    '## Fix',
    paragraph(cardFix(card)),
    ...(notes.length === 0 ? [] : ['## Notes', ...notes.map(paragraph)]),
    '## Source',
    paragraph(card.source),
  ];
}

const paragraph = (text: string): string => wrap(text, WIDTH, '').join('\n');

function table({ columns, rows }: CardTable): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [row(columns), `|${'---|'.repeat(columns.length)}`, ...rows.map(row)].join('\n');
}

const sequence = (kind: string, { about, to, lines, language }: CardSequence): string[] => [
  paragraph(about),
  [`\`\`\`${language ?? 'jsonl'}`, kind, to === undefined ? '' : `to=${to}`].join(' ').trimEnd() +
    `\n${lines.join('\n')}\n\`\`\``,
];
