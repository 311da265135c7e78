import { dirname } from 'node:path';
import type { CallerFile } from './caller-file.ts';
import type { FuncModel } from './func-model.ts';
import { callsInText, MacroBook, plainName } from './macro-book.ts';
import type { Maker } from './rust-macros.ts';
import { builtIn, kernelSink, type Role, type Sink } from './sinks.ts';
import { bare, type Call, type Closure, type Expr, show } from './tree.ts';

/** A definition of a name, as it was found in a file. */
export interface Definition {
  readonly name: string;
  readonly file: string;
  /** Only calls in this file reach it. */
  readonly local: boolean;
  readonly params: number;
  readonly method: boolean;
  readonly owner: string | null;
  readonly bases: readonly string[];
  /** A C++ method that may be called without an object: a static one. */
  readonly free: boolean;
  /** Written in Rust: its methods are no members of C's. */
  readonly rust: boolean;
  /** A Rust macro, which is called with a `!`. */
  readonly bang?: boolean;
  /** Of a Rust macro: what stands between its arguments. */
  readonly separators?: string;
  /** What it maps; null = nothing of what it is given. */
  readonly sink: Sink | null;
}

/** Something that holds a function, and was set to a sink. */
export interface Pointer {
  readonly name: string;
  readonly as:
    | 'field'
    /** Of a file. */
    | 'variable'
    /** Of one function: `of` is its place. */
    | 'local'
    /** Of the function `of`, number `index`. */
    | 'parameter'
    /** A positional entry in braces: number `index` of the type `of`. */
    | 'slot'
    /** What a function gives back. */
    | 'result';
  readonly of?: string;
  readonly index?: number;
  readonly file: string;
  readonly rust: boolean;
  /** A variable that other files can see. */
  readonly shared?: boolean;
  readonly sink: Sink;
}

/** Names of methods that other things have too: they count where their type is spoken of. */
const COMMON =
  /^(?:map|add|insert|attach|new|init|load|run|get|set|push|alloc|allocate|create|open|start|write|read|handle|process|apply|from|into|update|put|send|enter|invoke|call|with|main|setup)$/;

/** Built-in names have one of these in them. */
const COULD_BE = /map|_pages|_mem/i;

/** All names whose calls map, as far as they are known. */
export class SinkTable {
  private readonly definitions: Map<string, Definition[]> = new Map();
  private readonly aliases: Map<string, string> = new Map();
  private readonly fields: Map<string, Pointer[]> = new Map();
  private readonly parameters: Map<string, Pointer> = new Map();
  private readonly locals: Map<string, Sink> = new Map();
  private readonly results: Map<string, Pointer> = new Map();
  /** Entries whose field is not known by name. */
  readonly slots: Pointer[] = [];
  /** What calls of closures map. */
  readonly closures: WeakMap<Closure, Sink | null> = new WeakMap();
  /** Rust's macros that define functions. */
  readonly makers: Maker[] = [];
  /** Macros that build names. */
  readonly macros: MacroBook = new MacroBook();
  /** Names beyond the built-in ones. */
  readonly names: Set<string> = new Set();
  /** The names in the order of what became known of them; a name stands there again when more is known of it. */
  readonly told: string[] = [];

  private tell(name: string): void {
    this.names.add(name);
    this.told.push(name);
  }

  /** @returns whether it was news */
  define(definition: Definition): boolean {
    const list = this.definitions.get(definition.name) ?? [];
    const same = list.findIndex(
      ({ file, params, owner, separators }) =>
        file === definition.file &&
        params === definition.params &&
        owner === definition.owner &&
        separators === definition.separators,
    );
    if (same >= 0) {
      if (list[same]?.sink !== null || definition.sink === null) return false;
      list[same] = definition;
    } else list.push(definition);
    this.definitions.set(definition.name, list);
    if (definition.sink !== null) this.tell(definition.name);
    return true;
  }

