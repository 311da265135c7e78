import { FuncModel } from '../source/func-model.ts';
import { type FileKind, fileKind } from '../source/languages.ts';
import { Lines } from '../source/line-table.ts';
import type { SourceText, TextRange, UnparsedFile } from '../source/site.ts';
import { FileTrees, type ParsedFunc, parseFile } from '../source/source-file.ts';
import { type Expr, rootOf } from '../source/tree.ts';
import { type AddressOrigin, AddressOrigins, same } from './address-origin.ts';
import { type FlagsWrapper, LIKE_MMAP, MAP_NAMES, type MapCall, mapCallsIn, MENTIONS_FIXED } from './fixed-calls.ts';
import type { FixedAnalysis, FixedSite } from './fixed-site.ts';
import { type FlagMacros, flagMacros, flagWords } from './flag-words.ts';
import { judgeFixed } from './judge.ts';
import { type PlacedModel, Regions } from './regions.ts';
import { resultUse } from './result-use.ts';
import { valueMacros } from './value-macros.ts';

/** Levels of wrappers that are looked through. */
const MOST_LEVELS = 4;
/** Callers through which the address of a parameter is followed upwards. */
const MOST_CALLERS = 2;

/**
 * Finds and judges every call with MAP_FIXED, MAP_FIXED_NOREPLACE, MREMAP_FIXED or SHM_REMAP in a tree of C, C++ and
 * Markdown.
 *
 * @param texts - all files of the tree, by path
 * @throws ParserMissingError when the native parsers cannot be loaded
 */
export function analyseFixed(texts: ReadonlyMap<string, string>): FixedAnalysis {
  const files = new Map([...texts].filter(([path]) => kindOf(path) !== undefined));
  const naming = [...files.values()].filter((text) => MENTIONS_FIXED.test(text)).length;
  if (naming === 0) return { files: 0, sites: [], unparsed: [] };
  const tree = new FixedTree(files);
  return { files: naming, sites: tree.sites(), unparsed: tree.unparsed() };
}

/** The language of a file with C or C++ in it. */
function kindOf(path: string): FileKind | undefined {
  const kind = fileKind(path);
  return kind === 'rust' ? undefined : kind;
}

/** One file of the tree, parsed where it names what is looked for. */
interface TreeFile {
  readonly path: string;
  readonly kind: FileKind;
  readonly text: string;
  readonly trees: FileTrees;
  funcs: readonly Func[];
  /** How many of the names it was looked at with. */
  looked: number;
}

/** A function with its calls that map. */
interface Func extends PlacedModel {
  readonly func: ParsedFunc;
  calls: readonly MapCall[];
}

/** A call of a function of the tree. */
interface Caller {
  readonly caller: Func;
  readonly args: readonly Expr[];
}

class FixedTree {
  private readonly files: readonly TreeFile[];
  private readonly flags: FlagMacros;
  private readonly wrappers: Map<string, FlagsWrapper[]> = new Map();
  private readonly names: Set<string> = new Set(MAP_NAMES);
  private readonly regions: Regions = new Regions();
  private readonly origins: AddressOrigins;
  private readonly calls: WeakMap<FuncModel, readonly MapCall[]> = new WeakMap();
  private readonly callers: Map<string, Caller[]> = new Map();
  private readonly lines: Map<string, Lines> = new Map();
  /** Files that did not parse whole, and from where on. */
  private readonly failed: Map<string, UnparsedFile> = new Map();

  constructor(texts: ReadonlyMap<string, string>) {
    const values = valueMacros(texts.values());
    this.flags = flagMacros(values);
    this.origins = new AddressOrigins(
      this.regions,
      ({ model }) => this.calls.get(model) ?? [],
      (name) => values.get(name),
    );
    this.files = [...texts].map(([path, text]) => ({
      path,
      kind: kindOf(path) ?? 'c',
      text,
      trees: new FileTrees(),
      funcs: [],
      looked: 0,
    }));
    for (let level = 0; level < MOST_LEVELS; level++) if (!this.round()) break;
  }

