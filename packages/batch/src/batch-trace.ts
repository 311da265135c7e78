import {
  Atomicity,
  ATOMICITY_NAMES,
  type AtomicityName,
  BATCHED_NAMES,
  type BatchedName,
  CAP_WORDS,
  CapType,
  check,
  type Columns,
  Flag,
  Follower,
  Kernel,
  Meeting,
  OK,
  Op,
  POLICIES,
  type PolicyName,
  sayOutcome,
  SIZE_MASK,
  SIZE_SHIFT,
  TYPE_MASK,
} from '@overmap/core';
import {
  eventAt,
  MalformedInputError,
  type ReadOptions,
  readTrace,
  TRACE_VERSION,
  type TraceEvent,
  type TraceHeader,
  type TraceScanner,
  TraceWriter,
  formatEvent,
} from '@overmap/trace';
import { Batcher } from './batcher.ts';
import { countSingle } from './count-single.ts';
import { EffectCounts } from './effect-counts.ts';
import { type Cut, Planner, type PlannedBatch, type PlannerOptions } from './planner.ts';
import { batchOfRows } from './row-batch.ts';
import { stateDifference } from './same-state.ts';

/** How a trace is batched. */
export interface BatchTraceOptions
  extends Pick<ReadOptions, 'strictInput' | 'onBadLine' | 'onWarning' | 'onProgress' | 'stop'> {
  /** The policy that drives the states; the trace's own by default. */
  readonly policy?: PolicyName;
  /** See {@link PlannerOptions.reorder}. */
  readonly reorder?: boolean;
  /** See {@link PlannerOptions.windows}. By default where slots are CPtrs: not in traces that number the slots of a whole system. */
  readonly windows?: boolean;
  readonly maxPages?: number;
  readonly flushThreshold?: number;
}

/** What became of a trace. */
export interface BatchTraceSummary {
  readonly header: TraceHeader;
  /** Records without the header, in and out. */
  readonly recordsIn: number;
  readonly recordsOut: number;
  /** Events in: records that are neither states nor marks nor batches. */
  readonly events: number;
  /** Maps and unmaps, and how many of them are in a batch now. */
  readonly operations: number;
  readonly batched: number;
  readonly batches: number;
  /** How many batches there are of each size, ascending. */
  readonly sizes: readonly (readonly [size: number, count: number])[];
  /** Why runs ended. */
  readonly cuts: Readonly<Record<Cut, number>>;
  /** What the maps and unmaps cost one by one, and batched. */
  readonly single: EffectCounts;
  readonly together: EffectCounts;
  /** Where the states after both differ; null = nowhere. */
  readonly difference: string | null;
  /** Capabilities that the trace used but never created. */
  readonly assumed: number;
  readonly badLines: number;
  readonly interrupted: boolean;
}

/**
 * Batch a trace: fold its maps and unmaps into batches, run both on the model, and compare the states at the end.
 *
 * @param input - a file, or "-" for standard input
 * @param output - where the batched trace goes (version 2; as it was if nothing could be folded); null = nowhere
 * @returns what became of it; the file is there only if `difference` is null and nothing was interrupted
 * @throws InputUnreadableError, MalformedInputError as `readTrace`; OutputError when the file cannot be written
 */
export async function batchTrace(
  input: string,
  output: string | null,
  options: BatchTraceOptions = {},
): Promise<BatchTraceSummary> {
  const { policy: _, reorder: __, windows: ___, maxPages: ____, flushThreshold: _____, ...reading } = options;
  const read = async (lines: Lines, stop?: () => boolean): Promise<BatchTraceSummary> => {
    let work: Work | null = null;
    const ended = await readTrace(input, {
      ...reading,
      ...(stop === undefined ? {} : { stop }),
      truth: true,
      states: true,
      onHeader: (header, scanner) => {
        work ??= new Work(header, scanner, options, lines);
      },
      onBatch: (columns) => work?.columns(columns),
    });
    if (work === null) throw new MalformedInputError(`${input} has no header`);
    return (work as Work).end(ended.records, ended.badLines, ended.stopped);
  };
  if (output === null) return read(new Lines(null, true));
  // The header says whether there are batches, so that must be known first: a file is read twice up to the first one.
  let batches = input === '-';
  if (!batches) {
    const first = new Lines(null, true);
    const { batches: found } = await read(first, () => first.batches > 0 || options.stop?.() === true);
    batches = found > 0;
  }
  const writer = new TraceWriter(output);
  try {
    const lines = new Lines(writer, batches && input !== '-');
    const summary = await read(lines);
    lines.end();
    if (summary.difference === null && !summary.interrupted) await writer.close();
    return summary;
  } finally {
    // Harmless after `close`.
    writer.abort();
  }
}

/** The lines of the batched trace. Until it is known whether there are batches they wait. */
class Lines {
  batches = 0;
  written = 0;
  private readonly writer: TraceWriter | null;
  private header: Readonly<Record<string, unknown>> = {};
  private waiting: string[] | null;

  /** @param known - there are batches, or nothing is written anyway; otherwise lines wait for the first one */
  constructor(writer: TraceWriter | null, known: boolean) {
    this.writer = writer;
    this.waiting = known ? null : [];
  }

  begin(header: Readonly<Record<string, unknown>>): void {
    this.header = header;
    if (this.waiting === null) this.writer?.writeHeader({ ...header, version: TRACE_VERSION });
  }

  event(event: TraceEvent): void {
    this.written++;
    if (this.writer === null) return;
    if (event.op === 'batch') {
      this.batches++;
      this.release({ ...this.header, version: TRACE_VERSION });
    }
    if (this.waiting === null) this.writer.write(event);
    else this.waiting.push(formatEvent(event));
  }

