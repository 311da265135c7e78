import { SEVERITIES } from '@overmap/report';
import type {
  PageFinding,
  PageHunk,
  PageOccurrence,
  PageRecord,
  PageRun,
  PageSeverity,
} from '../page-format/report-data.ts';
import type { AuditResult, ReportedFinding } from './audit-result.ts';
import type { Hunk } from './patch-hunks.ts';
import type { SourceFixes } from './run-file.ts';
import { shownText, shownValue } from './shown.ts';

/** Of the room, what findings may take without their events. */
const HEADS = 0.7;

/** Findings for a page, as many as there is room for. */
export interface GatheredFindings {
  readonly runs: readonly PageRun[];
  readonly findings: readonly PageFinding[];
  readonly hunks: readonly PageHunk[];
  /** Findings that are not in the page at all, and findings whose events are not. */
  readonly dropped: number;
  readonly withoutEvents: number;
}

/** The letter of the n-th run: A … Z, then A2 … */
export const letterOf = (n: number): string =>
  String.fromCharCode(65 + (n % 26)) + (n < 26 ? '' : String(Math.floor(n / 26) + 1));

/**
 * Puts the findings of all runs together: one for each fingerprint, the most severe first. What does not fit is left
 * out, least severe first: the events around findings, then findings.
 *
 * @param room - bytes that the data may take
 */
export function gatherFindings(
  audits: readonly AuditResult[],
  fixes: readonly SourceFixes[],
  room: number,
): GatheredFindings {
  const merged = [...mergedByFingerprint(audits).values()].sort(bySeverity);
  const order = roundRobin(merged);
  const fixing = new Fixing(fixes);
  const records = audits.map(() => new Map<number, PageRecord>());
  const kept = new Map<string, PageOccurrence[]>();
  let left = room;
  let dropped = 0;
  for (const one of order) {
    const heads = left < room * (1 - HEADS) ? [] : one.seen.map(({ run, finding }) => headOf(run, finding, fixing));
    const bytes = bytesOf(heads) + 80;
    if (heads.length === 0 || bytes > left - room * (1 - HEADS)) {
      dropped++;
      continue;
    }
    left -= bytes;
    kept.set(one.id, heads);
  }
  const stories = new Map<PageOccurrence, Story>();
  let withoutEvents = 0;
  for (const one of order) {
    const heads = kept.get(one.id);
    if (heads === undefined) continue;
    one.seen.forEach(({ run, finding }, n) => {
      const [head, pool] = [heads[n], records[run]];
      if (head === undefined || pool === undefined || !tells(finding)) return;
      const story = left <= 0 ? undefined : storyOf(finding);
      const fresh = story?.records.filter(({ event }) => !pool.has(event)) ?? [];
      const bytes = bytesOf(fresh) + bytesOf([story?.before, story?.after]) + 40;
      if (story === undefined || bytes > left) {
        withoutEvents++;
        // No other is tried, which may be smaller: that would take as long as all of them.
        left = 0;
        heads[n] = { ...head, cut: true };
        return;
      }
      left -= bytes;
      for (const record of fresh) pool.set(record.event, record);
      stories.set(head, story);
    });
  }
  const pools = records.map((pool) => [...pool.values()].sort((a, b) => a.event - b.event));
  const indexes = pools.map((pool) => new Map(pool.map(({ event }, n) => [event, n])));
  return {
    runs: audits.map((audit, n) => ({
      letter: letterOf(n),
      input: shownText(audit.head.input, 400),
      kind: kindOf(audit),
      context: audit.findings.some(({ context }) => context !== undefined && context.length > 0),
      records: pools[n] ?? [],
    })),
    findings: merged.flatMap(({ id, rule, severity }) => {
      const seen = kept.get(id)?.map((head) => withStory(head, stories.get(head), indexes[head.run]));
      if (seen === undefined) return [];
      return [{ id, rule: shownText(rule, 40), severity, seen }];
    }),
    hunks: fixing.used(),
    dropped,
    withoutEvents,
  };
}

