import { readFileSync } from 'node:fs';
import type { Finding, LinuxSourceSummary, Severity } from '@overmap/report';
import type { Evidence } from '../source/evidence.ts';
import { listSources } from '../source/source-files.ts';
import type { Suppressible } from '../source/suppressions.ts';
import { MENTIONS_FIXED } from './fixed-calls.ts';
import { type FixedEvidence, type JoinedFixed, joinFixed, likelySafe } from './fixed-evidence.ts';
import { FIXED_RULES, type FixedAnalysis, type FixedSite } from './fixed-site.ts';
import { analyseFixed } from './fixed-tree.ts';
import { LINUX_SOURCE_RULES } from './rules/index.ts';

/** The calls of a tree that may replace what is mapped, with what recorded runs say of them. */
export interface FixedAudit {
  readonly analysis: FixedAnalysis;
  /** Null where no run was recorded. */
  readonly joined: JoinedFixed | null;
}

/** A finding, before suppressions. */
export interface FixedFinding extends Suppressible {
  /** Number of the call among all of them. */
  readonly event: number;
  readonly fixed: Omit<Finding, 'event'>;
}

/**
 * Finds the calls with MAP_FIXED in a tree.
 *
 * @param path - a file or a folder
 * @throws what the file system says when the path cannot be read
 */
export function auditFixed(path: string, evidence: Evidence | undefined): FixedAudit {
  const files = listSources(path).files.filter(({ kind }) => kind !== 'rust');
  // Most trees name none of the flags: their bytes are looked through, and no more.
  const bytes = new Map<string, Buffer>();
  let named = false;
  for (const file of files) {
    try {
      const read = readFileSync(file.path);
      named ||= FLAGS.some((flag) => read.includes(flag));
      bytes.set(file.path, read);
    } catch {
      // The analysis of the tree says which files cannot be read.
    }
  }
  const texts = new Map(named ? [...bytes].map(([name, read]) => [name, read.toString('utf8')]) : []);
  const analysis = analyseFixed(texts);
  const ends = (site: FixedSite): number => lastLine(site, texts.get(site.file) ?? '');
  return { analysis, joined: evidence === undefined ? null : joinFixed(analysis.sites, evidence.fixed, ends) };
}

const FLAGS = MENTIONS_FIXED.source.split('|');

/** The line on which a call ends. */
export const lastLine = ({ line, start, end }: FixedSite, text: string): number =>
  line + text.slice(start, end).split('\n').length - 1;

/** The findings, one for each call at most, in the order of the calls. */
export function fixedFindings({ analysis, joined }: FixedAudit): FixedFinding[] {
  return analysis.sites.flatMap((site, event): FixedFinding[] => {
    const said = joined?.of.get(site);
    const judged = judgedWith(site, said);
    if (judged === null) return [];
    const { file, line, path } = site;
    const { rule, severity, message } = judged;
    const { fix = null } = LINUX_SOURCE_RULES.find(({ id }) => id === rule) ?? {};
    const low = site.confidence === 'low' ? { confidence: 'low' } : {};
    const place = { file, line, function: site.function };
    const finding = { rule, severity, message, line, test: null, site: place, related: [], fix, path, ...low };
    return [{ file, rule, lines: [site.firstLine, line], event, fixed: finding }];
  });
}

/** A judgement with what a recorded run says of it. */
export interface JudgedFixed {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
}

/** The finding of a call; null where it is none. What a run shows to be lost is an error, unless it is meant. */
export function judgedWith(site: FixedSite, said: FixedEvidence | undefined): JudgedFixed | null {
  const rule = FIXED_RULES[site.verdict];
  const own = LINUX_SOURCE_RULES.find(({ id }) => id === rule);
  if (rule === null || own === undefined) return null;
  const message = said === undefined ? site.why : `${site.why} ${recordedText(said)}`;
  const lost = said !== undefined && said.lost > 0 && rule !== 'OL102';
  return { rule, severity: lost ? 'error' : own.severity, message };
}

/** What a recorded run says of a call, in a sentence. */
function recordedText(said: FixedEvidence): string {
  const { fixed, clean, meant, lost, processes } = said;
  const calls = `${fixed === 1 ? 'once' : `${fixed} times`} in ${processes === 1 ? 'one process' : `${processes} processes`}`;
  const ran = `The recorded run called it ${calls}`;
  if (lost > 0) return `${ran}, and took away live memory ${lost === 1 ? 'once' : `${lost} times`}.`;
  if (clean === fixed)
    return `${ran}, and nothing that the log shows was replaced: likely safe to harden with MAP_FIXED_NOREPLACE. One run is no proof.`;
  return `${ran}; ${meant === fixed ? 'each call' : `${meant} of them`} filled or gave back memory of its own, or placed a segment: replacing is meant.`;
}

/** The counts of an audit, and its calls. */
export function fixedSummary(
  { analysis, joined }: FixedAudit,
  told: Pick<LinuxSourceSummary, 'errors' | 'warnings'>,
): LinuxSourceSummary {
  const { files, sites, unparsed } = analysis;
  const byVerdict: Record<string, number> = {};
  for (const { verdict } of sites) byVerdict[verdict] = (byVerdict[verdict] ?? 0) + 1;
  return {
    files,
    sites: sites.length,
    byVerdict,
    ...told,
    ...(joined === null ? {} : { evidence: evidenceCounts(joined) }),
    unparsed,
    calls: sites.map((site) => record(site, joined?.of.get(site))),
  };
}

function evidenceCounts({ of, unmatched }: JoinedFixed): NonNullable<LinuxSourceSummary['evidence']> {
  const all = [...of.values()];
  return {
    likelySafe: all.filter(likelySafe).length,
    lost: all.filter(({ lost }) => lost > 0).length,
    meant: all.filter(({ meant, lost }) => meant > 0 && lost === 0).length,
    unmatched: unmatched.length,
  };
}

/** A call as an audit's JSON has it. */
function record(site: FixedSite, said: FixedEvidence | undefined): object {
  const { file, line, column, function: name, language, callee, kind, address, length, flags, sometimes } = site;
  const { result, verdict, why, confidence, path } = site;
  return {
    file,
    line,
    column,
    function: name,
    language,
    callee,
    call: kind,
    address: address.text,
    length: length?.text ?? null,
    flags: flags.text,
    sometimes,
    result,
    verdict,
    rule: FIXED_RULES[verdict],
    why,
    confidence,
    path,
    ...(said === undefined ? {} : { recorded: { ...said, likelySafe: likelySafe(said) } }),
  };
}
