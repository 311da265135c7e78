import { Batcher, type BatchKind, batchOfRows, copyRow, isWindow, listLimit } from '@overmap/batch';
import {
  Batched,
  CAP_WORDS,
  CapType,
  Columns,
  check,
  describeOutcome,
  Flag,
  type Kernel,
  OK,
  Op,
  SIZE_MASK,
  SIZE_SHIFT,
  TYPE_MASK,
  VADDR_HI,
  VADDR_LO,
} from '@overmap/core';
import type { MapTruth } from './compare-truth.ts';
import type { Diverged } from './replay.ts';

/** The bound of a RangeError, and so of a batch. */
const MOST_PARTS = 2047;

/**
 * Replays batches: a record `batch` and the parts behind it, through the batch engine, each part's outcome (and ground
 * truth) compared. A part that the model takes otherwise than recorded is met like a single operation, and the rest
 * goes on behind it.
 */
export class BatchedReplay {
  /** Batches so far. */
  count = 0;
  private readonly kernel: Kernel;
  private readonly policy: number;
  private readonly truth: MapTruth | null;
  private readonly diverged: Diverged | null;
  private readonly single: (columns: Columns, i: number) => void;
  private readonly batcher: Batcher;
  /** The batch's own record in row 0. */
  private readonly head: Columns = new Columns(1);
  private rows: Columns = new Columns(1);
  private held = 0;
  /** Parts that are still to come; -1 = no batch is open. */
  private missing = -1;

  /**
   * @param truth - compares ground truth, or null
   * @param diverged - told of differences, or null
   * @param single - takes a part as a single operation
   */
  constructor(
    kernel: Kernel,
    policy: number,
    truth: MapTruth | null,
    diverged: Diverged | null,
    single: (columns: Columns, i: number) => void,
  ) {
    this.kernel = kernel;
    this.policy = policy;
    this.truth = truth;
    this.diverged = diverged;
    this.single = single;
    this.batcher = new Batcher(kernel, policy, { maxPages: MOST_PARTS });
  }

  /** Whether parts are expected. */
  get open(): boolean {
    return this.missing >= 0;
  }

  /** A batch begins. */
  begin(columns: Columns, i: number): void {
    this.end();
    this.count++;
    copyRow(columns, i, this.head, 0);
    this.held = 0;
    this.missing = columns.n[i];
    if (this.rows.capacity < this.missing) this.rows = new Columns(MOST_PARTS);
    if (this.missing === 0) this.missing = -1;
  }

  /** The next record. Returns false when it is no part: the batch ends before it. */
  part(columns: Columns, i: number): boolean {
    const op = this.head.obj[0] === Batched.unmap ? Op.unmap : Op.map;
    if ((columns.flags[i] & Flag.part) === 0 || columns.op[i] !== op) {
      this.end();
      return false;
    }
    copyRow(columns, i, this.rows, this.held++);
    if (--this.missing === 0) this.end();
    return true;
  }

  /** Run what there is. */
  end(): void {
    if (this.missing < 0) return;
    if (this.missing > 0) this.diverged?.(this.head, 0, 'n', this.held + this.missing, this.held);
    this.missing = -1;
    const { rows, held, head } = this;
    const kind = head.obj[0] as BatchKind;
    const mode = head.bits[0];
    let ended: number = OK;
    for (let i = 0; i < held; ) {
      let end = i;
      while (end < held && rows.outcome[end] === OK) end++;
      if (end > i) i += this.run(i, end - i, kind, mode);
      if (i === held) break;
      if (rows.outcome[i] > OK) ended = rows.outcome[i];
      this.single(rows, i);
      i++;
    }
    if (ended !== head.outcome[0])
      this.diverged?.(head, 0, 'ret', describeOutcome(head.outcome[0]).ret, describeOutcome(ended).ret);
  }

  /** Run rows that are recorded as ok. Returns how many of them the model takes so. */
  private run(from: number, count: number, kind: BatchKind, mode: number): number {
    const { kernel: k, rows } = this;
    const window = isWindow(rows, from, count, kind, (slot) => this.bytesOf(slot));
    if (!window && count > listLimit(kind)) {
      this.diverged?.(this.head, 0, 'n', count, listLimit(kind));
      return 0;
    }
    if (kind === Batched.protect) this.compareAddresses(from, count);
    const batch = batchOfRows(rows, from, count, kind, window);
    const { truth } = this;
    if (truth === null) return this.batcher.run(batch, { mode }).done;
    // Ground truth is about the moments before and after each part.
    const { done } = this.batcher.run(batch, {
      preempt: (at) => {
        if (at > 0) truth.after(rows, from + at - 1);
        if (check(k, rows, from + at, this.policy) === OK) truth.before(rows, from + at);
        return false;
      },
    });
    if (done === count) truth.after(rows, from + done - 1);
    return done;
  }

  /** A protect names no address: the parts' must be those that the capabilities record. */
  private compareAddresses(from: number, count: number): void {
    const { kernel: k, rows } = this;
    for (let i = from; i < from + count; i++) {
      const c = rows.cap[i] * CAP_WORDS;
      if (k.caps[c + VADDR_LO] !== rows.vaddrLo[i] || k.caps[c + VADDR_HI] !== rows.vaddrHi[i])
        this.diverged?.(rows, i, 'vaddr', 'the address that the capability records', 'another one');
    }
  }

  private bytesOf(slot: number): number {
    const k = this.kernel;
    const w = slot < k.slotLimit ? k.caps[slot * CAP_WORDS] : 0;
    return (w & TYPE_MASK) === CapType.frame ? 1 << k.sizeBits[(w >> SIZE_SHIFT) & SIZE_MASK] : 0;
  }
}
