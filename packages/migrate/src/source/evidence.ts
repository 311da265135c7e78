import type { LinuxSite } from '@overmap/report';
import type { SourceSite } from './site.ts';

/** What a recorded run says of one call site. */
export interface RecordedSite {
  readonly file: string;
  readonly line: number;
  readonly function: string | null;
  /** Maps that were recorded there, and those that were refused; 0 = not counted. */
  readonly maps: number;
  readonly refused: number;
  /** Findings there that are more than notes: rule → how many. */
  readonly findings: ReadonlyMap<string, number>;
}

/** What audits of recorded runs say of call sites. */
export interface Evidence {
  readonly sites: readonly RecordedSite[];
  /** Audits that it comes from. */
  readonly audits: number;
  /** Findings that have no call site, which nothing can be joined with. */
  readonly homeless: number;
  /** What strace logs with stacks say of calls with MAP_FIXED. */
  readonly fixed: readonly LinuxSite[];
}

/** What a recorded run says of a call in source. */
export type SiteEvidence =
  /** The run over-mapped there, or was refused, or whatever the rules say. */
  | {
      readonly kind: 'proved';
      readonly rules: readonly string[];
      readonly times: number;
      readonly recorded: RecordedSite;
    }
  /** It was run, at least one map succeeded, and nothing was found. */
  | { readonly kind: 'clean'; readonly maps: number; readonly recorded: RecordedSite };

/** Evidence joined with source. */
export interface JoinedEvidence {
  readonly of: ReadonlyMap<SourceSite, SiteEvidence>;
  /** Recorded sites that no call in source, or more than one, fits. */
  readonly unmatched: readonly RecordedSite[];
}

/** A text is no audit's JSON; the message says what is wrong, to follow "it" or a file's name. */
export class EvidenceError extends Error {
  override readonly name = 'EvidenceError';
}

/**
 * Reads what `overmap audit TRACE --format json` has written: one object for each trace, one a line or by itself.
 *
 * @throws EvidenceError
 */
export function readEvidence(text: string): Evidence {
  const sites = new Map<
    string,
    {
      site: Omit<RecordedSite, 'findings' | 'maps' | 'refused'>;
      maps: number;
      refused: number;
      findings: Map<string, number>;
    }
  >();
  let homeless = 0;
  const fixed: LinuxSite[] = [];
  const audits = objectsIn(text);
  const at = (value: unknown) => {
    const { file, line, function: name } = record(value);
    if (typeof file !== 'string' || typeof line !== 'number') return undefined;
    const site = { file, line, function: typeof name === 'string' ? name : null };
    const key = `${file}\0${line}\0${site.function ?? ''}`;
    let known = sites.get(key);
    if (known === undefined) sites.set(key, (known = { site, maps: 0, refused: 0, findings: new Map() }));
    return known;
  };
  for (const audit of audits) {
    const { kind, findings, summary } = record(audit);
    if (kind !== 'audit' || !Array.isArray(findings)) throw new EvidenceError('has an object that is no audit');
    const { linux } = record(summary);
    if (linux !== undefined) {
      // What it found is about calls of Linux: it joins with nothing else.
      const { sites: listed } = record(linux);
      fixed.push(...(Array.isArray(listed) ? listed : []).flatMap(fixedSite));
      continue;
    }
    for (const finding of findings) {
      const { rule, severity, site } = record(finding);
      if (typeof rule !== 'string' || severity === 'note') continue;
      const known = site === null || site === undefined ? undefined : at(site);
      if (known === undefined) homeless++;
      else known.findings.set(rule, (known.findings.get(rule) ?? 0) + 1);
    }
    const exercised = record(record(summary)['sel4'])['sites'];
    for (const each of Array.isArray(exercised) ? exercised : []) {
      const known = at(each);
      const { maps, refused } = record(each);
      if (known === undefined) continue;
      known.maps += typeof maps === 'number' ? maps : 0;
      known.refused += typeof refused === 'number' ? refused : 0;
    }
  }
  return {
    sites: [...sites.values()].map(({ site, maps, refused, findings }) => ({ ...site, maps, refused, findings })),
    audits: audits.length,
    homeless,
    fixed,
  };
}

/** A call site with MAP_FIXED of the JSON; none where it is something else. */
function fixedSite(value: unknown): readonly LinuxSite[] {
  const { file, line, function: name, fixed, clean, meant, lost, processes } = record(value);
  if (typeof file !== 'string' || typeof line !== 'number') return [];
  const n = (count: unknown): number => (typeof count === 'number' ? count : 0);
  const counts = { fixed: n(fixed), clean: n(clean), meant: n(meant), lost: n(lost), processes: n(processes) };
  return [{ file, line, function: typeof name === 'string' ? name : null, ...counts }];
}

