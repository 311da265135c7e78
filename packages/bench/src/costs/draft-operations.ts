import type { Level } from '../price-table.ts';
import type { Work } from '../work.ts';
import { RECORDED_ROWS, type RecordedArch } from './recorded-costs.ts';

/** How a draft's batched call is made, as far as its price depends on it. */
export interface DraftStructure {
  /**
   * What an element's decoding is like: low and middle = by what capabilities record, high = all checks of Page_Map. A number
   * = instructions of its own, as no batch of the model does without capabilities.
   */
  readonly element: Level | number;
  /** low = cleared, middle = built and written, high = and each invalidated by itself; null = refused before that. */
  readonly write: Level | null;
  /** Whether a capability is looked up for each element. */
  readonly lookup: boolean;
  /** Levels read for each element; no draft shares a walk. */
  readonly levels: number;
  /** Instructions of the whole call that no other structure would need. */
  readonly extra: number;
}

/** Why a prediction is off, and the prices under which it is not. */
export interface DraftExplanation {
  readonly text: string;
  readonly prices: Partial<Readonly<Record<Work, number>>>;
}

/** One operation of a draft, by number of pages. */
export interface DraftOperation {
  readonly kernel: DraftName;
  readonly arch: RecordedArch;
  /** As in recordings/batch-drafts.json. */
  readonly operation: string;
  /** Pages, and instructions of the kernel for the whole call. */
  readonly recorded: readonly (readonly [pages: number, instructions: number])[];
  readonly structure: DraftStructure;
  /**
   * `check`: assumptions were read off this operation, so that only its structure is tested; `forecast`: what an element
   * costs was read off others (what a call costs apart from them was read off all but fbm).
   */
  readonly standing: 'check' | 'forecast';
  readonly explanation: DraftExplanation | null;
}

/** Short names of the drafts' kernels. */
export const DRAFTS = {
  rm24: 'range_map_2024 4f3b9538c',
  fbm: 'feature_batch_map 9e84e377a',
  bv: 'batch_vspace 6a7e26cab',
  bvs: 'batch_vspace_specify 38637b654',
  nmp: 'new_map_pr 596b79f93',
} as const;
export type DraftName = keyof typeof DRAFTS;

/** Instructions of a Page_Unmap of a capability that is not mapped, "single unmap of unmapped x n": the drafts' own kernels. */
export const DRAFT_NULL_UNMAPS: Readonly<Record<DraftName, Partial<Readonly<Record<RecordedArch, number>>>>> = {
  rm24: { aarch64: 407 },
  fbm: { aarch64: 410 },
  bv: { aarch64: 410 },
  bvs: { aarch64: 410 },
  nmp: { aarch64: 397, riscv64: 549, x86_64: 532 },
};

/**
 * Instructions of an invocation that does nothing, on a draft's own kernel: its Page_Unmap of what is not mapped, less what
 * that takes more than Page_GetAddress on master (5 on aarch64, 8 on riscv64, -8 on x86_64). Nobody recorded the drafts'
 * own Page_GetAddress.
 */
export function draftNullCall(kernel: DraftName, arch: RecordedArch): number {
  const unmap = DRAFT_NULL_UNMAPS[kernel][arch];
  if (unmap === undefined) throw new Error(`nothing was recorded of ${kernel} on ${arch}`);
  return unmap - (master(arch, 'Page_Unmap, not mapped') - master(arch, 'Page_GetAddress'));
}

function master(arch: RecordedArch, operation: string): number {
  const row = RECORDED_ROWS.find((one) => one.arch === arch && one.operation === operation);
  if (row === undefined) throw new Error(`nothing was recorded of "${operation}" on ${arch}`);
  return row.instructions;
}

/** Instructions with which Map_Range clears two arrays on its stack. */
const CLEARED_ARRAYS = 594;

/** By construction: with that walk the price of an element was read off. */
const OLDER_WALK: DraftExplanation = {
  text:
    'its older base kernel walks four levels in 37 instructions. They were taken off when its element was read off: to put them ' +
    'back is arithmetic, not evidence',
  prices: { walkLevel: 37 / 4 },
};
/** Only what is checked before anything is written: 68 for each element, of which 50 are the lookup. */
const SHORT_CHECK: DraftExplanation = {
  text: 'its first pass makes 18 instructions of checks of an element (read off this row), the rest comes with the second',
  prices: { element: 18 },
};

const RANGE_MAP: DraftStructure = { element: 'high', write: 'middle', lookup: true, levels: 4, extra: CLEARED_ARRAYS };
const BY_RECORD: DraftStructure = { element: 'middle', write: 'middle', lookup: true, levels: 4, extra: 0 };
/** What is left of an element of nmp, 6 and 8, without any capability: those of its pages are left stale. */
const RANGE_ELEMENT = 7;
const BY_RANGE: DraftStructure = { element: RANGE_ELEMENT, write: 'middle', lookup: false, levels: 4, extra: 0 };

const SIZES = [1, 2, 4, 8, 16, 32] as const;

/** Recorded calls of sizes that double, up to 32 pages. */
function doubling(...instructions: readonly number[]): DraftOperation['recorded'] {
  const first = SIZES.length - instructions.length;
  return instructions.map((count, i) => [SIZES[first + i], count]);
}

/**
 * Batched calls of draft kernels (none merged upstream), executed under QEMU as the rows of recorded-costs.ts. Left out:
 * calls of no pages, ranges over two tables (the same to an instruction), ranges with nothing in them, and refusals that
 * do the same as those here.
 */
