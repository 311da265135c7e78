import { headerLanguage, fileKind } from '../languages.ts';
import { type SourceAnalysis, type SourceSite, type SiteVerdict, VERDICT_RULES } from '../site.ts';
import { MENTIONS_OLD_NAME, oldNames, renames } from './old-names.ts';
import { linesBefore } from './line-map.ts';
import type { RewriteKind } from './proposal.ts';
import { propose } from './propose.ts';
import { FileSyntax } from './site-context.ts';
import { applyEdits, disjoint, type TextEdit } from './text-edit.ts';
import { TreeWords } from './tree-words.ts';

/** Analyses a tree of source, with some of its files as they would be. */
export type AnalyseTexts = (texts: ReadonlyMap<string, string>) => Promise<SourceAnalysis>;

/** Which sites of an analysis are findings that count: those of a rule that nobody suppresses. */
export type SelectFindings = (analysis: SourceAnalysis, texts: ReadonlyMap<string, string>) => ReadonlySet<SourceSite>;

/** What a rewriting leaves alone. */
export interface RewriteLimits {
  readonly select?: SelectFindings;
  /** Files that cannot be written again byte for byte. */
  readonly frozen?: ReadonlySet<string>;
}

/** All findings. */
const everyFinding: SelectFindings = ({ sites }) =>
  new Set(sites.filter(({ verdict }) => VERDICT_RULES[verdict] !== null));

/** Something that was rewritten. */
export interface Change {
  readonly file: string;
  /** Before any change. */
  readonly line: number;
  readonly function: string | null;
  readonly rule: string;
  readonly rewrite: RewriteKind;
  /** The call, as written. */
  readonly callee: string;
  readonly says: string;
}

/** A finding that is left to a person, and why. */
interface Explanation {
  readonly file: string;
  /** Before any change, as are the lines that `says` names. */
  readonly line: number;
  readonly function: string | null;
  readonly rule: string;
  readonly callee: string;
  readonly says: string;
  /** The same, with lines as they are when the changes are made. */
  readonly after: { readonly line: number; readonly says: string };
}

/** Verdicts that ask for nothing, or only for a look: they are told, and not counted. */
const NOTES: ReadonlySet<SiteVerdict> = new Set<SiteVerdict>(['dead unmap', 'latent', 'cannot tell']);

/** What a rewriting of a tree comes to. Nothing has been written. */
export interface RewrittenTree {
  /** The files that change, in the order of their names. */
  readonly files: readonly { readonly file: string; readonly before: string; readonly after: string }[];
  readonly changes: readonly Change[];
  readonly explanations: readonly Explanation[];
  /** Findings before, without those of `NOTES`, and how many of them are gone. */
  readonly findings: number;
  readonly fixed: number;
  /** Findings that were none before: an error that is told now, and that a caller ignores. */
  readonly added: number;
  readonly before: SourceAnalysis;
  readonly after: SourceAnalysis;
}

/** After this many rounds a tree is left as it is; each round ends with an analysis, and one fix can lead to another. */
const MOST_ROUNDS = 8;

/**
 * Rewrites what can be rewritten, in memory, until nothing more can be: so a second run changes nothing. Each rewrite
 * is held against the analysis: one after which the finding is still there is taken back and explained.
 *
 * @param texts - all files of the tree, by path
 * @param analyse - judges a tree
 * @param limits - findings that do not count, such as suppressed ones, and files that are left as they are
 */
