import { countSingle, EffectCounts } from '@overmap/batch';
import { check, Columns, OK, perform } from '@overmap/core';
import { configuration } from '../../core/test/sel4/configurations.ts';
import { address } from '../../core/test/sel4/laws/law.ts';
import { fill, type Invocation, World } from '../../core/test/sel4/world.ts';
import { type WorkCounts, workOf } from '../src/index.ts';

/*
 * The invocations whose instructions were counted on real kernels, each set up and done on the engine.
 */

/** What one invocation does. */
function workOfOne(w: World, invocation: Invocation): WorkCounts {
  const k = w.kernel;
  const row = new Columns(1);
  fill(row, 0, invocation);
  const counts = new EffectCounts();
  k.sink = counts;
  const outcome = check(k, row, 0, w.policy);
  countSingle(k, row, 0, w.policy, outcome, counts);
  if (outcome === OK) perform(k, row, 0);
  k.sink = null;
  return workOf(counts);
}

/** A vspace with the tables for one page, and frames. */
class Setting {
  readonly w: World;
  readonly vspace: number;
  readonly vaddr: bigint;
  readonly tables: readonly number[];

  constructor(arch: string, policy: 'legacy' | 'strict', bits = 12) {
    const c = configuration(arch);
    this.w = new World(c, policy);
    this.vspace = this.w.vspace();
    this.vaddr = address(c);
    const kind = c.pages.find((page) => page.bits === bits);
    if (kind === undefined) throw new RangeError(`${arch} has no pages of 2^${bits} bytes`);
    this.tables = this.w.tablesFor(this.vspace, this.vaddr, kind);
  }

  map(cap: number, rights = 'rw', vaddr = this.vaddr): Invocation {
    return { op: 'map', cap, vspace: this.vspace, vaddr, rights, attr: 1 };
  }

  mapped(bits = 12): number {
    const cap = this.w.frame(bits);
    this.w.must(this.map(cap));
    return cap;
  }

  table(): number {
    return this.w.retype('table');
  }

  get lastTable(): number {
    return this.tables.at(-1) ?? 0;
  }
}

/** Each operation: prepare a setting, and name the invocation. */
const OPERATIONS: Readonly<Record<string, { bits?: number; of: (s: Setting) => Invocation }>> = {
  'Call on an empty slot': { of: (s) => s.map(s.w.slot()) },
  Page_GetAddress: { of: (s) => ({ op: 'address', cap: s.w.frame() }) },
  'Page_Map fresh 4K': { of: (s) => s.map(s.w.frame()) },
  'Page_Map fresh 2M': { bits: 21, of: (s) => s.map(s.w.frame(21)) },
  'remap of a 4K page, nothing changed': { of: (s) => s.map(s.mapped()) },
  'remap of a 4K page, rights changed': { of: (s) => s.map(s.mapped(), 'r') },
  'over-map of a 4K page': {
    of: (s) => {
      s.mapped();
      return s.map(s.w.frame());
    },
  },
  'Page_Map, FailedLookup': {
    // The last-level table is taken away again.
    of: (s) => {
      s.w.must({ op: 'unmap_table', cap: s.lastTable });
      return s.map(s.w.frame());
    },
  },
  'Page_Map, AlignmentError': { of: (s) => s.map(s.w.frame(), 'rw', s.vaddr + 0x800n) },
  'Page_Map, wrong vspace': { of: (s) => ({ ...s.map(s.w.frame()), vspace: s.w.frame() }) },
  'Page_Unmap, mapped': { of: (s) => ({ op: 'unmap', cap: s.mapped() }) },
  'Page_Unmap 2M': { bits: 21, of: (s) => ({ op: 'unmap', cap: s.mapped(21) }) },
  'Page_Unmap, not mapped': { of: (s) => ({ op: 'unmap', cap: s.w.frame() }) },
  'Page_Unmap of a capability whose page was overwritten': {
    of: (s) => {
      const cap = s.mapped();
      s.mapped();
      return { op: 'unmap', cap };
    },
  },
  'PageTable_Map, last level': {
    bits: 21,
    of: (s) => ({ op: 'map_table', cap: s.table(), vspace: s.vspace, vaddr: s.vaddr, attr: 0 }),
  },
  'PageTable_Unmap, mapped (clears 4 KiB)': { of: (s) => ({ op: 'unmap_table', cap: s.lastTable }) },
  'PageTable_Unmap, not mapped': { of: (s) => ({ op: 'unmap_table', cap: s.table() }) },
  'CNode_Copy of a frame': { of: (s) => ({ op: 'copy', src: s.w.frame(), cap: s.w.slot(), rights: 'rw' }) },
  'CNode_Delete of a mapped copy': {
    of: (s) => {
      const cap = s.w.copy(s.w.frame());
      s.w.must(s.map(cap));
      return { op: 'delete', cap };
    },
  },
  'CNode_Delete of an unmapped copy': { of: (s) => ({ op: 'delete', cap: s.w.copy(s.w.frame()) }) },
  'CNode_Move of a frame': { of: (s) => ({ op: 'move', src: s.w.frame(), cap: s.w.slot() }) },
};

/** What the engine does for a recorded operation. */
export function workOfOperation(arch: string, policy: 'legacy' | 'strict', operation: string): WorkCounts {
  const known = OPERATIONS[operation];
  if (known === undefined) throw new RangeError(`nobody knows how to do "${operation}"`);
  const setting = new Setting(arch, policy, known.bits);
  return workOfOne(setting.w, known.of(setting));
}
