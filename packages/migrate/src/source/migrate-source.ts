import { openOutput } from '@overmap/report';
import { type Evidence, joinEvidence, type RecordedSite, type SiteEvidence } from './evidence.ts';
import { FileAnalysis } from './file-analysis.ts';
import { LocalGroup } from './analyse.ts';
import { fileKind } from './languages.ts';
import { readTexts } from './read-texts.ts';
import { MENTIONS_OLD_NAME } from './rewrite/old-names.ts';
import { type AnalyseTexts, type RewrittenTree, rewriteTree, type SelectFindings } from './rewrite/rewrite-tree.ts';
import { MENTIONS_SINK } from './sinks.ts';
import { type SourceAnalysis, type SourceSite, VERDICT_RULES } from './site.ts';
import { listSources, type SourceFile } from './source-files.ts';
import {
  ofFamily,
  type Suppressible,
  type Suppression,
  type SuppressionProblem,
  suppress,
  suppressionsIn,
} from './suppressions.ts';

/** How a tree of source is migrated. */
export interface MigrateSourceOptions {
  /** What recorded runs say of its calls. */
  readonly evidence?: Evidence;
  /** Rules that are rewritten; those of them that are not about source choose nothing. */
  readonly only?: readonly string[];
  /** Rules that are left alone. */
  readonly off?: readonly string[];
  /** Rounds of analysis that are done. */
  readonly onRound?: (round: number) => void;
}

/** A finding that is suppressed, and by which comment. */
interface SuppressedSite {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  readonly reason: string;
}

/** What a migration of source comes to; nothing has been written. */
export interface MigratedSource extends RewrittenTree {
  readonly suppressed: readonly SuppressedSite[];
  readonly suppressionProblems: readonly SuppressionProblem[];
  /** What recorded runs say of calls, as they stand before. */
  readonly evidence: ReadonlyMap<SourceSite, SiteEvidence>;
  readonly unmatched: readonly RecordedSite[];
  /** Files and folders that were left out. */
  readonly skipped: readonly { readonly path: string; readonly why: string }[];
}

/**
 * Analyses trees of source, and rewrites in memory what can be rewritten.
 *
 * @param paths - files or folders, taken as one tree
 * @throws ParserMissingError when the native parsers cannot be loaded; what the file system says when a path cannot be
 *   read
 */
export async function migrateSource(
  paths: readonly string[],
  options: MigrateSourceOptions = {},
): Promise<MigratedSource> {
  const lists = paths.map((path) => listSources(path));
  const files = new Map<string, SourceFile>();
  for (const list of lists) for (const file of list.files) files.set(file.path, file);
  const { texts, frozen, unread } = readTexts([...files.values()]);
  const analyse = analysing(options.onRound ?? (() => {}));
  const rewritten = await rewriteTree(texts, analyse, { select: selected(options), frozen });
  const { suppressed, problems } = held(rewritten.before, texts);
  const joined =
    options.evidence === undefined
      ? { of: new Map<SourceSite, SiteEvidence>(), unmatched: [] }
      : joinEvidence(rewritten.before.sites, options.evidence, (site) => lastLine(site, texts));
  return {
    ...rewritten,
    suppressed: suppressed.map(({ what, by }) => ({
      file: what.file,
      line: what.site.line,
      rule: what.rule,
      reason: by.reason,
    })),
    suppressionProblems: problems,
    evidence: joined.of,
    unmatched: joined.unmatched,
    skipped: [...lists.flatMap(({ skipped }) => skipped), ...unread],
  };
}

/**
 * Analyses a tree again and again. After the first time only the files that can matter are looked at: those with calls,
 * and those that name what maps or clears. If that should judge any call otherwise, all files are looked at each time.
 */
function analysing(onRound: (round: number) => void): AnalyseTexts {
  let round = 0;
  let matters: ReadonlySet<string> | null = null;
  return (texts) => {
    onRound(++round);
    const some = new Map([...texts].filter(([path]) => matters?.has(path) ?? true));
    const analysis = analyseTexts(some);
    if (round === 1) {
      const called = new Set(analysis.sites.map(({ file }) => file));
      const named = new RegExp(`${MENTIONS_SINK.source}|unmap|revoke|delete`, 'i');
      const few = new Map(
        [...texts].filter(([path, text]) => called.has(path) || named.test(text) || MENTIONS_OLD_NAME.test(text)),
      );
      if (few.size < texts.size && judgements(analyseTexts(few)) === judgements(analysis))
        matters = new Set(few.keys());
    }
    return Promise.resolve(analysis);
  };
}

const judgements = ({ sites }: SourceAnalysis): string =>
  sites.map(({ file, start, verdict }) => `${file}\0${start}\0${verdict}`).join('\n');

/** Writes what was rewritten: each file beside its place, then renamed. @throws OutputError */
export function writeRewritten(files: RewrittenTree['files']): void {
  for (const { file, after } of files) {
    const output = openOutput(file);
    try {
      output.write(after);
      output.close();
    } catch (error) {
      output.abort();
      throw error;
    }
  }
}

/** Analyses texts as one tree. */
function analyseTexts(texts: ReadonlyMap<string, string>): SourceAnalysis {
  const files = [...texts].flatMap(([path, text]) => {
    const kind = fileKind(path);
    return kind === undefined ? [] : [new FileAnalysis(path, kind, text)];
  });
  const { sites, unparsed, lines } = new LocalGroup(files).all();
  return { files: files.length, lines, sites, unparsed, skipped: [] };
}

interface FoundSite extends Suppressible {
  readonly site: SourceSite;
}

const RULES = new Set(Object.values(VERDICT_RULES).filter((rule) => rule !== null));

function held(analysis: SourceAnalysis, texts: ReadonlyMap<string, string>) {
  const suppressions = [...texts].flatMap(([file, text]): Suppression[] => ofFamily(suppressionsIn(file, text), 'OM'));
  const found = analysis.sites.flatMap((site): FoundSite[] => {
    const rule = VERDICT_RULES[site.verdict];
    return rule === null ? [] : [{ file: site.file, rule, site, lines: [firstLine(site, texts), site.line] }];
  });
  return suppress(found, suppressions, RULES);
}

const unsuppressed: SelectFindings = (analysis, texts) => new Set(held(analysis, texts).kept.map(({ site }) => site));

/** Findings that nobody suppresses, of the rules that are asked for. */
function selected({ only, off = [] }: MigrateSourceOptions): SelectFindings {
  const chosen = only?.filter((rule) => RULES.has(rule)) ?? [];
  const asked = (rule: string | null): boolean =>
    rule !== null && (chosen.length === 0 || chosen.includes(rule)) && !off.includes(rule);
  return (analysis, texts) =>
    new Set([...unsuppressed(analysis, texts)].filter(({ verdict }) => asked(VERDICT_RULES[verdict])));
}

/** The line on which the statement around a call begins. */
function firstLine({ file, line, start, statement }: SourceSite, texts: ReadonlyMap<string, string>): number {
  const text = texts.get(file);
  if (statement === null || text === undefined || statement.start > start) return line;
  return line - (text.slice(statement.start, start).split('\n').length - 1);
}

/** The line on which a call ends. */
const lastLine = ({ file, line, start, end }: SourceSite, texts: ReadonlyMap<string, string>): number =>
  line + (texts.get(file)?.slice(start, end).split('\n').length ?? 1) - 1;
