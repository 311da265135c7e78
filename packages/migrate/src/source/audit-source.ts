import { readFileSync } from 'node:fs';
import type { AuditWriter, Finding, Severity, SourceSummary } from '@overmap/report';
import { InputUnreadableError } from '@overmap/trace';
import type { AuditOptions, AuditRun } from '../audit-options.ts';
import { FindingEmitter } from '../finding-emitter.ts';
import { SOURCE_RULES } from '../rules/index.ts';
import type { SourceRule } from '../rules/rule.ts';
import { auditFixed, type FixedAudit, fixedFindings, fixedSummary } from '../source-linux/fixed-audit.ts';
import { LINUX_SOURCE_RULES } from '../source-linux/rules/index.ts';
import { analyseSource } from './analyse.ts';
import { ParserMissingError } from './grammar.ts';
import { type JoinedEvidence, joinEvidence, type SiteEvidence } from './evidence.ts';
import { isDirect, PROBLEMS, type SiteVerdict, type SourceAnalysis, type SourceSite, VERDICT_RULES } from './site.ts';
import { suppress, suppressionsIn } from './suppressions.ts';

/** A finding of one call. */
interface Found {
  readonly site: SourceSite;
  readonly event: number;
  readonly file: string;
  readonly rule: string;
  readonly lines: readonly [first: number, last: number];
}

/** How an audit of source ended. */
export interface SourceRun extends AuditRun {
  /** Folders and files that were left out, and why. */
  readonly skipped: SourceAnalysis['skipped'];
}

/**
 * Audits a source tree: one finding for each call that relies on over-mapping, or may; suppressed ones are left out.
 *
 * @param path - a file or a folder
 * @param writer - gets the head, the findings in the order of files and lines, all calls that map, and the summary
 * @throws InputUnreadableError when the path cannot be read, or the native parsers cannot be loaded
 */
export async function auditSource(path: string, options: AuditOptions, writer: AuditWriter): Promise<SourceRun> {
  const { baseline } = options;
  const emitter = new FindingEmitter(writer, {
    ...(options.only === undefined ? {} : { only: options.only }),
    ...(options.off === undefined ? {} : { off: options.off }),
    ...(baseline === undefined ? {} : { known: baseline.findings.of(path) }),
  });
  let analysis: SourceAnalysis;
  let fixed: FixedAudit;
  try {
    // Calls of Linux are looked for while workers look for the others.
    [analysis, fixed] = await Promise.all([
      analyseSource(path, {
        ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
        ...(options.stop === undefined ? {} : { stop: options.stop }),
      }),
      Promise.resolve().then(() => auditFixed(path, options.evidence)),
    ]);
  } catch (error) {
    if (error instanceof ParserMissingError) throw new InputUnreadableError(error.message, { cause: error });
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (typeof code !== 'string' || error instanceof InputUnreadableError) throw error;
    const why = code === 'ENOENT' ? 'there is no such file or folder' : (error as Error).message;
    throw new InputUnreadableError(`${path} cannot be read: ${why}.`, { cause: error });
  }
  writer.begin({
    kind: 'audit',
    tool: { name: 'overmap', version: options.version },
    input: path,
    header: { system: 'source' },
    from: 'legacy',
    to: 'strict',
    ...(baseline === undefined ? {} : { baseline: baseline.name }),
  });
  const joined = options.evidence === undefined ? null : joinEvidence(analysis.sites, options.evidence, lastLine());
  const linux = report(analysis, emitter, joined, fixed);
  writer.sites?.(
    analysis.sites.map((site) => ({
      ...record(site),
      ...(joined === null ? {} : recordedAs(site, joined.of.get(site))),
    })),
  );
  const interrupted = options.stop?.() === true;
  writer.end({
    events: analysis.sites.length + fixed.analysis.sites.length,
    states: 0,
    findings: emitter.byRule,
    severities: emitter.severities,
    truncated: emitter.truncated,
    ...(baseline === undefined ? {} : { known: emitter.known }),
    badLines: 0,
    otherLines: 0,
    assumed: 0,
    divergences: 0,
    ...(interrupted ? { interrupted } : {}),
    source: {
      ...counts(analysis, joined),
      ...(joined === null ? {} : { evidence: evidenceCounts(analysis, joined) }),
    },
    ...(fixed.analysis.sites.length + fixed.analysis.unparsed.length === 0
      ? {}
      : { linuxSource: fixedSummary(fixed, linux) }),
  });
  const { skipped } = analysis;
  return { severities: emitter.severities, badLines: 0, interrupted, slowLines: 0, records: analysis.lines, skipped };
}