  /** Parses what names something that was found. @returns whether new names came in */
  private round(): boolean {
    const { names } = this;
    const before = names.size;
    for (const file of this.files) {
      // Only names that came in since then make a difference.
      const added = [...names].slice(file.looked);
      const first = file.looked === 0;
      file.looked = names.size;
      if (!(first && LIKE_MMAP.test(file.text)) && !added.some((name) => file.text.includes(name))) continue;
      try {
        this.parse(file);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        file.funcs = [];
        this.failed.set(file.path, { file: file.path, line: 0, why: 'it is nested too deep' });
      }
    }
    for (const func of this.funcs()) {
      func.calls = mapCallsIn(func.model, (name) => this.wrapper(name, func.file));
      this.calls.set(func.model, func.calls);
      this.learnWrapper(func);
      if (this.regions.learn(func, func.calls)) names.add(func.func.name);
    }
    return names.size > before;
  }

  private parse(file: TreeFile): void {
    const { names } = this;
    const wanted = (name: string): boolean => names.has(name) || LIKE_MMAP.test(name);
    const { funcs, broken } = parseFile(file.path, file.kind, file.text, wanted, file.trees);
    const lineOf = (offset: number): number => this.place(file, offset).line;
    const why = 'a part of it did not parse';
    if (broken >= 0) this.failed.set(file.path, { file: file.path, line: lineOf(broken), why });
    file.funcs = funcs.map((func) => ({
      func,
      model: new FuncModel(func, file.text),
      file: file.path,
      lineOf,
      calls: [],
    }));
  }

  /** Files that name a flag and did not parse whole. */
  unparsed(): UnparsedFile[] {
    return this.files.flatMap(({ path, text }) => {
      const failed = this.failed.get(path);
      return failed === undefined || !MENTIONS_FIXED.test(text) ? [] : [failed];
    });
  }

  private *funcs(): Iterable<Func> {
    for (const { funcs } of this.files) yield* funcs;
  }

  private wrapper(name: string, file: string): FlagsWrapper | undefined {
    const found = this.wrappers.get(name);
    return found?.find((each) => each.file === file) ?? found?.find((each) => each.file === null);
  }

  /** A function that hands its flags on; and one whose address its callers decide about. */
  private learnWrapper({ func, model, calls, file }: Func): void {
    if (func.name === '' || func.outside || MAP_NAMES.has(func.name)) return;
    for (const call of calls) {
      const words = flagWords(model, call.flags, call.placed.step, this.flags);
      const at = (e: Expr | null): number => (e === null ? -1 : func.params.indexOf(rootOf(model.origin(e)) ?? ''));
      const address = at(call.address);
      if (address < 0) continue;
      if (words.fixed !== 'never') this.names.add(func.name);
      const [flags] = words.params;
      if (flags === undefined || words.fixed !== 'never') continue;
      const known = this.wrappers.get(func.name) ?? [];
      const only = func.local ? file : null;
      if (known.some((each) => each.file === only)) continue;
      const { name } = func;
      known.push({ name, file: only, address, length: at(call.length), prot: at(call.prot), flags });
      this.wrappers.set(name, known);
      this.names.add(name);
    }
  }

  sites(): FixedSite[] {
    const found = new Map<string, FixedSite>();
    for (const file of this.files) {
      for (const func of file.funcs) {
        for (const site of this.sitesOf(file, func)) {
          const key = `${site.file}\0${site.start}`;
          const had = found.get(key);
          if (had === undefined || (had.confidence === 'low' && site.confidence !== 'low')) found.set(key, site);
        }
      }
    }
    const order = new Map(this.files.map(({ path }, i) => [path, i]));
    return [...found.values()].toSorted(
      (a, b) => (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0) || a.start - b.start,
    );
  }

