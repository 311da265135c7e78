import { performance } from 'node:perf_hooks';
import {
  type AuditOptions,
  type AuditRun,
  auditTrace,
  LINUX_RULES,
  PCUABI_RULES,
  RULES,
  WrongTargetError,
} from '@overmap/migrate';
import { auditSink, type AuditWriter, counted, grouped, SEVERITIES } from '@overmap/report';
import { escapeText, InputUnreadableError, MalformedInputError } from '@overmap/trace';
import type { AuditRequest } from '../commands/audit.ts';
import { Exit, type ExitCode } from '../exit-code.ts';
import { UsageError } from '../usage-error.ts';
import { oneOf } from '../values.ts';
import { version } from '../version.ts';
import { expandInputs } from './expand-inputs.ts';
import { isLinuxTarget, policyNamed, policyOrRule } from './policy.ts';
import { readBaseline } from './read-baseline.ts';
import { screen } from './screen.ts';
import { inSession, type Session } from './session.ts';
import { Talk } from './talk.ts';

/** The rules of all systems whose recordings are audited. */
const ALL_RULES = [...RULES, ...LINUX_RULES, ...PCUABI_RULES];

/** Runs `overmap audit`. */
export async function runAudit(request: AuditRequest): Promise<ExitCode> {
  let options: AuditOptions;
  try {
    options = await auditOptions(request);
  } catch (error) {
    // The baseline: without it nothing of the result would mean what was asked.
    if (!(error instanceof InputUnreadableError) && !(error instanceof MalformedInputError)) throw error;
    new Talk(undefined).say(error.message);
    return error instanceof InputUnreadableError ? Exit.unreadable : Exit.malformed;
  }
  const inputs = await expandInputs(request.inputs);
  const streams = request.format !== 'table' && request.format !== 'md';
  const reads = request.baseline === undefined ? [] : [request.baseline];
  return inSession({ ...request, inputs, reads, streams }, async (session) => {
    if (request.verbose && request.config !== undefined)
      session.talk.say(`options from ${escapeText(request.config, 400)}`);
    const writer = await auditSink(request.format, session.output, {
      rules: ALL_RULES,
      table: { ...screen(request.output), all: request.verbose, hint: '--verbose shows all' },
    });
    await session.each(
      async (input, run) => {
        const start = performance.now();
        const ended = await audited(input, { ...options, ...run }, withRemarks(writer, session, input));
        const least = SEVERITIES.indexOf(request.failOn as (typeof SEVERITIES)[number]);
        if (least >= 0 && SEVERITIES.slice(least).some((severity) => ended.severities[severity] > 0))
          session.note(Exit.findings);
        if (request.verbose) {
          const seconds = (performance.now() - start) / 1000;
          const slow = `${grouped(ended.slowLines)} of them the slow way`;
          session.talk.about(
            escapeText(input, 400),
            `${counted(ended.records, 'record')}, ${slow}, in ${seconds.toFixed(2)} s`,
          );
        }
        return ended;
      },
      (message) => writer.fail(message),
    );
    writer.close();
  });
}

/** @throws UsageError - when what was asked does not fit the system that the input is of */
async function audited(input: string, options: AuditOptions, writer: AuditWriter): Promise<AuditRun> {
  try {
    return await auditTrace(input, options, writer);
  } catch (error) {
    if (!(error instanceof WrongTargetError)) throw error;
    const name = input === '-' ? 'Standard input' : escapeText(input, 400);
    throw new UsageError(`${name} ${error.message}`, { cause: error });
  }
}

async function auditOptions(request: AuditRequest): Promise<AuditOptions> {
  const { from, to, only, off, drift, context, baseline } = request;
  return {
    version: version(),
    drift,
    context,
    ...(from === undefined ? {} : { from: policyNamed(from) }),
    ...(to === undefined ? {} : isLinuxTarget(to) ? { linuxTo: to } : { to: await policyOrRule(to) }),
    ...(only === undefined ? {} : { only: ruleIds(only) }),
    ...(off === undefined ? {} : { off: ruleIds(off) }),
    ...(baseline === undefined ? {} : { baseline: { name: baseline, findings: readBaseline(baseline) } }),
  };
}

function ruleIds(words: readonly string[]): ReadonlySet<string> {
  const known = ALL_RULES.map(({ id }) => id);
  return new Set(words.map((word) => oneOf('rule', word.toUpperCase(), known)));
}

/** Passes everything on, and says on standard error what the summary says about the input itself. */
function withRemarks(writer: AuditWriter, session: Session, input: string): AuditWriter {
  return {
    ...(writer.mappings === undefined ? {} : { mappings: writer.mappings }),
    ...(writer.ranges === undefined ? {} : { ranges: writer.ranges }),
    begin: (head) => writer.begin(head),
    finding: (finding) => writer.finding(finding),
    end: (summary) => {
      writer.end(summary);
      const { otherLines } = summary;
      if (otherLines === 0) return;
      const skipped = counted(otherLines, 'line of other output was', 'lines of other output were');
      session.talk.about(input === '-' ? 'standard input' : escapeText(input, 400), `${skipped} skipped`);
    },
  };
}