  /** @returns whether it was news */
  alias(name: string, of: string): boolean {
    if (this.aliases.has(name) || name === of) return false;
    this.aliases.set(name, of);
    this.tell(name);
    return true;
  }

  /** @returns whether it was news */
  make(maker: Maker): boolean {
    const same = ({ macro, definition: { file } }: Maker): boolean =>
      macro === maker.macro && file === maker.definition.file;
    if (this.makers.some(same)) return false;
    this.makers.push(maker);
    return true;
  }

  /** @returns whether it was news */
  point(pointer: Pointer): boolean {
    const { name, as, of = '', index = 0, file, sink } = pointer;
    switch (as) {
      case 'parameter': {
        const key = `${of}#${index}`;
        if (this.parameters.has(key)) return false;
        this.parameters.set(key, pointer);
        this.tell(of);
        return true;
      }
      case 'local': {
        const key = `${file}:${of}:${name}`;
        if (this.locals.has(key)) return false;
        this.locals.set(key, sink);
        return true;
      }
      case 'slot': {
        if (this.slots.some((slot) => slot.of === of && slot.index === index)) return false;
        this.slots.push(pointer);
        return true;
      }
      case 'result': {
        if (this.results.has(name)) return false;
        this.results.set(name, pointer);
        this.tell(name);
        return true;
      }
      case 'field':
      case 'variable': {
        const list = this.fields.get(name) ?? [];
        if (list.some((other) => other.file === file && other.as === as)) return false;
        list.push(pointer);
        this.fields.set(name, list);
        this.tell(name);
        return true;
      }
    }
  }

  /** Whether a name is one of these, or built in. */
  knows(name: string): boolean {
    return this.names.has(name) || (COULD_BE.test(name) && builtIn(name) !== null);
  }

  /** Whether the construction of an object of this class maps. */
  constructs(name: string): boolean {
    return this.definitions.get(name)?.some(({ owner, sink }) => owner === name && sink !== null) === true;
  }

  /** What a name given as a value maps, for function pointers. */
  byName(name: string, file: string): Sink | null {
    const kernel = builtIn(name);
    if (kernel !== null) return kernel;
    const other = this.aliases.get(name);
    if (other !== undefined) return this.byName(other, file);
    return this.nearest(name, file, undefined)?.sink ?? null;
  }

  /** What a function is given as a value by one of its callers; null = no sink, as far as is known. */
  passed(func: string, index: number): Sink | null {
    return this.parameters.get(`${func}#${index}`)?.sink ?? null;
  }

  private nearest(name: string, file: string, fits: ((d: Definition) => boolean) | undefined): Definition | undefined {
    const list = this.definitions
      .get(name)
      ?.filter((d) => (!d.local || d.file === file) && (fits === undefined || fits(d)));
    if (list === undefined || list.length === 0) return undefined;
    return list.toSorted(
      (a, b) =>
        near(b.file, file) - near(a.file, file) ||
        (a.sink === null ? 1 : 0) - (b.sink === null ? 1 : 0) ||
        (a.file < b.file ? -1 : 1),
    )[0];
  }

  /** What an expression that stands for a function maps; null = nothing that is known. */
  ofValue(e: Expr, model: FuncModel, file: string): Sink | null {
    switch (e.k) {
      case 'cast':
        return this.ofValue(e.of, model, file);
      case 'unary':
        return e.op === '&' || e.op === '*' ? this.ofValue(e.of, model, file) : null;
      case 'choice':
        return this.ofValue(e.yes, model, file) ?? this.ofValue(e.no, model, file);
      case 'name': {
        const { func } = model;
        const index = func.params.indexOf(e.name);
        // A parameter that a caller sets to a sink is passed on, or kept.
        if (index >= 0) return this.passed(func.name, index);
        if (!func.outside && model.isLocal(e.name)) return this.local(e.name, model, file);
        const around = func.within === undefined ? null : this.local(e.name, model, file);
        return around ?? this.byName(e.name, file) ?? this.variable(e.name, file)?.sink ?? null;
      }
      case 'field':
        return this.field(e.name, model, file)?.sink ?? null;
      case 'index':
        return this.ofValue(e.of, model, file);
      case 'call':
        // `Box::new(…)`, `Some(…)`.
        if (e.on === null && e.args.length === 1 && e.args[0] !== undefined && HOLDERS.test(e.name))
          return this.ofValue(e.args[0], model, file);
        return e.on === null ? (this.results.get(e.name)?.sink ?? null) : null;
      case 'closure':
        return this.closures.get(e) ?? null;
      case 'other':
        return e.closure === undefined ? null : (this.closures.get(e.closure) ?? null);
      default:
        return null;
    }
  }

