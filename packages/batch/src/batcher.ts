import {
  ASID,
  Atomicity,
  Batched,
  CAP_WORDS,
  CapType,
  checkFrame,
  checkMap,
  checkMapTable,
  Code,
  CODE_MASK,
  type EffectSink,
  type Kernel,
  missingCapability,
  OK,
  performMap,
  performMapTable,
  performUnmap,
  Policy,
  rangeError,
  SIZE_MASK,
  SIZE_SHIFT,
  TYPE_MASK,
  VADDR_HI,
  VADDR_LO,
} from '@overmap/core';
import {
  type Batch,
  type BatchResult,
  isTruncated,
  type ListBatch,
  type RunOptions,
  type WindowBatch,
} from './batch.ts';
import { BatchSink } from './batch-sink.ts';
import { EffectCounts } from './effect-counts.ts';
import { Journal } from './journal.ts';
import { listLimit } from './layout.ts';
import { checkProtect, offsetOf } from './protect.ts';
import { clearHeld, mapFresh, mapHeld, type Run } from './runs.ts';
import { type InvalidationListener, SharedMaintenance } from './shared-maintenance.ts';

const { map: MAP, unmap: UNMAP } = Batched;

/** The batch policy: what the kernel that takes batches allows. */
export interface BatchPolicy {
  /** Most pages of a window in one invocation, and of an atomic one at all: 1 to 2,047, 512 unless told. */
  readonly maxPages?: number;
  /** Most pages of an ASID whose translations are invalidated one by one; beyond it the whole ASID is. Default 16. */
  readonly flushThreshold?: number;
  /** Told of each invalidation when it happens. */
  readonly listener?: InvalidationListener;
}

/** Pages that an atomic batch puts into its journal before a loop may write them. */
const REMEMBERED = 64;
const MAX_PAGES = 512;
const FLUSH_THRESHOLD = 16;
/** The largest bound that a RangeError can tell. */
const LARGEST_BOUND = 2047;

/**
 * Runs batches on a kernel: what the operations would answer and do one by one, in one invocation.
 *
 * @example
 * ```ts
 * const batcher = new Batcher(kernel);
 * const window = { form: 'window', kind: Batched.map, first: 100, count: 64, vspace: 2, vaddrLo: 0x400000, rights: 3 } as const;
 * const { done, index, outcome } = batcher.run(window, { mode: Atomicity.atomic });
 * ```
 */
export class Batcher {
  readonly kernel: Kernel;
  readonly policy: number;
  readonly maxPages: number;
  readonly flushThreshold: number;
  /** What all batches together cost. */
  readonly effects: EffectCounts = new EffectCounts();
  private readonly maintenance: SharedMaintenance;
  private readonly sink: BatchSink;
  private readonly journal: Journal = new Journal();

  private readonly plain: Run = {
    size: 0,
    word: 0,
    asid: 0,
    hi: 0,
    lo: 0,
    table: 0,
    index: 0,
    at: 0,
    most: 0,
    letters: 0,
    attr: 0,
  };

  // The invocation at hand.
  private atomic = false;
  private outer: EffectSink | null = null;
  private done = 0;
  private tablesUsed = 0;
  private outcome: number = OK;
  private cut = false;
  private hi = 0;
  private lo = 0;

  /**
   * @param kernel - the kernel
   * @param policy - one of `Policy`: what a map may do with an occupied place
   * @param batchPolicy - bounds and thresholds
   * @throws RangeError when a bound cannot be
   */
  constructor(kernel: Kernel, policy: number = Policy.strict, batchPolicy: BatchPolicy = {}) {
    const { maxPages = MAX_PAGES, flushThreshold = FLUSH_THRESHOLD, listener = null } = batchPolicy;
    if (!Number.isInteger(maxPages) || maxPages < 1 || maxPages > LARGEST_BOUND)
      throw new RangeError(`maxPages is ${maxPages}; it must be an integer from 1 to ${LARGEST_BOUND}`);
    if (!Number.isInteger(flushThreshold) || flushThreshold < 0)
      throw new RangeError(`flushThreshold is ${flushThreshold}; it must be an integer from 0`);
    this.kernel = kernel;
    this.policy = policy;
    this.maxPages = maxPages;
    this.flushThreshold = flushThreshold;
    this.maintenance = new SharedMaintenance(flushThreshold, listener);
    this.sink = new BatchSink(kernel, this.effects, this.journal);
  }