export async function rewriteTree(
  texts: ReadonlyMap<string, string>,
  analyse: AnalyseTexts,
  limits: RewriteLimits = {},
): Promise<RewrittenTree> {
  const { select = everyFinding, frozen = new Set<string>() } = limits;
  const before = await analyse(texts);
  const changes: Change[] = [];
  const refused = new Map<string, string>();
  const counted = (sites: Iterable<SourceSite>): SourceSite[] =>
    [...sites].filter(({ verdict }) => !NOTES.has(verdict));
  const findings = counted(select(before, texts));

  let now = new Map(texts);
  const named = renameAll(now, before, frozen, changes);
  let current = named.size === 0 ? before : await analyse(new Map([...now, ...named]));
  now = new Map([...now, ...named]);
  const names = namesLeft(now, before);

  for (let round = 0; round < MOST_ROUNDS; round++) {
    const step = oneRound(now, current, select(current, now), frozen, refused);
    if (step.texts.size === 0) break;
    const next = new Map([...now, ...step.texts]);
    const analysis = await analyse(next);
    const failed = notFixed(step.changes, current, analysis);
    if (failed.size > 0) {
      // Once more from the same texts, without those.
      for (const key of failed)
        refused.set(key, 'A rewrite was tried, and the analysis still finds the same: it was taken back.');
      continue;
    }
    current = analysis;
    changes.push(...step.changes.map(({ change }) => ({ ...change, line: was(texts, now, change.file)(change.line) })));
    now = next;
  }

  const files = [...now]
    .filter(([file, after]) => texts.get(file) !== after)
    .map(([file, after]) => ({ file, before: texts.get(file) ?? '', after }))
    .toSorted((a, b) => (a.file < b.file ? -1 : 1));
  const asBefore = (told: Told): Explanation => {
    const old = was(texts, now, told.file);
    const says = told.says.replace(
      /\b([Ll]ine) (\d+)\b/g,
      (_, word: string, line: string) => `${word} ${old(Number(line))}`,
    );
    return { ...told, line: old(told.line), says, after: { line: told.line, says: told.says } };
  };
  const explanations = [...explained(now, current, select(current, now), frozen, refused), ...names]
    .map(asBefore)
    .toSorted((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line));
  const counts = compare(findings, counted(select(current, now)));
  return { files, changes, explanations, findings: findings.length, ...counts, before, after: current };
}

/** An explanation, with lines of the changed text. */
type Told = Omit<Explanation, 'after'>;

/** Where the lines of a file were before any change. */
const was = (
  texts: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
  file: string,
): ((line: number) => number) => linesBefore(texts.get(file) ?? '', now.get(file) ?? '');

const keyOf = (site: SourceSite): string =>
  `${site.file}\0${site.function ?? ''}\0${VERDICT_RULES[site.verdict] ?? ''}\0${site.callee}`;

interface Round {
  readonly texts: Map<string, string>;
  readonly changes: { readonly key: string; readonly change: Change }[];
}

/** All rewrites that are possible at once, with those left out that would touch the same text. */
function oneRound(
  texts: ReadonlyMap<string, string>,
  analysis: SourceAnalysis,
  accepted: ReadonlySet<SourceSite>,
  frozen: ReadonlySet<string>,
  refused: Map<string, string>,
): Round {
  const round: Round = { texts: new Map(), changes: [] };
  const tree = new TreeWords(texts, analysis.sites);
  for (const [file, sites] of byFile(analysis.sites)) {
    const text = texts.get(file);
    if (text === undefined || frozen.has(file)) continue;
    const edits: TextEdit[] = [];
    const mine: Round['changes'] = [];
    const syntax = new FileSyntax(file, text, sites[0]?.language ?? 'c');
    for (const site of sites) {
      const rule = VERDICT_RULES[site.verdict];
      if (rule === null || !accepted.has(site) || refused.has(keyOf(site))) continue;
      const context = syntax.context(site, sites, tree);
      const proposal = context === null ? null : propose(context);
      if (proposal === null || proposal.kind === 'explanation') continue;
      if (!disjoint([...edits, ...proposal.edits])) continue;
      edits.push(...proposal.edits);
      const { line, callee } = site;
      mine.push({
        key: keyOf(site),
        change: { file, line, function: site.function, rule, rewrite: proposal.rewrite, callee, says: proposal.says },
      });
    }
    if (edits.length === 0) continue;
    const after = applyEdits(text, edits);
    if (new FileSyntax(file, after, sites[0]?.language ?? 'c').errors > syntax.errors) {
      for (const { key } of mine)
        refused.set(key, 'A rewrite was tried, and the file would no longer parse: it was taken back.');
      continue;
    }
    round.texts.set(file, after);
    round.changes.push(...mine);
  }
  return round;
}

/** Keys of the findings of which there are not fewer than before, by as many as were rewritten. */
function notFixed(changes: Round['changes'], before: SourceAnalysis, after: SourceAnalysis): Set<string> {
  const had = count(before.sites.map(keyOf));
  const has = count(after.sites.map(keyOf));
  const tried = count(changes.map(({ key }) => key));
  return new Set([...tried].filter(([key, n]) => (has.get(key) ?? 0) > (had.get(key) ?? 0) - n).map(([key]) => key));
}