/** What an audit is of. */
export function kindOf({ head, summary }: AuditResult): PageRun['kind'] {
  if (head.header['system'] === 'source' || summary?.source !== undefined) return 'source';
  if (summary?.linux !== undefined || summary?.pcuabi !== undefined || head.header['source'] === 'strace') return 'log';
  const { system } = head.header;
  return system === 'freebsd' || system === 'redox' ? 'recording' : 'trace';
}

interface Merged {
  readonly id: string;
  readonly rule: string;
  severity: PageSeverity;
  readonly seen: { readonly run: number; readonly finding: ReportedFinding }[];
}

function mergedByFingerprint(audits: readonly AuditResult[]): Map<string, Merged> {
  const merged = new Map<string, Merged>();
  audits.forEach(({ findings }, run) => {
    for (const finding of findings) {
      const { fingerprint, rule, severity } = finding;
      let one = merged.get(fingerprint);
      if (one === undefined) {
        one = { id: fingerprint, rule, severity, seen: [] };
        merged.set(fingerprint, one);
      }
      if (rank(severity) > rank(one.severity)) one.severity = severity;
      // Twice in one run: the same input was named twice. The first is enough.
      if (one.seen.at(-1)?.run !== run) one.seen.push({ run, finding });
    }
  });
  return merged;
}

const rank = (severity: PageSeverity): number => SEVERITIES.indexOf(severity);
const bySeverity = (a: Merged, b: Merged): number =>
  rank(b.severity) - rank(a.severity) || (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : 0);

/** The most severe first; of one severity the first of each rule at each place, then the second, and so on. */
function roundRobin(merged: readonly Merged[]): Merged[] {
  const met = new Map<string, number>();
  const turn = new Map<Merged, number>();
  for (const one of merged) {
    const finding = one.seen[0]?.finding;
    const key = `${one.rule} ${finding === undefined ? '' : placeOf(finding)}`;
    const n = met.get(key) ?? 0;
    met.set(key, n + 1);
    turn.set(one, n);
  }
  return merged.toSorted((a, b) => rank(b.severity) - rank(a.severity) || (turn.get(a) ?? 0) - (turn.get(b) ?? 0));
}

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');

/** Where a finding is, in words. */
function placeOf({ site, process, test }: ReportedFinding): string {
  if (site !== null) {
    const name = site.function === null ? '' : ` (${shownText(site.function, 80)})`;
    return `${shownText(site.file, 200)}${site.line === 0 ? '' : `:${site.line}`}${name}`;
  }
  if (process !== undefined) return shownText(process, 200);
  return test === null ? 'outside of any test' : `test ${shownText(test, 120)}`;
}

function headOf(run: number, finding: ReportedFinding, fixing: Fixing): PageOccurrence {
  const { severity, message, event, line, test, phase, site, vaddr, bits, length, process, time } = finding;
  const { confidence, cause, count, related, fix, path, operation, protectionKey } = finding;
  return {
    run,
    severity,
    message: shownText(message, 4000),
    event,
    line,
    test: test === null ? null : shownText(test, 200),
    cleanup: phase === 'cleanup',
    place: placeOf(finding),
    site: site === null ? null : (shownValue(site) as NonNullable<PageOccurrence['site']>),
    ...(vaddr === undefined ? {} : { vaddr }),
    ...(bits === undefined ? {} : { bits }),
    ...(length === undefined ? {} : { length }),
    ...(operation === undefined ? {} : { operation: shownText(operation, 80) }),
    ...(protectionKey === undefined ? {} : { protectionKey }),
    ...(process === undefined ? {} : { process: shownText(process, 200) }),
    ...(time === undefined ? {} : { time }),
    ...(confidence === undefined ? {} : { confidence: shownText(confidence, 60) }),
    ...(cause === undefined ? {} : { cause }),
    ...(count === undefined ? {} : { count }),
    related: related.slice(0, 64),
    fix: fix === null ? null : shownText(fix.text, 2000),
    ...(path === undefined ? {} : { path: shownValue(path) as NonNullable<PageOccurrence['path']> }),
    ...fixing.of(finding),
  };
}