  private sitesOf(own: TreeFile, func: Func): FixedSite[] {
    const { model, calls, file, lineOf } = func;
    const all = calls.map((call) => ({ call, words: flagWords(model, call.flags, call.placed.step, this.flags) }));
    return all.flatMap(({ call, words }): FixedSite[] => {
      if (words.fixed === 'never' && words.noReplace === 'never') return [];
      const { placed, kind, address, length, flags } = call;
      const { use, to, heeded, firm } = resultUse(model, placed.step, placed.call, address);
      const { origin, callers } = this.originOf(func, address, 0);
      const judged = judgeFixed({ placed: func, call, words, use, origin, callers, others: all });
      const { line, column } = this.place(own, placed.call.start);
      const what = words.noReplace === 'never' ? 'the call that replaces' : 'the call';
      const { verdict, why } = judged;
      const broken = func.func.broken;
      return [
        {
          file,
          line,
          column,
          firstLine: Math.min(line, lineOf(placed.step.range.start)),
          start: placed.call.start,
          end: placed.call.end,
          language: func.func.language,
          function: func.func.name === '' ? null : func.func.name,
          callee: own.text.slice(placed.call.callee.start, placed.call.callee.end),
          kind,
          address: textOf(own.text, address),
          length: length === null ? null : textOf(own.text, length),
          flags: textOf(own.text, flags),
          sometimes: (words.noReplace === 'never' ? words.fixed : words.noReplace) === 'sometimes',
          word: this.readOnlyHere(own, func, words.word, words.through),
          verdict,
          why,
          path: [...judged.before, { file, line: lineOf(placed.call.start), what }],
          confidence: broken ? 'low' : judged.confidence,
          result: use,
          heeded,
          firm,
          resultName: to === null ? null : own.text.slice(to.start, to.end),
          inMacro: func.func.macro,
        },
      ];
    });
  }

  /** Where an address comes from; of a parameter, where all callers of the tree have it from. */
  private originOf(func: Func, address: Expr, depth: number): { origin: AddressOrigin; callers: number } {
    const origin = this.origins.of(func, address);
    if (origin.kind !== 'parameter') return { origin, callers: -1 };
    const passed: AddressOrigin[] = [];
    if (depth < MOST_CALLERS && !func.func.macro) {
      for (const { caller, args } of this.callersOf(func.func.name)) {
        const given = func.func.local && caller.file !== func.file ? undefined : args[origin.index];
        if (given !== undefined) passed.push(this.originOf(caller, given, depth + 1).origin);
      }
    }
    return { origin: same(passed), callers: passed.length };
  }

  /** The calls of a function by its name, in functions that were parsed; all are listed when they are first asked for. */
  private callersOf(name: string): readonly Caller[] {
    if (this.callers.size === 0) {
      for (const caller of this.funcs()) {
        for (const { call } of caller.model.calls) {
          if (call.on !== null || !this.names.has(call.name)) continue;
          const known = this.callers.get(call.name);
          if (known === undefined) this.callers.set(call.name, [{ caller, args: call.args }]);
          else known.push({ caller, args: call.args });
        }
      }
    }
    return this.callers.get(name) ?? [];
  }

  /** The place of the flag, where nothing else reads it. */
  private readOnlyHere(
    { text }: TreeFile,
    { func }: Func,
    word: TextRange | null,
    through: string | null,
  ): TextRange | null {
    if (word === null || text.slice(word.start, word.end) !== 'MAP_FIXED') return null;
    if (through === null) return word;
    // Set once, and passed once.
    const uses = text.slice(func.start, func.end).match(new RegExp(`\\b${through}\\b`, 'g')) ?? [];
    return uses.length === 2 ? word : null;
  }

  private place({ path, text }: { path: string; text: string }, offset: number): { line: number; column: number } {
    let lines = this.lines.get(path);
    if (lines === undefined) this.lines.set(path, (lines = new Lines(text)));
    return lines.at(offset);
  }
}

const textOf = (text: string, { start, end }: Expr): SourceText => ({ start, end, text: text.slice(start, end) });
