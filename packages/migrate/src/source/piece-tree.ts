import { loadParser, type Syntax } from './grammar.ts';
import { CLowering } from './lower-c.ts';
import { RustLowering } from './lower-rust.ts';
import { type Fragment, type Lowering, Reader } from './lowering.ts';
import { macroArguments, type MacroTrees } from './macro-trees.ts';
import { withoutComments } from './preprocessor.ts';
import type { SourceLanguage, TextRange } from './site.ts';
import type { ParsedFunc } from './source-file.ts';

/** What a file says about a function that is not looked into. */
export interface FuncNote extends TextRange {
  readonly name: string;
}

interface PlacedNode {
  readonly node: Syntax;
  readonly range: TextRange;
}

/** Kinds of nodes that are functions. */
const FUNCTIONS = { c: 'function_definition', cpp: 'function_definition', rust: 'function_item' } as const;
const MACROS = {
  c: ['preproc_function_def', 'preproc_def'],
  cpp: ['preproc_function_def', 'preproc_def'],
  rust: ['macro_definition'],
} as const;

/** A text that was parsed, and what was made of its tree so far. */
export class PieceTree {
  readonly fragment: Fragment;
  readonly root: Syntax;
  readonly reader: Reader;
  readonly lowering: Lowering;
  /** Offset of the first function that is nested too deep, or too large, to be followed; -1 = none. */
  tooDeep = -1;
  private errors: readonly TextRange[] | undefined;
  private placed: readonly (PlacedNode & { readonly note: FuncNote | null })[] | undefined;
  private placedMacros: readonly PlacedNode[] | undefined;
  private readonly funcs: Map<number, ParsedFunc | null> = new Map();
  private readonly macroTrees: Map<number, MacroTrees | null> = new Map();
  private open: { readonly places: readonly number[]; readonly func: ParsedFunc | null } | undefined;
  private readonly language: SourceLanguage;

  constructor(fragment: Fragment, language: SourceLanguage) {
    this.fragment = fragment;
    this.language = language;
    this.root = loadParser()(language, fragment.text);
    this.reader = new Reader(fragment);
    this.lowering = language === 'rust' ? new RustLowering(this.reader, macroArguments) : new CLowering(this.reader);
  }

  private all(kind: string): Syntax[] {
    return this.root.findAll({ rule: { kind } } as never) as Syntax[];
  }

  /** All functions, whether they are wanted or not. */
  functions(): readonly (PlacedNode & { readonly note: FuncNote | null })[] {
    this.placed ??= this.all(FUNCTIONS[this.language]).map((node) => ({
      node,
      range: this.reader.range(node),
      note: this.note(node),
    }));
    return this.placed;
  }

  /** All macros. */
  macros(): readonly PlacedNode[] {
    const some = this.language === 'rust' ? 'macro_rules' : 'define';
    this.placedMacros ??= this.fragment.text.includes(some)
      ? MACROS[this.language].flatMap((kind) =>
          this.all(kind).map((node) => ({ node, range: this.reader.range(node) })),
        )
      : [];
    return this.placedMacros;
  }

  /** Calls of macros in the place of items. */
  itemMacros(): readonly PlacedNode[] {
    return this.all('macro_invocation')
      .filter((node) => /^(?:source_file|declaration_list|expression_statement)$/.test(String(node.parent()?.kind())))
      .map((node) => ({ node, range: this.reader.range(node) }));
  }

  /** A part of this range did not parse. */
  isBroken({ start, end }: TextRange): boolean {
    this.errors ??= this.all('ERROR').map((node) => this.reader.range(node));
    return this.errors.some((error) => start <= error.start && error.end <= end);
  }

  /** A function by its offset; made when it is asked for first. */
  known(at: number, make: () => ParsedFunc | null): ParsedFunc | null {
    return once(this.funcs, at, make);
  }

  /** The same for a macro. */
  macro(at: number, make: () => MacroTrees | null): MacroTrees | null {
    return once(this.macroTrees, at, make);
  }

  /** The same for what stands outside of functions, which depends on the places that are wanted there. */
  outside(places: readonly number[], make: () => ParsedFunc | null): ParsedFunc | null {
    const { open } = this;
    if (open !== undefined && open.places.length === places.length && open.places.every((at, i) => at === places[i]))
      return open.func;
    const func = make();
    this.open = { places, func };
    return func;
  }

  private note(node: Syntax): FuncNote | null {
    const name = node.field('name') ?? node.field('declarator');
    if (name === null) return null;
    const text = /(~?[A-Za-z_]\w*)\s*(?:\(|$)/.exec(this.reader.of(name).replace(/^[\s*&(]+/, ''))?.[1];
    return text === undefined ? null : { ...this.reader.range(node), name: text };
  }
}

function once<T>(map: Map<number, T>, at: number, make: () => T): T {
  const had = map.get(at);
  if (had !== undefined || map.has(at)) return had as T;
  const made = make();
  map.set(at, made);
  return made;
}

/** The trees of one file: a file is asked again whenever a new name is looked for. */
export class FileTrees {
  private readonly trees: Map<string, PieceTree> = new Map();
  private readonly places: Map<number, Set<number>> = new Map();
  private readonly bares: Map<number, string> = new Map();

  /** The tree of a piece, which is parsed when it is asked for first. */
  tree(key: string, language: SourceLanguage, fragment: () => Fragment): PieceTree {
    let tree = this.trees.get(key);
    if (tree === undefined) {
      tree = new PieceTree(fragment(), language);
      this.trees.set(key, tree);
    }
    return tree;
  }

  /** The text of a piece without comments and strings. */
  bare({ text, shift }: Fragment): string {
    let bare = this.bares.get(shift);
    if (bare === undefined) {
      bare = withoutComments(text);
      this.bares.set(shift, bare);
    }
    return bare;
  }

  /** Offsets in the file of all names that are, or were, wanted in a piece, in their order. */
  placesOf(
    { text, shift }: Fragment,
    wanted: (name: string) => boolean,
    more: readonly number[],
    added: ReadonlySet<string> | undefined,
  ): number[] {
    let places = this.places.get(shift);
    const searched = places !== undefined;
    if (places === undefined) {
      places = new Set();
      this.places.set(shift, places);
    }
    for (const at of more) places.add(at);
    const few = searched && added !== undefined && added.size <= 40;
    if (!few || added.size > 0) {
      const word = few ? new RegExp(`\\b(?:${[...added].join('|')})\\b`, 'g') : WORD;
      word.lastIndex = 0;
      for (let match = word.exec(text); match !== null; match = word.exec(text)) {
        if (few || wanted(match[1] === undefined ? match[0] : match[0].replace(/\s*##\s*/g, '_')))
          places.add(match.index + shift);
      }
    }
    return [...places].toSorted((a, b) => a - b);
  }
}

/** A name, or one that a macro pastes together. */
const WORD = /[A-Za-z_]\w*(\s*##\s*\w+)*/g;
