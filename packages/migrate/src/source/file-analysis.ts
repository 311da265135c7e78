import type { CallerFile } from './caller-file.ts';
import { fieldType } from './caller-file.ts';
import { FuncModel } from './func-model.ts';
import { Judge } from './judge.ts';
import type { Judgement } from './judgement.ts';
import { type FileKind, fencesOf } from './languages.ts';
import { Lines } from './line-table.ts';
import { type LeftPlace, leftPlaces } from './left-places.ts';
import { lostCalls } from './lost-calls.ts';
import type { MacroText } from './macro-book.ts';
import { MacroUses } from './macro-uses.ts';
import { type MapCall, mapCallsOf } from './map-calls.ts';
import { pointersOf } from './pointers.ts';
import { type Maker, madeNames } from './rust-macros.ts';
import type { Definition, Pointer, SinkTable } from './sink-table.ts';
import type { AnswerMeaning, Meanings } from './answer-value.ts';
import { kernelSink, MENTIONS_SINK } from './sinks.ts';
import { guardOf, guardTypesIn } from './scoped-mappings.ts';
import type { SourceSite, SourceText, TextRange, UnparsedFile } from './site.ts';
import { FileTrees, type ParsedFile, type ParsedFunc, parseFile } from './source-file.ts';
import { typeIn } from './struct-fields.ts';
import { MENTIONS_SUPPRESSION } from './suppressions.ts';
import { type Expr, rootOf, show, visit } from './tree.ts';
import { meaningsIn, useByRuns } from './use-by-runs.ts';
import { WordFilter } from './word-filter.ts';
import { wrapperOf } from './wrappers.ts';

/** What a file adds to what is known about all of them. */
export interface FileNews {
  readonly definitions: readonly Definition[];
  readonly aliases: readonly { readonly name: string; readonly of: string }[];
  readonly pointers: readonly Pointer[];
  /** Functions that unmap, delete or revoke. */
  readonly clearing: readonly string[];
  /** What its functions make of an error that they are given. */
  readonly meanings: readonly AnswerMeaning[];
  /** What its functions leave mapped where others map, too. */
  readonly left: readonly LeftPlace[];
  /** Its types whose objects unmap when they go. */
  readonly guards: readonly string[];
  /** Macros that could build names. */
  readonly macros: readonly MacroText[];
  /** Macros of Rust that define functions which map. */
  readonly makers: readonly Maker[];
}

/** What is known of the whole tree when its calls are judged. */
export interface TreeFacts {
  /** Whether a function of this name unmaps, deletes or revokes. */
  readonly clearing: (name: string) => boolean;
  readonly meanings: Meanings;
  /** What functions leave mapped at a place. */
  readonly left: (key: string) => readonly LeftPlace[];
  /** Types whose objects unmap when they go. */
  readonly guards: ReadonlySet<string>;
}

/** What was found in a file. */
export interface FileSites {
  readonly sites: readonly SourceSite[];
  readonly unparsed: UnparsedFile | null;
  /** It has comments that suppress findings. */
  readonly marked: boolean;
}

/** Bodies that clear something. */
const CLEARS_INSIDE = /unmap|_revoke\b|CNode_Delete|cnode_delete|cspace_delete/i;

/** A function of a file, and what was found out about it when it was last looked at. */
interface Looked {
  readonly model: FuncModel;
  /** Names that decide about its calls. */
  readonly names: ReadonlySet<string>;
  maps: readonly MapCall[] | undefined;
}

/** One file under analysis. It keeps what it has parsed until a new name makes it look again. */
export class FileAnalysis implements CallerFile {
  readonly path: string;
  readonly lines: number;
  private readonly kind: FileKind;
  private readonly text: string;
  private words: WordFilter | undefined;
  private readonly fieldTypes: Map<string, string | null> = new Map();
  private readonly builtIn: boolean;
  private parsed: ParsedFile | undefined;
  private looked: Looked[] = [];
  private trees: FileTrees = new FileTrees();
  private failure: string | undefined;
  /** How much of what the table was told the file was looked at with; -1 = it was not yet. */
  private seen = -1;
  private seenMacros = 0;
  private readonly uses: MacroUses;
  private seenSlots = 0;
  private seenMakers = 0;
  private toldClearing = false;
  /** It has said what its functions make of errors, and which of its types unmap. */
  private asked = false;

  constructor(path: string, kind: FileKind, text: string) {
    this.path = path;
    this.kind = kind;
    this.text = text;
    this.builtIn = MENTIONS_SINK.test(text);
    this.uses = new MacroUses(path, kind === 'rust' || kind === 'markdown' ? '' : text);
    let lines = 0;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
    this.lines = lines + (text === '' || text.endsWith('\n') ? 0 : 1);
  }