  /**
   * Run a batch.
   *
   * A window in prefix mode that is longer than `maxPages` is cut there and resumed, as often as need be. Everything
   * else that is too long answers RangeError, as does a batch of nothing.
   *
   * @returns how it ended; a refusal is an answer and no exception
   * @throws what a user's rule throws; the batch is cut there (atomic: rolled back) and its maintenance done
   */
  run(batch: Batch, options: RunOptions = {}): BatchResult {
    const { from } = options;
    this.atomic = options.mode === Atomicity.atomic;
    this.done = from?.done ?? 0;
    this.tablesUsed = from?.tables ?? 0;
    this.outcome = OK;
    this.cut = false;
    const { count } = batch;
    const splits = batch.form === 'window' && !this.atomic;
    const limit = batch.form === 'list' ? listLimit(batch.kind) : this.maxPages;
    if (!Number.isInteger(count) || count < 1 || (count > limit && !splits)) return this.refuse(rangeError(1, limit));
    if (isTruncated(batch)) return this.refuse(Code.TruncatedMessage);
    this.hi = from?.vaddrHi ?? (batch.form === 'window' ? (batch.vaddrHi ?? 0) : 0);
    this.lo = from?.vaddrLo ?? (batch.form === 'window' ? (batch.vaddrLo ?? 0) : 0);
    const stop = options.cutAfter === undefined ? count : Math.min(count, this.done + options.cutAfter);
    let invocations = 0;
    do {
      const end = splits ? Math.min(count, this.done + this.maxPages) : count;
      this.invocation(batch, options, end, this.atomic && stop > this.done ? count : stop);
      invocations++;
      this.cut ||= this.outcome === OK && this.done >= stop && this.done < count;
    } while (this.outcome === OK && !this.cut && this.done < count);
    return {
      done: this.done,
      index: this.outcome === OK ? -1 : this.index,
      outcome: this.outcome,
      cut: this.cut,
      tables: this.tablesUsed,
      invocations,
      vaddrHi: this.hi,
      vaddrLo: this.lo,
    };
  }

  /** The operation that was refused last. */
  private index = -1;

  /** The whole batch is refused, before any operation of it is looked at. */
  private refuse(outcome: number): BatchResult {
    this.effects.batched();
    const { done, tablesUsed: tables } = this;
    return { done, index: -1, outcome, cut: false, tables, invocations: 1, vaddrHi: 0, vaddrLo: 0 };
  }

  /** One entry into the kernel: operations up to `end`, cut at `stop`. */
  private invocation(batch: Batch, options: RunOptions, end: number, stop: number): void {
    const k = this.kernel;
    const { effects, journal } = this;
    const tables = this.tablesUsed;
    const { hi, lo } = this;
    this.outer = k.sink;
    effects.batched();
    // The CNode of a window once, each capability of a list when it is its turn, and the vspace once.
    if (batch.form === 'window') effects.lookups++;
    if (batch.kind !== UNMAP) effects.lookups++;
    this.sink.begin(this.outer, this.atomic);
    k.sink = this.sink;
    let finished = false;
    try {
      if (batch.form === 'list') this.runList(batch, options, end, stop);
      else this.runWindow(batch, options, end, stop);
      finished = true;
    } finally {
      k.sink = this.outer;
      if (this.atomic && (this.outcome !== OK || !finished)) {
        const writes = journal.undo(k, this.outer);
        effects.undoWrites += writes;
        this.maintenance.rolledBack(k, writes);
        this.done = 0;
        this.tablesUsed = tables;
        this.hi = hi;
        this.lo = lo;
      }
      if (finished && (this.outcome & CODE_MASK) === Code.FailedLookup) effects.failedLookups++;
      journal.clear();
      this.maintenance.flush(k, effects, this.outer);
    }
  }

  /** Whether to cut before the next operation. */
  private cuts(options: RunOptions, stop: number): boolean {
    // An atomic batch can be cut only while nothing is written.
    if (this.atomic && this.done > 0) return false;
    this.cut = this.done >= stop || (options.preempt !== undefined && options.preempt(this.done));
    return this.cut;
  }