/** What the events of a finding tell. */
interface Story {
  readonly records: readonly PageRecord[];
  readonly before?: NonNullable<PageOccurrence['before']>;
  readonly after?: NonNullable<PageOccurrence['after']>;
}

/** Whether there is a story. */
const tells = ({ context = [], neighbourhood }: ReportedFinding): boolean =>
  context.length > 0 || neighbourhood !== undefined;

function storyOf({ context = [], neighbourhood }: ReportedFinding): Story {
  const records = context.slice(0, 128).map((record) => shownValue(record) as PageRecord);
  if (neighbourhood === undefined) return { records };
  const side = (pages: readonly unknown[]) => shownValue(pages) as NonNullable<PageOccurrence['before']>;
  return { records, before: side(neighbourhood.before), after: side(neighbourhood.after) };
}

function withStory(
  head: PageOccurrence,
  story: Story | undefined,
  index: ReadonlyMap<number, number> | undefined,
): PageOccurrence {
  if (story === undefined) return head;
  const { records, before, after } = story;
  const first = index?.get(records[0]?.event ?? -1);
  const last = index?.get(records.at(-1)?.event ?? -1);
  return {
    ...head,
    ...(first === undefined || last === undefined ? {} : { records: [first, last] as const }),
    ...(before === undefined || after === undefined ? {} : { before, after }),
  };
}

/** A path as a patch names it: without `./` and `/` in front. */
const plainPath = (path: string): string => path.replaceAll('\\', '/').replace(/^(?:\.?\/)+/, '');

/** How many lines a line is away from the old lines of a piece. */
const away = ({ from, lines }: Hunk, line: number): number =>
  line < from ? from - line : Math.max(0, line - from - Math.max(1, lines) + 1);

/** Pieces of patches that are about findings. */
class Fixing {
  private readonly fixes: readonly SourceFixes[];
  private readonly indexes: Map<Hunk, number> = new Map();
  private readonly pieces: PageHunk[] = [];

  constructor(fixes: readonly SourceFixes[]) {
    this.fixes = fixes;
  }

  /**
   * The pieces whose old lines have the finding's own place, or one that it rests on. Where a change is said to be there
   * and no piece has it, the nearest of its file: a change can stand some lines behind the call.
   */
  of({ site, path = [], rule }: ReportedFinding): Pick<PageOccurrence, 'hunks' | 'says'> {
    if (site === null || this.fixes.length === 0) return {};
    const own = plainPath(site.file);
    const said = this.fixes
      .flatMap(({ says }) => says)
      .find((one) => plainPath(one.file) === own && one.line === site.line && one.rule === rule);
    const places = [site, ...path].map(({ file, line }) => ({ file: plainPath(file), line }));
    const all = this.fixes.flatMap(({ hunks }) => hunks);
    const about = all.filter((hunk) =>
      places.some(({ file, line }) => file === plainPath(hunk.file) && away(hunk, line) === 0),
    );
    if (about.length === 0 && said?.changed === true) {
      const here = all.filter(({ file }) => plainPath(file) === own);
      about.push(...here.sort((a, b) => away(a, site.line) - away(b, site.line)).slice(0, 1));
    }
    return {
      ...(about.length === 0 ? {} : { hunks: about.map((hunk) => this.indexOf(hunk)) }),
      ...(said === undefined ? {} : { says: shownText(said.says, 2000) }),
    };
  }

  private indexOf(hunk: Hunk): number {
    let index = this.indexes.get(hunk);
    if (index === undefined) {
      index = this.pieces.length;
      this.indexes.set(hunk, index);
      const { file, from, lines } = hunk;
      const text = hunk.text.slice(0, 200).map((line) => shownText(line, 400));
      this.pieces.push({ file: shownText(file, 400), from, lines, text });
    }
    return index;
  }

  used(): readonly PageHunk[] {
    return this.pieces;
  }
}