export const DRAFT_OPERATIONS: readonly DraftOperation[] = [
  {
    kernel: 'rm24',
    arch: 'aarch64',
    operation: 'batch map fresh',
    recorded: doubling(1275, 1516, 1998, 2962, 4890, 8746),
    structure: RANGE_MAP,
    standing: 'check',
    explanation: null,
  },
  {
    kernel: 'rm24',
    arch: 'aarch64',
    operation: 'batch map again, same (remap)',
    recorded: doubling(1280, 1526, 2018, 3002, 4970, 8906),
    structure: { ...RANGE_MAP, write: 'high' },
    standing: 'check',
    explanation: null,
  },
  {
    kernel: 'rm24',
    arch: 'aarch64',
    operation: 'batch map again, other rights (remap)',
    recorded: doubling(1282, 1530, 2026, 3018, 5002, 8970),
    structure: { ...RANGE_MAP, write: 'high' },
    standing: 'check',
    explanation: null,
  },
  {
    kernel: 'rm24',
    arch: 'aarch64',
    operation: 'batch map fresh 2M',
    recorded: doubling(1258, 1482, 1930, 2826, 4618, 8202),
    structure: { ...RANGE_MAP, levels: 3 },
    standing: 'check',
    explanation: null,
  },
  {
    kernel: 'rm24',
    arch: 'aarch64',
    operation: 'batch map refused, collision at the last',
    recorded: doubling(1202, 1369, 1703, 2371, 3707, 6379),
    structure: { ...RANGE_MAP, write: null },
    standing: 'forecast',
    explanation: {
      text: 'its first pass makes 54 of the 102 instructions of an element (read off this row), the rest comes with the second',
      prices: { element: 54 },
    },
  },
  {
    kernel: 'fbm',
    arch: 'aarch64',
    operation: 'batch map fresh',
    recorded: doubling(1283, 1492, 1910, 2746, 4418, 7762),
    structure: RANGE_MAP,
    standing: 'forecast',
    explanation: null,
  },
  {
    kernel: 'bv',
    arch: 'aarch64',
    operation: 'batch remap/protect to RO',
    recorded: doubling(652, 806, 1114, 1730, 2962, 5426),
    structure: BY_RECORD,
    standing: 'check',
    explanation: OLDER_WALK,
  },
  {
    kernel: 'bv',
    arch: 'aarch64',
    operation: 'batch unmap',
    recorded: doubling(641, 786, 1076, 1656, 2816, 5136),
    structure: { ...BY_RECORD, write: 'low' },
    standing: 'check',
    explanation: OLDER_WALK,
  },
  {
    kernel: 'bv',
    arch: 'aarch64',
    operation: 'batch unmap refused, last is not mapped',
    recorded: doubling(633, 769, 1041, 1585, 2673),
    structure: { ...BY_RECORD, write: null, levels: 0 },
    standing: 'forecast',
    explanation: SHORT_CHECK,
  },
  {
    kernel: 'bvs',
    arch: 'aarch64',
    operation: 'batch remap/protect to RO',
    recorded: doubling(614, 775, 1097, 1733, 3005, 5549),
    structure: BY_RECORD,
    standing: 'check',
    explanation: OLDER_WALK,
  },
  {
    kernel: 'bvs',
    arch: 'aarch64',
    operation: 'batch unmap',
    recorded: doubling(603, 755, 1059, 1659, 2859, 5259),
    structure: { ...BY_RECORD, write: 'low' },
    standing: 'check',
    explanation: null,
  },
  {
    kernel: 'bvs',
    arch: 'aarch64',
    operation: 'batch unmap refused, last is not mapped',
    recorded: doubling(606, 754, 1042, 1618, 2770),
    structure: { ...BY_RECORD, write: null, levels: 0 },
    standing: 'forecast',
    explanation: SHORT_CHECK,
  },
  {
    kernel: 'nmp',
    arch: 'aarch64',
    operation: 'batch remap/protect to RO',
    recorded: doubling(515, 584, 722, 998, 1550, 2654),
    structure: BY_RANGE,
    standing: 'check',
    explanation: OLDER_WALK,
  },
  {
    kernel: 'nmp',
    arch: 'aarch64',
    operation: 'batch unmap',
    recorded: doubling(503, 560, 674, 902, 1358, 2270),
    structure: { ...BY_RANGE, write: 'low' },
    standing: 'check',
    explanation: OLDER_WALK,
  },
  {
    kernel: 'nmp',
    arch: 'riscv64',
    operation: 'batch remap/protect to RO',
    recorded: doubling(690, 783, 969, 1341, 2085, 3572),
    structure: { ...BY_RANGE, levels: 3 },
    standing: 'forecast',
    explanation: null,
  },
  {
    kernel: 'nmp',
    arch: 'riscv64',
    operation: 'batch unmap',
    recorded: doubling(677, 757, 917, 1237, 1877, 3156),
    structure: { ...BY_RANGE, write: 'low', levels: 3 },
    standing: 'forecast',
    explanation: null,
  },
  {
    kernel: 'nmp',
    arch: 'x86_64',
    operation: 'batch remap/protect to RO',
    recorded: doubling(702, 789, 963, 1311, 2007, 3397),
    structure: BY_RANGE,
    standing: 'forecast',
    explanation: null,
  },
  {
    kernel: 'nmp',
    arch: 'x86_64',
    operation: 'batch unmap',
    recorded: doubling(682, 749, 883, 1151, 1687, 2757),
    structure: { ...BY_RANGE, write: 'low' },
    standing: 'forecast',
    explanation: null,
  },
];
