import { loadParser } from '../grammar.ts';
import { fencesOf, fileKind } from '../languages.ts';
import { branchWays, withBranch } from '../preprocessor.ts';
import type { SourceLanguage, SourceSite, TextRange } from '../site.ts';
import type { SiteContext, TreeFacts } from './proposal.ts';
import { above, isFunction, type Node, nodeAt, rangeOf } from './syntax.ts';

/** A piece of a file that is parsed by itself: the whole of it, or a fence of a page. */
export interface CodePiece {
  readonly language: SourceLanguage;
  readonly start: number;
  readonly end: number;
}

/** Syntax trees of a file's pieces, each parsed when it is first asked for. */
export class FileSyntax {
  readonly text: string;
  readonly pieces: readonly CodePiece[];
  private readonly roots: Map<string, Node> = new Map();

  constructor(path: string, text: string, language: SourceLanguage) {
    this.text = text;
    this.pieces = fileKind(path) === 'markdown' ? fencesOf(text) : [{ language, start: 0, end: text.length }];
  }

  /** The tree of a piece; `branch` keeps one branch of each `#if`, for code that is whole with that only. */
  root(piece: CodePiece, branch: number | null = null): Node {
    const key = `${piece.start} ${branch ?? ''}`;
    let root = this.roots.get(key);
    if (root === undefined) {
      const own = this.text.slice(piece.start, piece.end);
      root = loadParser()(piece.language, branch === null ? own : withBranch(own, branch));
      this.roots.set(key, root);
    }
    return root;
  }

  /** How many pieces of the file its trees could make nothing of. */
  get errors(): number {
    return this.pieces.reduce((sum, piece) => sum + errorsIn(this.root(piece)), 0);
  }

  /** A call in its tree, with the function around it; null where no tree has it whole. */
  call(
    site: TextRange,
  ): { readonly base: number; readonly call: Node; readonly scope: Node; readonly root: Node } | null {
    const piece = this.pieces.find(({ start, end }) => start <= site.start && site.end <= end);
    if (piece === undefined) return null;
    const range = { start: site.start - piece.start, end: site.end - piece.start };
    const ways = branchWays(this.text.slice(piece.start, piece.end));
    for (let way = -1; way < ways; way++) {
      const root = this.root(piece, way < 0 ? null : way);
      const call = nodeAt(root, range);
      const found = rangeOf(call);
      if (
        found.start !== range.start ||
        found.end !== range.end ||
        !/^(?:call_expression|macro_invocation)$/.test(String(innermost(call, range).kind()))
      )
        continue;
      const scope = above(call, isFunction, () => false);
      if (scope !== null && errorsIn(scope) > 0) continue;
      return { base: piece.start, call: innermost(call, range), scope: scope ?? root, root };
    }
    return null;
  }

  /** What a rewriter needs to know of a call; null where no tree has it whole. */
  context(site: SourceSite, ofFile: readonly SourceSite[], tree: TreeFacts): SiteContext | null {
    const found = this.call(site);
    if (found === null) return null;
    const { base, call, scope } = found;
    const bounds = rangeOf(scope);
    const neighbours = ofFile.filter(
      (other) => other !== site && other.start - base >= bounds.start && other.end - base <= bounds.end,
    );
    return { site, text: this.text, base, call, scope, neighbours, tree };
  }
}

/** What the parser could make nothing of, and what it missed: such nodes are empty. Matched by the parser's own code. */
const errorsIn = (node: Node): number =>
  node.findAll({ rule: { any: [{ kind: 'ERROR' }, { regex: '^$' }] } } as never).length;

/** Of several nodes with one range the call itself: an expression can be a statement, too. */
function innermost(node: Node, { start, end }: { start: number; end: number }): Node {
  let at = node;
  while (!/^(?:call_expression|macro_invocation)$/.test(String(at.kind()))) {
    const inner = at.children().find((child) => {
      const range = rangeOf(child);
      return range.start === start && range.end === end;
    });
    if (inner === undefined) return at;
    at = inner;
  }
  return at;
}