  private local(name: string, { func }: FuncModel, file: string): Sink | null {
    return this.locals.get(`${file}:${func.within ?? func.start}:${name}`) ?? null;
  }

  private field(name: string, { func }: FuncModel, file: string): Pointer | undefined {
    const rust = func.language === 'rust';
    return nearestOf(this.fields.get(name)?.filter((each) => each.as === 'field' && each.rust === rust) ?? [], file);
  }

  private variable(name: string, file: string): Pointer | undefined {
    const list = this.fields.get(name)?.filter(({ as }) => as === 'variable') ?? [];
    const here = list.find((pointer) => pointer.file === file);
    if (here !== undefined) return here;
    // Another file's variable, unless functions have that name.
    return this.definitions.has(name)
      ? undefined
      : nearestOf(
          list.filter(({ shared }) => shared === true),
          file,
        );
  }

  /**
   * What a call maps.
   *
   * @param caller - the file that it stands in
   */
  of(call: Call, model: FuncModel, caller: CallerFile): Sink | null {
    const { name, args, on } = call;
    const { path: file } = caller;
    if (name === '') return this.ofResult(call, model, caller);
    const { func } = model;
    const index = func.params.indexOf(name);
    if (index >= 0 && on === null) {
      const pointer = this.parameters.get(`${func.name}#${index}`);
      if (pointer !== undefined && args.length >= 2) return { ...pointing(pointer.sink, name), through: index };
    }
    if (on === null && !call.bang && func.within !== undefined) {
      const sink = this.local(name, model, file);
      if (sink !== null && fitsPointer(sink, args, 0)) return pointing(sink, name);
    }
    if (on === null && !call.bang && !func.outside && model.isLocal(name) && call.callee.k !== 'field') {
      const sink = this.local(name, model, file);
      if (sink !== null) return fitsPointer(sink, args, 0) ? pointing(sink, name) : null;
      return this.ofFunctor(call, model, caller);
    }
    const kernel = kernelSink(name);
    const any = (e: Expr): boolean =>
      e.k === 'name' && (e.name === '__VA_ARGS__' || func.params.includes(`${e.name}...`));
    if (kernel !== null) return args.length >= 2 || args.some(any) ? kernel : null;
    const other = this.aliases.get(name);
    if (other !== undefined && on === null) {
      const sink = this.byName(other, file);
      if (sink !== null)
        return { ...sink, name, kind: sink.kind === 'page map' ? 'macro' : sink.kind, chain: [name, ...sink.chain] };
    }
    const given = builtIn(name);
    if (given !== null && fitsBuiltIn(given, call, model)) return given;
    const pointer =
      on !== null || call.callee.k === 'field' ? this.field(name, model, file) : this.variable(name, file);
    if (
      pointer !== undefined &&
      fitsPointer(pointer.sink, args) &&
      (on === null || !this.isMethod(call, model, caller))
    )
      return pointing(pointer.sink, name);
    if (on === null && this.macros.has(name)) {
      const sink = this.ofMacro(call, model, caller);
      if (sink !== null) return sink;
    }
    if (!this.names.has(name)) return null;
    const found = this.nearestMethod(call, model, caller);
    const sink = found === undefined ? null : byPath(found, call, func);
    if (sink?.via === undefined) return sink;
    // It maps by what it is given.
    const value = args[sink.via];
    if (value === undefined) return sink;
    const way = this.ofValue(value, model, file);
    const at = func.params.indexOf(value.k === 'name' ? value.name : '');
    // A function of another tree may map, if its name says so.
    if (way === null) return at < 0 && isFunction(value, model) && !/map/i.test(show(value)) ? null : sink;
    return at < 0 ? { ...sink, chain: [name, ...way.chain] } : { ...sink, through: at };
  }

