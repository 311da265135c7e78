import { POLICIES, type PolicyName } from '@overmap/core';
import {
  type ReadOptions,
  type ReadSummary,
  readTrace,
  type TraceHeader,
  TraceScanner,
  TraceWriter,
} from '@overmap/trace';
import { readOptions } from './audit.ts';
import type { Edit } from './edit-script.ts';
import { LineEditor } from './line-editor.ts';
import { type LinePart, LineParts } from './line-parts.ts';
import { Lines } from './lines.ts';
import type { MigrateTraceOptions } from './migrate-trace-options.ts';
import { MigrationPlanner, type Misbehaviour } from './migration-planner.ts';
import { MigrationProof, type ProofFailure } from './migration-proof.ts';
import { traceKernel, traceNames } from './trace-kernel.ts';

/** What became of a trace. */
export interface MigratedTrace {
  readonly header: TraceHeader;
  readonly from: PolicyName;
  readonly to: PolicyName;
  readonly planner: MigrationPlanner;
  /** Events (records that are neither states nor marks) in and out. */
  readonly eventsIn: number;
  readonly eventsOut: number;
  /** Where the recording does not behave as its policy says; then nothing was written. */
  readonly misbehaviour: Misbehaviour | null;
  /** Why the migrated trace is not proven; then nothing was written. */
  readonly failure: ProofFailure | null;
  /** Records of the original after which mappings were compared. */
  readonly compared: number;
  readonly badLines: number;
  readonly interrupted: boolean;
}

/** Reads the trace from its beginning, as often as it is called. */
export type ReadAgain = (options: ReadOptions) => Promise<ReadSummary>;

/** Where the edited text goes. */
export type TakeText = (bytes: Uint8Array) => void;

/**
 * Migrate a trace: edit it so that another policy accepts what its client wants, run both side by side on the model, and
 * compare the mappings after every record.
 *
 * @param input - a file; it is read twice or three times
 * @param output - the migrated trace
 * @returns what became of it; the file is there only if there was nothing that `misbehaviour`, `failure` or
 *   `interrupted` tell of
 * @throws InputUnreadableError, MalformedInputError as `readTrace`; BatchedTraceError when the trace has batched
 *   invocations; OutputError when the file cannot be written
 */
export async function migrateTrace(
  input: string,
  output: string,
  options: MigrateTraceOptions,
): Promise<MigratedTrace> {
  const planned = await planMigration((reading) => readTrace(input, reading), options);
  if (planned.planner.misbehaviour !== null || planned.read.stopped) return migrated(planned, null);
  const writer = new TraceWriter(output);
  try {
    const again: ReadAgain = (reading) => readTrace(input, reading);
    const proved = await writeMigration(again, planned, options, output, (bytes) => void writer.writeBytes(bytes));
    if (proved.proof.failure === null && !proved.interrupted) await writer.close();
    return migrated(planned, proved);
  } finally {
    // Harmless after `close`.
    writer.abort();
  }
}

/** A migration before anything is written. */
export interface Planned {
  readonly header: TraceHeader;
  readonly from: PolicyName;
  readonly to: PolicyName;
  readonly planner: MigrationPlanner;
  readonly edits: readonly Edit[];
  readonly read: ReadSummary;
  readonly badLines: readonly number[];
  /** The records stand in a log. */
  readonly isLog: boolean;
}

/** What was written, and whether it is right. */
export interface Proved {
  readonly proof: MigrationProof;
  readonly interrupted: boolean;
}

