import {
  ASID,
  CAP_WORDS,
  CapType,
  type Columns,
  checkMap,
  holdsFrame,
  type Kernel,
  OK,
  SIZE_MASK,
  SIZE_SHIFT,
  TYPE_MASK,
} from '@overmap/core';
import { type TargetCounts, type TargetSummary, zeroTargetCounts } from '@overmap/report';
import type { ComparedTargets } from './compared-targets.ts';
import type { Provenance } from './provenance.ts';
import type { TestMarks } from './test-marks.ts';

/** What the place of a map holds. */
const NOTHING = 0;
const OWN_FRAME = 1;
const OTHER_FRAME = 2;
/** Nobody has looked yet. */
const UNSEEN = -1;

/** Pages taken from their capabilities that are remembered before those that nobody records any more are forgotten. */
const FIRST_PRUNE = 4096;

/**
 * Several policies beside each other: every map of a trace is held against each of them, on the one state that the
 * recording drives. What a client would do after a refusal is not followed; each map stands on its own.
 */
export class PolicyComparison {
  private readonly kernel: Kernel;
  private readonly from: number;
  private readonly targets: ComparedTargets;
  private readonly provenance: Provenance;
  private readonly marks: TestMarks;
  private readonly byTest: Map<string | null, TargetCounts[]> = new Map();
  /**
   * By the event (plus one) of the map that made a page: who took that page from its capabilities. Not negative: a map
   * of another frame, as the set of targets that refuse it. Negative: a map of the same frame, as its event plus one.
   */
  private readonly taken: Map<number, number> = new Map();
  private pruneAt = FIRST_PRUNE;

  /**
   * @param kernel - of the audit, made with the rule of `targets`
   * @param from - the policy that drives it
   */
  constructor(kernel: Kernel, from: number, targets: ComparedTargets, provenance: Provenance, marks: TestMarks) {
    this.kernel = kernel;
    this.from = from;
    this.targets = targets;
    this.provenance = provenance;
    this.marks = marks;
  }

  /**
   * A map whose recorded answer is settled, before it is performed. The kernel's `at*` fields are those of its check
   * under `from`, and are so again afterwards.
   *
   * @param answer - what the recording answered
   */
  map(columns: Columns, i: number, answer: number): void {
    const k = this.kernel;
    const c = columns.cap[i] * CAP_WORDS;
    const v = columns.vspace[i] * CAP_WORDS;
    const hi = columns.vaddrHi[i];
    const lo = columns.vaddrLo[i];
    const { targets, from } = this;
    const { all } = targets;
    let holds = answer === OK ? this.placeOf(c) : UNSEEN;
    let refusing = 0;
    let differing = false;
    for (const [t, { policy, rule }] of all.entries()) {
      let said = answer;
      if (policy !== from) {
        targets.choose(rule);
        said = checkMap(k, c, v, hi, lo, policy);
      }
      if (said !== answer) differing = true;
      if (said !== OK) refusing |= 1 << t;
      else {
        // Whoever accepts a map has resolved the same place.
        if (holds === UNSEEN) holds = this.placeOf(c);
        if (holds === OTHER_FRAME) this.counts()[t].displacing++;
      }
      if (said !== answer && answer !== OK) this.counts()[t][said === OK ? 'newlyAccepted' : 'otherError']++;
    }
    targets.choose(targets.first.rule);
    // All checks that get so far resolve the same place; with this, no policy's order of checks can matter.
    checkMap(k, c, v, hi, lo, from);
    if (answer !== OK) return;
    if (differing) this.refusals(refusing, holds !== NOTHING);
    if (holds !== NOTHING) this.took(columns, i, holds, refusing);
  }

  /** The recording accepted a map, and the targets in this set refuse it. */
  private refusals(refusing: number, replaces: boolean): void {
    const counts = this.counts();
    for (let t = 0; t < counts.length; t++) {
      const own = 1 << t;
      if ((refusing & own) === 0) continue;
      counts[t].refused++;
      if (refusing === own && counts.length > 1) counts[t].refusedOnlyHere++;
      if (replaces) counts[t].windows++;
    }
  }

