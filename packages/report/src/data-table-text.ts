import { escapeText } from '@overmap/trace';
import { cellText, checkRows, type DataTable, isNumeric, titleWithUnit } from './data-table.ts';
import { PLAIN, type Style } from './style.ts';
import { wrap } from './wrap.ts';

/** Characters of a title, a cell and a note that are shown. */
const TITLE = 300;
const CELL = 200;
const NOTE = 2000;

/** Code points; what pads a column. */
const lengthOf = (text: string): number => [...text].length;
const padLeft = (text: string, to: number): string => ' '.repeat(Math.max(0, to - lengthOf(text))) + text;
const padRight = (text: string, to: number): string => text + ' '.repeat(Math.max(0, to - lengthOf(text)));

/**
 * A table of figures for people. Columns with numbers are aligned at their right, with the middle of a range under the
 * numbers.
 *
 * @param options.width - columns of the terminal, for the title and the notes; rows stay whole and may be wider
 * @returns lines, each with a line end
 * @throws {RangeError} if a row does not have a cell for each column
 */
export function tableText(
  table: DataTable,
  { style = PLAIN, width = 100 }: { readonly style?: Style; readonly width?: number } = {},
): string {
  checkRows(table);
  const lines: string[] = [];
  const title = escapeText(titleWithUnit(table.title, table.unit), TITLE);
  if (title !== '') lines.push(...wrap(title, width, '').map(style.strong), '');
  if (table.columns.length > 0) {
    const columns = table.columns.map((_, n) => columnLines(table, n));
    for (let n = 0; n <= table.rows.length; n++) {
      const line = `  ${columns.map((column) => column[n] ?? '').join('  ')}`.trimEnd();
      lines.push(n === 0 ? style.faint(line) : line);
    }
  }
  if (table.rows.length === 0) lines.push('  (no rows)');
  const notes = (table.notes ?? []).flatMap((note) => wrap(escapeText(note, NOTE), width, '  ', ''));
  if (notes.length > 0) lines.push('', ...notes);
  return lines.map((line) => `${line}\n`).join('');
}

/** One column, its title first, all padded to the same length. */
function columnLines(table: DataTable, n: number): string[] {
  const { title = '', digits } = table.columns[n] ?? {};
  const shown = (text: string): string => escapeText(text, CELL);
  const head = shown(title);
  const numeric = isNumeric(table, n);
  const texts = table.rows.map((row) => cellText(row[n] ?? null, digits, shown));
  const cells = numeric ? besideRanges(table, n, texts) : texts;
  const width = Math.max(lengthOf(head), ...cells.map(lengthOf));
  return [head, ...cells].map((text) => (numeric ? padLeft(text, width) : padRight(text, width)));
}

/** The cells of a column, with what ranges have behind their middle set apart, so that the middles are aligned. */
function besideRanges(table: DataTable, n: number, texts: readonly string[]): string[] {
  const parts = texts.map((text, row) => {
    const at = typeof table.rows[row]?.[n] === 'object' ? text.indexOf(' (') : -1;
    return at < 0 ? { head: text, tail: '' } : { head: text.slice(0, at), tail: text.slice(at) };
  });
  const heads = Math.max(0, ...parts.map(({ head }) => lengthOf(head)));
  const tails = Math.max(0, ...parts.map(({ tail }) => lengthOf(tail)));
  return parts.map(({ head, tail }) => padLeft(head, heads) + padRight(tail, tails));
}
