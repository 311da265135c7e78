import { type AddressSpace, NO_FILE, permissions, VmFlag, vmFlagNames, vmFlagsOf } from '@overmap/core';
import { listOf, pageOf, textOf, wordOf } from './linux-record.ts';

/** A VMA as a state lists it: start, end, permissions, offset, what is behind it, the flags of smaps. */
export type MapRow = readonly [string, string, string, string, string, string];

const hex = (page: number): string => `0x${(BigInt(page) << 12n).toString(16)}`;

/** The VMAs of an address space, those in [from, to) pages, as a state lists them. */
export function listMaps(space: AddressSpace, from: number, to: number): MapRow[] {
  const { attributes, map, files } = space;
  const rows: MapRow[] = [];
  const at = map.cursor();
  for (let more = at.seek(from); more && at.start < to; more = at.next()) {
    const { start, end, id } = at;
    const flags = attributes.flags[id];
    const file = attributes.file[id] === NO_FILE ? undefined : files.get(attributes.file[id]);
    const offset = file === undefined || file.anonymous === true ? 0 : start + attributes.delta[id];
    rows.push([hex(start), hex(end), permissions(flags), hex(offset), file?.name ?? 'anon', vmFlagNames(flags)]);
  }
  return rows;
}

/** A recorded VMA, spelled as {@link listMaps} does. */
export function mapRow(value: unknown): MapRow {
  const [start, end, perms, offset, backing, flags] = listOf(value, 'maps');
  const word = (text: unknown): string => `0x${wordOf(text, 'maps').toString(16)}`;
  return [
    word(start),
    word(end),
    textOf(perms, 'maps'),
    word(offset),
    textOf(backing, 'maps'),
    textOf(flags, 'maps').trim(),
  ];
}

/** Rows of one list that the other has not. */
export function rowsMissing<T>(rows: readonly T[], among: readonly T[]): T[] {
  const known = new Set(among.map((row) => JSON.stringify(row)));
  return rows.filter((row) => !known.has(JSON.stringify(row)));
}

/**
 * Take over VMAs that were there before the recording began. Private memory that may be written counts as written: the
 * program runs.
 */
export function seedMaps(space: AddressSpace, rows: readonly MapRow[]): void {
  const files = new Map<string, number>();
  for (const [startText, endText, , offset, backing, flagNames] of rows) {
    const start = pageOf(startText, 'maps');
    const flags = vmFlagsOf(flagNames);
    let file = NO_FILE;
    if (backing !== 'anon') {
      const anonymous = backing === '[heap]' || backing.startsWith('[stack');
      file = files.get(backing) ?? space.open({ name: backing, pages: Number.POSITIVE_INFINITY, anonymous });
      files.set(backing, file);
    }
    const delta = file === NO_FILE ? 0 : pageOf(offset, 'maps') - start;
    const written = (flags & (VmFlag.WRITE | VmFlag.SHARED)) === VmFlag.WRITE;
    const anon = written ? ++space.lastAnon : 0;
    space.map.insert(start, pageOf(endText, 'maps'), space.attributes.intern(flags, file, delta, anon));
  }
}
