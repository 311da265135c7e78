import { type FileKind, fencesOf, headerLanguage } from './languages.ts';
import type { Fragment } from './lowering.ts';
import { type Alias, cMacro, rustMacro } from './macro-trees.ts';
import { FileTrees, type FuncNote, type PieceTree } from './piece-tree.ts';
import { branchWays, withBranch, withoutAnnotations } from './preprocessor.ts';
import type { SourceLanguage, TextRange } from './site.ts';
import { kidsOf } from './lowering.ts';
import type { Syntax } from './grammar.ts';
import type { Func, Stmt } from './tree.ts';

/** A function of a file, as far as it was parsed. */
export interface ParsedFunc extends Func {
  readonly language: SourceLanguage;
  /** A part of it did not parse. */
  readonly broken: boolean;
  /** Code that stands outside of any function: a fragment in Markdown, a global's initialiser. */
  readonly outside: boolean;
  /** Only this file can call it. */
  readonly local: boolean;
  /** A macro of Rust defines it by a name that it is given. */
  readonly madeBy?: { readonly macro: string; readonly index: number };
  /** Of a closure: where the function around it begins. */
  readonly within?: number;
  /** Read with one branch of each `#if` only; others of the same place may follow. */
  readonly variant?: true;
}

/** A file, parsed where it mentions what is looked for. */
export interface ParsedFile {
  readonly path: string;
  readonly text: string;
  readonly language: SourceLanguage;
  readonly funcs: readonly ParsedFunc[];
  /** All functions of the file by name, with their range. */
  readonly notes: readonly FuncNote[];
  readonly aliases: readonly Alias[];
  /** Ranges in which names are only spoken of: prose around fences. */
  readonly code: readonly (TextRange & { readonly language: SourceLanguage })[];
  /** Offset of the first piece that no tree covers; -1 = none. */
  readonly broken: number;
}

export { FileTrees };

/**
 * Parses a file as far as it is needed.
 *
 * @param wanted - names whose functions are to be given as trees
 * @param trees - what was parsed of the file before; what is parsed now is added
 * @param places - offsets in the file of more things that are wanted
 * @param added - the names that became wanted since the file was parsed with the same trees; left out = any
 */
export function parseFile(
  path: string,
  kind: FileKind,
  text: string,
  wanted: (name: string) => boolean,
  trees: FileTrees = new FileTrees(),
  places: readonly number[] = [],
  added?: ReadonlySet<string>,
): ParsedFile {
  const language = kind === 'header' ? headerLanguage(text) : kind === 'markdown' ? 'c' : kind;
  const pieces = kind === 'markdown' ? fencesOf(text) : [{ language, start: 0, end: text.length }];
  const funcs: ParsedFunc[] = [];
  const notes: FuncNote[] = [];
  const aliases: Alias[] = [];
  let broken = -1;
  for (const piece of pieces) {
    const fragment = { text: text.slice(piece.start, piece.end), shift: piece.start };
    const more = places.filter((at) => piece.start <= at && at < piece.end);
    const all = trees.placesOf(fragment, wanted, more, added);
    if (all.length === 0) continue;
    const part = new Piece(fragment, piece.language, kind === 'header', all, trees);
    part.run();
    funcs.push(...part.funcs);
    notes.push(...part.notes);
    aliases.push(...part.aliases);
    if (broken < 0 && part.broken >= 0) broken = part.broken;
  }
  return { path, text, language, funcs, notes, aliases, code: pieces, broken };
}

/** The places that no range has; both are gone through once. */
function outsideOf(places: readonly number[], ranges: readonly TextRange[]): number[] {
  const sorted = ranges.toSorted((a, b) => a.start - b.start);
  let next = 0;
  let end = -1;
  return places.filter((at) => {
    for (let range = sorted[next]; range !== undefined && range.start <= at; range = sorted[++next])
      end = Math.max(end, range.end);
    return at >= end;
  });
}

/** A file of one language, or a fence. */
class Piece {
  readonly funcs: ParsedFunc[] = [];
  readonly notes: FuncNote[] = [];
  readonly aliases: Alias[] = [];
  broken = -1;
  private readonly fragment: Fragment;
  private readonly language: SourceLanguage;
  /** Others include it, and see what is static in it. */
  private readonly header: boolean;
  private readonly places: readonly number[];
  private readonly trees: FileTrees;

  constructor(
    fragment: Fragment,
    language: SourceLanguage,
    header: boolean,
    places: readonly number[],
    trees: FileTrees,
  ) {
    this.fragment = fragment;
    this.language = language;
    this.header = header;
    this.places = places;
    this.trees = trees;
  }