  /** Whether the file speaks of a name. */
  readonly mentions = (name: string): boolean => {
    this.words ??= new WordFilter(this.text);
    return this.words.has(name);
  };

  readonly typeOfField = (name: string): string | null => {
    let type = this.fieldTypes.get(name);
    if (type === undefined) {
      type = fieldType(this.text, name, this.kind === 'rust');
      this.fieldTypes.set(name, type);
    }
    return type;
  };

  /** Whether any call of it can map. */
  private concerns(table: SinkTable): boolean {
    if (this.builtIn || this.uses.places(table).length > 0) return true;
    // Names that it was asked for before it does not have.
    for (let i = Math.max(0, this.seen); i < table.told.length; i++)
      if (this.mentions(table.told[i] ?? '')) return true;
    return false;
  }

  /** @returns whether there is anything new to say */
  private look(table: SinkTable): boolean {
    const version = this.uses.some ? table.macros.version : 0;
    if (this.seen === table.told.length && this.seenMacros === version) return false;
    const added = table.told.slice(Math.max(0, this.seen));
    const concerned = this.parsed !== undefined || this.concerns(table);
    const first = this.seen < 0;
    const macros = this.seenMacros !== version;
    this.seen = table.told.length;
    this.seenMacros = version;
    if (!concerned) return false;
    // Only names that came in since then make a difference.
    const names = new Set(added.filter(this.mentions));
    if (this.parsed !== undefined && !first && names.size === 0 && !macros) return false;
    const places = [...this.uses.places(table), ...[...names].flatMap((name) => this.members(name, table))];
    try {
      this.parsed = parseFile(
        this.path,
        this.kind,
        this.text,
        (name) => table.knows(name),
        this.trees,
        places,
        first ? undefined : names,
      );
    } catch (error) {
      if (error instanceof Error && error.name === 'ParserMissingError') throw error;
      // The calls are listed by their names all the same.
      this.failure = error instanceof RangeError ? 'it is nested too deep' : String(error);
      this.parsed = unread(this.path, this.kind, this.text);
    }
    const before = new Map(this.looked.map((each) => [each.model.func, each]));
    this.looked = this.parsed.funcs.flatMap((func) => {
      const old = before.get(func) ?? this.guarded(() => fresh(func, this.text));
      if (old === undefined) return [];
      if (macros || [...names].some((name) => old.names.has(name))) old.maps = undefined;
      return [old];
    });
    return true;
  }

