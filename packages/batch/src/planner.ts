import { Batched, Columns, Flag, OK, Op } from '@overmap/core';
import { type BatchKind, listLimit } from './layout.ts';
import { copyRow } from './rows.ts';

/** Why a run of operations was not made longer. */
export const CUTS = [
  'different kind',
  'other operation',
  'same capability',
  'refused',
  'vspace changed',
  'other thread',
  'size limit',
  'mark',
  'state',
  'rebuilt',
  'unknown state',
  'end',
] as const;
/** A reason, see {@link CUTS}. */
export type Cut = (typeof CUTS)[number];

/** A run of operations that one invocation can do. */
export interface PlannedBatch {
  readonly kind: BatchKind;
  /** The operations are rows 0 to `count - 1` of these columns, which are used again afterwards. */
  readonly rows: Columns;
  readonly count: number;
  /** Consecutive slots, and for maps consecutive addresses with the same rights and attributes. */
  readonly window: boolean;
}

/** Receives what a {@link Planner} makes of its input, in the new order. */
export interface PlanReceiver {
  /** An operation that stays by itself. */
  single(columns: Columns, i: number): void;
  batch(planned: PlannedBatch): void;
}

/** How operations are folded. */
export interface PlannerOptions {
  /** Most pages of a window; 512 unless told. */
  readonly maxPages?: number;
  /** Whether slots that are numbered consecutively lie in one CNode, so that windows can be used. Default true. */
  readonly windows?: boolean;
  /**
   * Move what cannot depend on a pending run out of its way: a retype, a copy, mint or move between other slots or a
   * GetAddress in front of it, the deletion of a capability that the run has just unmapped behind it. The outcomes and
   * every later state stay the same, but a page is then mapped later, or unmapped earlier, than it was. Whether the
   * client touches it in between no trace tells, so it is false unless told.
   */
  readonly reorder?: boolean;
}

/** What the planner must know of a row beside its columns. */
export interface RowKnowledge {
  /** The recording and the model agree on it. */
  readonly known: boolean;
  /** Size of the frame of a map in bytes; 0 = not known. */
  readonly bytes: number;
}

/**
 * Folds a stream of single operations into batches: consecutive maps into one vspace, consecutive unmaps, all recorded
 * as ok. Nothing moves across an operation that depends on it or on which it depends; a checkpoint or a mark ends every
 * run. `cuts` counts why runs ended (those of one operation too).
 *
 * @example
 * ```ts
 * const planner = new Planner({ single, batch }, { windows: true });
 * for (let i = 0; i < columns.count; i++) planner.offer(columns, i, { known: true, bytes: 4096 });
 * planner.end();
 * ```
 */
export class Planner {
  readonly cuts: Record<Cut, number>;
  /** How many batches of each size. */
  readonly sizes: Map<number, number> = new Map();
  private readonly receiver: PlanReceiver;
  private readonly maxPages: number;
  private readonly windows: boolean;
  private readonly reorder: boolean;
  private readonly rows: Columns;
  private readonly slots: Set<number> = new Set();
  /** Deletions that come behind the run. */
  private readonly deferred: Columns;
  private deferrals = 0;
  private count = 0;
  private kind: BatchKind | 0 = 0;
  private window = false;
  /** Where the next page of a window goes. */
  private nextHi = 0;
  private nextLo = 0;

  constructor(receiver: PlanReceiver, options: PlannerOptions = {}) {
    this.receiver = receiver;
    this.maxPages = options.maxPages ?? 512;
    this.windows = options.windows ?? true;
    this.reorder = options.reorder ?? false;
    this.rows = new Columns(Math.max(this.maxPages, listLimit(Batched.unmap)));
    this.deferred = new Columns(this.rows.capacity);
    this.cuts = Object.fromEntries(CUTS.map((cut) => [cut, 0])) as Record<Cut, number>;
  }

  /** The next record of the stream. */
  offer(columns: Columns, i: number, knowledge: RowKnowledge): void {
    const kind = columns.op[i] === Op.map ? Batched.map : columns.op[i] === Op.unmap ? Batched.unmap : 0;
    const lone = kind === 0 ? this.passes(columns, i, knowledge) : reasonAlone(columns, i, knowledge);
    if (lone === 'passes') {
      this.receiver.single(columns, i);
      return;
    }
    if (lone === 'waits') {
      copyRow(columns, i, this.deferred, this.deferrals++);
      return;
    }
    if (lone !== null || kind === 0) {
      this.flush(lone ?? 'other operation');
      this.receiver.single(columns, i);
      return;
    }
    if (this.count > 0) {
      const cut = this.reasonApart(columns, i, kind);
      if (cut !== null) this.flush(cut);
    }
    this.join(columns, i, kind, knowledge.bytes);
  }

