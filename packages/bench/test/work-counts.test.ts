import { describe, expect, it } from 'vitest';
import { addWork, RECORDED_ROWS, type WorkCounts } from '../src/index.ts';
import { workOfOperation } from './recorded-operations.ts';

type Arch = 'aarch64' | 'riscv64' | 'x86_64';
type Policy = 'legacy' | 'strict';

const NULL: WorkCounts = { entry: 1, call: 1 };
/** Levels that are read for a page of 4 KiB; one fewer for one of 2 MiB and for a last-level table. */
const LEVELS: Readonly<Record<Arch, number>> = { aarch64: 4, riscv64: 3, x86_64: 4 };
/** Maintenance of what writes an empty place, what changes or clears a page, and what unlinks a last-level table. */
const WRITTEN: Readonly<Record<Arch, WorkCounts>> = {
  aarch64: { cleanEntry: 1 },
  riscv64: { sfence: 1 },
  x86_64: { structureCacheFlush: 1 },
};
const CHANGED = { ...WRITTEN, aarch64: { cleanEntry: 1, tlbiPage: 1 } };
const CLEARED = { ...CHANGED, x86_64: { invlpg: 1 } };
const UNLINKED = { ...WRITTEN, aarch64: { cleanEntry: 1, tlbiAsid: 1 } };

/** Written down by hand, and not from the rows that prices are fitted to. */
function expected(arch: Arch, policy: Policy, operation: string): WorkCounts {
  const asks: WorkCounts = policy === 'strict' && arch !== 'riscv64' ? { occupied: 1 } : {};
  // A remap is not asked on aarch64; a FailedLookup is asked there only.
  const remapAsks = arch === 'x86_64' ? asks : {};
  const missingAsks = arch === 'aarch64' ? asks : {};
  const all = LEVELS[arch];
  const walk = (levels: number, ...parts: WorkCounts[]): WorkCounts =>
    parts.reduce((sum: WorkCounts, part) => addWork(sum, part), { ...NULL, walkLevel: levels });
  switch (operation) {
    case 'Page_Map fresh 4K':
      return walk(all, { map: 1 }, WRITTEN[arch], asks);
    case 'Page_Map fresh 2M':
      return walk(all - 1, { map: 1 }, WRITTEN[arch], asks);
    case 'remap of a 4K page, nothing changed':
    case 'remap of a 4K page, rights changed':
      return walk(all, { map: 1 }, CHANGED[arch], remapAsks);
    case 'over-map of a 4K page':
      if (policy === 'legacy' && arch !== 'riscv64') return walk(all, { map: 1 }, CHANGED[arch]);
      return walk(all, { map: 1 }, asks);
    case 'Page_Map, FailedLookup':
      return walk(all - 1, { map: 1, lookupFault: 1 }, missingAsks);
    case 'Page_Map, AlignmentError':
    case 'Page_Map, wrong vspace':
      return { ...NULL, earlyRefusal: 1 };
    case 'Page_Unmap, mapped':
      return walk(all, { unmap: 1 }, CLEARED[arch]);
    case 'Page_Unmap 2M':
      return walk(all - 1, { unmap: 1 }, CLEARED[arch]);
    case 'PageTable_Map, last level':
      return walk(all - 1, { tableMap: 1 }, WRITTEN[arch]);
    case 'PageTable_Unmap, mapped (clears 4 KiB)':
      return walk(all - 1, { tableUnmap: 1, zeroedByte: 4096 }, UNLINKED[arch]);
    case 'PageTable_Unmap, not mapped':
      return { ...NULL, tableUnmap: 1 };
    case 'CNode_Copy of a frame':
      return { ...NULL, copy: 1 };
    case 'CNode_Move of a frame':
      return { ...NULL, move: 1 };
    case 'CNode_Delete of a mapped copy':
      return walk(all, { unmap: 1, delete: 1 }, CLEARED[arch]);
    case 'CNode_Delete of an unmapped copy':
      return { ...NULL, delete: 1 };
    default:
      return NULL;
  }
}

const NAMES = [
  'Call on an empty slot',
  'Page_GetAddress',
  'Page_Map fresh 4K',
  'Page_Map fresh 2M',
  'remap of a 4K page, nothing changed',
  'remap of a 4K page, rights changed',
  'over-map of a 4K page',
  'Page_Map, FailedLookup',
  'Page_Map, AlignmentError',
  'Page_Map, wrong vspace',
  'Page_Unmap, mapped',
  'Page_Unmap 2M',
  'Page_Unmap, not mapped',
  'PageTable_Map, last level',
  'PageTable_Unmap, mapped (clears 4 KiB)',
  'PageTable_Unmap, not mapped',
  'CNode_Copy of a frame',
  'CNode_Move of a frame',
  'CNode_Delete of a mapped copy',
  'CNode_Delete of an unmapped copy',
];

describe.each(['aarch64', 'riscv64', 'x86_64'] as const)('the work of one invocation on %s', (arch) => {
  describe.each(['legacy', 'strict'] as const)('under %s', (policy) => {
    it.each(NAMES)('%s', (operation) => {
      expect(workOfOperation(arch, policy, operation)).toEqual(expected(arch, policy, operation));
    });
  });
});

it('an unmap of what is stale walks and maintains nothing', () => {
  const stale = 'Page_Unmap of a capability whose page was overwritten';
  expect(workOfOperation('x86_64', 'legacy', stale)).toEqual({ ...NULL, unmap: 1, walkLevel: 4 });
});

describe('the features of the recorded rows are what the engine does', () => {
  // A Yield is no invocation of a capability.
  const rows = RECORDED_ROWS.filter(({ operation }) => operation !== 'Yield');

  it.each(rows.map((row) => [row.arch, row.policy, row.operation, row.features] as const))('%s, %s: %s', (...row) => {
    const [arch, policy, operation, features] = row;
    expect(workOfOperation(arch, policy, operation)).toEqual(features);
  });
});
