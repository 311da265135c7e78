import { Assumptions, INVENTED_HI } from './assumptions.ts';
import {
  ASID,
  ASSUMED,
  CAP_WORDS,
  CapType,
  MAPPED,
  NEXT,
  OBJECT_HI,
  ringLeave,
  SIZE_MASK,
  SIZE_SHIFT,
  TYPE_MASK,
} from './capability.ts';
import { type Columns, Flag } from './columns.ts';
import { check, perform } from './invoke.ts';
import type { Kernel } from './kernel.ts';
import { Op } from './operation.ts';
import { Code, CODE_MASK, NOT_ENOUGH_MEMORY, OK } from './outcome.ts';
import { clearPage } from './page.ts';
import { linkTable, unlinkTable, walk } from './page-table.ts';

/** How the model and a recorded outcome met. */
export const Meeting = {
  /** They are the same. */
  agreed: 0,
  /** The same, once a capability or table that the trace never created was assumed. */
  assumed: 1,
  /** The trace is partial, and what is known does not decide: the state of that place is unknown. */
  unknown: 2,
  /** The trace is complete as far as is known, and they differ. */
  diverged: 3,
  /** The result depends on what traces leave out: an untyped's size, a destination that the recorder could not see. */
  outside: 4,
} as const;

/**
 * Drives a kernel by a recording: where they agree, the model performs; where they do not, the state follows the
 * recorded outcome as far as it can, and {@link Follower.follow} says how the two met.
 *
 * A capability that is used but was never created is *assumed*: its type from the operation, its frame's identity
 * its own unless a copy, a move or GetAddress says otherwise, and whether it is mapped is unknown until its first
 * successful map or unmap.
 */
export class Follower {
  readonly kernel: Kernel;
  /** What the trace used and never created. */
  readonly assumptions: Assumptions;
  /** Called when a page is taken for gone that no record cleared, with its place in the arena. */
  onUnseenClear: ((at: number, entries: number) => void) | null = null;
  /** Set by {@link meet}: the invocation is to be performed. */
  performs = false;

