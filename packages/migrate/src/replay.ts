import { check, type Columns, Follower, type Kernel, Meeting, OK, Op, POLICIES } from '@overmap/core';
import type { Divergence } from '@overmap/report';
import { type InputReader, inputKind, inputName, readInput, readSummary, TraceScanner } from '@overmap/trace';
import { readOptions } from './audit.ts';
import type { ReplayOptions, ReplayRun } from './audit-options.ts';
import { BatchedReplay } from './batched-replay.ts';
import { compareOutcome } from './compare-outcome.ts';
import { compareState } from './compare-state.ts';
import { MapTruth } from './compare-truth.ts';
import { RECORDING_CHECKS } from './recordings/index.ts';
import type { RecordingCounts } from './recordings/recording-check.ts';
import { replayRecording } from './recordings/replay-recording.ts';
import { traceKernel } from './trace-kernel.ts';

/** Divergences that are kept as objects by default. */
const KEPT = 1000;

/**
 * Run a trace through the model, and with `check` compare every recorded result, error detail, ground truth and
 * page-table state. A recording of another system, recognised by its content, is run through that system's model.
 *
 * @param path - a file, or "-" for standard input
 * @returns counts and divergences
 * @throws InputUnreadableError, MalformedInputError as `readTrace`
 */
export async function replayTrace(path: string, options: ReplayOptions): Promise<ReplayRun> {
  const keep = options.keep ?? KEPT;
  const checks = options.check === true;
  const divergences: Divergence[] = [];
  let divergenceCount = 0;
  const diverged = (event: number, line: number, field: string, expected: unknown, actual: unknown): void => {
    divergenceCount++;
    if (divergences.length < keep) divergences.push({ input: path, event, line, field, expected, actual });
  };
  const name = inputName(path, undefined);
  const reading = readOptions(options);
  let run: RunningReplay | null = null;
  const interrupted = await readInput(path, reading, (head) => {
    const maker = RECORDING_CHECKS[inputKind(head)];
    run =
      maker === undefined
        ? replaySel4(name, options, (columns, i, ...difference) =>
            diverged(columns.event[i], columns.line[i], ...difference),
          )
        : replayRecording(
            name,
            maker,
            options,
            checks ? (place, ...difference) => diverged(place.event, place.line, ...difference) : null,
          );
    return run.reader;
  });
  const { events, states, skipped, assumed = 0 } = (run as RunningReplay | null)?.ended() ?? NOTHING;
  return {
    report: { events, states, skipped, divergences },
    divergenceCount,
    assumed,
    badLines: (run as RunningReplay | null)?.reader.badLines ?? 0,
    interrupted,
  };
}

/** A replay under way: who reads the input, and what came of it. */
interface RunningReplay {
  readonly reader: InputReader & { readonly badLines: number };
  ended(): RecordingCounts & { readonly assumed?: number };
}

/** What a run has counted before it could choose a reader. */
const NOTHING: RecordingCounts & { readonly assumed?: number } = { events: 0, states: 0, skipped: {} };

/** Run a trace of seL4. */
function replaySel4(name: string, options: ReplayOptions, diverged: Diverged): RunningReplay {
  const check = options.check === true;
  let replay: Replay | null = null;
  const scanner = new TraceScanner({
    ...readOptions(options),
    name,
    truth: check,
    states: check,
    onHeader: (header, reader) => {
      const truth = header.config.slots !== undefined;
      const policy = POLICIES[options.policy ?? header.policy];
      replay = new Replay(traceKernel(header, undefined), policy, reader, { check, truth, diverged });
    },
    onBatch: (columns) => replay?.batch(columns),
  });
  const ended = () => {
    const { skipped, assumed, batches } = replay?.ended() ?? { skipped: {}, assumed: 0, batches: 0 };
    const { events, states } = readSummary(scanner, false);
    return { events: events - batches, states, skipped, assumed };
  };
  return { reader: scanner, ended };
}

/** Called for each difference: the key of the record, what was recorded, what the model has. */
export type Diverged = (columns: Columns, i: number, field: string, expected: unknown, actual: unknown) => void;

interface ReplayHow {
  readonly check: boolean;
  /** The trace carries ground truth: what the kernel saw before and after. */
  readonly truth: boolean;
  readonly diverged: Diverged;
}

class Replay {
  private readonly kernel: Kernel;
  private readonly policy: number;
  private readonly scanner: TraceScanner;
  private readonly follower: Follower;
  private readonly how: ReplayHow;
  private readonly truth: MapTruth | null;
  private readonly batched: BatchedReplay;
  private readonly skipped: Record<string, number> = {};

  constructor(kernel: Kernel, policy: number, scanner: TraceScanner, how: ReplayHow) {
    this.kernel = kernel;
    this.policy = policy;
    this.scanner = scanner;
    this.follower = new Follower(kernel);
    this.how = how;
    this.truth = how.check && how.truth ? new MapTruth(kernel, how.diverged) : null;
    this.batched = new BatchedReplay(kernel, policy, this.truth, how.check ? how.diverged : null, (columns, i) =>
      this.event(columns, i),
    );
  }

  batch(columns: Columns): void {
    for (let i = 0; i < columns.count; i++) {
      const op = columns.op[i];
      if (op === Op.batch) {
        this.batched.begin(columns, i);
        continue;
      }
      if (this.batched.open && this.batched.part(columns, i)) continue;
      if (op === Op.mark) continue;
      if (op === Op.other) this.skip('other');
      else if (op === Op.state) this.state(columns, i);
      else this.event(columns, i);
    }
  }

  ended(): { skipped: Record<string, number>; assumed: number; batches: number } {
    this.batched.end();
    return { skipped: this.skipped, assumed: this.follower.assumed, batches: this.batched.count };
  }

  private skip(kind: string): void {
    this.skipped[kind] = (this.skipped[kind] ?? 0) + 1;
  }

  private event(columns: Columns, i: number): void {
    const outcome = check(this.kernel, columns, i, this.policy);
    const meeting = this.follower.meet(columns, i, outcome, columns.outcome[i], this.policy);
    if (meeting === Meeting.outside) {
      this.skip(columns.op[i] === Op.retype ? 'NotEnoughMemory' : 'unseen destination');
      return;
    }
    if (meeting === Meeting.unknown) this.skip('unknown state');
    else if (meeting === Meeting.diverged && this.how.check) compareOutcome(columns, i, outcome, this.how.diverged);
    const compares = this.truth !== null && meeting === Meeting.agreed && outcome === OK;
    if (compares) this.truth?.before(columns, i);
    if (this.follower.performs) this.follower.perform(columns, i);
    if (compares) this.truth?.after(columns, i);
    else if (this.how.check && outcome === OK && columns.op[i] === Op.address)
      MapTruth.address(this.kernel, columns, i, this.how.diverged);
  }

  private state(columns: Columns, i: number): void {
    if (!this.how.check) return;
    const text = columns.states.get(i);
    if (text === undefined) return;
    if (this.follower.partial) this.skip('state of a partial trace');
    else compareState(this.kernel, columns, i, text, this.scanner, this.how.diverged);
  }
}