  end(): void {
    this.release(this.header);
  }

  private release(header: Readonly<Record<string, unknown>>): void {
    if (this.waiting === null) return;
    this.writer?.writeHeader(header);
    for (const line of this.waiting) this.writer?.writeLine(line);
    this.waiting = null;
  }
}

/** Runs a trace's operations one by one on one kernel, and as the planner orders and folds them on another. */
class Work {
  private readonly header: TraceHeader;
  private readonly scanner: TraceScanner;
  private readonly lines: Lines;
  private readonly policy: number;
  private readonly before: Follower;
  private readonly after: Follower;
  private readonly batcher: Batcher;
  private readonly planner: Planner;
  private readonly single: EffectCounts = new EffectCounts();
  private readonly rest: EffectCounts = new EffectCounts();
  private events = 0;
  private operations = 0;
  private batched = 0;
  private batches = 0;
  private difference: string | null = null;

  constructor(header: TraceHeader, scanner: TraceScanner, options: BatchTraceOptions, lines: Lines) {
    this.header = header;
    this.scanner = scanner;
    this.lines = lines;
    this.policy = POLICIES[options.policy ?? header.policy];
    const kernel = (): Kernel =>
      new Kernel({
        arch: header.arch,
        config: header.config,
        asidPoolSlot: header.asidPoolSlot,
        rootTaskAssigned: header.config.slots === undefined,
      });
    this.before = new Follower(kernel());
    this.after = new Follower(kernel());
    const { maxPages, flushThreshold, reorder = false, windows = header.config.slots === undefined } = options;
    const bounds = maxPages === undefined ? {} : { maxPages };
    this.batcher = new Batcher(this.after.kernel, this.policy, {
      ...bounds,
      ...(flushThreshold === undefined ? {} : { flushThreshold }),
    });
    const plan: PlannerOptions = { reorder, windows, ...bounds };
    this.planner = new Planner(
      { single: (c, i) => this.alone(c, i), batch: (planned) => this.together(planned) },
      plan,
    );
    lines.begin(header.raw);
  }

  columns(columns: Columns): void {
    for (let i = 0; i < columns.count; i++) {
      // A batch that is there already is taken apart: its parts are folded anew.
      if (columns.op[i] === Op.batch) continue;
      columns.flags[i] &= ~Flag.part;
      if (columns.op[i] !== Op.state && columns.op[i] !== Op.mark) this.events++;
      if (columns.op[i] === Op.map || columns.op[i] === Op.unmap) this.operations++;
      const known = this.step(this.before, columns, i, this.single);
      this.planner.offer(columns, i, { known, bytes: known ? this.bytesOf(columns.cap[i]) : 0 });
    }
  }

  end(recordsIn: number, badLines: number, interrupted: boolean): BatchTraceSummary {
    this.planner.end();
    this.difference ??= stateDifference(this.before.kernel, this.after.kernel);
    return {
      header: this.header,
      recordsIn,
      recordsOut: this.lines.written,
      events: this.events,
      operations: this.operations,
      batched: this.batched,
      batches: this.batches,
      sizes: [...this.planner.sizes].toSorted(([a], [b]) => a - b),
      cuts: this.planner.cuts,
      single: this.single,
      together: this.rest.plus(this.batcher.effects),
      difference: this.difference,
      assumed: this.before.assumed,
      badLines,
      interrupted,
    };
  }

  /**
   * One record on a kernel, as a replay takes it.
   *
   * @returns whether the model answered what was recorded, with nothing assumed
   */
  private step(follower: Follower, columns: Columns, i: number, counts: EffectCounts): boolean {
    const op = columns.op[i];
    if (op === Op.mark || op === Op.state || op === Op.other) return true;
    const k = follower.kernel;
    // What rebuilds an earlier state was not invoked.
    const counted = (op === Op.map || op === Op.unmap) && (columns.flags[i] & (Flag.boot | Flag.synth)) === 0;
    if (counted) k.sink = counts;
    const outcome = check(k, columns, i, this.policy);
    if (counted) countSingle(k, columns, i, this.policy, outcome, counts);
    const meeting = follower.follow(columns, i, outcome, columns.outcome[i], this.policy);
    k.sink = null;
    return meeting === Meeting.agreed;
  }

  private alone(columns: Columns, i: number): void {
    this.step(this.after, columns, i, this.rest);
    this.lines.event(eventAt(columns, i, this.scanner));
  }

  private together({ kind, rows, count, window }: PlannedBatch): void {
    const { done, outcome } = this.batcher.run(batchOfRows(rows, 0, count, kind, window));
    if (outcome !== OK || done !== count)
      this.difference ??= `event ${rows.event[done]} was refused in a batch (${sayOutcome(outcome)}), and not by itself`;
    this.batches++;
    this.batched += count;
    const names = {
      kind: BATCHED_NAMES[kind] as BatchedName,
      mode: ATOMICITY_NAMES[Atomicity.prefix] as AtomicityName,
    };
    this.lines.event({ op: 'batch', ...names, n: count, ret: 'ok' });
    for (let i = 0; i < count; i++) this.lines.event({ ...eventAt(rows, i, this.scanner), part: true });
  }

  /** Size of the frame in a slot; 0 = there is none. */
  private bytesOf(slot: number): number {
    const k = this.before.kernel;
    const w = slot < k.slotLimit ? k.caps[slot * CAP_WORDS] : 0;
    return (w & TYPE_MASK) === CapType.frame ? 1 << k.sizeBits[(w >> SIZE_SHIFT) & SIZE_MASK] : 0;
  }
}
