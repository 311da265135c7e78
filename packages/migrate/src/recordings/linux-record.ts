import { BAD_FILE, type LinuxCall, type LinuxWord, MapFlag, Prot, RemapFlag } from '@overmap/core';
import type { LineRecord, Problem } from '@overmap/trace';

/** Flags of mmap by name, besides those that the model knows apart (`asm-generic/mman-common.h`, `asm/mman.h`). */
const MAP_FLAGS: Readonly<Record<string, number>> = {
  SHARED: MapFlag.SHARED,
  PRIVATE: MapFlag.PRIVATE,
  SHARED_VALIDATE: MapFlag.SHARED_VALIDATE,
  FIXED: MapFlag.FIXED,
  ANONYMOUS: MapFlag.ANONYMOUS,
  '32BIT': 0x40,
  ABOVE4G: 0x80,
  GROWSDOWN: MapFlag.GROWSDOWN,
  DENYWRITE: 0x800,
  EXECUTABLE: 0x1000,
  LOCKED: 0x2000,
  NORESERVE: MapFlag.NORESERVE,
  POPULATE: 0x8000,
  NONBLOCK: 0x1_0000,
  STACK: MapFlag.STACK,
  HUGETLB: 0x4_0000,
  SYNC: MapFlag.SYNC,
  FIXED_NOREPLACE: MapFlag.FIXED_NOREPLACE,
};

const REMAP_FLAGS: Readonly<Record<string, number>> = {
  MAYMOVE: RemapFlag.MAYMOVE,
  FIXED: RemapFlag.FIXED,
  DONTUNMAP: RemapFlag.DONTUNMAP,
};

const PROT_LETTERS: readonly (readonly [string, number])[] = [
  ['r', Prot.READ],
  ['w', Prot.WRITE],
  ['x', Prot.EXEC],
];

/** A record that is not what this reader takes; its message is the problem. */
class RecordProblem extends Error {
  readonly key: string;
  constructor(key: string, expected: string) {
    super(expected);
    this.key = key;
  }
}

/** Read a value of a record. @returns the value, or the problem with it */
export function orProblem<T>(read: () => T): T | Problem {
  try {
    return read();
  } catch (error) {
    if (error instanceof RecordProblem) return { expected: error.message, key: error.key };
    throw error;
  }
}

/** A word of 64 bits: a whole number, or its digits (hexadecimal behind 0x) in a string. */
export function wordOf(value: unknown, key: string): LinuxWord {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  if (typeof value === 'string' && /^(?:0[xX][0-9a-fA-F]{1,16}|\d{1,20})$/.test(value)) {
    const word = BigInt(value);
    if (word < 2n ** 64n) return word <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(word) : word;
  }
  throw new RecordProblem(key, `expected "${key}" to be a word of 64 bits: a whole number, or "0x…"`);
}

/** A page's number. */
export function pageOf(value: unknown, key: string): number {
  const page = BigInt(wordOf(value, key));
  if (page % 4096n !== 0n) throw new RecordProblem(key, `expected "${key}" to be the address of a page`);
  return Number(page >> 12n);
}

export function textOf(value: unknown, key: string): string {
  if (typeof value !== 'string') throw new RecordProblem(key, `expected "${key}" to be a string`);
  return value;
}

export function listOf(value: unknown, key: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new RecordProblem(key, `expected "${key}" to be a list`);
  return value;
}

function flagsOf(value: unknown, names: Readonly<Record<string, number>>): number {
  let flags = 0;
  for (const name of listOf(value, 'flags')) {
    const text = textOf(name, 'flags');
    // A bit without a name is given by its value.
    const unknown = /^UNKNOWN_(0x[0-9a-fA-F]{1,8}|\d{1,10})$/.exec(text);
    const bit = unknown === null ? names[text] : Number(unknown[1]);
    if (bit === undefined) throw new RecordProblem('flags', 'expected names of flags, without MAP_ or MREMAP_');
    flags |= bit;
  }
  return flags;
}

function protOf(record: LineRecord): number {
  const text = textOf(record['prot'], 'prot');
  if (!/^[r-][w-][x-]$/.test(text)) throw new RecordProblem('prot', 'expected "prot" as in "r-x"');
  let prot = record['protx'] === undefined ? 0 : Number(wordOf(record['protx'], 'protx'));
  for (const [letter, bit] of PROT_LETTERS) if (text.includes(letter)) prot |= bit;
  return prot;
}

/** What the record's `backing` means: the number of an open file, or that of none. */
export type FileNumbers = (name: string) => number | undefined;

function fileOf(record: LineRecord, files: FileNumbers): number {
  const backing = textOf(record['backing'], 'backing');
  if (backing === 'badfd') return BAD_FILE;
  // What names no file is anonymous, and the model does not look at it; a mapping that failed has no number.
  if (backing === 'anon' || /^shm(?::|$)/.test(backing)) return 0;
  const file = files(backing);
  if (file === undefined) throw new RecordProblem('backing', 'expected a "backing" that is among the header\'s files');
  return file;
}

/**
 * The call of a record.
 *
 * @returns undefined for an operation that is none of a program's calls
 */
export function callOf(record: LineRecord, files: FileNumbers): LinuxCall | undefined {
  const word = (key: string): LinuxWord => wordOf(record[key], key);
  switch (record['op']) {
    case 'mmap':
      return {
        op: 'mmap',
        addr: word('addr'),
        len: word('len'),
        prot: protOf(record),
        flags: flagsOf(record['flags'], MAP_FLAGS),
        off: word('off'),
        file: fileOf(record, files),
      };
    case 'munmap':
      return { op: 'munmap', addr: word('addr'), len: word('len') };
    case 'mprotect':
      return { op: 'mprotect', addr: word('addr'), len: word('len'), prot: protOf(record) };
    case 'mremap':
      return {
        op: 'mremap',
        addr: word('addr'),
        oldLen: word('oldlen'),
        newLen: word('newlen'),
        flags: flagsOf(record['flags'], REMAP_FLAGS),
        newAddr: word('newaddr'),
      };
    case 'touch':
      return { op: 'touch', addr: word('addr') };
    default:
      return undefined;
  }
}
