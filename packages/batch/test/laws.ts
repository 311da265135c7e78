import { Single } from '@overmap/batch';
import { Atomicity, Batched, Code, CODE_MASK, OK } from '@overmap/core';
import { checkInvariants } from '../../core/test/sel4/invariants.ts';
import type { World } from '../../core/test/sel4/world.ts';
import { type Case, runBatch, sayCase, worldOf } from './cases.ts';
import { type Gone, missed, runSingles } from './singles.ts';
import { visible } from './visible.ts';

/*
 * The laws of a batch, each for one case. A law throws when it is broken.
 */

function ensure(holds: boolean, what: string, c: Case): void {
  if (!holds) throw new Error(`${what}: ${sayCase(c)}`);
}

const same = (a: unknown, b: unknown, what: string, c: Case): void => {
  const [x, y] = [JSON.stringify(a), JSON.stringify(b)];
  if (x !== y) throw new Error(`${what}: ${x} is not ${y}: ${sayCase(c)}`);
};

/** Too long for one atomic invocation: refused as a whole. */
const tooLong = (c: Case): boolean =>
  c.mode === Atomicity.atomic && c.batch.form === 'window' && c.batch.count > (c.batchPolicy.maxPages ?? 512);

/** prefix(ops) = the singles up to the first refusal, in final state and outcome. */
export function prefixLaw(given: Case): void {
  const c = { ...given, mode: Atomicity.prefix };
  const one = worldOf(c);
  const singles = runSingles(one, c.batch, c.tables);
  const w = worldOf(c);
  const { result } = runBatch(w, c);
  const { done, index, outcome, tables } = result;
  const { counts: _, gone: __, ...expected } = singles;
  same({ done, index, outcome, tables }, expected, 'prefix: the answer', c);
  ensure(!result.cut, 'prefix: nobody cut it', c);
  ensure(visible(w.kernel) === visible(one.kernel), 'prefix: the final state', c);
  checkInvariants(w.kernel);
}

/** atomic(ops) = the singles if all succeed, else the identity. */
export function atomicLaw(given: Case): void {
  const c = { ...given, mode: Atomicity.atomic };
  const one = worldOf(c);
  const before = visible(one.kernel);
  const w = worldOf(c);
  const { result } = runBatch(w, c);
  if (tooLong(c)) {
    ensure(result.index === -1 && result.outcome !== OK && visible(w.kernel) === before, 'atomic: too long', c);
    return;
  }
  const singles = runSingles(one, c.batch, c.tables);
  same([result.index, result.outcome], [singles.index, singles.outcome], 'atomic: the answer', c);
  const succeeds = singles.outcome === OK;
  same([result.done, result.tables], succeeds ? [singles.done, singles.tables] : [0, 0], 'atomic: what is done', c);
  ensure(visible(w.kernel) === (succeeds ? visible(one.kernel) : before), 'atomic: the final state', c);
  checkInvariants(w.kernel);
  if (!succeeds) {
    // What comes after a roll-back goes as if nothing had been.
    const { result: again } = runBatch(w, { ...c, mode: Atomicity.prefix });
    same([again.done, again.outcome], [singles.done, singles.outcome], 'atomic: after a roll-back', c);
    ensure(visible(w.kernel) === visible(one.kernel), 'atomic: the state after a roll-back', c);
  }
}

/** Resume after a cut = no cut, in final state and outcomes. */
export function cutLaw(c: Case, byCallback: boolean): void {
  if (tooLong(c)) return;
  const whole = worldOf(c);
  const { result: uncut } = runBatch(whole, c);
  const w = worldOf(c);
  const start = visible(w.kernel);
  const at = (done: number): boolean => done >= c.cutAfter;
  const first = runBatch(w, c, byCallback ? { preempt: at } : { cutAfter: c.cutAfter });
  const { result: cut, batcher } = first;
  if (c.mode === Atomicity.atomic) {
    ensure(!cut.cut || visible(w.kernel) === start, 'cut: an atomic batch only before its first write', c);
    ensure(cut.cut === (c.cutAfter === 0), 'cut: an atomic batch before its first write', c);
  } else if (cut.cut) {
    same(cut.done, c.cutAfter, 'cut: where it was asked', c);
    const one = worldOf(c);
    const singles = runSingles(one, c.batch, c.tables, c.cutAfter);
    ensure(visible(w.kernel) === visible(one.kernel), 'cut: the state there is that of the singles so far', c);
    const late = missed(singles.gone, first.gone);
    ensure(late.length === 0, `cut: ${late.join(' ')} is not invalidated at the preemption point`, c);
  }
  const { result: end } = cut.cut ? runBatch(w, c, { from: cut }, batcher) : first;
  const { invocations: _, ...answer } = end;
  const { invocations: __, ...expected } = uncut;
  same(answer, expected, 'resume: the answer', c);
  ensure(visible(w.kernel) === visible(whole.kernel), 'resume: the final state', c);
}

