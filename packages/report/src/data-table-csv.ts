import { escapeText } from '@overmap/trace';
import { stringify } from 'csv-stringify/sync';
import { type Cell, checkRows, type DataTable, isRange } from './data-table.ts';

/** The columns that say which table a row is of, and what its numbers count. */
const TABLE = 'table';
const UNIT = 'unit';

/**
 * Tables of figures as one CSV with one header line, comma-separated, lines ending with a line feed.
 *
 * - The columns of all tables, by key, in the order in which they appear; empty where a table does not have one.
 * - Before them `table` (the title) if there is more than one table, and `unit` if any table has one.
 * - A column that holds a range in any row is three: `key_low`, `key` and `key_high`. A number in such a column stands
 *   in `key` alone.
 * - Numbers have all of their digits. Nothing is an empty field.
 * - A text that a spreadsheet would take for a formula begins with an apostrophe; control characters are written as
 *   `\u{…}`, so that a row is a line.
 *
 * @throws {RangeError} if a row does not have a cell for each column, or two columns have the same name
 */
export function tableCsv(tables: readonly DataTable[]): string {
  for (const table of tables) checkRows(table);
  const leading = [
    ...(tables.length > 1 ? [TABLE] : []),
    ...(tables.some(({ unit }) => unit !== undefined) ? [UNIT] : []),
  ];
  const ranges = rangeKeys(tables);
  const keys = new Set(tables.flatMap(({ columns }) => columns.map(({ key }) => key)));
  const header = [...leading, ...[...keys].flatMap((key) => (ranges.has(key) ? ends(key) : [key]))];
  checkNames(tables, header);

  const records: Cell[][] = [];
  for (const { title, unit, columns, rows } of tables) {
    for (const row of rows) {
      const fields = new Map<string, Cell>([
        [TABLE, title],
        [UNIT, unit ?? null],
      ]);
      columns.forEach(({ key }, n) => {
        const cell = row[n] ?? null;
        const [low, middle, high] = ends(key);
        fields.set(middle, isRange(cell) ? cell.middle : cell);
        if (!isRange(cell)) return;
        fields.set(low, cell.low);
        fields.set(high, cell.high);
      });
      records.push(header.map((name) => fields.get(name) ?? null));
    }
  }
  const line = (cells: readonly Cell[]): Cell[] =>
    cells.map((cell) => (typeof cell === 'string' ? escapeText(cell, Number.POSITIVE_INFINITY) : cell));
  return stringify([header, ...records].map(line), { escape_formulas: true, record_delimiter: '\n' });
}

const ends = (key: string): [low: string, middle: string, high: string] => [`${key}_low`, key, `${key}_high`];

/** Keys of the columns that hold a range in any row of any table. */
function rangeKeys(tables: readonly DataTable[]): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const { columns, rows } of tables) {
    columns.forEach(({ key }, n) => {
      if (rows.some((row) => isRange(row[n] ?? null))) keys.add(key);
    });
  }
  return keys;
}

/** Two columns of one name would be one for a program that reads them. */
function checkNames(tables: readonly DataTable[], header: readonly string[]): void {
  const lists = [...tables.map(({ columns }) => columns.map(({ key }) => key)), header];
  for (const names of lists) {
    const twice = names.find((name, n) => names.indexOf(name) !== n);
    if (twice !== undefined)
      throw new RangeError(
        `The CSV would have two columns "${escapeText(twice)}". Give the columns of a table different keys, also from ${TABLE}, ${UNIT} and what ranges add (_low, _high).`,
      );
  }
}