function objectsIn(text: string): unknown[] {
  const objects: unknown[] = [];
  try {
    return [JSON.parse(text) as unknown];
  } catch {
    for (const line of text.split('\n')) {
      if (line.trim() === '') continue;
      try {
        objects.push(JSON.parse(line));
      } catch (error) {
        throw new EvidenceError(`is not JSON at line ${objects.length + 1}`, { cause: error });
      }
    }
  }
  if (objects.length === 0) throw new EvidenceError('is empty');
  return objects;
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

/**
 * Joins recorded call sites with calls in source: by the end of the path, then by the line; where the lines have moved,
 * by the function. What fits several calls fits none.
 *
 * @param sites - of the analysis
 * @param lastLine - the line on which a call ends
 */
export function joinEvidence(
  sites: readonly SourceSite[],
  evidence: Evidence,
  lastLine: (site: SourceSite) => number,
): JoinedEvidence {
  const byName = new Map<string, SourceSite[]>();
  for (const site of sites) {
    const name = parts(site.file).at(-1) ?? '';
    byName.set(name, [...(byName.get(name) ?? []), site]);
  }
  const of = new Map<SourceSite, SiteEvidence>();
  const unmatched: RecordedSite[] = [];
  for (const recorded of evidence.sites) {
    const site = callOf(recorded, byName.get(parts(recorded.file).at(-1) ?? '') ?? [], lastLine);
    if (site === undefined) {
      unmatched.push(recorded);
      continue;
    }
    const rules = [...recorded.findings.keys()].toSorted();
    const times = [...recorded.findings.values()].reduce((sum, n) => sum + n, 0);
    const before = of.get(site);
    if (rules.length > 0) of.set(site, { kind: 'proved', rules, times, recorded });
    else if (before === undefined && recorded.maps > recorded.refused)
      of.set(site, { kind: 'clean', maps: recorded.maps, recorded });
  }
  return { of, unmatched };
}

/** What a call in source is found by. */
type Located = Pick<SourceSite, 'file' | 'line' | 'start' | 'end' | 'function'>;

/** The one of the calls that a recorded site fits. */
export function callOf<T extends Located>(
  recorded: Pick<RecordedSite, 'file' | 'line' | 'function'>,
  candidates: readonly T[],
  lastLine: (site: T) => number,
): T | undefined {
  const files = new Set(candidates.map(({ file }) => file));
  let best = 0;
  let nearest: string[] = [];
  for (const file of files) {
    const shared = commonEnd(file, recorded.file);
    if (shared > best) {
      best = shared;
      nearest = [file];
    } else if (shared === best) nearest.push(file);
  }
  const [file, another] = nearest;
  if (file === undefined || another !== undefined) return undefined;
  const own = candidates.filter((site) => site.file === file);
  const there = own.filter((site) => site.line <= recorded.line && recorded.line <= lastLine(site));
  const named = there.filter(
    (site) => recorded.function === null || site.function === null || site.function === recorded.function,
  );
  if (named.length > 0) return innermost(named);
  // The lines have moved since, but the function is still called the same: the nearest call in it.
  if (recorded.function === null) return undefined;
  const inside = own
    .filter((site) => site.function === recorded.function)
    .map((site) => ({ site, away: Math.abs(site.line - recorded.line) }))
    .toSorted((a, b) => a.away - b.away);
  const [first, second] = inside;
  return first === undefined || second?.away === first.away ? undefined : first.site;
}

/** Of calls on one line the one in the others' arguments is what was run first; calls side by side are not told apart. */
function innermost<T extends Located>(sites: readonly T[]): T | undefined {
  const [first, ...rest] = sites.toSorted((a, b) => a.end - a.start - (b.end - b.start));
  return first !== undefined && rest.every((site) => site.start <= first.start && first.end <= site.end)
    ? first
    : undefined;
}

const parts = (path: string): string[] => path.split(/[/\\]+/).filter((part) => part !== '' && part !== '.');

/** How many parts two paths have in common at their ends. */
function commonEnd(a: string, b: string): number {
  const [x, y] = [parts(a).reverse(), parts(b).reverse()];
  let n = 0;
  while (n < x.length && n < y.length && x[n] === y[n]) n++;
  return n;
}
