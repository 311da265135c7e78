import type { PolicyName } from '@overmap/core';
import type { WorkCounts } from '../work.ts';

/** Architectures whose invocations were recorded. */
export const RECORDED_ARCHS = ['aarch64', 'riscv64', 'x86_64'] as const;
export type RecordedArch = (typeof RECORDED_ARCHS)[number];

/** What the instructions of an architecture's rows are those of. */
export const RECORDED_SCOPE: Readonly<Record<RecordedArch, string>> = {
  aarch64: 'the kernel alone, at EL1 on a cortex-a53',
  riscv64: 'the kernel alone, sv39; the same kernel under both policies',
  x86_64: "the user's stub, the entry with the SKIM window's two writes of CR3, and the kernel, without PCID",
};

/** One invocation of a real kernel. */
export interface RecordedRow {
  readonly arch: RecordedArch;
  /** Which kernel; RISC-V's was recorded once, as `strict`. */
  readonly policy: Extract<PolicyName, 'legacy' | 'strict'>;
  /** Rows of one operation are left out together. */
  readonly operation: string;
  /** Instructions executed, as `RECORDED_SCOPE` says; the spread of repetitions is 0 or 1. */
  readonly instructions: number;
  /** What the invocation did. */
  readonly features: WorkCounts;
}

const NULL: WorkCounts = { entry: 1, call: 1 };
const MAP: WorkCounts = { ...NULL, map: 1 };
/** Found before the walk: the address, a capability that is no vspace. */
const REFUSED: WorkCounts = { ...NULL, earlyRefusal: 1 };
const UNMAP: WorkCounts = { ...NULL, unmap: 1 };
const DELETE: WorkCounts = { ...NULL, delete: 1 };
const TABLE_MAP: WorkCounts = { ...NULL, tableMap: 1 };
const TABLE_UNMAP: WorkCounts = { ...NULL, tableUnmap: 1 };
/** A table of 4 KiB. */
const ZEROED: WorkCounts = { zeroedByte: 4096 };

/** Both kernels; strict may have done more. */
function both(
  arch: RecordedArch,
  operation: string,
  legacy: number,
  strict: number,
  features: WorkCounts,
  strictMore: WorkCounts = {},
): RecordedRow[] {
  return [
    { arch, policy: 'legacy', operation, instructions: legacy, features },
    { arch, policy: 'strict', operation, instructions: strict, features: { ...features, ...strictMore } },
  ];
}

const OCCUPIED: WorkCounts = { occupied: 1 };

/** Strict asks for capabilities that are not mapped, before it looks at the level: of a FailedLookup, but of no remap. */
function aarch64(): RecordedRow[] {
  const arch = 'aarch64';
  const leaf: WorkCounts = { walkLevel: 4 };
  const large: WorkCounts = { walkLevel: 3 };
  const written: WorkCounts = { cleanEntry: 1 };
  const changed: WorkCounts = { cleanEntry: 1, tlbiPage: 1 };
  const overMap = 'over-map of a 4K page';
  return [
    ...both(arch, 'Yield', 310, 310, { entry: 1 }),
    ...both(arch, 'Page_Map fresh 4K', 539, 548, { ...MAP, ...leaf, ...written }, OCCUPIED),
    ...both(arch, 'remap of a 4K page, nothing changed', 549, 550, { ...MAP, ...leaf, ...changed }),
    ...both(arch, 'remap of a 4K page, rights changed', 552, 553, { ...MAP, ...leaf, ...changed }),
    { arch, policy: 'legacy', operation: overMap, instructions: 548, features: { ...MAP, ...leaf, ...changed } },
    { arch, policy: 'strict', operation: overMap, instructions: 560, features: { ...MAP, ...leaf, ...OCCUPIED } },
    ...both(arch, 'Page_GetAddress', 362, 362, NULL),
    ...both(arch, 'Page_Unmap, mapped', 497, 497, { ...UNMAP, ...leaf, ...changed }),
    ...both(arch, 'Page_Unmap, not mapped', 367, 367, NULL),
    ...both(arch, 'Page_Map, FailedLookup', 583, 592, { ...MAP, ...large, lookupFault: 1 }, OCCUPIED),
    ...both(arch, 'Page_Map, AlignmentError', 479, 479, REFUSED),
    ...both(arch, 'Page_Map fresh 2M', 522, 532, { ...MAP, ...large, ...written }, OCCUPIED),
    ...both(arch, 'Page_Unmap 2M', 481, 481, { ...UNMAP, ...large, ...changed }),
    ...both(arch, 'PageTable_Map, last level', 492, 492, { ...TABLE_MAP, ...large, ...written }),
    ...both(arch, 'PageTable_Unmap, mapped (clears 4 KiB)', 2521, 2521, {
      ...TABLE_UNMAP,
      ...large,
      ...ZEROED,
      cleanEntry: 1,
      tlbiAsid: 1,
    }),
    ...both(arch, 'PageTable_Unmap, not mapped', 466, 466, TABLE_UNMAP),
    ...both(arch, 'CNode_Copy of a frame', 626, 626, { ...NULL, copy: 1 }),
    ...both(arch, 'CNode_Delete of a mapped copy', 713, 713, { ...DELETE, unmap: 1, ...leaf, ...changed }),
    ...both(arch, 'CNode_Delete of an unmapped copy', 583, 583, DELETE),
    ...both(arch, 'Page_Map, wrong vspace', 442, 442, REFUSED),
  ];
}