const RULE_OF: ReadonlyMap<string, SourceRule> = new Map(SOURCE_RULES.map((rule) => [rule.id, rule]));

/** @returns how many findings about calls of Linux there are */
function report(
  { sites, marked = [] }: SourceAnalysis,
  emitter: FindingEmitter,
  joined: JoinedEvidence | null,
  fixed: FixedAudit,
): { readonly errors: number; readonly warnings: number } {
  const texts = new Map(marked.map((file) => [file, readFileSync(file, 'utf8')]));
  const found = sites.flatMap((site, event): Found[] => {
    const rule = ruleOf(site.verdict, joined?.of.get(site));
    return rule === null ? [] : [{ site, event, file: site.file, rule, lines: linesOf(site, texts.get(site.file)) }];
  });
  const written = [...texts].flatMap(([file, text]) => suppressionsIn(file, text));
  const ids = [...RULE_OF.keys(), ...LINUX_SOURCE_RULES.map(({ id }) => id)];
  const { kept, problems } = suppress([...found, ...fixedFindings(fixed)], written, new Set(ids));
  const linux = { errors: 0, warnings: 0 };
  for (const each of kept) {
    if ('fixed' in each) {
      const { rule, severity } = each.fixed;
      // What is beyond the listed ones counts, what is suppressed or known does not.
      const before = emitter.severities[severity];
      if (emitter.count(rule, severity, each.file)) emitter.list({ ...each.fixed, event: sites.length + each.event });
      const counted = emitter.severities[severity] - before;
      if (severity === 'error') linux.errors += counted;
      if (severity === 'warning') linux.warnings += counted;
      continue;
    }
    const { site, event, rule: id } = each;
    const rule = RULE_OF.get(id);
    if (rule === undefined) continue;
    const said = joined?.of.get(site);
    const severity = severityOf(rule.severity, joined, said);
    if (!emitter.count(id, severity, site.file)) continue;
    emitter.list({
      ...bare(id, rule, event),
      severity,
      message: messageOf(site, said, joined !== null),
      ...(joined === null ? {} : { recorded: said?.kind ?? 'not exercised' }),
      line: site.line,
      site: { file: site.file, line: site.line, function: site.function },
      path: site.path,
      ...(site.confidence === 'low' ? { confidence: 'low' } : {}),
    });
  }
  const rule = RULE_OF.get('OM903');
  for (const { suppression, message } of problems) {
    const { file, line } = suppression;
    if (rule === undefined || !emitter.count(rule.id, rule.severity, file)) continue;
    const path = [{ file, line, what: 'the comment' }];
    emitter.list({ ...bare(rule.id, rule, sites.length), message, line, site: { file, line, function: null }, path });
  }
  return linux;
}

/** The rule of a finding. What a run proved is one, whatever the analysis thinks. */
function ruleOf(verdict: SiteVerdict, said: SiteEvidence | undefined): string | null {
  const rule = VERDICT_RULES[verdict];
  if (said?.kind !== 'proved') return rule;
  return rule === null || rule === 'OM109' || rule === 'OM190' ? 'OM101' : rule;
}

/** With a recorded run: what it proved is an error, and what only the analysis suspects a warning. */
function severityOf(severity: Severity, joined: JoinedEvidence | null, said: SiteEvidence | undefined): Severity {
  if (said?.kind === 'proved') return 'error';
  return joined !== null && severity === 'error' ? 'warning' : severity;
}