  /** The stream has ended. */
  end(): void {
    this.flush('end');
  }

  /** Whether an operation that is neither map nor unmap may pass in front of a run, or wait behind it, or why it ends it. */
  private passes(columns: Columns, i: number, { known }: RowKnowledge): Cut | 'passes' | 'waits' {
    const op = columns.op[i];
    if (op === Op.mark) return 'mark';
    if (op === Op.state) return 'state';
    if (this.count === 0) return 'passes';
    const moves = this.reorder && known && columns.outcome[i] === OK;
    // It is unmapped, so its deletion touches nothing but its own slot and its object's other capabilities.
    if (moves && op === Op.delete && this.kind === Batched.unmap && this.waits(columns.cap[i])) return 'waits';
    const slots = [columns.cap[i], columns.src[i]];
    const vspace = this.rows.vspace[0];
    if (slots.some((slot) => this.slots.has(slot) || (slot !== 0 && slot === vspace))) return 'same capability';
    const movable = op === Op.retype || op === Op.copy || op === Op.mint || op === Op.move || op === Op.address;
    // An untyped gives memory out again only when what was in it is deleted.
    return moves && movable && (op !== Op.retype || this.deferrals === 0) ? 'passes' : 'other operation';
  }

  /** Whether a slot's capability was unmapped by the pending run, and is not deleted yet. */
  private waits(slot: number): boolean {
    if (!this.slots.has(slot)) return false;
    for (let d = this.deferrals - 1; d >= 0; d--) if (this.deferred.cap[d] === slot) return false;
    return true;
  }

  /** Why the operation cannot join what is pending, or null. */
  private reasonApart(columns: Columns, i: number, kind: BatchKind): Cut | null {
    const rows = this.rows;
    if (kind !== this.kind) return 'different kind';
    if (columns.thread[i] !== rows.thread[0] || columns.cspace[i] !== rows.cspace[0]) return 'other thread';
    if (kind === Batched.map && columns.vspace[i] !== rows.vspace[0]) return 'vspace changed';
    if (this.slots.has(columns.cap[i])) return 'same capability';
    const inList = listLimit(kind);
    const most = this.window && this.continues(columns, i) ? Math.max(this.maxPages, inList) : inList;
    return this.count >= most ? 'size limit' : null;
  }

  /** Whether the operation is the next of a window. */
  private continues(columns: Columns, i: number): boolean {
    const last = this.count - 1;
    const rows = this.rows;
    if (columns.cap[i] !== rows.cap[last] + 1) return false;
    if (this.kind !== Batched.map) return true;
    return (
      columns.vaddrHi[i] === this.nextHi &&
      columns.vaddrLo[i] === this.nextLo &&
      columns.rights[i] === rows.rights[0] &&
      columns.attr[i] === rows.attr[0]
    );
  }

  private join(columns: Columns, i: number, kind: BatchKind, bytes: number): void {
    this.window = this.count === 0 ? this.windows : this.window && this.continues(columns, i);
    if (kind === Batched.map) {
      if (bytes === 0) this.window = false;
      const low = (columns.vaddrLo[i] >>> 0) + bytes;
      this.nextLo = low | 0;
      this.nextHi = (columns.vaddrHi[i] + (low >= 0x100000000 ? 1 : 0)) | 0;
    }
    copyRow(columns, i, this.rows, this.count);
    this.slots.add(columns.cap[i]);
    this.kind = kind;
    this.count++;
  }

  private flush(cut: Cut): void {
    const { count, kind, rows } = this;
    const window = this.window && count <= this.maxPages;
    if (count === 0 || kind === 0) return;
    this.cuts[cut]++;
    this.count = 0;
    this.slots.clear();
    if (count === 1) this.receiver.single(rows, 0);
    else {
      this.sizes.set(count, (this.sizes.get(count) ?? 0) + 1);
      this.receiver.batch({ kind, rows, count, window });
    }
    for (let d = 0; d < this.deferrals; d++) this.receiver.single(this.deferred, d);
    this.deferrals = 0;
  }
}

/** Why a map or unmap can be in no batch at all, or null. */
function reasonAlone(columns: Columns, i: number, { known }: RowKnowledge): Cut | null {
  // Such events rebuild what was there before: nobody invoked them.
  if ((columns.flags[i] & (Flag.boot | Flag.synth)) !== 0) return 'rebuilt';
  if (columns.outcome[i] > OK) return 'refused';
  return known && columns.outcome[i] === OK ? null : 'unknown state';
}
