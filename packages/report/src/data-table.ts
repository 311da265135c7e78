import { escapeText } from '@overmap/trace';
import { intervalText, numberText } from './number-text.ts';

/** A value that rests on assumptions: what it is at least, most plausibly, and at most. */
export interface Range {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

/** What one cell holds; null = there is nothing. */
export type Cell = string | number | null | Range;

export interface DataColumn {
  /** Its name in CSV; stable and in snake_case. */
  readonly key: string;
  /** Its name for people. */
  readonly title: string;
  /**
   * Fraction digits of its numbers for people; without them three significant digits. Does not change what is written
   * for programs.
   */
  readonly digits?: number;
}

/** A table of figures. Every row has a cell for each column. */
export interface DataTable {
  readonly title: string;
  /** What its numbers count: "instructions". */
  readonly unit?: string;
  readonly columns: readonly DataColumn[];
  readonly rows: readonly (readonly Cell[])[];
  /** What the reader must know, each a sentence or a few. */
  readonly notes?: readonly string[];
}

export const isRange = (cell: Cell): cell is Range => typeof cell === 'object' && cell !== null;

/** The title and its unit: "price per page (instructions)". */
export const titleWithUnit = (title: string, unit: string | undefined): string =>
  unit === undefined || unit === '' ? title : `${title} (${unit})`;

/** What stands for people where there is nothing. */
const NOTHING = '–';

/**
 * A cell for people.
 *
 * @param ofText - makes a text safe for where it is shown
 */
export function cellText(cell: Cell, digits: number | undefined, ofText: (text: string) => string): string {
  if (cell === null) return NOTHING;
  if (typeof cell === 'string') return ofText(cell);
  if (typeof cell === 'number') return numberText(cell, digits);
  return intervalText(cell.low, cell.middle, cell.high, digits);
}

/** Whether the column has numbers; if so, it is aligned at its right. */
export const isNumeric = (table: DataTable, column: number): boolean =>
  table.rows.some((row) => {
    const cell = row[column] ?? null;
    return typeof cell === 'number' || isRange(cell);
  });

/**
 * Makes sure that every row has a cell for each column, so that no writer leaves one out.
 *
 * @throws {RangeError} if one does not
 */
export function checkRows(table: DataTable): void {
  const { columns, rows } = table;
  const bad = rows.findIndex((row) => row.length !== columns.length);
  if (bad < 0) return;
  const name = escapeText(table.title);
  throw new RangeError(
    `Row ${bad + 1} of the table "${name}" has ${rows[bad]?.length} cells, and the table has ${columns.length} columns. Give every row one cell for each column, null where there is nothing.`,
  );
}
