import type { MappingRecord } from '../../src/semantics.ts';

/** A run of addresses that show the same: bytes, half-open, below 2^53. */
export interface Segment {
  readonly start: number;
  readonly end: number;
  /** What is shown, the same for all of the run: an object's place less the address, where it has places. */
  readonly identity: string;
  readonly protection: string;
}

/** What an address space shows: runs in address order, joined where they touch and are equal. */
export type Picture = readonly Segment[];

/** How the object of a record is told apart: its own number, or (where pages of it lie one behind the other) its delta. */
export const byDelta = ({ object, start }: MappingRecord): string => `${object - start}`;

/** The picture of a system's mappings. @throws RangeError when two of them share an address, or one is empty */
export function pictureOf(records: Iterable<MappingRecord>, identity: (record: MappingRecord) => string): Picture {
  const runs: Segment[] = [];
  let reached = 0;
  for (const record of records) {
    const [start, end] = [Number(record.start), Number(record.end)];
    if (start >= end) throw new RangeError(`a mapping from ${hex(start)} to ${hex(end)} is empty`);
    if (start < reached) throw new RangeError(`two mappings share ${hex(start)}`);
    reached = end;
    runs.push({ start, end, identity: identity(record), protection: `${record.protection}` });
  }
  return joined(runs);
}

/** Put something else over [start, end): `next` is told what each run there shows, or null. */
export function overlay(
  picture: Picture,
  start: number,
  end: number,
  next: (shown: Pick<Segment, 'identity' | 'protection'> | null) => Pick<Segment, 'identity' | 'protection'> | null,
): Picture {
  if (start >= end) return picture;
  const below = picture.filter((run) => run.start < start).map((run) => ({ ...run, end: Math.min(run.end, start) }));
  const above = picture.filter((run) => run.end > end).map((run) => ({ ...run, start: Math.max(run.start, end) }));
  const between: Segment[] = [];
  let reached = start;
  const put = (from: number, to: number, shown: Segment | null): void => {
    const made = from < to ? next(shown) : null;
    if (made !== null) between.push({ start: from, end: to, identity: made.identity, protection: made.protection });
  };
  for (const run of picture) {
    if (run.end <= start || run.start >= end) continue;
    const from = Math.max(run.start, start);
    put(reached, from, null);
    reached = Math.min(run.end, end);
    put(from, reached, run);
  }
  put(reached, end, null);
  return joined([...below, ...between, ...above]);
}

/** How a run of addresses differs between two pictures. */
export interface Difference {
  readonly kind: 'appeared' | 'vanished' | 'replaced' | 'changed';
  readonly start: number;
  readonly end: number;
}

/** All differences of two pictures, upward. */
export function differences(before: Picture, after: Picture): Difference[] {
  const borders = [...new Set([...before, ...after].flatMap(({ start, end }) => [start, end]))].sort((a, b) => a - b);
  const at = (picture: Picture, address: number): Segment | undefined =>
    picture.find(({ start, end }) => start <= address && address < end);
  return borders.slice(1).flatMap((end, i): Difference[] => {
    const start = borders[i];
    const [was, is] = [at(before, start), at(after, start)];
    if (was === undefined && is === undefined) return [];
    if (was === undefined) return [{ kind: 'appeared', start, end }];
    if (is === undefined) return [{ kind: 'vanished', start, end }];
    if (was.identity !== is.identity) return [{ kind: 'replaced', start, end }];
    return was.protection === is.protection ? [] : [{ kind: 'changed', start, end }];
  });
}

function joined(runs: readonly Segment[]): Picture {
  const found: Segment[] = [];
  for (const run of runs) {
    const last = found.at(-1);
    const goesOn =
      last !== undefined &&
      last.end === run.start &&
      last.identity === run.identity &&
      last.protection === run.protection;
    if (goesOn) found[found.length - 1] = { ...last, end: run.end };
    else found.push(run);
  }
  return found;
}

export const hex = (address: number): string => `0x${address.toString(16)}`;
