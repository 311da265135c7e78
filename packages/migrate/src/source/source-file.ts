import { loadParser, type Syntax } from './grammar.ts';
import { type FileKind, fencesOf, headerLanguage } from './languages.ts';
import { CLowering, MACRO_AFTER, MACRO_BEFORE } from './lower-c.ts';
import { RustLowering } from './lower-rust.ts';
import { type Fragment, kidsOf, type Lowering, Reader } from './lowering.ts';
import { branchWays, withBranch, withoutComments } from './preprocessor.ts';
import type { SourceLanguage, TextRange } from './site.ts';
import type { Expr, Func, Stmt } from './tree.ts';

/** A function of a file, as far as it was parsed. */
export interface ParsedFunc extends Func {
  readonly language: SourceLanguage;
  /** A part of it did not parse. */
  readonly broken: boolean;
  /** Code that stands outside of any function: a fragment in Markdown, a global's initialiser. */
  readonly outside: boolean;
  /** Only this file can call it. */
  readonly local: boolean;
  /** Read with one branch of each `#if` only; others of the same place may follow. */
  readonly variant?: true;
}

/** What a file says about a function that is not looked into. */
interface FuncNote extends TextRange {
  readonly name: string;
}

/** A macro that stands for a name. */
interface Alias extends TextRange {
  readonly name: string;
  readonly of: string;
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

/** Functions of one file by their offset: the trees of a file are made again when a new name is looked for. */
export type KnownFuncs = Map<number, Func>;

/** Kinds of nodes that are functions. */
const FUNCTIONS = { c: 'function_definition', cpp: 'function_definition', rust: 'function_item' } as const;

/**
 * Parses a file as far as it is needed.
 *
 * @param wanted - names whose functions are to be given as trees
 * @param known - functions of the file that were lowered before, by offset; new ones are added
 */
export function parseFile(
  path: string,
  kind: FileKind,
  text: string,
  wanted: (name: string) => boolean,
  known: KnownFuncs = new Map(),
): ParsedFile {
  const language = kind === 'header' ? headerLanguage(text) : kind === 'markdown' ? 'c' : kind;
  const pieces = kind === 'markdown' ? fencesOf(text) : [{ language, start: 0, end: text.length }];
  const funcs: ParsedFunc[] = [];
  const notes: FuncNote[] = [];
  const aliases: Alias[] = [];
  let broken = -1;
  for (const piece of pieces) {
    const fragment = { text: text.slice(piece.start, piece.end), shift: piece.start };
    const places = placesOf(fragment, wanted);
    if (places.length === 0) continue;
    const part = new Piece(fragment, piece.language, places, known);
    part.run();
    funcs.push(...part.funcs);
    notes.push(...part.notes);
    aliases.push(...part.aliases);
    if (broken < 0 && part.broken >= 0) broken = part.broken;
  }
  return { path, text, language, funcs, notes, aliases, code: pieces, broken };
}

/** Offsets in the file of the wanted names. */
function placesOf({ text, shift }: Fragment, wanted: (name: string) => boolean): number[] {
  const places: number[] = [];
  const word = /[A-Za-z_]\w*/g;
  for (let match = word.exec(text); match !== null; match = word.exec(text)) {
    if (wanted(match[0])) places.push(match.index + shift);
  }
  return places;
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
  private readonly places: readonly number[];
  private readonly known: KnownFuncs;

  constructor(fragment: Fragment, language: SourceLanguage, places: readonly number[], known: KnownFuncs) {
    this.known = known;
    this.fragment = fragment;
    this.language = language;
    this.places = places;
  }

  run(): void {
    const { fragment, language } = this;
    this.read(fragment, false);
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
    const ways = branchWays(fragment.text);
    const found: ParsedFunc[] = [];
    for (let pick = 0; pick < ways; pick++) {
      const other = new Piece(
        { text: withBranch(fragment.text, pick), shift: fragment.shift },
        language,
        this.places,
        new Map(),
      );
      other.read({ text: withBranch(fragment.text, pick), shift: fragment.shift }, true);
      for (const func of other.funcs) {
        if (func.broken || func.outside) continue;
        if (whole.some(({ start, end, outside }) => !outside && start <= func.start && func.end <= end)) continue;
        found.push({ ...func, variant: true });
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
    const bare = withoutComments(this.fragment.text);
    return lost.filter((at) => /^\w+\s*\(/.test(bare.slice(at - this.fragment.shift, at - this.fragment.shift + 200)));
  }

  private read(fragment: Fragment, quiet: boolean): void {
    const { language } = this;
    const root = loadParser()(language, fragment.text);
    const reader = new Reader(fragment);
    const lowering: Lowering = language === 'rust' ? new RustLowering(reader, macroArguments) : new CLowering(reader);
    const covered: TextRange[] = [];
    const errors = (root.findAll({ rule: { kind: 'ERROR' } } as never) as Syntax[]).map((node) => reader.range(node));
    for (const node of root.findAll({ rule: { kind: FUNCTIONS[language] } } as never) as Syntax[]) {
      const range = reader.range(node);
      const note = this.note(node, reader);
      if (note !== null) this.notes.push(note);
      if (!this.wants(range)) continue;
      // A function in a function is read with its own name only.
      const func = this.known.get(range.start) ?? this.lowered(lowering, node, range);
      if (func === null || func.name === '') continue;
      covered.push(range);
      if (!quiet) this.known.set(range.start, func);
      this.funcs.push({
        ...func,
        language,
        broken: errors.some(({ start, end }) => range.start <= start && end <= range.end),
        outside: false,
        local: language === 'c' && /\bstatic\b/.test(func.returns) && !/\binline\b/.test(func.returns),
      });
    }
    if (language === 'rust') this.rustMacros(root, reader, covered);
    else this.macros(root, reader, covered);
    if (!quiet) this.outside(root, reader, covered, lowering);
  }

  /** A function, unless it is nested so deep that it cannot be followed: its calls are listed all the same. */
  private lowered(lowering: Lowering, node: Syntax, { start }: TextRange): ReturnType<Lowering['func']> {
    try {
      return lowering.func(node);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      if (this.broken < 0) this.broken = start;
      return null;
    }
  }

  private wants({ start, end }: TextRange): boolean {
    // The places are in order: a file can have many of them, and of functions.
    let [low, high] = [0, this.places.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.places[middle] ?? 0) < start) low = middle + 1;
      else high = middle;
    }
    const at = this.places[low];
    return at !== undefined && at < end;
  }

  private note(node: Syntax, reader: Reader): FuncNote | null {
    const name = node.field('name') ?? node.field('declarator');
    if (name === null) return null;
    const text = /([A-Za-z_]\w*)\s*(?:\(|$)/.exec(reader.of(name).replace(/^[\s*&(]+/, ''))?.[1];
    return text === undefined ? null : { ...reader.range(node), name: text };
  }

  /** `#define`s: those with a body like a function's, and names for names. */
  private macros(root: Syntax, reader: Reader, covered: TextRange[]): void {
    for (const kind of ['preproc_function_def', 'preproc_def']) {
      for (const node of root.findAll({ rule: { kind } } as never) as Syntax[]) {
        const range = reader.range(node);
        if (!this.wants(range)) continue;
        const name = node.field('name');
        const value = node.field('value');
        if (name === null || value === null) continue;
        covered.push(range);
        const body = reader
          .of(value)
          .replace(/\\(?=\r?\n)/g, ' ')
          .replace(/##/g, '  ');
        const start = reader.range(value).start;
        const plain = /^\(?\s*([A-Za-z_]\w*)\s*\)?\s*$/.exec(withoutComments(body));
        if (plain?.[1] !== undefined) {
          if (kind === 'preproc_def') this.aliases.push({ ...range, name: reader.of(name), of: plain[1] });
          continue;
        }
        const list = node.field('parameters');
        const params = list === null ? [] : (reader.of(list).match(/[A-Za-z_]\w*|\.\.\./g) ?? []);
        this.funcs.push({
          ...range,
          ...macroBody(body, start),
          name: reader.of(name),
          owner: null,
          declares: [],
          params,
          types: params.map(() => ''),
          method: false,
          macro: true,
          returns: '',
          language: this.language,
          outside: false,
          local: false,
        });
      }
    }
  }

  /** The bodies of `macro_rules!`, with `$name` taken for a name. */
  private rustMacros(root: Syntax, reader: Reader, covered: TextRange[]): void {
    for (const node of root.findAll({ rule: { kind: 'macro_definition' } } as never) as Syntax[]) {
      const range = reader.range(node);
      if (!this.wants(range)) continue;
      covered.push(range);
      for (const rule of kidsOf(node).filter((kid) => kid.is('macro_rule'))) {
        const tokens = kidsOf(rule)
          .filter((kid) => kid.is('token_tree'))
          .at(-1);
        if (tokens === undefined || !this.wants(reader.range(tokens))) continue;
        const inside = reader.of(tokens).slice(1, -1).replace(/\$/g, '_');
        const before = reader.range(tokens).start + 1;
        const items = new Piece({ text: inside, shift: before }, 'rust', this.places, new Map());
        items.read({ text: inside, shift: before }, false);
        const name = node.field('name');
        for (const func of items.funcs) {
          this.funcs.push(
            func.outside ? { ...func, name: name === null ? '' : reader.of(name), macro: true, outside: false } : func,
          );
        }
      }
    }
  }

  /** What stands outside of functions and mentions a wanted name. */
  private outside(root: Syntax, reader: Reader, covered: readonly TextRange[], lowering: Lowering): void {
    const inside = ({ start, end }: TextRange): boolean =>
      this.places.some((at) => start <= at && at < end && !covered.some((c) => c.start <= at && at < c.end));
    const whole = reader.range(root);
    if (!inside(whole)) return;
    const { language } = this;
    const body: Stmt[] = [];
    const add = (nodes: readonly Syntax[]): void => {
      for (const node of nodes) {
        const range = reader.range(node);
        const kind = String(node.kind());
        if (
          /^(?:function_definition|function_item|preproc_(?:def|function_def|include|call)|macro_definition)$/.test(
            kind,
          )
        )
          continue;
        if (
          /^(?:preproc_|linkage|namespace|declaration_list|class|struct|field_declaration|mod_item|impl_item|ERROR)/.test(
            kind,
          )
        ) {
          if (inside(range)) add(kidsOf(node));
          continue;
        }
        // The other statements of a fragment are its flow.
        if (inside(range) || this.fragment.shift > 0) body.push(lowering.statement(node));
      }
    };
    add(kidsOf(root));
    if (body.length === 0) return;
    this.funcs.push({
      ...whole,
      name: '',
      owner: null,
      declares: [],
      params: [],
      types: [],
      method: false,
      body: { ...whole, k: 'block', body },
      macro: false,
      returns: '',
      language,
      broken: false,
      outside: true,
      local: true,
    });
  }
}

/** A macro's text as the body of a function. */
function macroBody(text: string, start: number): { readonly body: Stmt; readonly broken: boolean } {
  const fragment = { text: MACRO_BEFORE + text + MACRO_AFTER, shift: start - MACRO_BEFORE.length };
  const root = loadParser()('c', fragment.text);
  const node = root.find({ rule: { kind: 'function_definition' } } as never) as Syntax | null;
  const range = { start, end: start + text.length };
  if (node === null) return { body: { ...range, k: 'block', body: [] }, broken: true };
  const func = new CLowering(new Reader(fragment)).func(node);
  const broken = root.find({ rule: { kind: 'ERROR' } } as never) !== null;
  const body = func?.body ?? { ...range, k: 'block', body: [] };
  // A macro that is one expression has its value.
  const only = body.k === 'block' && body.body.length === 1 ? body.body[0] : undefined;
  if (only?.k === 'expr' && !/[;}]\s*$/.test(withoutComments(text))) {
    return { body: { ...range, k: 'block', body: [{ ...only, tail: true }] }, broken };
  }
  return { body, broken };
}

const CALL_BEFORE = 'fn _(){_(';
const CALL_AFTER = ');}';

/** The inside of a Rust macro's call as arguments. */
function macroArguments(text: string, start: number): readonly Expr[] | null {
  const plain = plainArguments(text, start);
  if (plain !== null) return plain;
  const fragment = { text: CALL_BEFORE + text.replace(/\$/g, '_') + CALL_AFTER, shift: start - CALL_BEFORE.length };
  const root = loadParser()('rust', fragment.text);
  const call = root.find({ rule: { kind: 'call_expression' } } as never) as Syntax | null;
  const list = call?.field('arguments') ?? null;
  if (list === null) return null;
  const lowering = new RustLowering(new Reader(fragment), macroArguments);
  return kidsOf(list).map((kid) => lowering.expr(kid));
}

/** Arguments that are names and literals only, which need no parser; null where others are among them. */
function plainArguments(text: string, start: number): Expr[] | null {
  const found: Expr[] = [];
  const part = /\s*(?:("(?:[^"\\]|\\.)*"|\d\w*)|([A-Za-z_]\w*))\s*(?:,|$)/y;
  while (part.lastIndex < text.length) {
    const match = part.exec(text);
    if (match === null) return text.trim() === '' ? [] : null;
    const [whole, literal, name] = match;
    const word = literal ?? name ?? '';
    const at = start + match.index + whole.indexOf(word);
    const range = { start: at, end: at + word.length };
    found.push(literal === undefined ? { ...range, k: 'name', name: word } : { ...range, k: 'literal', text: word });
    if (whole === '') return null;
  }
  return found;
}
