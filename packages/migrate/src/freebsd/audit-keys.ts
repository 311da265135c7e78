import { freebsd, RangeMap } from '@overmap/core';

/** Pages whose key two policies begin to disagree about, and the operation that did it. */
export interface KeyDifference {
  /** Index of the operation, from 0. */
  readonly index: number;
  readonly operation: freebsd.FreeBsdOperation;
  /** Whose pages: for fork, the child's. */
  readonly process: number;
  /** First byte. */
  readonly start: number;
  /** First byte behind them; both are whole pages. */
  readonly end: number;
  /** The key under the policy that is audited, and under the other; null is none. */
  readonly from: freebsd.Attribute | null;
  readonly to: freebsd.Attribute | null;
  /**
   * What the operation did to the pages. `kept`: the same mapping is there, and its protection is silently lost under the
   * policy without the key. `replaced`: another mapping is there, which takes a key over under the policy with one.
   * `unmapped`: nothing is there.
   */
  readonly pages: 'kept' | 'replaced' | 'unmapped';
}

/** The policy under which a key was lost; null: both have one, and they differ. */
export const lostUnder = ({ from, to }: KeyDifference): 'from' | 'to' | null =>
  from === null ? 'from' : to === null ? 'to' : null;

interface Touched {
  readonly process: number;
  readonly start: number;
  readonly end: number;
}

/** Remembers which addresses an operation changed. */
class ChangeSink implements freebsd.FreeBsdSink {
  keys: Touched[] = [];
  gone: Touched[] = [];

  keyChanged(process: number, start: number, end: number): void {
    this.keys.push({ process, start, end });
  }

  vanished(process: number, start: number, end: number): void {
    this.gone.push({ process, start, end });
  }

  appeared(): void {}
  protectionChanged(): void {}

  empty(): void {
    this.keys = [];
    this.gone = [];
  }
}

/**
 * Run operations under two policies side by side, and tell where they begin to disagree about a key. A page that stays
 * different is told once, with the operation that made it so.
 *
 * @param from - the policy that is audited
 * @param to - what it is held against
 * @returns the differences in the order of operations, then of addresses
 * @throws RangeError for operations that `performFreeBsd` does not take
 *
 * @example
 * ```ts
 * const { every_pmap_remove, pmap_map_delete } = freebsd.KEY_POLICIES;
 * const lost = auditKeys(operations, every_pmap_remove, pmap_map_delete).filter(({ pages }) => pages === 'kept');
 * ```
 */
export function auditKeys(
  operations: Iterable<freebsd.FreeBsdOperation>,
  from: freebsd.KeyPolicy,
  to: freebsd.KeyPolicy,
): KeyDifference[] {
  const machines = [from, to].map((policy) => new freebsd.Machine({ policy }));
  const [audited, other] = machines;
  const sink = new ChangeSink();
  for (const machine of machines) machine.sink = sink;
  const differing = new Map<number, RangeMap>();
  const found: KeyDifference[] = [];
  let index = 0;
  for (const operation of operations) {
    sink.empty();
    for (const machine of machines) freebsd.performFreeBsd(machine, operation);
    if (operation.op === 'exit') differing.delete(operation.process);
    if (operation.op === 'fork') copyDifferences(differing, operation.process, operation.child);
    for (const { process, start, end } of pieces(sink.keys, (one) => insideBounds(one, machines, sink, differing))) {
      const known = rangesOf(differing, process);
      const before = known.find(start) >= 0;
      const keys = [audited, other].map((machine) => keyOf(machine, process, start));
      const same = keys[0]?.value === keys[1]?.value;
      if (same) known.clear(start, end);
      if (same || before) continue;
      known.replace(start, end, 0);
      const pages = fate(audited, sink.gone, process, start);
      found.push({ index, operation, process, start, end, from: keys[0], to: keys[1], pages });
    }
    index++;
  }
  return found;
}

function rangesOf(differing: Map<number, RangeMap>, process: number): RangeMap {
  const known = differing.get(process) ?? new RangeMap();
  differing.set(process, known);
  return known;
}

/** What differed in a parent differs in its child by then: the fork is not what did it. */
function copyDifferences(differing: Map<number, RangeMap>, parent: number, child: number): void {
  differing.set(child, rangesOf(differing, parent).clone());
}

function keyOf(machine: freebsd.Machine, id: number, address: number): freebsd.Attribute | null {
  const process = machine.processes.get(id);
  return process === undefined ? null : freebsd.keyAt(process, address);
}

function fate(machine: freebsd.Machine, gone: readonly Touched[], id: number, address: number): KeyDifference['pages'] {
  const mapped = machine.processes.get(id)?.map.find(address) !== null;
  if (!mapped) return 'unmapped';
  const left = gone.some(({ process, start, end }) => process === id && start <= address && address < end);
  return left ? 'replaced' : 'kept';
}

/** Where something changes within a range: a key of either machine, a mapping, what is known to differ. */
function insideBounds(
  { process: id, start, end }: Touched,
  machines: readonly freebsd.Machine[],
  { gone }: ChangeSink,
  differing: Map<number, RangeMap>,
): number[] {
  const bounds: number[] = [];
  const add = (from: number, to: number): void => {
    bounds.push(from, to);
  };
  for (const machine of machines) {
    const process = machine.processes.get(id);
    process?.pmap.attributes.pieces(start, end, add);
    for (const placed of process?.map.touching(start, end) ?? []) add(placed.start, placed.end);
  }
  for (const one of gone) if (one.process === id) add(one.start, one.end);
  const at = rangesOf(differing, id).cursor();
  for (let more = at.seek(start); more && at.start < end; more = at.next()) add(at.start, at.end);
  return bounds.filter((bound) => start < bound && bound < end);
}

/**
 * Ranges of several processes cut at each other's bounds and at those inside them; in order, none twice.
 *
 * @param inside - where else a range is to be cut
 */
function pieces(touched: readonly Touched[], inside: (one: Touched) => readonly number[]): Touched[] {
  const found: Touched[] = [];
  for (const process of new Set(touched.map((one) => one.process))) {
    const covered = new RangeMap();
    const bounds = new Set<number>();
    for (const one of touched) {
      if (one.process !== process) continue;
      covered.replace(one.start, one.end, 0);
      for (const bound of [one.start, one.end, ...inside(one)]) bounds.add(bound);
    }
    const sorted = [...bounds].sort((a, b) => a - b);
    for (const [i, start] of sorted.slice(0, -1).entries())
      if (covered.find(start) >= 0) found.push({ process, start, end: sorted[i + 1] });
  }
  return found;
}
