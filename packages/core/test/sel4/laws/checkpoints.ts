import { expect } from 'vitest';
import { difference } from '../state.ts';
import { checkInvariants } from '../invariants.ts';
import type { Outcome, World } from '../world.ts';
import { address, type Law } from './law.ts';

/** Some of everything, with slots far apart so that arrays grow on the way. */
function work(w: World): Outcome[] {
  const outcomes: Outcome[] = [];
  const vaddr = address(w.configuration);
  for (let round = 0; round < 3; round++) {
    const vspace = w.vspace();
    for (const kind of w.configuration.pages) {
      const tables = w.tablesFor(vspace, vaddr, kind);
      const frame = w.frame(kind.bits);
      outcomes.push(
        w.map(frame, vspace, vaddr),
        w.map(w.copy(frame), vspace, vaddr),
        w.unmap(frame),
        w.map(frame, vspace, vaddr),
      );
      for (const t of tables) outcomes.push(w.unmapTable(t), w.delete(t));
    }
    const [pool, another] = [w.slot(), w.slot()];
    outcomes.push(w.delete(vspace), w.invoke({ op: 'make_pool', cap: pool }));
    // One pool more stays, one handle more becomes free.
    outcomes.push(w.invoke({ op: 'make_pool', cap: another }), w.delete(pool));
  }
  return outcomes;
}

/** Copies of the whole state. */
export const CHECKPOINTS: readonly Law[] = [
  {
    name: 'a restored snapshot is the state that was taken',
    run: (w) => {
      work(w);
      const taken = w.kernel.snapshot();
      work(w);
      expect(difference(taken, w.kernel.snapshot())).not.toBeNull();
      for (let i = 0; i < 2; i++) {
        w.kernel.restore(taken);
        expect(difference(taken, w.kernel.snapshot())).toBeNull();
        checkInvariants(w.kernel);
        work(w);
      }
    },
  },
  {
    name: 'the same invocations after a restore give the same outcomes and the same state',
    run: (w) => {
      work(w);
      const taken = w.kernel.snapshot();
      const [slot, paddr] = [w.slot() + 1, w.memory(26)];
      const again = (): { outcomes: Outcome[]; pages: number } => {
        w.kernel.restore(taken);
        return { outcomes: replay(w, slot, paddr), pages: w.kernel.arenaEnd };
      };
      const first = again();
      const after = w.kernel.snapshot();
      expect(again()).toEqual(first);
      expect(difference(after, w.kernel.snapshot())).toBeNull();
    },
  },
];

/** Invocations that name their slots and memory, so that they can be repeated to the bit. */
function replay(w: World, slot: number, paddr: bigint): Outcome[] {
  const [vspace, frame, copy, pool] = [slot, slot + 1, slot + 2, slot + 5000];
  const vaddr = address(w.configuration);
  const large = w.configuration.pages[w.configuration.pages.length - 1];
  return [
    w.invoke({ op: 'retype', obj: w.configuration.root, cap: vspace, paddr }),
    w.invoke({ op: 'assign', src: 1, vspace }),
    w.invoke({ op: 'retype', obj: 'page', bits: large.bits, cap: frame, paddr: 0n }),
    w.map(frame, vspace, vaddr),
    w.invoke({ op: 'copy', src: frame, cap: copy, rights: 'r' }),
    w.map(copy, vspace, vaddr),
    w.invoke({ op: 'make_pool', cap: pool }),
    w.delete(frame),
    w.map(copy, vspace, vaddr),
  ];
}
