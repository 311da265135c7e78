import { performance } from 'node:perf_hooks';
import { type AuditOptions, auditTrace, RULES } from '@overmap/migrate';
import {
  type AuditSink,
  AuditTableWriter,
  type AuditWriter,
  counted,
  grouped,
  JsonAuditWriter,
  JsonlAuditWriter,
  SEVERITIES,
  type TextSink,
} from '@overmap/report';
import { escapeText } from '@overmap/trace';
import type { AuditRequest } from '../commands/audit.ts';
import { Exit, type ExitCode } from '../exit-code.ts';
import { oneOf } from '../values.ts';
import { version } from '../version.ts';
import { policyNamed, policyOrRule } from './policy.ts';
import { screen } from './screen.ts';
import { inSession, type Session } from './session.ts';

/** Runs `overmap audit`. */
export async function runAudit(request: AuditRequest): Promise<ExitCode> {
  const options = await auditOptions(request);
  const streams = request.format !== 'table';
  return inSession({ ...request, streams }, async (session) => {
    const writer = writerOf(request, session.output);
    await session.each(
      async (input, run) => {
        const start = performance.now();
        const ended = await auditTrace(input, { ...options, ...run }, withRemarks(writer, session, input));
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
  });
}

async function auditOptions(request: AuditRequest): Promise<AuditOptions> {
  const { from, to, only, off, drift } = request;
  return {
    version: version(),
    drift,
    ...(from === undefined ? {} : { from: policyNamed(from) }),
    ...(to === undefined ? {} : { to: await policyOrRule(to) }),
    ...(only === undefined ? {} : { only: ruleIds(only) }),
    ...(off === undefined ? {} : { off: ruleIds(off) }),
  };
}

function ruleIds(words: readonly string[]): ReadonlySet<string> {
  const known = RULES.map(({ id }) => id);
  return new Set(words.map((word) => oneOf('rule', word.toUpperCase(), known)));
}

function writerOf(request: AuditRequest, out: TextSink): AuditSink {
  if (request.format === 'json') return new JsonAuditWriter(out);
  if (request.format === 'jsonl') return new JsonlAuditWriter(out);
  return new AuditTableWriter(out, {
    ...screen(request.output),
    all: request.verbose,
    hint: '--verbose shows all',
    titleOf: (id) => RULES.find((rule) => rule.id === id)?.title,
  });
}

/** Passes everything on, and says on standard error what the summary says about the input itself. */
function withRemarks(writer: AuditWriter, session: Session, input: string): AuditWriter {
  return {
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
