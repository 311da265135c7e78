import { cellText, checkRows, type DataTable, isNumeric, titleWithUnit } from '../data-table.ts';
import { type Html, html } from './html.ts';

/**
 * A table of figures inside of a page; wide ones scroll by themselves.
 *
 * @throws {RangeError} when a row has not a cell for each column
 */
export function tableHtml(table: DataTable): Html {
  checkRows(table);
  const { title, unit, columns, rows, notes = [] } = table;
  const numeric = columns.map((_, n) => isNumeric(table, n));
  const named = titleWithUnit(title, unit);
  return html`<figure class="data-table">
<div class="scroll" tabindex="0" role="group" aria-label="${named}"><table>
<caption>${named}</caption>
<thead><tr>${columns.map((column, n) => html`<th scope="col" class="${numeric[n] ? 'number' : ''}">${column.title}</th>`)}</tr></thead>
<tbody>${rows.map(
    (row) =>
      html`<tr>${row.map((cell, n) => {
        const text = cellText(cell, columns[n]?.digits, (words) => words);
        if (n === 0 && !numeric[n]) return html`<th scope="row">${text}</th>`;
        return html`<td class="${numeric[n] ? 'number' : ''}">${text}</td>`;
      })}</tr>`,
  )}</tbody>
</table></div>
${notes.length > 0 && html`<figcaption class="small soft">${notes.map((note) => html`<p>${note}</p>`)}</figcaption>`}
</figure>`;
}
