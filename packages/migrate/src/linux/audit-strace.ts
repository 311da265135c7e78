import type { AuditSummary, AuditWriter } from '@overmap/report';
import { MalformedInputError, readThreadFiles, StraceScanner, type StraceSink, type ThreadFile } from '@overmap/trace';
import type { AuditObserver } from '../audit-observer.ts';
import type { AuditOptions, AuditRun } from '../audit-options.ts';
import type { FindingEmitter } from '../finding-emitter.ts';
import { StraceAudit } from './strace-audit.ts';
import { WrongTargetError } from './wrong-target.ts';

/** An audit of an strace log under way: who reads it, and what it says at its end. */
export interface RunningStraceAudit {
  /** Who reads the log, or with a thread's number one file of several. */
  readerOf(name: string, pid?: number): StraceScanner;
  /** The log has been read, or breaks off. @returns how it ended */
  end(interrupted: boolean): AuditRun;
}

/**
 * Audit an strace log: what did the calls of a program replace?
 *
 * @param path - as it is named in the output
 * @param emitter - counts the findings, and passes them on to `writer`
 * @throws WrongTargetError - for a target that is one of seL4, and for `drift`
 */
export function auditStrace(
  path: string,
  options: AuditOptions,
  emitter: FindingEmitter,
  writer: AuditWriter,
): RunningStraceAudit {
  const { baseline, linuxTo, onBadLine, strictInput } = options;
  if (options.to !== undefined || options.from !== undefined)
    throw new WrongTargetError(
      'is an strace log of Linux, which has no policies of seL4: leave --from and --to out, or ask with --to noreplace.',
    );
  if (options.drift === true)
    throw new WrongTargetError(
      'is an strace log, for which there is no --drift: what a program does after a refusal is not in the log, so each call is held against the memory as recorded.',
    );
  if (options.context === true)
    options.onWarning?.('--context gives the records of a trace; an strace log has none, and findings name its lines.');
  writer.begin({
    kind: 'audit',
    tool: { name: 'overmap', version: options.version },
    input: path,
    header: { system: 'linux', source: 'strace' },
    from: 'linux',
    to: linuxTo ?? 'linux',
    ...(baseline === undefined ? {} : { baseline: baseline.name }),
  });
  const { ranges } = writer;
  const audit = new StraceAudit({
    emitter,
    noReplace: linuxTo === 'noreplace',
    ...(ranges === undefined ? {} : { ranges }),
  });
  const told = {
    ...(strictInput === undefined ? {} : { strictInput }),
    ...(onBadLine === undefined ? {} : { onBadLine }),
  };
  const readers: StraceScanner[] = [];
  const readerOf = (name: string, pid?: number): StraceScanner => {
    const reader = new StraceScanner(audit.log, observed(audit, options.observer), {
      name,
      ...told,
      ...(pid === undefined ? {} : { pid }),
    });
    readers.push(reader);
    return reader;
  };
  const total = (of: (reader: StraceScanner) => number): number => readers.reduce((sum, reader) => sum + of(reader), 0);
  const end = (interrupted: boolean): AuditRun => {
    for (const reader of readers) reader.settle();
    const linux = audit.finish();
    const summary: AuditSummary = {
      events: linux.calls,
      states: 0,
      findings: emitter.byRule,
      severities: emitter.severities,
      truncated: emitter.truncated,
      ...(baseline === undefined ? {} : { known: emitter.known }),
      badLines: total(({ badLines }) => badLines),
      otherLines: total(({ otherLines }) => otherLines),
      assumed: 0,
      divergences: 0,
      ...(interrupted ? { interrupted } : {}),
      linux,
    };
    writer.end(summary);
    return {
      severities: emitter.severities,
      badLines: total(({ badLines }) => badLines),
      interrupted,
      slowLines: 0,
      records: linux.calls,
    };
  };
  return { readerOf, end };
}

/** The audit as the receiver of calls; an observer sees each of them once it has been audited. */
function observed(audit: StraceAudit, observer: AuditObserver | undefined): StraceSink {
  if (observer === undefined) return audit;
  return {
    call(call) {
      audit.call(call);
      observer.called(call, audit.placeOf(call));
    },
    unreturned: (call) => audit.unreturned(call),
    cloning: (call) => audit.cloning(call),
    appeared: (thread, makers) => audit.appeared(thread, makers),
    ended: (thread, line, time) => audit.ended(thread, line, time),
    superseded: (thread, by) => audit.superseded(thread, by),
  };
}

/** What was read of a log that breaks off has been audited: it is told before the error goes on. */
export function endBroken(running: Pick<RunningStraceAudit, 'end'>, error: unknown): void {
  if (error instanceof MalformedInputError) running.end(true);
}

/** Audit the files of `strace -ff`: one log for each thread. */
export async function auditThreadFiles(
  files: readonly ThreadFile[],
  options: AuditOptions,
  running: RunningStraceAudit,
): Promise<AuditRun> {
  const { ordered, stopped } = await readThreadFiles(
    files,
    ({ path, pid }) => running.readerOf(path, pid),
    () => options.stop?.() === true,
  );
  if (!ordered)
    options.onWarning?.(
      'the files have no time stamps (strace -ff -tt), so the order between threads that share memory cannot be known: each file was read as a whole, in the order of their numbers.',
    );
  return running.end(stopped);
}