  private runList(batch: ListBatch, options: RunOptions, end: number, stop: number): void {
    const k = this.kernel;
    const { kind, slots, rights, attr, vaddrHi, vaddrLo } = batch;
    const v = offsetOf(k, batch.vspace ?? 0);
    while (this.done < end) {
      if (this.cuts(options, stop)) return;
      const i = this.done;
      const c = offsetOf(k, slots[i]);
      this.effects.lookups++;
      this.effects.elements++;
      this.effects.elementLookups++;
      const letters = rights === undefined ? 0 : rights[i];
      const attributes = attr === undefined ? 0 : attr[i];
      if (kind === MAP)
        this.outcome = this.map(c, v, vaddrHi?.[i] ?? 0, vaddrLo?.[i] ?? 0, letters, attributes, options);
      else this.outcome = kind === UNMAP ? this.unmap(c) : this.protect(c, v, letters, attributes);
      if (this.outcome !== OK) {
        this.index = i;
        return;
      }
      this.done++;
    }
  }

  private runWindow(batch: WindowBatch, options: RunOptions, end: number, stop: number): void {
    const k = this.kernel;
    const { kind, first, rights = 0, attr = 0 } = batch;
    const v = offsetOf(k, batch.vspace ?? 0);
    const most = Math.min(end, this.atomic ? end : stop);
    // A listener to single entries, a rule and a poll at each operation need each operation by itself.
    const plain = this.outer === null && this.policy !== Policy.custom && options.preempt === undefined;
    while (this.done < end) {
      if (this.cuts(options, stop)) return;
      const i = this.done;
      const c = offsetOf(k, first + i);
      const asid = k.caps[c + ASID];
      let hi = this.hi;
      let lo = this.lo;
      this.effects.elements++;
      if (kind !== MAP) {
        hi = k.caps[c + VADDR_HI];
        lo = k.caps[c + VADDR_LO];
      }
      if (kind === MAP) this.outcome = this.map(c, v, hi, lo, rights, attr, options);
      else this.outcome = kind === UNMAP ? this.unmap(c) : this.protect(c, v, rights, attr);
      if (this.outcome !== OK) {
        this.index = i;
        return;
      }
      this.done++;
      const size = (k.caps[c] >> SIZE_SHIFT) & SIZE_MASK;
      const bytes = 1 << k.sizeBits[size];
      if (kind === MAP) this.advance(bytes, 1);
      if (
        !plain ||
        this.done >= most ||
        k.sizeEntries[size] !== 1 ||
        (kind === UNMAP && (asid === 0 || k.cleared !== 1))
      )
        continue;
      const n = this.runPlain(batch, c + CAP_WORDS, size, hi, lo, kind === UNMAP ? asid : k.caps[v + ASID], most);
      this.done += n;
      if (kind === MAP) this.advance(bytes, n);
    }
  }

  /**
   * As many pages as are plain behind one at (hi, lo) that has just been done: the kernel's `at*` fields name its
   * place.
   *
   * @param c - offset of the next capability
   * @returns how many were done
   */
  private runPlain(
    batch: WindowBatch,
    c: number,
    size: number,
    hi: number,
    lo: number,
    asid: number,
    end: number,
  ): number {
    const k = this.kernel;
    const { kind } = batch;
    const bits = k.sizeBits[size];
    const bytes = 1 << bits;
    let most = Math.min(end - this.done, k.indexMask[k.atLevel] - k.atIndex, k.slotLimit - (c >>> 3));
    // The address must not leave its low half, and the last page not the user's range.
    most = Math.min(most, ((-1 - lo) >>> bits) >>> 0);
    if (kind !== UNMAP) {
      const room = (k.topHi >>> 0) * 0x100000000 + (k.topLo >>> 0) - ((hi >>> 0) * 0x100000000 + (lo >>> 0)) - bytes;
      most = Math.min(most, Math.floor(room / bytes));
    }
    if (this.atomic) most = Math.min(most, REMEMBERED);
    if (most <= 0) return 0;
    const run = this.plain;
    run.size = size;
    // The page before was such a frame, and since it was done it is certain.
    run.word = k.caps[c - CAP_WORDS];
    run.asid = asid;
    run.hi = hi;
    run.lo = (lo + bytes) | 0;
    run.table = k.atTable;
    run.index = k.atIndex + 1;
    run.at = k.at + 1;
    run.most = most;
    run.letters = (batch.rights ?? 0) & 15;
    run.attr = batch.attr ?? 0;
    if (this.atomic) this.journal.pages(k, run, c, kind === UNMAP ? 0 : -(size + 1));
    let wasValid = false;
    let n = 0;
    if (kind === UNMAP) n = clearHeld(k, run, c);
    else {
      if (kind === MAP) n = mapFresh(k, run, c);
      wasValid = n === 0;
      if (wasValid) n = mapHeld(k, run, c);
    }
    if (this.atomic) this.journal.drop(most - n);
    if (n === 0) return 0;
    this.effects.elements += n;
    this.effects.entryWrites += n;
    this.effects.elementWrites += n;
    if (kind === UNMAP) this.maintenance.cleared(k, asid, hi, run.lo, bytes, n, 1);
    else this.maintenance.mapped(k, asid, hi, run.lo, bytes, n, 1, wasValid, this.atomic);
    return n;
  }