/**
 * For n >= 2: entries, lookups, walks, entry writes and maintenance are at most the singles', and what the singles
 * invalidate is invalidated when the batch has ended. A batch that is rolled back has no singles to be held against.
 */
export function effectsLaw(c: Case): void {
  const one = worldOf(c);
  const singles = runSingles(one, c.batch, c.tables);
  const w = worldOf(c);
  const { result, batcher, gone } = runBatch(w, c);
  const { effects } = batcher;
  if (tooLong(c)) return;
  if (c.mode === Atomicity.atomic && result.outcome !== OK) {
    ensure(effects.undoWrites === effects.entryWrites, 'effects: a roll-back writes what was written', c);
    // What was mapped for a moment may be in the TLB.
    const late = c.batch.kind === Batched.unmap ? [] : missed(mappedBy(one, c, singles.done), gone);
    ensure(late.length === 0, `effects: ${late.join(' ')} is not invalidated by the roll-back`, c);
    return;
  }
  const { counts } = singles;
  const elements = singles.done + (singles.outcome === OK ? 0 : 1);
  same(effects.elements, elements, 'effects: elements', c);
  same(effects.tables, singles.tables, 'effects: tables', c);
  same(effects.elementWrites, counts.entryWrites - singles.tables, 'effects: entries of pages', c);
  same(effects.batches, effects.kernelEntries, 'effects: batches', c);
  // A table that was refused was looked up as well.
  const tables = counts.singles[Single.mapTable];
  same(effects.elementLookups, tables + (c.batch.form === 'list' ? elements : 0), 'effects: lookups of elements', c);
  same(effects.failedLookups, (singles.outcome & CODE_MASK) === Code.FailedLookup ? 1 : 0, 'effects: FailedLookup', c);
  ensure(effects.undoWrites === 0, 'effects: nothing to undo', c);
  same(effects.entryWrites, counts.entryWrites, 'effects: entry writes', c);
  const late = missed(singles.gone, gone);
  ensure(late.length === 0, `effects: ${late.join(' ')} is not invalidated at the end`, c);
  if (c.batch.count < 2) return;
  const most = (a: number, b: number, what: string): void => ensure(a <= b, `effects: ${a} ${what}, singles ${b}`, c);
  most(effects.kernelEntries, counts.kernelEntries, 'kernel entries');
  most(effects.lookups, counts.lookups, 'lookups');
  most(effects.walks, counts.walks, 'walks');
  most(effects.walkLevels, counts.walkLevels, 'levels of walks');
  most(effects.maintenanceOperations, counts.maintenanceOperations, 'maintenance operations');
}

/** The pages that the first operations of a map or protect have written. */
function mappedBy(w: World, { batch }: Case, done: number): Set<Gone> {
  const pages = new Set<Gone>();
  for (let i = 0; i < done; i++) {
    const record = w.records(batch.form === 'list' ? batch.slots[i] : batch.first + i);
    if (record !== null) pages.add(`${record.asid}:${record.vaddr.toString(16)}`);
  }
  return pages;
}

/** The loops without calls do what the general steps do: a sink that listens turns them off. */
export function plainLaw(c: Case): void {
  const slow = worldOf(c);
  const seen = { entries: 0, walks: 0, levels: 0 };
  slow.kernel.sink = {
    entryWritten: () => {
      seen.entries++;
    },
    tableCleared: () => {},
    walked: (levels) => {
      seen.walks++;
      seen.levels += levels;
    },
    maintained: () => {},
  };
  const general = runBatch(slow, c);
  slow.kernel.sink = null;
  const w = worldOf(c);
  const fast = runBatch(w, c);
  same(fast.result, general.result, 'plain: the answer', c);
  ensure(visible(w.kernel) === visible(slow.kernel), 'plain: the final state', c);
  const told = (ran: typeof fast): unknown => {
    const { maintenance, singles, ...counts } = ran.batcher.effects;
    return [counts, [...maintenance], [...singles], [...ran.gone].sort()];
  };
  same(told(fast), told(general), 'plain: the effects', c);
  const { entryWrites, undoWrites, walks, walkLevels } = general.batcher.effects;
  const expected = { entries: entryWrites + undoWrites, walks, levels: walkLevels };
  same(seen, expected, 'plain: what an outer sink is told', c);
}
