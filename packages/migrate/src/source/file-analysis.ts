import type { Expr } from './tree.ts';
import { FuncModel } from './func-model.ts';
import { Judge } from './judge.ts';
import type { Judgement } from './judgement.ts';
import { type FileKind, fencesOf } from './languages.ts';
import { Lines } from './line-table.ts';
import { type LeftPlace, leftPlaces } from './left-places.ts';
import { type MapCall, mapCallsOf } from './map-calls.ts';
import { withoutComments } from './preprocessor.ts';
import type { Definition, Pointer, SinkTable } from './sink-table.ts';
import type { AnswerMeaning, Meanings } from './answer-value.ts';
import { builtIn, kernelSink, MENTIONS_SINK } from './sinks.ts';
import { MENTIONS_SUPPRESSION } from './suppressions.ts';
import { guardOf, guardTypesIn } from './scoped-mappings.ts';
import type { SourceSite, SourceText, TextRange, UnparsedFile } from './site.ts';
import { type KnownFuncs, type ParsedFile, type ParsedFunc, parseFile } from './source-file.ts';
import { rootOf, show, visit } from './tree.ts';
import { meaningsIn, useByRuns } from './use-by-runs.ts';
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

/** Calls by a kernel's name. */
const KERNEL_CALL = /\b((?:se)?[lL]4_\w*[pP]age_(?:Rem|M|rem|m)ap\w*)\s*\(/g;
/** The same, and methods of Rust's bindings. */
const KERNEL_OR_METHOD =
  /(?:\b(?=(?:se)?[lL]4_)|(?<=\.))((?:(?:se)?[lL]4_\w*[pP]age_(?:Rem|M|rem|m)ap\w*)|(?:(?:ept_|io_)?frame_map|frame_remap|(?:unchecked_)?page_map))\s*\(/g;

/** Bodies that clear something. */
const CLEARS_INSIDE = /unmap|_revoke\b|CNode_Delete|cnode_delete|cspace_delete/i;

/** One file under analysis. It keeps what it has parsed until a new name makes it look again. */
export class FileAnalysis {
  readonly path: string;
  readonly lines: number;
  private readonly kind: FileKind;
  private readonly text: string;
  private words: Set<string> | undefined;
  private readonly builtIn: boolean;
  private parsed: ParsedFile | undefined;
  private models: FuncModel[] = [];
  private readonly known: KnownFuncs = new Map();
  private failure: string | undefined;
  /** How much of what the table was told the file was looked at with. */
  private seen = -1;
  /** It has said what its functions make of errors. */
  private asked = false;

  constructor(path: string, kind: FileKind, text: string) {
    this.path = path;
    this.kind = kind;
    this.text = text;
    this.builtIn = MENTIONS_SINK.test(text);
    let lines = 0;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
    this.lines = lines + (text === '' || text.endsWith('\n') ? 0 : 1);
  }

  /** Whether the file speaks of a name. */
  readonly mentions = (name: string): boolean => {
    this.words ??= new Set(this.text.match(/[A-Za-z_]\w*/g) ?? []);
    return this.words.has(name);
  };

  /** Whether any call of it can map. */
  private concerns(table: SinkTable): boolean {
    if (this.builtIn) return true;
    for (const name of table.names) if (this.mentions(name)) return true;
    return false;
  }

  /** @returns whether there is anything new to say */
  private look(table: SinkTable): boolean {
    if (this.seen === table.told.length) return false;
    const looked = this.seen;
    this.seen = table.told.length;
    if (!this.concerns(table)) return false;
    if (looked >= 0 && this.parsed !== undefined) {
      // Only names that came in since then make a difference.
      const added = table.told.slice(looked);
      if (!added.some(this.mentions)) return false;
    }
    try {
      this.parsed = parseFile(this.path, this.kind, this.text, (name) => table.knows(name), this.known);
      const before = new Map(this.models.map((model) => [`${model.func.start} ${model.func.end}`, model]));
      this.models = this.parsed.funcs.map((func) => {
        const old =
          func.outside || func.macro || func.broken || func.variant === true
            ? undefined
            : before.get(`${func.start} ${func.end}`);
        return old ?? new FuncModel(func, this.text);
      });
    } catch (error) {
      if (error instanceof Error && error.name === 'ParserMissingError') throw error;
      // The calls are listed by their names all the same.
      this.failure = error instanceof RangeError ? 'it is nested too deep' : String(error);
      this.parsed = unread(this.path, this.kind, this.text);
      this.models = [];
    }
    return true;
  }

  /** What the file adds; to be asked again until no file adds anything. */
  news(table: SinkTable): FileNews {
    const changed = this.look(table);
    const { parsed } = this;
    const meanings = this.asked ? [] : this.meanings();
    const guards = this.asked ? [] : guardTypesIn(this.text);
    this.asked = true;
    if (parsed === undefined || !changed)
      return { definitions: [], aliases: [], pointers: [], clearing: [], meanings, left: [], guards };
    const definitions: Definition[] = [];
    const pointers: Pointer[] = [];
    const left: LeftPlace[] = [];
    for (const model of this.models) {
      const { func } = model;
      pointers.push(...this.pointersOf(func, model, table));
      if (func.outside) continue;
      const maps = mapCallsOf(model, table, this.path, this.mentions);
      left.push(...leftPlaces(model, maps, this.path));
      const sink = wrapperOf(model, maps, this.path);
      if (kernelSink(func.name) !== null) continue;
      const { name, owner, method, local } = func;
      const params = func.macro && func.params.includes('...') ? -1 : func.params.length;
      definitions.push({ name, file: this.path, local, params, method, owner, sink });
    }
    const aliases = parsed.aliases.filter(({ of }) => table.byName(of, this.path) !== null);
    const clearing = parsed.notes
      .filter(({ start, end }) => CLEARS_INSIDE.test(this.text.slice(start, end)))
      .map(({ name }) => name);
    return {
      definitions,
      aliases: aliases.map(({ name, of }) => ({ name, of })),
      pointers,
      clearing,
      meanings,
      left,
      guards,
    };
  }

  private meanings(): AnswerMeaning[] {
    try {
      return meaningsIn(this.path, this.kind, this.text);
    } catch (error) {
      // What is nested too deep says nothing here; its calls are listed all the same.
      if (error instanceof RangeError) return [];
      throw error;
    }
  }

  /** Function pointers that the code sets to a sink, or gets as a parameter. */
  private pointersOf(func: ParsedFunc, model: FuncModel, table: SinkTable): Pointer[] {
    const found: Pointer[] = [];
    const { path: file } = this;
    const sinkOf = (e: Expr) => {
      const at = e.k === 'unary' && e.op === '&' ? e.of : e.k === 'cast' ? e.of : e;
      if (at.k !== 'name') return null;
      const index = func.params.indexOf(at.name);
      // A parameter that a caller sets to a sink is passed on, or kept.
      return index < 0 ? table.byName(at.name, file) : table.passed(func.name, index);
    };
    for (const { expr } of model.graph.steps) {
      if (expr === null) continue;
      visit(expr, (e) => {
        if (e.k === 'init') {
          for (const { name, value } of e.entries) {
            const sink = name === null ? null : sinkOf(value);
            if (sink !== null && name !== null) found.push({ name, as: 'field', file, sink });
          }
        } else if (e.k === 'assign') {
          const sink = sinkOf(e.value);
          if (sink === null) return;
          if (e.to.k === 'field') found.push({ name: e.to.name, as: 'field', file, sink });
          else if (e.to.k === 'name') found.push({ name: e.to.name, as: 'variable', file, sink });
        } else if (e.k === 'call') {
          e.args.forEach((arg, index) => {
            const sink = sinkOf(arg);
            if (sink !== null && e.name !== '')
              found.push({ name: `${e.name}#${index}`, as: 'parameter', of: e.name, index, file, sink });
          });
        }
      });
    }
    return found;
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
    for (const model of this.models) {
      const seen = mapCallsOf(model, table, file, this.mentions);
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
    this.lost(lines, found);
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

  /** Calls by a kernel's name that no tree has. */
  private lost(lines: Lines, found: Map<number, SourceSite>): void {
    const { text, path: file } = this;
    const covered = [...found.values()].toSorted((a, b) => a.start - b.start);
    for (const { start, end, language } of this.code()) {
      const bare = withoutComments(text.slice(start, end));
      // The methods of Rust's bindings are common words: they count where code was left out.
      const methods = language === 'rust' && (this.failure !== undefined || (this.parsed?.broken ?? -1) >= 0);
      for (const match of bare.matchAll(methods ? KERNEL_OR_METHOD : KERNEL_CALL)) {
        const name = match[1] ?? '';
        const sink = kernelSink(name) ?? (methods ? builtIn(name) : null);
        if (sink === null) continue;
        const at = start + match.index;
        if (covers(covered, at, name) || isDeclaration(bare, match.index, name)) continue;
        const { line, column } = lines.at(at);
        const close = closing(bare, match.index + match[0].length - 1);
        const range = { start: at, end: start + close };
        found.set(at, {
          file,
          line,
          column,
          ...range,
          language,
          function: null,
          callee: name,
          kind: sink.kind,
          chain: [name],
          frame: null,
          vspace: null,
          vaddr: null,
          args: [],
          verdict: 'cannot tell',
          why: 'The code around this call does not parse, so that it cannot be judged.',
          path: [{ file, line, what: 'the map' }],
          confidence: 'low',
          result: 'passed on',
          resultName: null,
          statement: null,
          loop: null,
          earlier: null,
          test: null,
          inMacro: false,
        });
      }
    }
  }

  private code(): readonly (TextRange & { readonly language: SourceSite['language'] })[] {
    return this.kind === 'markdown' ? fencesOf(this.text) : (this.parsed?.code ?? []);
  }
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

/** Whether one of the sites, which are in order, has the call of a name at a place. */
function covers(sites: readonly SourceSite[], at: number, name: string): boolean {
  let [low, high] = [0, sites.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sites[middle]?.start ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  // Calls around it begin before it; few are so deep.
  for (let i = low - 1; i >= 0 && i >= low - 64; i--) {
    const site = sites[i];
    if (site !== undefined && at < site.end && site.callee.includes(name)) return true;
  }
  return false;
}

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

/** A name before parentheses that is a definition or declaration, and no call. */
function isDeclaration(text: string, at: number, name: string): boolean {
  const before = text.slice(Math.max(0, at - 200), at);
  if (/\bfn\s+$/.test(before)) return true;
  const line = before.slice(Math.max(before.lastIndexOf(';'), before.lastIndexOf('}'), before.lastIndexOf('{')) + 1);
  if (/^\s*#\s*define\s+$/.test(before.slice(before.lastIndexOf('\n') + 1))) return true;
  const close = closing(text, at + name.length + text.slice(at + name.length).indexOf('('));
  const after = text.slice(close, close + 40).trimStart();
  const typed = /[A-Za-z_]\w*[\s*&]+$/.test(line) && !/\b(?:return|else|do|case|goto|in|unsafe|await)\s*$/.test(line);
  return typed && /^(?:;|\{|__|[A-Z_]{4,})/.test(after);
}

/** The offset behind the parenthesis that closes the one at an offset. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length && at < open + 4000; at++) {
    if (text[at] === '(') depth++;
    else if (text[at] === ')' && --depth === 0) return at + 1;
  }
  return open + 1;
}
