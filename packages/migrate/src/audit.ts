import { POLICIES } from '@overmap/core';
import type { AuditSummary, AuditWriter, Sel4Summary } from '@overmap/report';
import {
  MalformedInputError,
  type ReadOptions,
  type ReadSummary,
  inputKind,
  inputName,
  readInput,
  readSummary,
  threadFiles,
  type TraceHeader,
  TraceScanner,
} from '@overmap/trace';
import type { AuditOptions, AuditRun, RunOptions } from './audit-options.ts';
import { ComparedTargets } from './compared-targets.ts';
import { ContextWriter } from './context-writer.ts';
import { FindingEmitter } from './finding-emitter.ts';
import { auditStrace, auditThreadFiles, endBroken, type RunningStraceAudit } from './linux/audit-strace.ts';
import { auditPcuabi } from './pcuabi/audit-pcuabi.ts';
import { auditRecording, type RunningRecordingAudit } from './recordings/audit-recording.ts';
import { checkTarget, recordingAudit } from './recordings/choose-audit.ts';
import { Sel4Audit } from './sel4-audit.ts';
import { traceKernel, traceNames } from './trace-kernel.ts';

/** What a run's options mean to the reader; malformed lines are also counted. */
export function readOptions(options: RunOptions): ReadOptions {
  return {
    ...(options.strictInput === undefined ? {} : { strictInput: options.strictInput }),
    ...(options.onBadLine === undefined ? {} : { onBadLine: options.onBadLine }),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
    ...(options.stop === undefined ? {} : { stop: options.stop }),
    onWarning: (warning) => options.onWarning?.(`line ${warning.line}: ${warning.message}`),
  };
}

/**
 * Audit one trace: drive its state by the policy that recorded it, and check each map under another one (findings are
 * about that), and under any number of others, on that same state. Memory is bounded by what is alive in the trace, never by its length.
 *
 * @param path - a file, or "-" for standard input
 * @param options - the policies, and whom to tell what
 * @param writer - gets the head once the trace's header is read, each finding as it is made (with `context`, 31 records
 *   later), the lives of mappings if it wants them, and the summary
 * @returns how it ended
 * @throws RangeError when `to` and `also` name a policy twice, or more than 30, or `drift` has several
 * @throws WrongTargetError when the input is of one system and the target of another, or there is nothing to audit in it
 * @throws InputUnreadableError when the input cannot be opened or read
 * @throws MalformedInputError when it is no trace or breaks off, and at the first bad line with `strictInput`. What was
 *   found before is written first
 */
export async function auditTrace(path: string, options: AuditOptions, writer: AuditWriter): Promise<AuditRun> {
  const { baseline } = options;
  const targets = new ComparedTargets([options.to ?? 'strict', ...(options.also ?? [])]);
  if (options.drift === true && targets.all.length > 1) throw new RangeError('drift runs one target alone: name one');
  const context = options.context === true ? new ContextWriter(writer) : null;
  const out = context ?? writer;
  const emitter = new FindingEmitter(out, {
    ...(options.only === undefined ? {} : { only: options.only }),
    ...(options.off === undefined ? {} : { off: options.off }),
    ...(baseline === undefined ? {} : { known: baseline.findings.of(path) }),
  });
  let audit: Sel4Audit | null = null;
  let scanner: TraceScanner | null = null;
  let lastEvent = 0;
  let lastLine = 1;

  const begin = (header: TraceHeader, reader: TraceScanner): void => {
    const from = options.from ?? header.policy;
    const kernel = traceKernel(header, targets.rule);
    out.begin({
      kind: 'audit',
      tool: { name: 'overmap', version: options.version },
      input: path,
      header: header.raw,
      from,
      to: targets.names,
      ...(baseline === undefined ? {} : { baseline: baseline.name }),
    });
    scanner = reader;
    audit = new Sel4Audit(
      kernel,
      POLICIES[from],
      targets.first.policy,
      { emitter, names: traceNames(reader), from, to: targets.first.name },
      options.drift === true ? traceKernel(header, targets.rule) : null,
      writer.mappings,
      targets.all.length > 1 ? targets : null,
    );
    const { observer } = options;
    observer?.begins(header, audit.follower, reader, from);
    if (context !== null) {
      context.neighbourhood = audit.neighbourhood();
      audit.onRow = (columns, i) => {
        context.row(columns, i, reader);
        observer?.row(columns, i);
      };
    } else if (observer !== undefined) audit.onRow = (columns, i) => observer.row(columns, i);
  };

  const end = (
    read: Pick<ReadSummary, 'events' | 'states' | 'badLines' | 'otherLines'>,
    interrupted: boolean,
  ): void => {
    if (audit === null) return;
    const sel4: Sel4Summary = audit.finish(lastEvent, lastLine);
    const compared = audit.targets();
    const summary: AuditSummary = {
      events: read.events - audit.batches,
      states: read.states,
      findings: emitter.byRule,
      severities: emitter.severities,
      truncated: emitter.truncated,
      ...(baseline === undefined ? {} : { known: emitter.known }),
      badLines: read.badLines,
      otherLines: read.otherLines,
      assumed: audit.follower.assumed,
      divergences: audit.divergences,
      ...(interrupted ? { interrupted } : {}),
      sel4,
      ...(compared === undefined ? {} : { targets: compared }),
    };
    out.end(summary);
  };

  const reading = readOptions(options);
  const auditLog = options.linuxTo === 'pcuabi' ? auditPcuabi : auditStrace;
  let strace: RunningStraceAudit | null = null;
  let recording: RunningRecordingAudit | null = null;
  let read: ReadSummary;
  try {
    const files = threadFiles(path);
    if (files !== null) {
      checkTarget('strace', options);
      strace = auditLog(path, options, emitter, out);
      return await auditThreadFiles(files, options, strace);
    }
    let sel4: TraceScanner | null = null;
    const stopped = await readInput(path, reading, (head) => {
      const kind = inputKind(head);
      checkTarget(kind, options);
      const recorded = recordingAudit(kind, options, emitter);
      if (recorded !== null) {
        recording = auditRecording(path, options, recorded, emitter, out);
        return recording.reader;
      }
      if (kind === 'strace') {
        strace = auditLog(path, options, emitter, out);
        return strace.readerOf(inputName(path, undefined));
      }
      sel4 = new TraceScanner({
        ...reading,
        name: inputName(path, undefined),
        onHeader: begin,
        onBatch: (columns) => {
          audit?.batch(columns);
          lastEvent = columns.event[columns.count - 1];
          lastLine = columns.line[columns.count - 1];
        },
      });
      return sel4;
    });
    const running = (strace ?? recording) as RunningStraceAudit | RunningRecordingAudit | null;
    if (running !== null) return running.end(stopped);
    read = readSummary(sel4 as unknown as TraceScanner, stopped);
  } catch (error) {
    const running = (strace ?? recording) as RunningStraceAudit | RunningRecordingAudit | null;
    if (running !== null) endBroken(running, error);
    // A trace that breaks off has been audited up to there: say what was found before saying why it ended.
    if (error instanceof MalformedInputError && scanner !== null) end(countsOf(scanner), true);
    else context?.flush();
    throw error;
  }
  end(read, read.stopped);
  return {
    severities: emitter.severities,
    badLines: read.badLines,
    interrupted: read.stopped,
    slowLines: read.slowLines,
    records: read.records,
  };
}

function countsOf(scanner: TraceScanner): Pick<ReadSummary, 'events' | 'states' | 'badLines' | 'otherLines'> {
  const { records, states, marks, badLines, otherLines } = scanner;
  return { events: records - states - marks, states, badLines, otherLines };
}