/** The kernel asks whether the place is free under every policy, so that this is part of every map. */
function riscv64(): RecordedRow[] {
  const leaf: WorkCounts = { walkLevel: 3 };
  const large: WorkCounts = { walkLevel: 2 };
  const fenced: WorkCounts = { sfence: 1 };
  const rows: [operation: string, instructions: number, features: WorkCounts][] = [
    ['Yield', 468, { entry: 1 }],
    ['Page_Map fresh 4K', 720, { ...MAP, ...leaf, ...fenced }],
    ['remap of a 4K page, nothing changed', 741, { ...MAP, ...leaf, ...fenced }],
    ['remap of a 4K page, rights changed', 741, { ...MAP, ...leaf, ...fenced }],
    ['over-map of a 4K page', 730, { ...MAP, ...leaf }],
    ['Page_GetAddress', 519, NULL],
    ['Page_Unmap, mapped', 674, { ...UNMAP, ...leaf, ...fenced }],
    ['Page_Unmap, not mapped', 527, NULL],
    ['Page_Map, FailedLookup', 749, { ...MAP, ...large, lookupFault: 1 }],
    ['Page_Map, AlignmentError', 653, REFUSED],
    ['Page_Map fresh 2M', 699, { ...MAP, ...large, ...fenced }],
    ['Page_Unmap 2M', 653, { ...UNMAP, ...large, ...fenced }],
    ['PageTable_Map, last level', 659, { ...TABLE_MAP, ...large, ...fenced }],
    ['PageTable_Unmap, mapped (clears 4 KiB)', 2368, { ...TABLE_UNMAP, ...large, ...ZEROED, ...fenced }],
    ['PageTable_Unmap, not mapped', 704, TABLE_UNMAP],
    ['CNode_Copy of a frame', 856, { ...NULL, copy: 1 }],
    ['CNode_Delete of a mapped copy', 983, { ...DELETE, unmap: 1, ...leaf, ...fenced }],
    ['CNode_Delete of an unmapped copy', 835, DELETE],
    ['Page_Map, wrong vspace', 639, REFUSED],
  ];
  return rows.map(([operation, instructions, features]) => ({
    arch: 'riscv64',
    policy: 'strict',
    operation,
    instructions,
    features,
  }));
}

/** Strict asks for every capability, behind the lookup. */
function x86(): RecordedRow[] {
  const arch = 'x86_64';
  const leaf: WorkCounts = { walkLevel: 4 };
  const table: WorkCounts = { walkLevel: 3 };
  const flushed: WorkCounts = { structureCacheFlush: 1 };
  const overMap = 'over-map of a 4K page';
  const remap = 'remap of a 4K page, rights changed';
  return [
    ...both(arch, 'Yield', 295, 295, { entry: 1 }),
    ...both(arch, 'Call on an empty slot', 490, 490, NULL),
    ...both(arch, 'Page_GetAddress', 529, 529, NULL),
    ...both(arch, 'Page_Map fresh 4K', 792, 800, { ...MAP, ...leaf, ...flushed }, OCCUPIED),
    // To less and to more.
    ...both(arch, remap, 791, 799, { ...MAP, ...leaf, ...flushed }, OCCUPIED),
    ...both(arch, remap, 800, 808, { ...MAP, ...leaf, ...flushed }, OCCUPIED),
    { arch, policy: 'legacy', operation: overMap, instructions: 792, features: { ...MAP, ...leaf, ...flushed } },
    { arch, policy: 'strict', operation: overMap, instructions: 790, features: { ...MAP, ...leaf, ...OCCUPIED } },
    ...both(arch, 'Page_Map, FailedLookup', 815, 815, { ...MAP, ...table, lookupFault: 1 }),
    ...both(arch, 'Page_Unmap, mapped', 644, 644, { ...UNMAP, ...leaf, invlpg: 1 }),
    {
      arch,
      policy: 'legacy',
      operation: 'Page_Unmap of a capability whose page was overwritten',
      instructions: 641,
      features: { ...UNMAP, ...leaf },
    },
    ...both(arch, 'Page_Unmap, not mapped', 521, 521, NULL),
    ...both(arch, 'PageTable_Map, last level', 672, 672, { ...TABLE_MAP, ...table, ...flushed }),
    ...both(arch, 'PageTable_Unmap, mapped (clears 4 KiB)', 5866, 5866, {
      ...TABLE_UNMAP,
      ...table,
      ...ZEROED,
      ...flushed,
    }),
    ...both(arch, 'CNode_Copy of a frame', 887, 887, { ...NULL, copy: 1 }),
    ...both(arch, 'CNode_Delete of an unmapped copy', 781, 781, DELETE),
    ...both(arch, 'CNode_Move of a frame', 764, 764, { ...NULL, move: 1 }),
  ];
}

/**
 * Instructions of whole invocations (entry, capability lookup, decode, perform, reply, exit), one by one: seL4 master
 * 1326364bc (`legacy`) and the same with pull request 1526 (`strict`), release build with the fast path, gcc 12.2 -O2,
 * not MCS, one core; counted under QEMU 7.2 with `-icount shift=0`. A TLB or cache instruction counts as one, a miss as
 * nothing. All tables are there; the address space is not the caller's own; slots are resolved in one level.
 *
 * The features are those that the engine reports of the same invocation.
 */
export const RECORDED_ROWS: readonly RecordedRow[] = [...aarch64(), ...riscv64(), ...x86()];