  run(): void {
    const { fragment, language } = this;
    this.read(
      this.trees.tree(`${fragment.shift}`, language, () => fragment),
      false,
    );
    const whole = this.funcs.filter(({ broken }) => !broken);
    const hurt = this.funcs.filter(({ broken }) => broken);
    const lost = outsideOf(
      this.places,
      this.funcs.filter(({ outside }) => !outside),
    );
    const open = lost.length > 0 && language !== 'rust' ? this.uncovered(lost) : [];
    if (language === 'rust' || (hurt.length === 0 && open.length === 0)) {
      if (hurt[0] !== undefined) this.broken = hurt[0].start;
      return;
    }
    // One branch of each #if after another: what is broken with all of them in the text may be whole with one.
    const plain = withoutAnnotations(fragment.text, this.trees.bare(fragment));
    const found: ParsedFunc[] = [];
    const ways = branchWays(fragment.text);
    for (let pick = plain === fragment.text ? 0 : -1; pick < ways; pick++) {
      const tree = this.trees.tree(`${fragment.shift} ${pick}`, language, () => ({
        text: pick < 0 ? plain : withBranch(plain, pick),
        shift: fragment.shift,
      }));
      const other = new Piece(tree.fragment, language, this.header, this.places, this.trees);
      other.read(tree, pick >= 0);
      for (const func of other.funcs) {
        if (func.broken || func.outside) continue;
        const isWhole = ({ start, end, outside, variant }: ParsedFunc): boolean =>
          !outside && variant === undefined && start <= func.start && func.end <= end;
        if (whole.some(isWhole) || found.some(isWhole)) continue;
        found.push(func);
      }
      if (this.notes.length === 0) this.notes.push(...other.notes);
    }
    const repaired = hurt.filter((func) => !found.some(({ start, end }) => start < func.end && func.start < end));
    this.funcs.length = 0;
    // A site counts by the first function that has it.
    this.funcs.push(
      ...whole.filter(({ outside }) => !outside),
      ...found,
      ...repaired,
      ...whole.filter(({ outside }) => outside),
    );
    const first = repaired[0];
    if (first !== undefined) this.broken = first.start;
  }

