import type { AuditSummary, AuditWriter } from '@overmap/report';
import { StraceScanner } from '@overmap/trace';
import type { AuditOptions, AuditRun } from '../audit-options.ts';
import type { FindingEmitter } from '../finding-emitter.ts';
import type { RunningStraceAudit } from '../linux/audit-strace.ts';
import { WrongTargetError } from '../linux/wrong-target.ts';
import { PcuabiAudit } from './pcuabi-audit.ts';

/**
 * Audit an strace log for PCuABI: which calls of a Linux program would be refused there, and why. The two systems share
 * no state, so that the target is always run alone from the start; what follows from a refusal names it as its cause.
 *
 * @param path - as it is named in the output
 * @param emitter - counts the findings, and passes them on to `writer`
 * @throws WrongTargetError - with a policy of seL4
 */
export function auditPcuabi(
  path: string,
  options: AuditOptions,
  emitter: FindingEmitter,
  writer: AuditWriter,
): RunningStraceAudit {
  const { baseline, onBadLine, strictInput } = options;
  if (options.to !== undefined || options.from !== undefined)
    throw new WrongTargetError('is an strace log of Linux, which has no policies of seL4: leave --from out.');
  if (options.context === true)
    options.onWarning?.('--context gives the records of a trace; an strace log has none, and findings name its lines.');
  writer.begin({
    kind: 'audit',
    tool: { name: 'overmap', version: options.version },
    input: path,
    header: { system: 'linux', source: 'strace' },
    from: 'linux',
    to: 'pcuabi',
    ...(baseline === undefined ? {} : { baseline: baseline.name }),
  });
  const audit = new PcuabiAudit(emitter);
  const told = {
    ...(strictInput === undefined ? {} : { strictInput }),
    ...(onBadLine === undefined ? {} : { onBadLine }),
  };
  const readers: StraceScanner[] = [];
  const readerOf = (name: string, pid?: number): StraceScanner => {
    const reader = new StraceScanner(audit.log, audit, {
      name,
      rangeCalls: true,
      ...told,
      ...(pid === undefined ? {} : { pid }),
    });
    readers.push(reader);
    return reader;
  };
  const end = (interrupted: boolean): AuditRun => {
    for (const reader of readers) reader.settle();
    const pcuabi = audit.finish();
    const badLines = readers.reduce((sum, reader) => sum + reader.badLines, 0);
    const otherLines = readers.reduce((sum, reader) => sum + reader.otherLines, 0);
    const { severities, byRule: findings, truncated } = emitter;
    const summary: AuditSummary = {
      events: pcuabi.calls,
      states: 0,
      findings,
      severities,
      truncated,
      ...(baseline === undefined ? {} : { known: emitter.known }),
      badLines,
      otherLines,
      assumed: 0,
      divergences: 0,
      ...(interrupted ? { interrupted } : {}),
      pcuabi,
    };
    writer.end(summary);
    return { severities, badLines, interrupted, slowLines: 0, records: pcuabi.calls };
  };
  return { readerOf, end };
}
