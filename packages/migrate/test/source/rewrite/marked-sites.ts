import { fencesOf, fileKind } from '../../../src/source/languages.ts';
import { loadParser } from '../../../src/source/grammar.ts';
import { FileSyntax } from '../../../src/source/rewrite/site-context.ts';
import type { Proposal } from '../../../src/source/rewrite/proposal.ts';
import { propose } from '../../../src/source/rewrite/propose.ts';
import { TreeWords } from '../../../src/source/rewrite/tree-words.ts';
import { applyEdits } from '../../../src/source/rewrite/text-edit.ts';
import type { ResultUse, SinkKind, SourceLanguage, SourceSite } from '../../../src/source/site.ts';

/** What a test says of a call, instead of an analysis. */
export type Said = Partial<SourceSite> & Pick<SourceSite, 'verdict'>;

type Node = ReturnType<ReturnType<typeof loadParser>>;

/** Calls in a text whose callee matches, as sites that say nothing is wrong with them. */
export function callsIn(path: string, text: string, callee: RegExp): SourceSite[] {
  const kind = fileKind(path);
  const language: SourceLanguage = kind === 'rust' || kind === 'cpp' ? kind : 'c';
  const pieces = kind === 'markdown' ? fencesOf(text) : [{ language, start: 0, end: text.length }];
  return pieces.flatMap((piece) => {
    const root = loadParser()(piece.language, text.slice(piece.start, piece.end));
    return root
      .findAll({ rule: { kind: 'call_expression' } } as never)
      .filter((node: Node) => callee.test(node.field('function')?.text() ?? ''))
      .map((node: Node) => siteOf(path, text, piece, node));
  });
}

function siteOf(
  path: string,
  text: string,
  piece: { readonly language: SourceLanguage; readonly start: number },
  node: Node,
): SourceSite {
  const range = (at: Node) => ({
    start: at.range().start.index + piece.start,
    end: at.range().end.index + piece.start,
    text: at.text(),
  });
  const name = node.field('function')?.text() ?? '';
  const args = (node.field('arguments')?.children() ?? [])
    .filter((kid: Node) => kid.isNamed() && kid.kind() !== 'comment')
    .map(range);
  const method = piece.language === 'rust' && name.includes('.');
  const receiver = method ? node.field('function')?.field('value') : null;
  const remap = name.endsWith('Remap');
  const { start, end } = range(node);
  const assigned = /(?:\blet\s+)?(\w+)\s*=\s*$/.exec(text.slice(0, start))?.[1] ?? null;
  const line = text.slice(0, start).split('\n').length;
  return {
    file: path,
    line,
    column: start - text.lastIndexOf('\n', start - 1),
    start,
    end,
    language: piece.language,
    function: functionAround(node),
    callee: name,
    kind: (remap ? 'remap' : /Page_Map$|frame_map$/.test(name) ? 'page map' : 'wrapper') as SinkKind,
    chain: [name],
    frame: receiver ? range(receiver) : (args[0] ?? null),
    vspace: (method ? args[0] : args[1]) ?? null,
    vaddr: remap ? null : ((method ? args[1] : args[2]) ?? null),
    args,
    verdict: 'safe',
    why: '',
    path: [],
    confidence: 'high',
    result: (assigned === null ? 'ignored' : 'checked') as ResultUse,
    resultName: assigned,
    statement: null,
    loop: null,
    earlier: null,
    test: null,
    inMacro: false,
  };
}

function functionAround(node: Node): string | null {
  for (let at = node.parent(); at !== null; at = at.parent()) {
    const found = /^function_(?:definition|item)$/.test(String(at.kind()));
    if (found) return /(\w+)\s*(?:<[^>]*>)?\s*\(/.exec(at.text())?.[1] ?? null;
  }
  return null;
}

/** What is proposed for one call of a text. */
export function proposalFor(
  path: string,
  text: string,
  say: (sites: readonly SourceSite[]) => readonly [at: number, said: Said],
  callee: RegExp = /[Mm]ap$/,
): { readonly proposal: Proposal | null; readonly text: string } {
  const sites = callsIn(path, text, callee);
  const [at, said] = say(sites);
  const sayings = sites.map((site, i) => (i === at ? { ...site, ...said } : site));
  const site = sayings[at];
  if (site === undefined) throw new Error(`There is no call ${at} in the text.`);
  const context = new FileSyntax(path, text, site.language).context(
    site,
    sayings,
    new TreeWords(new Map([[path, text]]), sayings),
  );
  if (context === null) throw new Error('The call was not found in the syntax tree.');
  const proposal = propose(context);
  return { proposal, text: proposal?.kind === 'edit' ? applyEdits(text, proposal.edits) : text };
}
