import type { ArchName } from '../../src/sel4/arch/index.ts';
import type { KernelConfig } from '../../src/sel4/arch/descriptor.ts';
import type { ObjName } from '../../src/sel4/operation.ts';

/*
 * What the tests know of each architecture, written down a second time from the manuals and recordings. Nothing here
 * is read from the engine: a number that is wrong there must not be wrong here too.
 */

/** A page size. */
export interface PageKind {
  /** log2 of its bytes. */
  readonly bits: number;
  /** log2 of what one of its entries covers. */
  readonly shift: number;
  /** How many entries it fills. */
  readonly entries: number;
  /** The highest address at which it can be mapped. */
  readonly last: bigint;
}

/** A build of the kernel, as the tests need to know it. */
export interface Configuration {
  readonly name: string;
  readonly arch: ArchName;
  readonly config: KernelConfig;
  readonly family: 'x86' | 'aarch64' | 'aarch32' | 'riscv';
  readonly wordBits: 32 | 64;
  /** log2 of what an entry covers, from the root to the leaves. */
  readonly shifts: readonly number[];
  /** log2 of the number of entries in a table, from the root to the leaves. */
  readonly indexBits: readonly number[];
  /** The object that an entry of each level but the last points to. */
  readonly tables: readonly ObjName[];
  readonly root: ObjName;
  /** log2 of the bytes of a root, and of another table. */
  readonly rootBits: number;
  readonly tableBits: number;
  readonly pages: readonly PageKind[];
  /** The last address at which a table can be mapped, and the first that is InvalidArgument. */
  readonly lastTable: bigint;
  readonly pastTable: bigint;
  readonly asidsOfPool: number;
  readonly pools: number;
}

const page = (bits: number, last: bigint, shift = bits): PageKind => ({
  bits,
  shift,
  entries: 2 ** (bits - shift),
  last,
});

const aarch64 = {
  arch: 'aarch64',
  family: 'aarch64',
  wordBits: 64,
  root: 'vspace',
  tableBits: 12,
  asidsOfPool: 512,
  pools: 128,
} as const;
const aarch32 = {
  arch: 'aarch32',
  family: 'aarch32',
  wordBits: 32,
  root: 'pd',
  rootBits: 14,
  tables: ['table'],
  asidsOfPool: 1024,
  pools: 128,
} as const;
const sv32 = {
  wordBits: 32,
  shifts: [22, 12],
  indexBits: [10, 10],
  tables: ['table'],
  rootBits: 12,
  tableBits: 12,
} as const;
const four = { shifts: [39, 30, 21, 12], indexBits: [9, 9, 9, 9], rootBits: 12 } as const;
const threeTables = ['table', 'table', 'table'] as const;

/** Every build that is modelled, by the shape of its page tables. */
export const CONFIGURATIONS: readonly Configuration[] = [
  {
    ...sv32,
    name: 'ia32',
    arch: 'ia32',
    config: {},
    family: 'x86',
    root: 'pd',
    pages: [page(12, 0xdffff000n), page(22, 0xdfc00000n)],
    lastTable: 0xdfffffffn,
    pastTable: 0xe0400000n,
    asidsOfPool: 1024,
    pools: 4,
  },
  {
    ...four,
    name: 'x86_64',
    arch: 'x86_64',
    config: { hugePage: true },
    family: 'x86',
    wordBits: 64,
    tables: ['pdpt', 'pd', 'table'],
    root: 'vspace',
    tableBits: 12,
    // The topmost page of each size ends one byte past the limit, so it can never be mapped.
    pages: [page(12, 0x7fffffffe000n), page(21, 0x7fffffc00000n), page(30, 0x7fff80000000n)],
    lastTable: 0x7fffffffffffn,
    pastTable: 0x800000000000n,
    asidsOfPool: 512,
    pools: 8,
  },
  {
    ...aarch32,
    name: 'aarch32',
    config: {},
    shifts: [20, 12],
    indexBits: [12, 8],
    tableBits: 10,
    pages: [page(12, 0x9ffff000n), page(16, 0x9fff0000n, 12), page(20, 0x9ff00000n), page(24, 0x9f000000n, 20)],
    lastTable: 0x9fffffffn,
    pastTable: 0xa0000000n,
  },
  {
    ...aarch32,
    name: 'aarch32 hyp',
    config: { hyp: true },
    shifts: [21, 12],
    indexBits: [11, 9],
    tableBits: 12,
    pages: [page(12, 0xdffff000n), page(16, 0xdfff0000n, 12), page(21, 0xdfe00000n), page(25, 0xde000000n, 21)],
    lastTable: 0xdfffffffn,
    pastTable: 0xe0000000n,
  },
  {
    ...aarch64,
    ...four,
    name: 'aarch64',
    config: {},
    tables: threeTables,
    pages: [page(12, 0x7ffffffff000n), page(21, 0x7fffffe00000n), page(30, 0x7fffc0000000n)],
    lastTable: 0x7fffffffffffn,
    pastTable: 0x800000000000n,
  },
  {
    ...aarch64,
    name: 'aarch64 hyp 40',
    config: { hyp: true, paBits: 40 },
    shifts: [30, 21, 12],
    indexBits: [10, 9, 9],
    rootBits: 13,
    tables: ['table', 'table'],
    pages: [page(12, 0xfffffff000n), page(21, 0xffffe00000n), page(30, 0xffc0000000n)],
    lastTable: 0xffffffffffn,
    pastTable: 0x10000000000n,
  },
  {
    ...aarch64,
    ...four,
    name: 'aarch64 hyp 44',
    config: { hyp: true, paBits: 44 },
    tables: threeTables,
    pages: [page(12, 0xffffffff000n), page(21, 0xfffffe00000n), page(30, 0xfffc0000000n)],
    lastTable: 0xfffffffffffn,
    pastTable: 0x100000000000n,
  },
  {
    ...sv32,
    name: 'riscv32',
    arch: 'riscv32',
    config: {},
    family: 'riscv',
    root: 'vspace',
    pages: [page(12, 0x7ffff000n), page(22, 0x7fc00000n)],
    lastTable: 0x7fffffffn,
    pastTable: 0x80000000n,
    asidsOfPool: 16,
    pools: 32,
  },
  {
    name: 'riscv64',
    arch: 'riscv64',
    config: {},
    family: 'riscv',
    wordBits: 64,
    shifts: [30, 21, 12],
    indexBits: [9, 9, 9],
    tables: ['table', 'table'],
    root: 'vspace',
    rootBits: 12,
    tableBits: 12,
    // The limit lies one page below 256 GiB, so the topmost large pages are out of reach.
    pages: [page(12, 0x3fffffe000n), page(21, 0x3fffc00000n), page(30, 0x3f80000000n)],
    lastTable: 0x3fffffefffn,
    pastTable: 0x3ffffff000n,
    asidsOfPool: 512,
    pools: 128,
  },
];

/** The configuration of that name. */
export function configuration(name: string): Configuration {
  const found = CONFIGURATIONS.find((c) => c.name === name);
  if (found === undefined) throw new RangeError(`no configuration ${name}`);
  return found;
}