  /** A map that will be performed takes over a page: its capabilities have lost it, or share it from now on. */
  private took(columns: Columns, i: number, holds: number, refusing: number): void {
    const { madeEvent, capEvent } = this.provenance;
    const made = madeEvent[this.kernel.at];
    if (!(made > 0)) return;
    if (holds === OTHER_FRAME) this.taken.set(made, refusing);
    else if (made !== capEvent[columns.cap[i]]) this.taken.set(made, -(columns.event[i] + 1));
    if (this.taken.size >= this.pruneAt) this.prune();
  }

  /** What the place at the kernel's `at` holds; a check has answered ok there. */
  private placeOf(c: number): number {
    const k = this.kernel;
    if (k.links[k.at] >= 0) return NOTHING;
    return holdsFrame(k, c, (k.caps[c] >> SIZE_SHIFT) & SIZE_MASK) ? OWN_FRAME : OTHER_FRAME;
  }

  /**
   * Capabilities have been counted as stale.
   *
   * @param test - the test to which they count
   * @param slots - all stale ones
   */
  stale(
    key: 'staleAtTestEnd' | 'staleAtNextStart' | 'staleAtEnd',
    test: string | null,
    slots: readonly number[],
  ): void {
    if (slots.length === 0) return;
    const counts = this.counts(test);
    for (const slot of slots) {
      const refusing = this.takenBy(this.provenance.capEvent[slot]);
      for (let t = 0; t < counts.length; t++) if ((refusing & (1 << t)) === 0) counts[t][key]++;
    }
  }

  /** The targets that refuse the map that took a page of another frame; none if no map did. */
  private takenBy(made: number): number {
    let taken = this.taken.get(made);
    // Each step leads to a later event.
    while (taken !== undefined && taken < 0) taken = this.taken.get(-taken);
    return taken ?? 0;
  }

  /** Forget the pages that no living capability records, so that memory is bounded by what is alive. */
  private prune(): void {
    const k = this.kernel;
    const kept = new Map<number, number>();
    for (let slot = 1; slot < k.slotLimit; slot++) {
      const c = slot * CAP_WORDS;
      if ((k.caps[c] & TYPE_MASK) !== CapType.frame || k.caps[c + ASID] === 0) continue;
      for (let made = this.provenance.capEvent[slot]; made > 0; ) {
        const taken = this.taken.get(made);
        if (taken === undefined || kept.has(made)) break;
        kept.set(made, taken);
        made = -taken;
      }
    }
    this.taken.clear();
    for (const [made, taken] of kept) this.taken.set(made, taken);
    this.pruneAt = Math.max(FIRST_PRUNE, 2 * kept.size);
  }

  private counts(test: string | null = this.marks.test): TargetCounts[] {
    let counts = this.byTest.get(test);
    if (counts === undefined) {
      counts = this.targets.all.map(zeroTargetCounts);
      this.byTest.set(test, counts);
    }
    return counts;
  }

  /** The counts of each target, by its name. */
  summary(): Record<string, TargetSummary> {
    const targets: Record<string, TargetSummary> = Object.create(null) as Record<string, TargetSummary>;
    for (const [t, { name }] of this.targets.all.entries()) {
      const all = zeroTargetCounts();
      const byTest: Record<string, TargetCounts> = Object.create(null) as Record<string, TargetCounts>;
      for (const [test, counts] of this.byTest) {
        const own = counts[t];
        for (const key of Object.keys(all) as (keyof TargetCounts)[]) all[key] += own[key];
        if (test !== null && Object.values(own).some((n) => n > 0)) byTest[test] = own;
      }
      targets[name] = { ...all, byTest };
    }
    return targets;
  }
}
