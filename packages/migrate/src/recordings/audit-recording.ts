import type { AuditHead, AuditSummary, AuditWriter } from '@overmap/report';
import { type LineRecord, type Problem, RecordLines } from '@overmap/trace';
import type { AuditOptions, AuditRun } from '../audit-options.ts';
import type { FindingEmitter } from '../finding-emitter.ts';
import { WrongTargetError } from '../linux/wrong-target.ts';
import type { RecordPlace } from './recording-check.ts';

/** An audit of a recording that has no header: records in, findings out. */
export interface RecordingAudit {
  /** For the head of the output: the system, and the two policies. */
  readonly head: Pick<AuditHead, 'from' | 'to'> & { readonly system: 'freebsd' | 'redox'; readonly source: string };
  /** The next record. @returns a problem, where it is malformed */
  record(record: LineRecord, place: RecordPlace): Problem | undefined;
  /** Operations that were run, and the summary's part of this system. */
  end(): { readonly operations: number; readonly summary: Partial<Pick<AuditSummary, 'freebsd' | 'redox'>> };
}

/** An audit under way: who reads the recording, and what is said at its end. */
export interface RunningRecordingAudit {
  readonly reader: RecordLines;
  /** It has been read, or breaks off. @returns how it ended */
  end(interrupted: boolean): AuditRun;
}

/**
 * Wire an audit of a recording to its reader and its output.
 *
 * @param path - as it is named in the output
 * @param emitter - has counted the findings, and passes them on to `writer`
 * @throws WrongTargetError - with `drift`
 */
export function auditRecording(
  path: string,
  options: AuditOptions,
  audit: RecordingAudit,
  emitter: FindingEmitter,
  writer: AuditWriter,
): RunningRecordingAudit {
  const { baseline, strictInput, onBadLine } = options;
  const { system, source, from, to } = audit.head;
  if (options.drift === true)
    throw new WrongTargetError('is a recording that is run under both policies anyway: leave --drift out.');
  if (options.context === true)
    options.onWarning?.('--context gives the records of a trace of seL4; findings here name their lines.');
  writer.begin({
    kind: 'audit',
    tool: { name: 'overmap', version: options.version },
    input: path,
    header: { system, source },
    from,
    to,
    ...(baseline === undefined ? {} : { baseline: baseline.name }),
  });
  let event = 0;
  const reader = new RecordLines({
    name: path === '-' ? 'standard input' : path,
    onRecord: (record, line) => audit.record(record, { event: event++, line }),
    ...(strictInput === undefined ? {} : { strictInput }),
    ...(onBadLine === undefined ? {} : { onBadLine }),
  });
  const end = (interrupted: boolean): AuditRun => {
    const { operations, summary: ofSystem } = audit.end();
    const { severities, byRule: findings, truncated } = emitter;
    const { badLines } = reader;
    writer.end({
      events: operations,
      states: 0,
      findings,
      severities,
      truncated,
      ...(baseline === undefined ? {} : { known: emitter.known }),
      badLines,
      otherLines: 0,
      assumed: 0,
      divergences: 0,
      ...(interrupted ? { interrupted } : {}),
      ...ofSystem,
    });
    return { severities, badLines, interrupted, slowLines: 0, records: event };
  };
  return { reader, end };
}