  /** A call of what another call gives: a function that returns one, or a macro that builds a name. */
  private ofResult(call: Call, model: FuncModel, caller: CallerFile): Sink | null {
    let at = call.callee;
    while (at.k === 'cast' || (at.k === 'unary' && at.op === '*')) at = at.of;
    if (at.k === 'other' && at.closure !== undefined) return null;
    if (at.k !== 'call' || at.on !== null) return null;
    if (this.macros.has(at.name)) {
      const name = plainName(this.macros.expand(at.name, at.args.map(show), caller.path));
      return name === null || name === at.name ? null : renamed(this.named(name, call, model, caller), at.name);
    }
    const sink = this.results.get(at.name)?.sink;
    return sink !== undefined && fitsPointer(sink, call.args) ? pointing(sink, at.name) : null;
  }

  /** A call of the same arguments by another name. */
  private named(name: string, call: Call, model: FuncModel, caller: CallerFile): Sink | null {
    return this.of({ ...call, name, callee: { start: call.start, end: call.start, k: 'name', name } }, model, caller);
  }

  /** A macro that stands for a name, or for a whole call. */
  private ofMacro(call: Call, model: FuncModel, caller: CallerFile): Sink | null {
    const { name, args } = call;
    const alone = plainName(this.macros.expand(name, null, caller.path));
    if (alone !== null && alone !== name) return renamed(this.named(alone, call, model, caller), name);
    const words = args.map((arg, i) => {
      const text = show(arg);
      return /^\w+$/.test(text) ? text : `${ARGUMENT}${i}`;
    });
    const text = this.macros.expand(name, words, caller.path);
    // A macro that defines a function calls none.
    for (const { name: inner, given } of text === null || DEFINES.test(text) ? [] : callsInText(text)) {
      if (inner === name) continue;
      const sink = kernelSink(inner) ?? this.byName(inner, caller.path);
      if (sink === null || given.length < 2) continue;
      const placed = (role: Role | null): Role | null => {
        if (role?.from !== 'arg') return role;
        const word = (given[role.index] ?? '').replace(/^[\s(&*]+|[\s)]+$/g, '');
        const index = words.findIndex((each) => each === word || new RegExp(`\\b${each}\\b`).test(word));
        return index >= 0 ? { from: 'arg', index } : { from: 'fixed', text: word };
      };
      return renamed(
        { ...sink, frame: placed(sink.frame), vspace: placed(sink.vspace), vaddr: placed(sink.vaddr) },
        name,
      );
    }
    return null;
  }

  /** A call of an object by `operator()`. */
  private ofFunctor(call: Call, model: FuncModel, caller: CallerFile): Sink | null {
    if (model.func.language !== 'cpp') return null;
    const words = wordsOf(model.typeOf(call.name));
    const fits = this.definitions
      .get('operator')
      ?.filter((d) => d.owner !== null && words.has(d.owner) && d.params === call.args.length);
    const sink = nearestOf(fits ?? [], caller.path)?.sink;
    return sink == null ? null : { ...sink, name: call.name };
  }