  /** What is nested too deep is left out, and said. */
  private guarded<T>(make: () => T): T | undefined {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.failure = 'it is nested too deep';
      return undefined;
    }
  }

  /** What the file adds; to be asked again until no file adds anything. */
  news(table: SinkTable): FileNews {
    const definitions: Definition[] = [];
    const pointers: Pointer[] = this.named(table);
    const aliases: { name: string; of: string }[] = [];
    const makers: Maker[] = [];
    const clearing: string[] = [];
    const left: LeftPlace[] = [];
    const meanings = this.asked ? [] : this.meanings();
    const guards = this.asked ? [] : guardTypesIn(this.text);
    this.asked = true;
    const macros = this.uses.news(table, this.mentions);
    definitions.push(...this.made(table));
    if (this.look(table) && this.parsed !== undefined) {
      for (const each of this.looked) {
        if (each.maps !== undefined) continue;
        const { model } = each;
        const { func } = model;
        each.maps = [];
        const sink = this.guarded(() => {
          pointers.push(...pointersOf(model, table, this, this.text));
          each.maps = mapCallsOf(model, table, this);
          if (func.outside) return null;
          left.push(...leftPlaces(model, each.maps, this.path));
          return wrapperOf(model, each.maps, this.path);
        });
        if (sink === undefined || func.outside || kernelSink(func.name) !== null) continue;
        const definition = definitionOf(func, sink, this.path);
        if (func.madeBy === undefined) definitions.push(definition);
        else if (sink !== null) makers.push({ ...func.madeBy, definition });
      }
      for (const { name, of } of this.parsed.aliases) {
        if (table.byName(of, this.path) !== null) aliases.push({ name, of });
      }
      if (!this.toldClearing) clearing.push(...this.clearing(this.parsed));
      this.toldClearing = true;
    }
    definitions.push(...this.generated(table));
    return { definitions, aliases, pointers, clearing, macros, makers, meanings, left, guards };
  }

  private meanings(): AnswerMeaning[] {
    // What is nested too deep says nothing here; its calls are listed all the same.
    return this.guarded(() => meaningsIn(this.path, this.kind, this.text)) ?? [];
  }

  /** Where members of a class whose construction maps are initialised. */
  private members(name: string, table: SinkTable): number[] {
    if (!table.constructs(name) || this.kind === 'rust') return [];
    const declared = new RegExp(`\\b${name}\\b(?:<[^;{}()]*>)?\\s+(\\w+)\\s*[;{=]`, 'g');
    const found: number[] = [];
    for (const [, member = ''] of this.text.matchAll(declared)) {
      for (const { index } of this.text.matchAll(new RegExp(`\\b${member}\\s*[({]`, 'g'))) found.push(index);
    }
    return found;
  }

  private clearing({ notes }: ParsedFile): string[] {
    // The name itself is no sign: that of a constructor is its type's.
    const inside = (text: string): string => text.slice(text.indexOf('{') + 1);
    return notes
      .filter(({ start, end }) => CLEARS_INSIDE.test(inside(this.text.slice(start, end))))
      .map(({ name }) => name);
  }

  /** Positional entries of a type that this file defines, by the name of their field. */
  private named(table: SinkTable): Pointer[] {
    const found: Pointer[] = [];
    for (; this.seenSlots < table.slots.length; this.seenSlots++) {
      const slot = table.slots[this.seenSlots];
      const { of = '', index = 0 } = slot ?? {};
      if (slot === undefined || this.kind === 'rust' || !this.mentions(of)) continue;
      const type = typeIn(this.text, of);
      if (type === null) continue;
      if ('alias' in type) found.push({ ...slot, name: type.alias, of: type.alias });
      else if (type.fields[index]) found.push({ ...slot, name: type.fields[index], as: 'field' });
    }
    return found;
  }

  /** Functions that uses of Rust's macros define. */
  private made(table: SinkTable): Definition[] {
    const found: Definition[] = [];
    for (; this.seenMakers < table.makers.length; this.seenMakers++) {
      const maker = table.makers[this.seenMakers];
      if (maker === undefined || this.kind !== 'rust' || !this.mentions(maker.macro)) continue;
      for (const { name } of madeNames(this.text, maker)) found.push({ ...maker.definition, name, file: this.path });
    }
    return found;
  }

  /** Functions that uses of C's macros define. */
  private generated(table: SinkTable): Definition[] {
    return this.uses.functions(table).flatMap((text) => {
      const { funcs } = parseFile(this.path, 'c', text, (name) => table.knows(name));
      return funcs.flatMap((func) => {
        if (func.outside || func.macro) return [];
        const model = new FuncModel(func, text);
        return [definitionOf(func, wrapperOf(model, mapCallsOf(model, table, this), this.path), this.path)];
      });
    });
  }

  /** Judges every call of the file that maps. */
  sites(table: SinkTable, { clearing, meanings, left, guards }: TreeFacts): FileSites {
    const { parsed, path: file } = this;
    const marked = MENTIONS_SUPPRESSION.test(this.text);
    if (parsed === undefined) return { sites: [], unparsed: null, marked };
    const lines = new Lines(this.text);
    const found = new Map<number, SourceSite>();
    const keep = (site: SourceSite, broken: boolean): void => {
      const had = found.get(site.start);
      if (had === undefined || (had.confidence === 'low' && !broken)) found.set(site.start, site);
    };
    for (const { model, maps: had } of this.looked) {
      const seen = had ?? mapCallsOf(model, table, this);
      const mapping = new Set(seen.map(({ call }) => call));
      const maps = seen.map((map) => ({
        ...map,
        use: useByRuns(map, model, (call) => mapping.has(call), { clearing, meanings }),
      }));
      const judge = new Judge(model, maps, { clearing, left, guards, file, funcAt: this.funcAt });
      for (const map of maps) {
        const judgement = judge.of(map);
        const guarded = guardOf(map, model, guards) !== null;
        keep({ ...this.site(model, map, judgement, lines), ...(guarded ? { guarded } : {}) }, model.func.broken);
      }
      for (const { call, judgement } of judge.deadUnmaps()) {
        const sink = {
          name: call.name,
          kind: 'unmap',
          frame: null,
          vspace: null,
          vaddr: null,
          chain: [call.name],
        } as const;
        const step = model.calls.find((placed) => placed.call === call)?.step;
        if (step === undefined) continue;
        const use = { use: 'ignored', name: null, test: null } as never;
        keep(
          this.site(
            model,
            { step, call, sink: sink as never, frame: call.on ?? call.args[0] ?? null, vspace: null, vaddr: null, use },
            judgement,
            lines,
          ),
          model.func.broken,
        );
      }
    }
    const damaged = this.failure !== undefined || parsed.broken >= 0;
    for (const site of lostCalls(file, this.text, this.code(), damaged, found, lines)) found.set(site.start, site);
    // Nothing asks for the trees any more.
    this.trees = new FileTrees();
    const sites = [...found.values()].toSorted((a, b) => a.start - b.start);
    const line = parsed.broken >= 0 ? lines.at(parsed.broken).line : 0;
    const unparsed =
      this.failure !== undefined
        ? { file, line: 0, why: `${this.failure}; calls in it are listed by name, and not judged` }
        : parsed.broken >= 0
          ? { file, line, why: 'a part of it does not parse; calls in it are listed, and judged as far as they can be' }
          : null;
    return { sites, unparsed, marked };
  }

  private site(model: FuncModel, map: MapCall, judgement: Judgement, lines: Lines): SourceSite {
    const { call, sink, step, use } = map;
    const { func, graph } = model;
    const { path: file } = this;
    const { line, column } = lines.at(call.start);
    const text = (e: Expr | null): SourceText | null => (e === null ? null : this.textOf(e));
    const inner = step.loops.at(-1);
    const loop = inner === undefined ? undefined : graph.loops[inner]?.body;
    const { earlier } = judgement;
    const before = earlier?.frame ?? null;
    return {
      file,
      line,
      column,
      start: call.start,
      end: call.end,
      language: func.language,
      function:
        func.outside || func.name === '' ? null : func.owner === null ? func.name : `${func.owner}::${func.name}`,
      callee: this.text.slice(call.callee.start, call.callee.end),
      kind: sink.kind,
      chain: sink.chain,
      frame: text(map.frame),
      vspace: text(map.vspace),
      vaddr: text(map.vaddr),
      args: call.args.map((arg) => this.textOf(arg)),
      verdict: judgement.verdict,
      why: judgement.why,
      path: judgement.path.map(({ at, what }) => ({ file, line: lines.at(at).line, what })),
      confidence: func.broken ? 'low' : judgement.confidence,
      result: use.use,
      resultName: use.name,
      statement: func.macro ? null : { start: step.range.start, end: step.range.end },
      loop: loop === undefined ? null : { start: loop.start, end: loop.end },
      earlier:
        earlier === null || before === null
          ? null
          : {
              frame: this.textOf(before).text,
              file,
              line: lines.at(earlier.call.start).line,
              inScope: inScope(before, earlier, map, model),
            },
      test: use.test,
      inMacro: func.macro,
    };
  }

  /** The function that has an offset; null where it stands outside of any. */
  private readonly funcAt = (offset: number): string | null =>
    this.parsed?.notes.findLast(({ start, end }) => start <= offset && offset < end)?.name ?? null;

  private textOf({ start, end }: TextRange): SourceText {
    return { start, end, text: this.text.slice(start, end) };
  }

  private code(): readonly (TextRange & { readonly language: SourceSite['language'] })[] {
    return this.kind === 'markdown' ? fencesOf(this.text) : (this.parsed?.code ?? []);
  }
}