  private advance(bytes: number, n: number): void {
    // In two steps, since n pages may be more than the low half holds.
    const low = (this.lo >>> 0) + bytes * n;
    this.lo = low | 0;
    if (low >= 0x100000000) this.hi = (this.hi + Math.floor(low / 0x100000000)) | 0;
  }

  /** One map, as the engine does it. */
  private map(c: number, v: number, hi: number, lo: number, rights: number, attr: number, options: RunOptions): number {
    const k = this.kernel;
    let outcome = checkMap(k, c, v, hi, lo, this.policy);
    if (outcome !== OK && options.tables !== undefined) outcome = this.supply(c, v, hi, lo, outcome, options);
    if (outcome !== OK) return outcome;
    this.write(c, v, hi, lo, rights, attr);
    return OK;
  }

  /** Map tables as long as one is missing and there are some. Returns what the map answers then, or a table's error. */
  private supply(c: number, v: number, hi: number, lo: number, refused: number, options: RunOptions): number {
    const k = this.kernel;
    const { tables = new Int32Array(0), tableAttr = 0 } = options;
    const level = k.sizeLevel[(k.caps[c] >> SIZE_SHIFT) & SIZE_MASK];
    let outcome = refused;
    while (
      this.tablesUsed < tables.length &&
      outcome === missingCapability(k.shift[k.atLevel], false) &&
      k.links[k.at] === 0 &&
      k.atLevel < level
    ) {
      const t = offsetOf(k, tables[this.tablesUsed]);
      this.effects.lookups++;
      this.effects.elementLookups++;
      const answer = checkMapTable(k, t, v, hi, lo);
      if (answer !== OK) return answer;
      if (this.atomic) this.journal.capability(k, t);
      performMapTable(k, t, v, hi, lo, tableAttr);
      this.maintenance.linked(k.caps[v + ASID]);
      this.tablesUsed++;
      this.effects.tables++;
      outcome = checkMap(k, c, v, hi, lo, this.policy);
    }
    return outcome;
  }

  private protect(c: number, v: number, rights: number, attr: number): number {
    const k = this.kernel;
    const outcome = checkProtect(k, c, v, this.policy);
    if (outcome !== OK) return outcome;
    this.write(c, v, k.caps[c + VADDR_HI], k.caps[c + VADDR_LO], rights, attr);
    return OK;
  }

  private write(c: number, v: number, hi: number, lo: number, rights: number, attr: number): void {
    const k = this.kernel;
    const size = (k.caps[c] >> SIZE_SHIFT) & SIZE_MASK;
    const wasValid = k.links[k.at] < 0;
    if (this.atomic) this.journal.capability(k, c);
    performMap(k, c, v, hi, lo, rights & 15, attr);
    const bytes = 1 << k.sizeBits[size];
    this.maintenance.mapped(k, k.caps[v + ASID], hi, lo, bytes, 1, k.sizeEntries[size], wasValid, this.atomic);
  }

  private unmap(c: number): number {
    const k = this.kernel;
    if ((k.caps[c] & TYPE_MASK) !== CapType.frame) return checkFrame(k, c);
    const size = (k.caps[c] >> SIZE_SHIFT) & SIZE_MASK;
    const asid = k.caps[c + ASID];
    const hi = k.caps[c + VADDR_HI];
    const lo = k.caps[c + VADDR_LO];
    if (this.atomic) this.journal.capability(k, c);
    performUnmap(k, c);
    if (k.cleared === 1) {
      const bytes = 1 << k.sizeBits[size];
      this.maintenance.cleared(k, asid, hi, lo, bytes, 1, k.sizeEntries[size]);
    }
    return OK;
  }
}