  /** The type of what a method is called on; null = it does not stand there. */
  private receiver(on: Expr | null, model: FuncModel, caller: CallerFile): string | null {
    const at = on === null ? null : bare(on);
    if (at === null) return null;
    if (at.k === 'name' && at.name !== 'self' && at.name !== 'this') {
      const type = model.typeOf(at.name);
      if (type !== null || model.isLocal(at.name)) return type;
      return caller.typeOfField(at.name);
    }
    if (at.k === 'field') return caller.typeOfField(at.name);
    if (at.k === 'call' && at.callee.k === 'name' && at.name === at.callee.name && /^[A-Z]/.test(at.name))
      return at.name;
    return null;
  }

  /** The definition that a call means: of its receiver's type, or else the nearest that fits. */
  private nearestMethod(call: Call, model: FuncModel, caller: CallerFile): Definition | undefined {
    const { name, on } = call;
    const fits = (d: Definition): boolean => this.fits(d, call, model, caller);
    const all = this.definitions.get(name) ?? [];
    const type = this.receiver(on, model, caller);
    if (type === null || !all.some(({ method }) => method)) return this.nearest(name, caller.path, fits);
    const words = wordsOf(type);
    const own = all.filter((d) => d.owner !== null && (words.has(d.owner) || d.bases.some((base) => words.has(base))));
    const there = nearestOf(own.filter(fits), caller.path);
    if (own.length > 0) return there;
    // A type parameter, or a class of which nothing is known but its name: common names say nothing then.
    const open = [...words].some((word) => /^(?:auto|impl|dyn|Self|[A-Z]|void)$/.test(word)) || words.size === 0;
    return open || !COMMON.test(name) ? this.nearest(name, caller.path, fits) : undefined;
  }

  /** Whether the type of a receiver has a method of the name of a field that holds a sink. */
  private isMethod({ name, on }: Call, model: FuncModel, caller: CallerFile): boolean {
    const methods = this.definitions.get(name)?.filter(({ method }) => method) ?? [];
    if (methods.length === 0) return false;
    const words = wordsOf(this.receiver(on, model, caller));
    return methods.some(({ owner }) => owner !== null && words.has(owner));
  }

  private fits(
    d: Definition,
    { args, on, bang, callee, separators }: Call,
    model: FuncModel,
    caller: CallerFile,
  ): boolean {
    if (bang !== (d.bang === true)) return false;
    const { func } = model;
    const cpp = func.language === 'cpp';
    const count = args.length === d.params || (d.params < 0 && args.length > 0);
    if (bang) return count && (d.separators === undefined || separators === undefined || d.separators === separators);
    if (d.method && d.rust !== (func.language === 'rust')) return false;
    const closure = args.some((arg) => arg.k === 'closure' || (arg.k === 'other' && arg.closure !== undefined));
    if (closure && COMMON.test(d.name)) return false;
    if (d.method) {
      // A path (`Type::map(self, …)`) has the receiver as its first argument; a method of the same class needs none.
      const pathed = on === null && func.language === 'rust' && args.length === d.params + 1;
      const shorter = cpp && args.length <= d.params && (d.sink === null || fitsPointer(d.sink, args, 0));
      if (!count && !pathed && !shorter) return false;
      if (cpp && on === null && d.owner === d.name) return true;
      const path = on === null && callee.k === 'name' ? callee.path : undefined;
      if (path !== undefined && !/^(?:Self|[A-Z]|[a-z]\w*)$/.test(path))
        return d.owner === path || d.bases.includes(path);
      // A method that the class does not have itself may be its base's.
      const inherited = func.method && !COMMON.test(d.name);
      if (
        on === null &&
        func.owner !== d.owner &&
        func.language !== 'rust' &&
        !inherited &&
        !d.free &&
        path === undefined
      )
        return false;
      if (COMMON.test(d.name))
        return d.owner !== null && (caller.mentions(d.owner) || func.owner === d.owner) && !looksLikeIterator(on);
      return true;
    }
    // An associated function is called by its path.
    if (on !== null) return false;
    if (COMMON.test(d.name) && d.owner === null && func.language === 'rust') return false;
    return count || (cpp && args.length < d.params && args.length > 0);
  }
}