const definitionOf = (func: ParsedFunc, sink: Definition['sink'], file: string): Definition => ({
  name: func.name,
  file,
  local: func.local,
  params: func.params.some((param) => param.includes('...')) ? -1 : func.params.length,
  method: func.method,
  owner: func.owner,
  rust: func.language === 'rust',
  bases: func.bases ?? [],
  free: func.method && /\bstatic\b/.test(func.returns),
  ...(func.macro && func.language === 'rust' ? { bang: true } : {}),
  ...(func.separators === undefined ? {} : { separators: func.separators }),
  sink,
});

/** A function that was not looked at yet. */
function fresh(func: ParsedFunc, text: string): Looked {
  const model = new FuncModel(func, text);
  const names = new Set([func.name]);
  for (const { expr } of model.graph.steps) {
    if (expr === null) continue;
    visit(expr, (e) => {
      if (e.k === 'name' || e.k === 'field' || e.k === 'call') names.add(e.name);
    });
  }
  return { model, names, maps: undefined };
}

/** What is known of a file that cannot be read as code. */
const unread = (path: string, kind: FileKind, text: string): ParsedFile => {
  const language = kind === 'header' || kind === 'markdown' ? 'c' : kind;
  return {
    path,
    text,
    language,
    funcs: [],
    notes: [],
    aliases: [],
    code: [{ language, start: 0, end: text.length }],
    broken: -1,
  };
};

/** The earlier frame's expression means the same where the later map stands. */
function inScope(frame: Expr, earlier: MapCall, later: MapCall, model: FuncModel): boolean {
  if (earlier === later) return false;
  const root = rootOf(frame);
  if (root === null) return false;
  const names = model.names(frame);
  const between = model.graph.steps.filter(({ id }) => id > earlier.step.id && id <= later.step.id);
  if (between.some((step) => [...model.changesAt(step)].some((name) => names.has(name)))) return false;
  return (
    !later.step.loops.some((loop) => [...names].some((name) => model.graph.loops[loop]?.changes.has(name) === true)) &&
    show(frame) !== ''
  );
}
