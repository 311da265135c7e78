import { redox } from '@overmap/core';
import { flagText, type GrantRecord, grantRecord, shownGrant } from './grant-record.ts';
import { isRecord, listAt, MalformedRecord, numberAt, rowsAt } from './record-reader.ts';

/** What a recording shows of an address space. */
export interface SpaceDump {
  /** Pages below this are found for nobody. */
  readonly leastPage: number;
  readonly grants: readonly GrantRecord[];
  /** First page and count, by address. */
  readonly holes: readonly (readonly number[])[];
  /** `page:frame flags references`; frames by the names of the dump. */
  readonly entries: readonly string[];
}

/** Pages that are listed at the start of a space, and of each grant. */
const LISTED = 64;
const ENTRY = /^(\d+):(Z|D\d+|F\d+) (r[w-][x-](?:\+uc|\+wc)?) (-|1|[CS]\d+)$/;

/** A recorded dump. @throws MalformedRecord */
export function recordedDump(value: unknown): SpaceDump {
  if (!isRecord(value)) throw new MalformedRecord('changed', 'expected the state of a space to be an object');
  const entries = listAt(value, 'ptes').map((entry) => {
    if (typeof entry === 'string' && ENTRY.test(entry)) return entry;
    throw new MalformedRecord('ptes', 'expected entries such as "33:F0 rw- S2"');
  });
  return {
    leastPage: numberAt(value, 'mmap_min'),
    grants: listAt(value, 'grants').map(grantRecord),
    holes: rowsAt(value, 'holes', 2),
    entries,
  };
}

/** The model's state of a space, with frames by their numbers. */
export function modelDump(machine: redox.Machine, space: redox.AddressSpace): SpaceDump {
  const { table, grants, minPage } = space;
  const listed = grants.list();
  const entries: string[] = [];
  let next = 0;
  const list = (start: number, end: number): void => {
    table.forEachPresent(Math.max(start, next), end, (page, entry) => {
      const frame = redox.entryFrame(entry);
      const { name, references } = shownFrame(machine, frame);
      entries.push(`${page}:${name} ${flagText(redox.entryFlags(entry))} ${references}`);
    });
    next = Math.max(next, end);
  };
  list(0, LISTED);
  for (const { base, count } of listed) list(base, base + Math.min(count, LISTED));
  return {
    leastPage: minPage,
    grants: listed.map(shownGrant),
    holes: grants.holes().map(({ base, count }) => [base, count]),
    entries,
  };
}

function shownFrame({ frames }: redox.Machine, frame: number): { readonly name: string; readonly references: string } {
  const i = frames.allocator.index(frame);
  if (frame === frames.zeroed) return { name: 'Z', references: '-' };
  if (i < 0) return { name: `D${frame}`, references: '-' };
  const { infos } = frames.allocator;
  const count = infos.count(i);
  return {
    name: `F${frame}`,
    references: count === 0 ? '-' : count === 1 ? '1' : `${infos.isShared(i) ? 'S' : 'C'}${count}`,
  };
}

/**
 * The dumps of all spaces with the frames of memory renamed: F0, F1, … in order of their first appearance. Frames are
 * compared as the classes of pages that show the same one.
 */
export function renamed(dumps: readonly (readonly [number, SpaceDump])[]): [number, SpaceDump][] {
  const names = new Map<string, string>();
  const rename = (entry: string): string =>
    entry.replace(/:(F\d+) /, (_, name: string) => {
      const known = names.get(name) ?? `F${names.size}`;
      names.set(name, known);
      return `:${known} `;
    });
  return dumps.map(([id, dump]) => [id, { ...dump, entries: dump.entries.map(rename) }]);
}
