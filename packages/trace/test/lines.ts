import { Columns } from '@overmap/core';
import {
  type BadLine,
  fillColumns,
  makeTables,
  type ScannerOptions,
  type TraceEvent,
  TraceScanner,
  type TraceTables,
  type TraceWarning,
  validateEvent,
} from '../src/index.ts';

/** A header that suits any line. */
export const HEADER =
  '{"trace":"overmap","version":1,"system":"sel4","arch":"aarch64","policy":"legacy","config":{"asidPool":1}}';

/** One record of a batch, every column of it. */
export type Row = Readonly<Record<string, unknown>>;

/** Everything that a scanner told. */
export interface Scanned {
  readonly scanner: TraceScanner;
  readonly rows: readonly Row[];
  readonly bad: readonly BadLine[];
  readonly warnings: readonly TraceWarning[];
}

/** Every column of one record as a plain object; names and sites as what their numbers stand for. */
function rowOf(c: Columns, i: number, { names, sites }: TraceTables): Row {
  const row: Record<string, unknown> = {};
  for (const [name, column] of Object.entries(c)) {
    if (ArrayBuffer.isView(column)) row[name] = (column as Int32Array)[i];
    else if (column instanceof Map && column.has(i)) row[name] = column.get(i) as unknown;
  }
  for (const key of ['name', 'thread', 'cspace'] as const) row[key] = names.values[c[key][i] ?? 0];
  row['site'] = sites.values[c.site[i] ?? 0];
  return row;
}

/** Feed bytes in pieces of `piece` bytes and collect what comes out. */
export function scanBytes(bytes: Uint8Array, options: ScannerOptions = {}, piece: number = bytes.length): Scanned {
  const rows: Row[] = [];
  const bad: BadLine[] = [];
  const warnings: TraceWarning[] = [];
  const scanner = new TraceScanner({
    name: 'test.jsonl',
    capacity: 3,
    ...options,
    onBatch(c) {
      for (let i = 0; i < c.count; i++) rows.push(rowOf(c, i, scanner));
    },
    onBadLine: (line) => bad.push(line),
    onWarning: (warning) => warnings.push(warning),
  });
  // One buffer that is used again and again, as a reader does.
  const buffer = new Uint8Array(Math.max(1, piece));
  for (let at = 0; at < bytes.length; at += piece) {
    const part = bytes.subarray(at, at + piece);
    buffer.fill(0x7d);
    buffer.set(part);
    scanner.feed(buffer, part.length);
  }
  scanner.end();
  return { scanner, rows, bad, warnings };
}

/** {@link scanBytes} of text. */
export function scanText(text: string, options?: ScannerOptions, piece?: number): Scanned {
  return scanBytes(new TextEncoder().encode(text), options, piece);
}

/** {@link scanText} of some lines behind {@link HEADER}. */
export function scanLines(lines: readonly string[], options?: ScannerOptions, piece?: number): Scanned {
  return scanText([HEADER, ...lines, ''].join('\n'), options, piece);
}

/** What `JSON.parse`, `validateEvent` and `fillColumns` make of a line: its columns, or undefined when it is bad. */
export function slowly(line: string, truth: boolean): Row | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const event = validateEvent(value, truth);
  if ('expected' in event) return undefined;
  return rowOfEvent(event);
}

/** The columns of an event, with fresh tables. */
export function rowOfEvent(event: TraceEvent): Row | undefined {
  const columns = new Columns(1);
  const tables = makeTables();
  columns.line[0] = 2;
  return fillColumns(columns, 0, event, tables) ? rowOf(columns, 0, tables) : undefined;
}