/** The first reading: what is to be edited? */
export async function planMigration(read: ReadAgain, options: MigrateTraceOptions): Promise<Planned> {
  const { to } = options;
  const badLines: number[] = [];
  let planner: MigrationPlanner | null = null;
  let scanner: TraceScanner | null = null;
  const summary = await read({
    ...readOptions(options),
    truth: true,
    onBadLine: (bad) => {
      badLines.push(bad.line);
      options.onBadLine?.(bad);
    },
    onHeader: (header, tables) => {
      scanner = tables;
      planner = new MigrationPlanner(traceKernel(header, undefined), traceKernel(header, undefined), {
        from: POLICIES[options.from ?? header.policy],
        to: POLICIES[to],
        toName: to,
        tables,
        names: traceNames(tables),
        client: header.config.slots !== undefined,
      });
    },
    onBatch: (columns) => planner?.batch(columns),
    stop: () => planner?.misbehaviour != null || options.stop?.() === true,
  });
  const { header, isLog } = scanner as unknown as TraceScanner;
  if (planner === null || header === undefined) throw new Error('a trace without a header was read to its end');
  const done: MigrationPlanner = planner;
  done.end();
  const from = options.from ?? header.policy;
  return { header, from, to, planner: done, edits: done.script.edits, read: summary, badLines, isLog };
}

/**
 * The second reading: write, and prove what is written.
 *
 * @param name - of the output: one in `.jsonl`, `.json` or `.ndjson` is no log
 * @param take - gets the text
 */
export async function writeMigration(
  read: ReadAgain,
  planned: Planned,
  options: MigrateTraceOptions,
  name: string,
  take: TakeText,
): Promise<Proved> {
  const { header, from, to, edits, badLines, isLog } = planned;
  const movedRecords = await readMoved(read, planned);
  const proof = new MigrationProof(
    traceKernel(header, undefined),
    traceKernel(header, undefined),
    POLICIES[from],
    POLICIES[to],
  );
  const outputs = new TraceScanner({ name, onBatch: (columns) => proof.output(columns), strictInput: true });
  const keepsLog = isLog && outputs.isLog;
  const editor = new LineEditor({ edits, header, policy: to, movedRecords, badLines, isLog, keepsLog }, (bytes) => {
    take(bytes);
    outputs.feed(bytes);
  });
  const { stopped } = await read({
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
    onHeader: (_, inputs) => proof.begin(inputs, outputs),
    onBytes: (bytes) => editor.feed(bytes),
    onBatch: (columns) => proof.original(columns),
    stop: () => proof.failure !== null || options.stop?.() === true,
  });
  if (!stopped) {
    editor.end();
    outputs.end();
    proof.end();
  }
  return { proof, interrupted: stopped && proof.failure === null };
}

function migrated(planned: Planned, proved: Proved | null): MigratedTrace {
  const { header, from, to, planner, read } = planned;
  const { inserted, dropped } = planner.script;
  return {
    header,
    from,
    to,
    planner,
    eventsIn: read.events,
    eventsOut: read.events + inserted - dropped,
    misbehaviour: planner.misbehaviour,
    failure: proved?.proof.failure ?? null,
    compared: proved?.proof.compared ?? 0,
    badLines: read.badLines,
    interrupted: planner.misbehaviour === null && (proved?.interrupted ?? read.stopped),
  };
}

/** The records of the lines from which some are moved. */
async function readMoved(read: ReadAgain, planned: Planned): Promise<Map<number, readonly LinePart[]>> {
  const { edits, badLines, isLog } = planned;
  const wanted = new Set<number>();
  for (const edit of edits) if (edit.kind === 'unmap' && edit.from !== null) wanted.add(edit.from.line);
  const records = new Map<number, readonly LinePart[]>();
  if (wanted.size === 0) return records;
  const bad = new Set(badLines);
  const reader = new LineParts(isLog);
  const lines = new Lines((bytes, start, end) => {
    const { line } = lines;
    if (!wanted.has(line) && (reader.began || !reader.mayBegin(bytes, start, end))) return;
    const { parts } = reader.read(bytes, start, end, bad.has(line));
    if (wanted.has(line))
      records.set(
        line,
        parts.filter(({ kind }) => kind === 'record'),
      );
  });
  await read({ onBytes: (bytes) => lines.feed(bytes) });
  lines.end();
  return records;
}
