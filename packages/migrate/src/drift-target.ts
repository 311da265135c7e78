import { CODE_MASK, Code, type Columns, check, Follower, type Kernel, Meeting, OK, Op } from '@overmap/core';

/**
 * The target run alone: its own state, driven by its own answers. A difference that the target would not show on the
 * recorded state follows from an earlier one: from that which touched the same capability or place, or the latest.
 */
export class DriftTarget {
  private readonly kernel: Kernel;
  private readonly policy: number;
  private readonly follower: Follower;
  /** Event of the first difference, by slot and by place. */
  private readonly tainted: Map<string, number> = new Map();
  private latest = -1;

  constructor(kernel: Kernel, policy: number) {
    this.kernel = kernel;
    this.policy = policy;
    this.follower = new Follower(kernel);
  }

  /**
   * Run one invocation.
   *
   * @param meeting - how the recorded side met: what had to be assumed there is assumed here too
   * @returns the target's own outcome
   */
  step(columns: Columns, i: number, meeting: number): number {
    const outcome = check(this.kernel, columns, i, this.policy);
    if (meeting === Meeting.agreed) {
      if (outcome === OK) this.follower.follow(columns, i, OK, OK, this.policy);
      this.carry(columns, i);
      return outcome;
    }
    const recorded = columns.outcome[i];
    this.follower.assumptions.needArguments(columns, i, recorded);
    const alone = check(this.kernel, columns, i, this.policy);
    this.carry(columns, i);
    if ((alone & CODE_MASK) !== Code.FailedLookup && meeting === Meeting.assumed) {
      if (alone === OK) this.follower.perform(columns, i);
      return alone;
    }
    this.follower.follow(columns, i, alone, recorded, this.policy);
    const after = check(this.kernel, columns, i, this.policy);
    return (after & CODE_MASK) === Code.DeleteFirst && recorded !== OK ? after : recorded;
  }

  /** A moved capability takes its taint along; an emptied slot loses it. */
  private carry(columns: Columns, i: number): void {
    if (this.tainted.size === 0) return;
    const op = columns.op[i];
    const own = `slot ${columns.cap[i]}`;
    if (op === Op.delete) this.tainted.delete(own);
    else if (op === Op.move) {
      const from = `slot ${columns.src[i]}`;
      const cause = this.tainted.get(from);
      this.tainted.delete(from);
      if (cause !== undefined) this.tainted.set(own, cause);
    }
  }

  /**
   * The target differs from the recording at row `i`. What the row touches is remembered.
   *
   * @param follows - on the recorded state the target would have answered otherwise: this difference follows from
   *   an earlier one
   * @returns the event of that earlier one, or -1 where this difference stands on its own
   */
  causeOf(columns: Columns, i: number, follows: boolean): number {
    const slot = `slot ${columns.cap[i]}`;
    const place = `place ${columns.vspace[i]} ${columns.vaddrHi[i]} ${columns.vaddrLo[i]}`;
    const cause = follows ? (this.tainted.get(slot) ?? this.tainted.get(place) ?? this.latest) : -1;
    const origin = cause < 0 ? columns.event[i] : cause;
    this.latest = origin;
    this.tainted.set(slot, origin);
    if (columns.vspace[i] !== 0) this.tainted.set(place, origin);
    return cause;
  }
}