  /** Of the places outside of functions those that look like a call. */
  private uncovered(lost: readonly number[]): number[] {
    const { text, shift } = this.fragment;
    const called = (code: string, at: number): boolean => /^\w+\s*\(/.test(code.slice(at - shift, at - shift + 200));
    const likely = lost.filter((at) => called(text, at));
    if (likely.length === 0) return [];
    const bare = this.trees.bare(this.fragment);
    return likely.filter((at) => called(bare, at));
  }

  private read(tree: PieceTree, quiet: boolean): void {
    const { language } = this;
    const covered: TextRange[] = [];
    for (const { node, range, note } of tree.functions()) {
      if (note !== null) this.notes.push(note);
      if (!this.wants(range)) continue;
      // A function in a function is read with its own name only.
      const func = tree.known(range.start, () => this.lowered(tree, node, range, quiet));
      if (func === null || func.name === '') continue;
      covered.push(range);
      this.funcs.push(func);
    }
    if (this.broken < 0) this.broken = tree.tooDeep;
    if (language === 'rust') this.rustMacros(tree, covered);
    else this.macros(tree, covered);
    if (!quiet) this.outside(tree, covered);
  }

  /** A function, unless it is nested so deep that it cannot be followed: its calls are listed all the same. */
  private lowered(tree: PieceTree, node: Syntax, range: TextRange, variant: boolean): ParsedFunc | null {
    const { language } = this;
    if (range.end - range.start > LARGEST_FUNCTION) {
      if (tree.tooDeep < 0) tree.tooDeep = range.start;
      return null;
    }
    let func: Func | null;
    try {
      func = tree.lowering.func(node);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      if (tree.tooDeep < 0) tree.tooDeep = range.start;
      return null;
    }
    if (func === null) return null;
    const { returns } = func;
    return {
      ...func,
      language,
      broken: tree.isBroken(range),
      outside: false,
      local: language === 'c' && !this.header && /\bstatic\b/.test(returns) && !/\binline\b/.test(returns),
      ...(variant ? { variant: true } : {}),
    };
  }

  private wants({ start, end }: TextRange): boolean {
    return holds(this.places, start, end);
  }

  /** `#define`s: those with a body like a function's, and names for names. */
  private macros(tree: PieceTree, covered: TextRange[]): void {
    for (const { node, range } of tree.macros()) {
      if (!this.wants(range)) continue;
      const macro = tree.macro(range.start, () => cMacro(node, tree.reader, this.language));
      if (macro === null) continue;
      covered.push(range);
      if (macro.alias !== null) this.aliases.push(macro.alias);
      this.funcs.push(...macro.funcs);
    }
  }

  /** The bodies of `macro_rules!`, and items that are given to a macro: `cfg_if! { … fn f() { … } }`. */
  private rustMacros(tree: PieceTree, covered: TextRange[]): void {
    const inside = (fragment: Fragment, quiet: boolean): Piece => {
      const piece = new Piece(fragment, 'rust', false, this.places, this.trees);
      piece.read(
        this.trees.tree(`${fragment.shift} macro`, 'rust', () => fragment),
        quiet,
      );
      return piece;
    };
    for (const { node, range } of tree.macros()) {
      if (!this.wants(range)) continue;
      covered.push(range);
      this.funcs.push(...rustMacro(node, tree.reader, (fragment) => inside(fragment, false).funcs));
    }
    const open = outsideOf(this.places, covered);
    if (open.length === 0) return;
    for (const { node, range } of tree.itemMacros()) {
      if (!holds(open, range.start, range.end)) continue;
      for (const group of groupsIn(node)) {
        const at = tree.reader.range(group);
        const fragment = { text: tree.reader.of(group).slice(1, -1), shift: at.start + 1 };
        const { funcs } = inside(fragment, true);
        if (funcs.length === 0) continue;
        covered.push(at);
        this.funcs.push(...funcs);
      }
    }
  }

  /** What stands outside of functions and mentions a wanted name. */
  private outside(tree: PieceTree, covered: readonly TextRange[]): void {
    const { language, fragment } = this;
    const { reader, lowering, root } = tree;
    const open = outsideOf(this.places, covered);
    if (open.length === 0) return;
    const func = tree.outside(open, () => {
      const inside = ({ start, end }: TextRange): boolean => holds(open, start, end);
      const body: Stmt[] = [];
      const add = (nodes: readonly Syntax[]): void => {
        for (const node of nodes) {
          const range = reader.range(node);
          const isInside = inside(range);
          // The other statements of a fragment are its flow.
          if (!isInside && fragment.shift === 0) continue;
          const kind = String(node.kind());
          if (NOT_CODE.test(kind)) continue;
          // A declaration without a value sets nothing.
          if (kind === 'declaration' && fragment.shift === 0 && !/[={]/.test(reader.of(node))) continue;
          if (AROUND_CODE.test(kind)) {
            if (isInside) add(kidsOf(node));
          } else body.push(lowering.statement(node));
        }
      };
      add(kidsOf(root));
      return body.length === 0 ? null : outsideFunc(reader.range(root), body, language);
    });
    if (func !== null) this.funcs.push(func);
  }
}

/** The braces in the arguments of a macro, the outermost in which functions stand. */
function groupsIn(node: Syntax): Syntax[] {
  const trees = kidsOf(node).filter((kid) => kid.is('token_tree'));
  return trees.flatMap((tree) => {
    const inner = groupsIn(tree);
    // `if #[cfg(…)] { fn … }`: what stands in the inner ones are the items.
    return /\bfn\s+\w+/.test(ownText(tree, inner)) ? [tree] : inner;
  });
}

/** The text of a group without that of the groups in it. */
function ownText(tree: Syntax, inner: readonly Syntax[]): string {
  const from = tree.range().start.index;
  let text = tree.text();
  for (const each of inner) {
    const { start, end } = each.range();
    text = text.slice(0, start.index - from) + ' '.repeat(end.index - start.index) + text.slice(end.index - from);
  }
  return text;
}

/** UTF-16 units; larger ones are written by programs, and are not followed. */
const LARGEST_FUNCTION = 400_000;

/** What is no statement outside of functions. */
const NOT_CODE =
  /^(?:function_definition|function_item|type_definition|preproc_(?:def|function_def|include|call)|macro_definition)$/;
/** What statements can stand in there. */
const AROUND_CODE =
  /^(?:preproc_|linkage|namespace|declaration_list|class|struct|field_declaration|mod_item|impl_item|ERROR)/;

const outsideFunc = (range: TextRange, body: readonly Stmt[], language: SourceLanguage): ParsedFunc => ({
  ...range,
  name: '',
  owner: null,
  declares: [],
  params: [],
  types: [],
  method: false,
  body: { ...range, k: 'block', body },
  macro: false,
  returns: '',
  language,
  broken: false,
  outside: true,
  local: true,
});

/** Whether one of the places, which are in order, is in a range: a file can have many of them, and of functions. */
function holds(places: readonly number[], start: number, end: number): boolean {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places[middle] ?? 0) < start) low = middle + 1;
    else high = middle;
  }
  const at = places[low];
  return at !== undefined && at < end;
}
