import { cellText, checkRows, type DataTable, isNumeric, titleWithUnit } from './data-table.ts';
import { markdownText } from './markdown-text.ts';

/**
 * A table of figures as Markdown: its title in bold, the table, a paragraph for each note. Columns with numbers are
 * aligned at their right.
 *
 * @returns lines, each with a line end
 * @throws {RangeError} if a row does not have a cell for each column
 */
export function tableMarkdown(table: DataTable): string {
  checkRows(table);
  const { columns, rows } = table;
  const blocks: string[] = [];
  const title = markdownText(titleWithUnit(table.title, table.unit));
  if (title !== '') blocks.push(`**${title}**`);
  if (columns.length > 0) {
    const cells = rows.map((row) => row.map((cell, n) => cellText(cell, columns[n]?.digits, markdownText)));
    const heads = columns.map((column) => markdownText(column.title));
    const rule = columns.map((_, n) => (isNumeric(table, n) ? '---:' : '---'));
    blocks.push([heads, rule, ...cells].map((line) => `| ${line.join(' | ')} |`).join('\n'));
  }
  for (const note of table.notes ?? []) blocks.push(markdownText(note));
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}