function messageOf({ why, verdict }: SourceSite, said: SiteEvidence | undefined, joined: boolean): string {
  if (said === undefined) return joined ? `${why} No recorded run called it.` : why;
  if (said.kind === 'clean') return `${why} The recorded run called it ${times(said.maps)}, and nothing was found.`;
  const proof = `The recorded run found ${said.rules.join(', ')} here, ${times(said.times)}.`;
  return VERDICT_RULES[verdict] === null
    ? `${proof} The analysis sees nothing of it here: "${verdict}".`
    : `${proof} ${why}`;
}

const times = (n: number): string => (n === 1 ? 'once' : `${n} times`);

/** The verdict with what a run proved: a place over which it mapped relies on that, whatever the analysis sees. */
const verdictOf = ({ verdict }: SourceSite, said: SiteEvidence | undefined): SiteVerdict =>
  said?.kind === 'proved' && !PROBLEMS.has(verdict) && ruleOf(verdict, said) === 'OM101' ? 'relies' : verdict;

/** What the JSON says of a call where runs were recorded. */
function recordedAs(site: SourceSite, said: SiteEvidence | undefined): object {
  const verdict = verdictOf(site, said);
  const analysed = verdict === site.verdict ? {} : { verdict, rule: VERDICT_RULES[verdict], analysed: site.verdict };
  if (said === undefined) return { recorded: 'not exercised' };
  return said.kind === 'proved'
    ? { ...analysed, recorded: 'proved', recordedRules: said.rules, recordedTimes: said.times }
    : { recorded: 'clean', recordedMaps: said.maps };
}

function evidenceCounts(
  { sites }: SourceAnalysis,
  { of, unmatched }: JoinedEvidence,
): NonNullable<SourceSummary['evidence']> {
  const kinds = [...of.values()].map(({ kind }) => kind);
  const proved = kinds.filter((kind) => kind === 'proved').length;
  const notExercised = sites.filter((site) => site.kind !== 'unmap' && !of.has(site)).length;
  return { proved, clean: kinds.length - proved, notExercised, unmatched: unmatched.length };
}

/** The line on which a call ends; each file is read once. */
function lastLine(): (site: SourceSite) => number {
  const texts = new Map<string, string>();
  return ({ file, line, start, end }) => {
    let text = texts.get(file);
    if (text === undefined) texts.set(file, (text = readFileSync(file, 'utf8')));
    return line + text.slice(start, end).split('\n').length - 1;
  };
}

const bare = (
  id: string,
  { severity, fix }: SourceRule,
  event: number,
): Omit<Finding, 'message' | 'line' | 'site'> => ({
  rule: id,
  severity,
  event,
  test: null,
  related: [],
  fix,
});

/** The lines of a call, from where its statement begins. */
function linesOf({ line, start, statement }: SourceSite, text: string | undefined): readonly [number, number] {
  if (text === undefined || statement === null || statement.start >= start) return [line, line];
  const between = text.slice(statement.start, start).split('\n').length - 1;
  return [Math.max(1, line - between), line];
}

/** A call as an audit's JSON has it. */
function record({
  file,
  line,
  column,
  function: name,
  language,
  callee,
  kind,
  chain,
  frame,
  vspace,
  vaddr,
  verdict,
  why,
  result,
  confidence,
  path,
}: SourceSite): object {
  return {
    file,
    line,
    column,
    function: name,
    language,
    callee,
    sink: kind,
    chain,
    frame: frame?.text ?? null,
    vspace: vspace?.text ?? null,
    vaddr: vaddr?.text ?? null,
    result,
    verdict,
    rule: VERDICT_RULES[verdict],
    why,
    confidence,
    path,
  };
}

function counts({ files, lines, sites, unparsed }: SourceAnalysis, joined: JoinedEvidence | null): SourceSummary {
  const byVerdict: Record<string, number> = {};
  for (const site of sites) {
    const verdict = verdictOf(site, joined?.of.get(site));
    byVerdict[verdict] = (byVerdict[verdict] ?? 0) + 1;
  }
  // An unmap that clears nothing is listed, and maps nothing.
  const maps = sites.filter(({ kind }) => kind !== 'unmap');
  const direct = maps.filter(isDirect).length;
  return { files, lines, sites: maps.length, direct, wrapped: maps.length - direct, byVerdict, unparsed };
}