  /** @param kernel - the kernel to drive */
  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.assumptions = new Assumptions(kernel);
  }

  /** Capabilities that were assumed. */
  get assumed(): number {
    return this.assumptions.count;
  }

  /** Whether something had to be assumed: the trace does not tell everything. */
  get partial(): boolean {
    return this.assumed > 0;
  }

  /**
   * Meet and perform in one: what a replay needs.
   *
   * @param outcome - what `check` has just answered for row `i`
   * @param recorded - the recorded outcome, -1 = none
   * @param policy - the policy that drives the state
   * @returns one of {@link Meeting}; the state is that after the row
   */
  follow(columns: Columns, i: number, outcome: number, recorded: number, policy: number): number {
    const meeting = this.meet(columns, i, outcome, recorded, policy);
    if (this.performs) this.perform(columns, i);
    return meeting;
  }

  /**
   * Hold the model's answer against the recorded one. Nothing is performed yet, but what the recording implies is
   * assumed, and what contradicts it is put out of the way.
   *
   * @returns one of {@link Meeting}; `performs` says whether the invocation is to be performed, and then the kernel's
   *   `at*` fields are those of a check that answered ok
   */
  meet(columns: Columns, i: number, outcome: number, recorded: number, policy: number): number {
    if (columns.op[i] === Op.retype && (columns.flags[i] & Flag.paddr) === 0)
      this.assumptions.inventAddress(columns, i);
    this.performs = outcome === OK;
    if (recorded < 0 || outcome === recorded) return Meeting.agreed;
    // An error without its details agrees with the same error.
    const bare = (columns.flags[i] & Flag.bareError) !== 0;
    if (bare && (outcome & CODE_MASK) === (recorded & CODE_MASK)) return Meeting.agreed;
    this.performs = false;
    return this.reconcile(columns, i, recorded, policy);
  }

  /** Perform, and learn what a GetAddress tells about a frame that was assumed, or whose address was invented. */
  perform(columns: Columns, i: number): void {
    perform(this.kernel, columns, i);
    if (columns.op[i] === Op.address && (columns.flags[i] & Flag.paddr) !== 0) {
      const c = columns.cap[i] * CAP_WORDS;
      const { caps } = this.kernel;
      if ((caps[c] & ASSUMED) !== 0 || caps[c + OBJECT_HI] >= INVENTED_HI)
        this.assumptions.identify(c, columns.paddrHi[i], columns.paddrLo[i]);
    }
  }

  private reconcile(columns: Columns, i: number, recorded: number, policy: number): number {
    const k = this.kernel;
    const op = columns.op[i];
    if (recorded === NOT_ENOUGH_MEMORY && op === Op.retype) return Meeting.outside;
    if (op === Op.make_pool && columns.cap[i] === 0) return Meeting.outside;
    const before = this.assumed;
    this.assumptions.needArguments(columns, i, recorded);
    let outcome = check(k, columns, i, policy);
    let contradicted = false;
    const partial = this.partial;
    if (recorded === OK) {
      // Remove one obstacle after the other: a map can have one for each level and one in the capability. A missing
      // table contradicts nothing in a partial trace.
      for (let attempt = 0; attempt < 8 && outcome !== OK; attempt++) {
        if ((outcome & CODE_MASK) !== Code.FailedLookup) contradicted = true;
        if (this.overwrites(columns, i, outcome)) {
          outcome = OK;
          break;
        }
        if (!this.removeObstacle(columns, i, outcome)) break;
        outcome = check(k, columns, i, policy);
      }
      this.performs = outcome === OK;
      if (this.performs && !contradicted && partial) return Meeting.assumed;
    } else if (outcome === recorded) return this.assumed > before ? Meeting.assumed : Meeting.agreed;
    else if (partial && (recorded & CODE_MASK) === Code.FailedLookup && (op === Op.map || op === Op.map_table)) {
      if (this.learnMissingTable(columns, i, recorded, policy)) return Meeting.assumed;
    }
    return partial ? Meeting.unknown : Meeting.diverged;
  }

  /**
   * The recording says ok and the model refuses: change the one thing that the refusal rests on.
   *
   * @returns whether something was changed
   */
  private removeObstacle(columns: Columns, i: number, outcome: number): boolean {
    const k = this.kernel;
    const c = columns.cap[i] * CAP_WORDS;
    const op = columns.op[i];
    switch (outcome & CODE_MASK) {
      case Code.FailedLookup:
        if (op !== Op.map && op !== Op.map_table) return false;
        return this.addTable(columns, i) || (op === Op.map && this.removeTable(columns, i));
      case Code.InvalidArgument:
      case Code.InvalidCapability:
        if (op === Op.map && k.caps[c + ASID] !== 0) k.caps[c + ASID] = 0;
        else if (op === Op.map_table && (k.caps[c] & MAPPED) !== 0) k.caps[c] &= ~MAPPED;
        else if (op === Op.assign) k.caps[columns.vspace[i] * CAP_WORDS] &= ~MAPPED;
        else return false;
        return true;
      case Code.DeleteFirst:
        if (op === Op.map || op === Op.map_table) return this.emptyPlace();
        if (op === Op.copy || op === Op.mint || op === Op.move || op === Op.make_pool) {
          if ((k.caps[c] & TYPE_MASK) === CapType.empty) return false;
          ringLeave(k, c);
          return true;
        }
        if (op === Op.retype) {
          for (let j = 0; j < columns.n[i]; j++) {
            const slot = columns.slotLists.get(i)?.[j] ?? columns.cap[i] + j;
            if ((k.caps[slot * CAP_WORDS] & TYPE_MASK) !== CapType.empty) this.emptySlot(slot * CAP_WORDS);
          }
          return true;
        }
        return false;
      case Code.RevokeFirst:
        for (let other = k.caps[c + NEXT]; other !== c; other = k.caps[c + NEXT]) ringLeave(k, other);
        return true;
      case Code.IllegalOperation:
        if (op !== Op.copy && op !== Op.mint) return false;
        k.caps[columns.src[i] * CAP_WORDS] |= MAPPED;
        return true;
      default:
        return false;
    }
  }

  /**
   * A slot that a retype fills was emptied unseen, most likely by a revoke of the untyped: a page that its capability
   * would have taken with it is gone.
   */
  private emptySlot(c: number): void {
    const k = this.kernel;
    if ((k.caps[c] & TYPE_MASK) === CapType.frame && k.caps[c + ASID] !== 0) {
      clearPage(k, c);
      if (k.cleared === 1) this.onUnseenClear?.(k.at, k.sizeEntries[(k.caps[c] >> SIZE_SHIFT) & SIZE_MASK]);
    }
    ringLeave(k, c);
  }

  /** The recorded kernel let a map over a page of the same size through: so does the state, and auditors see it. */
  private overwrites(columns: Columns, i: number, outcome: number): boolean {
    const k = this.kernel;
    if (columns.op[i] !== Op.map || (outcome & CODE_MASK) !== Code.DeleteFirst) return false;
    const size = (k.caps[columns.cap[i] * CAP_WORDS] >> SIZE_SHIFT) & SIZE_MASK;
    return k.links[k.at] === -(size + 1) && k.atLevel === k.sizeLevel[size];
  }

  /** A table that the trace did not show being mapped stands where the walk stopped. */
  private addTable(columns: Columns, i: number): boolean {
    const k = this.kernel;
    const v = columns.vspace[i] * CAP_WORDS;
    const root = k.rootOf(k.caps[v + ASID]);
    if (root === 0) return false;
    const link = walk(k, root, columns.vaddrHi[i], columns.vaddrLo[i], k.lastLevel - 1);
    if (link > 0) return false;
    if (link < 0) {
      this.emptyPlace();
      return true;
    }
    const { atTable, atIndex, at, atLevel } = k;
    const table = this.assumptions.table(k.indexMask[atLevel + 1] + 1, 4096);
    k.tableAlive[table] = 0;
    Object.assign(k, { atTable, atIndex, at, atLevel });
    linkTable(k, table, 0, 0);
    return true;
  }

  /** Where a large page was mapped there is no table, whatever the trace showed or made the model assume. */
  private removeTable(columns: Columns, i: number): boolean {
    const k = this.kernel;
    const root = k.rootOf(k.caps[columns.vspace[i] * CAP_WORDS + ASID]);
    if (root === 0) return false;
    const level = k.sizeLevel[(k.caps[columns.cap[i] * CAP_WORDS] >> SIZE_SHIFT) & SIZE_MASK];
    const link = walk(k, root, columns.vaddrHi[i], columns.vaddrLo[i], level);
    if (k.atLevel !== level || link <= 0) return false;
    unlinkTable(k, 0);
    this.forgetTable(link);
    return true;
  }

  /** What assumed tables below a place seemed to hold goes with the table that was never there. */
  private forgetTable(table: number): void {
    const k = this.kernel;
    const assumed = this.assumptions.tables.has(table);
    const from = k.tableBase[table];
    const to = from + k.tableEntries[table];
    for (let at = from; at < to; at++) {
      if (k.links[at] > 0) this.forgetTable(k.links[at]);
      if (assumed) k.links[at] = k.entryLo[at] = k.entryHi[at] = 0;
    }
  }

  /** Empty the place where the last check stopped. */
  private emptyPlace(): boolean {
    const k = this.kernel;
    const link = k.links[k.at];
    if (link === 0) {
      // A large page of aarch32 meets others behind its first entry.
      let any = false;
      for (let at = k.at + 1; at < k.at + 16 && at < k.links.length; at++)
        if (k.links[at] < 0) {
          k.links[at] = k.entryLo[at] = k.entryHi[at] = 0;
          any = true;
        }
      return any;
    }
    if (link > 0) unlinkTable(k, 0);
    else k.links[k.at] = k.entryLo[k.at] = k.entryHi[k.at] = 0;
    return true;
  }

  /** A recorded "missing capability, n bits" tells that the tables above that level are there and the next is not. */
  private learnMissingTable(columns: Columns, i: number, recorded: number, policy: number): boolean {
    const k = this.kernel;
    const v = columns.vspace[i] * CAP_WORDS;
    const root = k.rootOf(k.caps[v + ASID]);
    if (root === 0) return false;
    const level = k.shift.indexOf((recorded >>> 4) & 0xfff);
    if (level < 0) return false;
    for (let attempt = 0; attempt < 8; attempt++) {
      if (check(k, columns, i, policy) === recorded) return true;
      const link = walk(k, root, columns.vaddrHi[i], columns.vaddrLo[i], level);
      if (k.atLevel < level) {
        if (!this.addTable(columns, i)) return false;
      } else if (link > 0 && k.tableAlive[link] === 0) unlinkTable(k, 0);
      else return false;
    }
    return false;
  }
}
