import type { freebsd } from '@overmap/core';
import { newPmap, type PmapRun, range, readPmapStep, readResult } from '../recordings/freebsd/pmap-lines.ts';
import type { RecordFields } from '../recordings/record-fields.ts';
import { KeyComparison, type KeyDisagreement } from './key-comparison.ts';

/** Pages of a sequence about whose key two policies disagree. */
interface SequenceDifference extends KeyDisagreement {
  /** A sequence has no map: entries that were only removed belong to a mapping that stays. */
  readonly pages: 'kept' | 'unmapped';
}

/** What one line of a sequence came to. */
export type SequenceStep =
  | { readonly uncovered: string }
  | {
      readonly op: string;
      readonly differences: readonly SequenceDifference[];
      /** The two answers, where they differ. */
      readonly answer: {
        readonly from: string;
        readonly to: string;
        readonly start: number;
        readonly end: number;
      } | null;
    };

/**
 * When a policy drops keys with the entries of a range. What is recorded as removed although its mapping stays is
 * swapped out where all of user memory is; else it is msync or mprotect, which no policy tells apart.
 */
function runUnder(policy: freebsd.KeyPolicy, maxUser: number, changed: freebsd.AttributeChange): PmapRun {
  const { droppedBy, ownedByEntries } = policy;
  return {
    changed,
    drops: (op, _start, end) => {
      if (op === 'map_delete' && ownedByEntries) return 'always';
      const reason = op === 'map_delete' ? 'delete' : end === maxUser ? 'swapout' : 'invalidate';
      return droppedBy.includes(reason) ? 'resident' : 'never';
    },
  };
}

/** Runs a recorded sequence of pmap operations under two policies side by side. */
export class SequenceAudit {
  private readonly pmaps: readonly [freebsd.Pmap, freebsd.Pmap];
  private readonly runs: readonly PmapRun[];
  private readonly comparison: KeyComparison;

  constructor(pmap: freebsd.Pmap, from: freebsd.KeyPolicy, to: freebsd.KeyPolicy) {
    const pmaps = [pmap, pmap.clone()] as const;
    this.pmaps = pmaps;
    this.comparison = new KeyComparison(
      () => pmaps[0],
      () => pmaps[1],
    );
    const changed = (start: number, end: number): void => this.comparison.touch(0, start, end);
    this.runs = [from, to].map((policy) => runUnder(policy, pmap.maxUser, changed));
  }

  /** The first line of a sequence. A problem of it is in `fields.problem` afterwards; a text says why it is not run. */
  static begin(fields: RecordFields, from: freebsd.KeyPolicy, to: freebsd.KeyPolicy): SequenceAudit | string {
    const made = newPmap(fields);
    return typeof made === 'string' ? made : new SequenceAudit(made, from, to);
  }

  /**
   * The next line on both sides. Malformed ones have `fields.problem` afterwards, and nothing was done.
   *
   * @param operation - its number, for who set a key
   */
  step(fields: RecordFields, operation: number): SequenceStep {
    const steps = this.pmaps.map((pmap, i) => readPmapStep(fields, pmap, this.runs[i]));
    readResult(fields);
    const op = fields.text('op');
    const results: string[] = [];
    for (const step of steps) {
      if ('uncovered' in step) return step;
      if (fields.problem !== undefined) return { uncovered: 'a malformed line' };
      results.push(step.run(() => {}));
    }
    const pages = op === 'map_delete' || op === 'exec_or_exit' ? 'unmapped' : 'kept';
    const differences = this.comparison.disagreements(() => []).map((one) => ({ ...one, pages }) as const);
    const [from = 'ok', to = 'ok'] = results;
    if (op !== 'set') return { op, differences, answer: null };
    const { start, end } = range(fields);
    if (from === 'ok' || to === 'ok') this.comparison.keySet(0, start, end, operation);
    return { op, differences, answer: from === to ? null : { from, to, start, end } };
  }
}
