import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import {
  ALL_RULES,
  type AuditOptions,
  type AuditRun,
  auditSource,
  auditTrace,
  fileKind,
  WrongTargetError,
} from '@overmap/migrate';
import {
  type AuditSink,
  auditSink,
  type AuditWriter,
  COMPARISON_TABLES,
  ComparisonWriter,
  counted,
  grouped,
  type Output,
  SEVERITIES,
} from '@overmap/report';
import { escapeText, holdsThreadFiles } from '@overmap/trace';
import type { AuditRequest } from '../commands/audit.ts';
import { Exit, type ExitCode } from '../exit-code.ts';
import { UsageError } from '../usage-error.ts';
import { oneOf } from '../values.ts';
import { version } from '../version.ts';
import { auditTarget } from './audit-target.ts';
import { expandInputs } from './expand-inputs.ts';
import { readBaseline } from './read-baseline.ts';
import { evidenceFrom } from './read-evidence.ts';
import { refusedInput } from './refused-input.ts';
import { screen } from './screen.ts';
import { inSession, type Session } from './session.ts';

/** Runs `overmap audit`. */
export async function runAudit(request: AuditRequest): Promise<ExitCode> {
  let options: AuditOptions;
  try {
    options = await auditOptions(request);
  } catch (error) {
    return refusedInput(error);
  }
  const inputs = await expandInputs(request.inputs);
  const streams = request.format !== 'table' && request.format !== 'md';
  if (request.evidence !== undefined && !inputs.some(isSource))
    throw new UsageError('--evidence is held against source: name a file or folder of it.');
  const reads = [request.baseline, request.evidence].filter((path) => path !== undefined);
  return inSession({ ...request, inputs, reads, streams }, async (session) => {
    if (request.verbose && request.config !== undefined)
      session.talk.say(`options from ${escapeText(request.config, 400)}`);
    const writer = await sink(request, session.output, options.also !== undefined);
    await session.each(
      async (input, run) => {
        const start = performance.now();
        if (options.also !== undefined && isSource(input))
          throw new UsageError(
            `${escapeText(input, 400)} is source, which is judged for kernels that refuse over-mapping, whichever it is: name one policy with --to, or none.`,
          );
        const ended = isSource(input)
          ? await sourceAudited(input, { ...options, ...run }, writer, session, request.verbose)
          : await audited(input, { ...options, ...run }, withRemarks(writer, session, input));
        const least = SEVERITIES.indexOf(request.failOn as (typeof SEVERITIES)[number]);
        if (least >= 0 && SEVERITIES.slice(least).some((severity) => ended.severities[severity] > 0))
          session.note(Exit.findings);
        if (request.verbose && !isSource(input)) {
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

/** A comparison is one table for all inputs; everything else, and JSON, is told of each input by itself. */
async function sink(request: AuditRequest, output: Output, compares: boolean): Promise<AuditSink> {
  const { format, verbose, page } = request;
  const table = { ...screen(request.output), all: verbose, ...(page === undefined ? {} : { page }) };
  const tabular = COMPARISON_TABLES.find((name) => name === format);
  if (compares && tabular !== undefined) return new ComparisonWriter(output, tabular, table);
  return auditSink(format, output, {
    rules: ALL_RULES,
    table: { ...table, hint: '--verbose shows all' },
    ...(page === undefined ? {} : { page: pageUri(page) }),
  });
}

/** A report's address: of a file that may not be there yet, or what was given. */
const pageUri = (page: string): string =>
  /^https?:\/\//i.test(page) ? (new URL(page).href.split('#')[0] ?? page) : pathToFileURL(resolve(page)).href;

/** @throws UsageError - when what was asked is about one policy only */
function refuseOfSeveral({ format, drift }: AuditRequest): void {
  const formats: readonly string[] = [...COMPARISON_TABLES, 'json'];
  if (!formats.includes(format))
    throw new UsageError(
      `--format ${format} lists findings, which are about one policy: name one with --to, or compare as ${formats.join(', ')}.`,
    );
  if (drift) throw new UsageError('--drift runs one policy alone: name one with --to.');
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
  const { only, off, drift, context, baseline, evidence } = request;
  const target = await auditTarget(request.from, request.to);
  if (target.also !== undefined) refuseOfSeveral(request);
  return {
    version: version(),
    drift,
    context,
    ...target,
    ...(only === undefined ? {} : { only: ruleIds(only) }),
    ...(off === undefined ? {} : { off: ruleIds(off) }),
    ...(evidence === undefined ? {} : { evidence: evidenceFrom(evidence) }),
    ...(baseline === undefined ? {} : { baseline: { name: baseline, findings: readBaseline(baseline) } }),
  };
}

function ruleIds(words: readonly string[]): ReadonlySet<string> {
  const known = ALL_RULES.map(({ id }) => id);
  return new Set(words.map((word) => oneOf('rule', word.toUpperCase(), known)));
}

/**
 * A folder, and a file with the name of source or Markdown, is source; anything else is a trace. A folder with files of
 * strace -ff is a log.
 */
function isSource(input: string): boolean {
  if (input === '-') return false;
  if (fileKind(input) !== undefined) return true;
  return statSync(input, { throwIfNoEntry: false })?.isDirectory() === true && !holdsThreadFiles(input);
}

/** Audits source, and says what was left out. */
async function sourceAudited(
  input: string,
  options: AuditOptions,
  writer: AuditWriter,
  session: Session,
  verbose: boolean,
): Promise<AuditRun> {
  const start = performance.now();
  const ended = await auditSource(input, options, writer);
  const name = escapeText(input, 400);
  if (ended.records === 0)
    session.talk.about(
      name,
      'no line of C, C++, Rust or Markdown is in it; traces in a folder are named by a pattern, such as "folder/*.gz"',
    );
  if (!verbose) return ended;
  for (const { path, why } of ended.skipped)
    session.talk.about(escapeText(path, 400), `left out: ${escapeText(why, 200)}`);
  session.talk.about(name, `${counted(ended.records, 'line')} in ${((performance.now() - start) / 1000).toFixed(2)} s`);
  return ended;
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
