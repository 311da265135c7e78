import type { LinuxSite } from '@overmap/report';
import type { Evidence } from '../../source/evidence.ts';
import { fileKind, headerLanguage } from '../../source/languages.ts';
import { readTexts } from '../../source/read-texts.ts';
import { FileSyntax } from '../../source/rewrite/site-context.ts';
import { applyEdits, disjoint, type TextEdit } from '../../source/rewrite/text-edit.ts';
import { listSources, type SourceFile } from '../../source/source-files.ts';
import { ofFamily, suppress, type SuppressionProblem, suppressionsIn } from '../../source/suppressions.ts';
import { type JudgedFixed, judgedWith, lastLine } from '../fixed-audit.ts';
import { type FixedEvidence, joinFixed, likelySafe } from '../fixed-evidence.ts';
import type { FixedAnalysis, FixedSite } from '../fixed-site.ts';
import { analyseFixed } from '../fixed-tree.ts';
import { LINUX_SOURCE_RULES } from '../rules/index.ts';
import { headerEdits } from './headers.ts';
import { type HardenProposal, proposeHardening } from './propose.ts';

/** How calls with MAP_FIXED are hardened. */
export interface HardenOptions {
  /** What recorded runs say of them. */
  readonly evidence?: Evidence;
  /** Also rewrite calls at a number of the code that no recorded run has called. */
  readonly withoutEvidence?: boolean;
}

/** A call that was rewritten, or is left to a person. */
interface HardenedCall {
  readonly file: string;
  /** Before any change. */
  readonly line: number;
  readonly function: string | null;
  readonly rule: string;
  readonly callee: string;
  readonly says: string;
}

/** A call that is left to a person. */
interface LeftCall extends HardenedCall {
  /** It waits for a recorded run, or cannot be told: nothing is known to be wrong. */
  readonly note: boolean;
}

/** What the hardening of a tree comes to; nothing has been written. */
export interface HardenedSource {
  /** The files that change, in the order of their names. */
  readonly files: readonly { readonly file: string; readonly before: string; readonly after: string }[];
  readonly changes: readonly HardenedCall[];
  readonly left: readonly LeftCall[];
  /** Calls that are right as they are, by verdict. */
  readonly kept: Readonly<Record<string, number>>;
  readonly suppressed: readonly {
    readonly file: string;
    readonly line: number;
    readonly rule: string;
    readonly reason: string;
  }[];
  readonly suppressionProblems: readonly SuppressionProblem[];
  /** Recorded sites that no single call fits. */
  readonly unmatched: readonly LinuxSite[];
  readonly skipped: readonly { readonly path: string; readonly why: string }[];
}

/** A finding, and what the runs say of it. */
interface Found {
  readonly file: string;
  readonly rule: string;
  readonly lines: readonly [number, number];
  readonly site: FixedSite;
  readonly said: FixedEvidence | undefined;
  readonly judged: JudgedFixed;
}

const WAITS =
  'No recorded run says what it replaces: record one (strace -f -y -k), audit it, and give that as --evidence; --without-evidence rewrites it all the same.';

const REFUSES =
  'MAP_FIXED_NOREPLACE would refuse that: where the replacement is meant, unmap the range first, or reserve it and fill that.';

/**
 * Replaces MAP_FIXED by MAP_FIXED_NOREPLACE in memory, where recorded runs never replaced anything, and adds the
 * comparison of the answer with the address, also where that alone is missing.
 *
 * @param paths - files or folders, taken as one tree
 * @throws ParserMissingError when the native parsers cannot be loaded; what the file system says when a path cannot be
 *   read
 */
export function hardenSource(paths: readonly string[], options: HardenOptions = {}): HardenedSource {
  const lists = paths.map((path) => listSources(path));
  const sources = new Map<string, SourceFile>();
  for (const { files } of lists) for (const file of files) if (file.kind !== 'rust') sources.set(file.path, file);
  const { texts, frozen, unread } = readTexts([...sources.values()]);
  const analysis = analyseFixed(texts);
  const ends = (site: FixedSite): number => lastLine(site, texts.get(site.file) ?? '');
  const joined = joinFixed(analysis.sites, options.evidence?.fixed ?? [], ends);
  const found = analysis.sites.flatMap((site): Found[] => {
    const said = joined.of.get(site);
    const judged = judgedWith(site, said);
    const { file, firstLine, line } = site;
    return judged === null ? [] : [{ file, rule: judged.rule, lines: [firstLine, line], site, said, judged }];
  });
  const comments = [...texts].flatMap(([file, text]) => ofFamily(suppressionsIn(file, text), 'OL'));
  const { kept, suppressed, problems } = suppress(found, comments, new Set(LINUX_SOURCE_RULES.map(({ id }) => id)));
  const wanted = kept.filter(({ site, said }) => mayHarden(site, said, options.withoutEvidence === true));
  const done = rewritten(texts, wanted, frozen, analysis);
  const rest = kept.filter(({ site }) => !done.sites.has(site));
  const verdicts: Record<string, number> = {};
  for (const { verdict } of analysis.sites.filter((site) => judgedWith(site, undefined) === null))
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
  return {
    files: done.files,
    changes: done.changes,
    left: rest.map((each) => leftCall(each, done.refused.get(each.site))),
    kept: verdicts,
    suppressed: suppressed.map(({ what, by }) => ({
      file: what.file,
      line: what.site.line,
      rule: what.rule,
      reason: by.reason,
    })),
    suppressionProblems: problems,
    unmatched: joined.unmatched,
    skipped: [...lists.flatMap(({ skipped }) => skipped), ...unread],
  };
}