function explained(
  texts: ReadonlyMap<string, string>,
  analysis: SourceAnalysis,
  accepted: ReadonlySet<SourceSite>,
  frozen: ReadonlySet<string>,
  refused: ReadonlyMap<string, string>,
): Told[] {
  const tree = new TreeWords(texts, analysis.sites);
  const explanations: Told[] = [];
  for (const [file, sites] of byFile(analysis.sites)) {
    const text = texts.get(file);
    const syntax = text === undefined ? null : new FileSyntax(file, text, sites[0]?.language ?? 'c');
    for (const site of sites) {
      const rule = VERDICT_RULES[site.verdict];
      if (rule === null || !accepted.has(site)) continue;
      const context = syntax?.context(site, sites, tree) ?? null;
      const proposal = context === null ? null : propose(context);
      const says =
        (frozen.has(file)
          ? 'The file is not UTF-8, and could not be written again byte for byte.'
          : refused.get(keyOf(site))) ??
        (proposal?.kind === 'explanation'
          ? proposal.says
          : site.inMacro
            ? 'The call stands in a macro: what is right depends on where that is used.'
            : 'The code around the call was not understood well enough to be rewritten.');
      explanations.push({ file, line: site.line, function: site.function, rule, callee: site.callee, says });
    }
  }
  return explanations;
}

/** Renames what has another name now, in every file that mentions it. */
function renameAll(
  texts: ReadonlyMap<string, string>,
  analysis: SourceAnalysis,
  frozen: ReadonlySet<string>,
  changes: Change[],
): Map<string, string> {
  const renamed = new Map<string, string>();
  for (const [file, text, found] of namesOf(texts, analysis)) {
    const edits = found.flatMap(({ base, names }) => renames(names, base));
    if (edits.length === 0 || frozen.has(file)) continue;
    renamed.set(file, applyEdits(text, edits));
    for (const { base, names } of found) {
      for (const { at, name, change } of names) {
        if (!('to' in change)) continue;
        const line = text.slice(0, at + base).split('\n').length;
        changes.push({
          file,
          line,
          function: null,
          rule: 'OM108',
          rewrite: 'old-names',
          callee: name,
          says: `${name} is ${change.to} now.`,
        });
      }
    }
  }
  return renamed;
}

/** Old names that stay, and why. */
function namesLeft(texts: ReadonlyMap<string, string>, analysis: SourceAnalysis): Told[] {
  return [...namesOf(texts, analysis)].flatMap(([file, text, found]) =>
    found.flatMap(({ base, names }) =>
      names.flatMap(({ at, name, change }) =>
        'why' in change
          ? [
              {
                file,
                line: text.slice(0, at + base).split('\n').length,
                function: null,
                rule: 'OM108',
                callee: name,
                says: `${name} is an old name, and stays: ${change.why}.`,
              },
            ]
          : [],
      ),
    ),
  );
}

function* namesOf(texts: ReadonlyMap<string, string>, analysis: SourceAnalysis) {
  const tree = new TreeWords(texts, analysis.sites);
  for (const [file, text] of texts) {
    if (!MENTIONS_OLD_NAME.test(text)) continue;
    const kind = fileKind(file);
    if (kind === undefined || kind === 'rust') continue;
    const syntax = new FileSyntax(file, text, kind === 'cpp' ? 'cpp' : kind === 'header' ? headerLanguage(text) : 'c');
    const found = syntax.pieces
      .filter(({ language }) => language !== 'rust')
      .map((piece) => ({ base: piece.start, names: oldNames(syntax.root(piece), file, tree) }));
    yield [file, text, found] as const;
  }
}

function byFile(sites: readonly SourceSite[]): Map<string, SourceSite[]> {
  const files = new Map<string, SourceSite[]>();
  for (const site of sites) {
    const list = files.get(site.file);
    if (list === undefined) files.set(site.file, [site]);
    else list.push(site);
  }
  return files;
}

function count(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** How many findings are gone, and how many are new, by file, function and rule. */
function compare(before: readonly SourceSite[], after: readonly SourceSite[]): { fixed: number; added: number } {
  const key = (site: SourceSite): string =>
    `${site.file}\0${site.function ?? ''}\0${VERDICT_RULES[site.verdict] ?? ''}`;
  const had = count(before.map(key));
  const has = count(after.map(key));
  let fixed = 0;
  for (const [each, n] of had) fixed += Math.max(0, n - (has.get(each) ?? 0));
  let added = 0;
  for (const [each, n] of has) added += Math.max(0, n - (had.get(each) ?? 0));
  return { fixed, added };
}