/** Where a method is called by its path, its receiver is the first argument. */
function byPath({ sink, method, params }: Definition, { args, on }: Call, func: FuncModel['func']): Sink | null {
  if (sink === null || !method || on !== null || func.language !== 'rust' || args.length !== params + 1) return sink;
  const moved = (role: Role | null): Role | null =>
    role?.from === 'arg'
      ? { from: 'arg', index: role.index + 1 }
      : role?.from === 'self'
        ? { from: 'arg', index: 0 }
        : role;
  return { ...sink, frame: moved(sink.frame), vspace: moved(sink.vspace), vaddr: moved(sink.vaddr) };
}

/** What keeps a function for later. */
const HOLDERS = /^(?:new|Some|from|Box|function)$/;

/** The beginning of a function's definition. */
const DEFINES = /^\s*(?:[A-Za-z_][\w*]*\s+[*\s]*)+[A-Za-z_]\w*\s*\([^{};]*\)\s*\{/;

const ARGUMENT = '__argument_';

/** Whether an argument names a function, and no variable. */
const isFunction = (e: Expr, model: FuncModel): boolean => {
  const at = bare(e);
  if (at.k === 'literal' || at.k === 'closure') return true;
  if (at.k === 'other') return at.closure !== undefined;
  return at.k === 'name' && !model.isParam(at.name);
};

/** A call through a pointer has the frame and the address among its arguments. */
function fitsPointer(sink: Sink, args: readonly Expr[], least = 1): boolean {
  const places = [sink.frame, sink.vaddr].flatMap((role) => (role?.from === 'arg' ? [role.index] : []));
  return args.length > Math.max(least, ...places);
}

const renamed = (sink: Sink | null, name: string): Sink | null =>
  sink === null
    ? null
    : { ...sink, name, kind: sink.kind === 'page map' ? 'macro' : sink.kind, chain: [name, ...sink.chain] };

/** The names in a type. */
const wordsOf = (type: string | null): ReadonlySet<string> => new Set(type?.match(/[A-Za-z_]\w*/g) ?? []);

function nearestOf<T extends { readonly file: string }>(list: readonly T[], file: string): T | undefined {
  return list.toSorted((a, b) => near(b.file, file) - near(a.file, file) || (a.file < b.file ? -1 : 1))[0];
}

/** A built-in method has a receiver, and as many arguments; other things of its name are looked up as any other. */
function fitsBuiltIn({ name, method, arity }: Sink, { args, on }: Call, { func }: FuncModel): boolean {
  if (method === true && (on === null || func.language !== 'rust')) return false;
  if (arity !== undefined && (args.length < arity[0] || args.length > arity[1])) return false;
  return name !== func.name || on !== null;
}

/** `options.iter().map(…)`, `x.get(0).map(…)`. */
const looksLikeIterator = (on: Expr | null): boolean =>
  on !== null &&
  on.k === 'call' &&
  /^(?:iter|iter_mut|into_iter|chars|bytes|get|get_mut|ok|first|last|next|pop|zip|enumerate|filter|as_ref|as_mut|lines|split|keys|values|take|rev|checked_\w+|find|position|map|cloned|copied)$/.test(
    on.name,
  );

const pointing = (sink: Sink, name: string): Sink => ({
  ...sink,
  name,
  kind: 'function pointer',
  chain: [name, ...sink.chain],
});

/** How many folders two files have in common; the same file is nearest. */
function near(a: string, b: string): number {
  if (a === b) return 1000;
  const [x, y] = [dirname(a).split('/'), dirname(b).split('/')];
  let n = 0;
  while (n < x.length && n < y.length && x[n] === y[n]) n++;
  return n - (x.length - n) / 100;
}

/** Where a role takes its expression from in a call; null = it is not there to be seen. */
export function argumentOf(role: Role | null, call: Call): Expr | null {
  if (role === null) return null;
  if (role.from === 'arg') return call.args[role.index] ?? null;
  if (role.from === 'self') return call.on;
  return null;
}