/** Whether a call is to be rewritten: the comparison does no harm, the flag wants a run in which it would change nothing. */
function mayHarden({ verdict }: FixedSite, said: FixedEvidence | undefined, withoutEvidence: boolean): boolean {
  if (verdict === 'NOREPLACE, not compared') return true;
  if (said !== undefined) return likelySafe(said);
  return withoutEvidence && verdict === 'fixed address';
}

function leftCall({ site, said, judged }: Found, refused: string | undefined): LeftCall {
  const { file, line, function: name, callee } = site;
  const open = refused === undefined;
  const waits = open && said === undefined && site.verdict !== 'cannot tell';
  const next = waits ? ` ${WAITS}` : said !== undefined && said.lost > 0 ? ` ${REFUSES}` : '';
  const says = refused ?? judged.message + next;
  return { file, line, function: name, rule: judged.rule, callee, says, note: open && judged.severity === 'note' };
}

interface Rewritten {
  readonly files: HardenedSource['files'];
  readonly changes: readonly HardenedCall[];
  readonly sites: ReadonlySet<FixedSite>;
  /** Why calls that were to be rewritten are not. */
  readonly refused: ReadonlyMap<FixedSite, string>;
}

/** Rewrites what can be rewritten; a file whose calls are not what they should be afterwards stays as it was. */
function rewritten(
  texts: ReadonlyMap<string, string>,
  wanted: readonly Found[],
  frozen: ReadonlySet<string>,
  analysis: FixedAnalysis,
): Rewritten {
  const refused = new Map<FixedSite, string>();
  const plans = new Map<string, FilePlan & { readonly after: string }>();
  for (const file of [...new Set(wanted.map((each) => each.file))].toSorted()) {
    const found = wanted.filter((each) => each.file === file);
    if (frozen.has(file)) {
      for (const { site } of found)
        refused.set(site, 'The file is not UTF-8, and could not be written again byte for byte.');
      continue;
    }
    const before = texts.get(file) ?? '';
    const plan = planOf(file, before, found, refused);
    if (plan !== null) plans.set(file, { ...plan, after: applyEdits(before, plan.edits) });
  }
  if (plans.size === 0) return { files: [], changes: [], sites: new Set(), refused };
  const is = analyseFixed(new Map([...texts].map(([file, text]) => [file, plans.get(file)?.after ?? text])));
  const files: { file: string; before: string; after: string }[] = [];
  const changes: HardenedCall[] = [];
  const sites = new Set<FixedSite>();
  for (const [file, { done, says: heads, after }] of plans) {
    const before = texts.get(file) ?? '';
    const wrong = wrongAfter(file, before, after, done, analysis, is);
    if (wrong !== null) {
      for (const { site } of done) refused.set(site, wrong);
      continue;
    }
    files.push({ file, before, after });
    done.forEach(({ site, judged, says }, i) => {
      sites.add(site);
      const { line, function: name, callee } = site;
      const more = i === 0 ? heads : [];
      changes.push({ file, line, function: name, rule: judged.rule, callee, says: [says, ...more].join(' ') });
    });
  }
  return { files, changes, sites, refused };
}

interface FilePlan {
  readonly edits: readonly TextEdit[];
  readonly done: readonly (Found & { readonly says: string })[];
  readonly says: readonly string[];
}

/** The edits of a file, with what it needs at its head; null where there are none. */
function planOf(file: string, text: string, found: readonly Found[], refused: Map<FixedSite, string>): FilePlan | null {
  const syntax = new FileSyntax(file, text, languageOf(file, text));
  const taken = new Set<string>();
  const edits: TextEdit[] = [];
  const done: (Found & { says: string })[] = [];
  const needs = { errno: false, flag: false };
  for (const each of found) {
    const { site } = each;
    const place = syntax.call(site);
    const proposal: HardenProposal =
      place === null
        ? { kind: 'explanation', says: 'The code around the call was not understood well enough to be rewritten.' }
        : proposeHardening({ site, text, ...place, taken });
    if (proposal.kind === 'explanation') refused.set(site, proposal.says);
    else if (!disjoint([...edits, ...proposal.edits])) refused.set(site, 'Another rewrite changes the same lines.');
    else {
      edits.push(...proposal.edits);
      done.push({ ...each, says: proposal.says });
      needs.errno ||= proposal.errno;
      needs.flag ||= site.verdict !== 'NOREPLACE, not compared';
    }
  }
  if (done.length === 0) return null;
  // A page has no head of its own.
  const heads = fileKind(file) === 'markdown' ? { edits: [], says: [] } : headerEdits(text, needs);
  if (typeof heads === 'string') {
    for (const { site } of done) refused.set(site, heads);
    return null;
  }
  return { edits: [...edits, ...heads.edits], done, says: heads.says };
}

/** What is wrong with a file after its rewrite; null = each call has the flag, and its answer is compared. */
function wrongAfter(
  file: string,
  before: string,
  after: string,
  done: FilePlan['done'],
  was: FixedAnalysis,
  is: FixedAnalysis,
): string | null {
  const language = languageOf(file, before);
  if (new FileSyntax(file, after, language).errors > new FileSyntax(file, before, language).errors)
    return 'A rewrite was tried, and the file would no longer parse: it was taken back.';
  const right = ({ sites }: FixedAnalysis): number =>
    sites.filter((site) => site.file === file && site.verdict === 'NOREPLACE, compared').length;
  return right(is) === right(was) + done.length
    ? null
    : 'A rewrite was tried, and the analysis does not see the comparison: it was taken back.';
}

function languageOf(file: string, text: string): 'c' | 'cpp' {
  const kind = fileKind(file);
  return kind === 'cpp' || (kind === 'header' && headerLanguage(text) === 'cpp') ? 'cpp' : 'c';
}
