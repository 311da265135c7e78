import { freebsd } from '@overmap/core';
import { KeyComparison, type Touched } from './key-comparison.ts';

/** Pages whose key two policies disagree about, and the operation that did it. */
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
   * `mapped`: a mapping was made where the policies disagreed already, over a hole; it takes the key over, too.
   * `unmapped`: nothing is there.
   */
  readonly pages: 'kept' | 'replaced' | 'mapped' | 'unmapped';
  /** Index of the operation that set the key; -1: it is not known. */
  readonly setBy: number;
}

/** An operation that two policies answer differently: an exclusive key finds another one in its way. */
export interface AnswerDifference {
  readonly index: number;
  readonly operation: freebsd.FreeBsdOperation;
  readonly from: freebsd.ErrorName | null;
  readonly to: freebsd.ErrorName | null;
}

/** What one operation came to under two policies. */
export interface KeyStepResult {
  readonly differences: readonly KeyDifference[];
  readonly answer: AnswerDifference | null;
}

/** The policy under which a key was lost; null: both have one, and they differ. */
export const lostUnder = ({ from, to }: Pick<KeyDifference, 'from' | 'to'>): 'from' | 'to' | null =>
  from === null ? 'from' : to === null ? 'to' : null;

/** Remembers which addresses an operation changed. */
class ChangeSink implements freebsd.FreeBsdSink {
  gone: Touched[] = [];
  made: Touched[] = [];
  private readonly comparison: KeyComparison;

  constructor(comparison: KeyComparison) {
    this.comparison = comparison;
  }

  keyChanged(process: number, start: number, end: number): void {
    this.comparison.touch(process, start, end);
  }

  vanished(process: number, start: number, end: number): void {
    this.gone.push({ process, start, end });
  }

  appeared(process: number, start: number, end: number): void {
    this.made.push({ process, start, end });
  }

  protectionChanged(): void {}
}

/** Runs operations under two policies side by side. */
export class KeyAudit {
  private readonly machines: readonly [freebsd.Machine, freebsd.Machine];
  private readonly comparison: KeyComparison;
  private readonly sink: ChangeSink;
  private index = 0;

  /** @param from - the policy that is audited @param to - what it is held against */
  constructor(from: freebsd.KeyPolicy, to: freebsd.KeyPolicy) {
    const machines = [new freebsd.Machine({ policy: from }), new freebsd.Machine({ policy: to })] as const;
    this.machines = machines;
    this.comparison = new KeyComparison(
      (process) => machines[0].processes.get(process)?.pmap,
      (process) => machines[1].processes.get(process)?.pmap,
    );
    this.sink = new ChangeSink(this.comparison);
    for (const machine of machines) machine.sink = this.sink;
  }

  /**
   * Do one thing on both.
   *
   * @returns the pages about which they disagree since, in the order of addresses; and how the answers differ
   * @throws RangeError for operations that `performFreeBsd` does not take
   */
  step(operation: freebsd.FreeBsdOperation): KeyStepResult {
    const { machines, comparison, sink } = this;
    const index = this.index++;
    sink.gone = [];
    sink.made = [];
    const [from, to] = machines.map((machine) => freebsd.performFreeBsd(machine, operation).error);
    if (operation.op === 'exit') comparison.gone(operation.process);
    if (operation.op === 'fork') comparison.forked(operation.process, operation.child);
    const found = comparison
      .disagreements((one) => this.boundsOfMappings(one))
      .map((one): KeyDifference => ({ ...one, index, operation, pages: this.fate(one.process, one.start) }));
    if (operation.op === 'setKey' && (from === null || to === null)) {
      const start = Math.floor(operation.address / freebsd.PAGE_SIZE) * freebsd.PAGE_SIZE;
      const end = Math.ceil((operation.address + operation.length) / freebsd.PAGE_SIZE) * freebsd.PAGE_SIZE;
      comparison.keySet(operation.process, start, end, index);
    }
    if (operation.op === 'mmap') found.push(...this.mappedAnew(index, operation, found));
    return { differences: found, answer: from === to ? null : { index, operation, from, to } };
  }

  /** A mapping that was made over addresses of which the keys differed before. */
  private mappedAnew(
    index: number,
    operation: freebsd.FreeBsdOperation,
    found: readonly KeyDifference[],
  ): KeyDifference[] {
    // Both machines tell of the same mapping.
    const made = new Map(this.sink.made.map((one) => [`${one.process} ${one.start}`, one]));
    return [...made.values()]
      .flatMap((one) => this.comparison.differingIn(one))
      .filter(
        ({ process, start }) =>
          !found.some((told) => told.process === process && told.start <= start && start < told.end),
      )
      .map((one): KeyDifference => ({ ...one, index, operation, pages: 'mapped' }));
  }

  private fate(id: number, address: number): KeyDifference['pages'] {
    const mapped = this.machines[0].processes.get(id)?.map.find(address) !== null;
    if (!mapped) return 'unmapped';
    const left = this.sink.gone.some(({ process, start, end }) => process === id && start <= address && address < end);
    return left ? 'replaced' : 'kept';
  }

  /** Where mappings begin or end within a range. */
  private boundsOfMappings({ process: id, start, end }: Touched): number[] {
    const bounds: number[] = [];
    for (const machine of this.machines)
      for (const placed of machine.processes.get(id)?.map.touching(start, end) ?? [])
        bounds.push(placed.start, placed.end);
    for (const one of this.sink.gone) if (one.process === id) bounds.push(one.start, one.end);
    return bounds.filter((bound) => start < bound && bound < end);
  }
}

/**
 * Run operations under two policies side by side, and tell where they begin to disagree about a key. A page that stays
 * different is told once, with the operation that made it so, and again where a mapping is made over it.
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
  const audit = new KeyAudit(from, to);
  return [...operations].flatMap((operation) => [...audit.step(operation).differences]);
}
