import { dirname } from 'node:path';
import type { FuncModel } from './func-model.ts';
import { builtIn, kernelSink, type Role, type Sink } from './sinks.ts';
import type { Call, Expr } from './tree.ts';

/** A definition of a name, as it was found in a file. */
export interface Definition {
  readonly name: string;
  readonly file: string;
  /** Only calls in this file reach it. */
  readonly local: boolean;
  readonly params: number;
  readonly method: boolean;
  readonly owner: string | null;
  /** What it maps; null = nothing of what it is given. */
  readonly sink: Sink | null;
}

/** A function pointer that was set to a sink. */
export interface Pointer {
  /** A field, variable, or the parameter of a function. */
  readonly name: string;
  readonly as: 'field' | 'variable' | 'parameter';
  /** For a parameter: the function, and its number. */
  readonly of?: string;
  readonly index?: number;
  readonly file: string;
  readonly sink: Sink;
}

/** Names of methods that other things have too: they count where their type is spoken of. */
const COMMON =
  /^(?:map|add|insert|attach|new|init|load|run|get|set|push|alloc|allocate|create|open|start|write|read|handle|process|apply|from|into|update|put|send|enter|invoke|call|with|main|setup)$/;

/** All names whose calls map, as far as they are known. */
export class SinkTable {
  private readonly definitions: Map<string, Definition[]> = new Map();
  private readonly aliases: Map<string, string> = new Map();
  private readonly fields: Map<string, Pointer[]> = new Map();
  private readonly parameters: Map<string, Pointer> = new Map();
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
      ({ file, params, owner }) =>
        file === definition.file && params === definition.params && owner === definition.owner,
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
  point(pointer: Pointer): boolean {
    if (pointer.as === 'parameter') {
      const key = `${pointer.of}#${pointer.index}`;
      if (this.parameters.has(key)) return false;
      this.parameters.set(key, pointer);
      if (pointer.of !== undefined) this.tell(pointer.of);
      return true;
    }
    const list = this.fields.get(pointer.name) ?? [];
    if (list.some(({ file, as }) => file === pointer.file && as === pointer.as)) return false;
    list.push(pointer);
    this.fields.set(pointer.name, list);
    this.tell(pointer.name);
    return true;
  }

  /** Whether a name is one of these, or built in. */
  knows(name: string): boolean {
    return this.names.has(name) || builtIn(name) !== null;
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

  /**
   * What a call maps.
   *
   * @param mentions - whether the file speaks of a name, for methods that many types have
   */
  of(call: Call, model: FuncModel, file: string, mentions: (name: string) => boolean): Sink | null {
    const { name, args, on } = call;
    if (name === '') return null;
    const index = model.func.params.indexOf(name);
    if (index >= 0 && on === null) {
      const pointer = this.parameters.get(`${model.func.name}#${index}`);
      if (pointer !== undefined && args.length >= 2) return pointing(pointer.sink, name);
    }
    const kernel = kernelSink(name);
    if (kernel !== null) return args.length >= 2 ? kernel : null;
    const other = this.aliases.get(name);
    if (other !== undefined && on === null) {
      const sink = this.byName(other, file);
      if (sink !== null)
        return { ...sink, name, kind: sink.kind === 'page map' ? 'macro' : sink.kind, chain: [name, ...sink.chain] };
    }
    const given = builtIn(name);
    if (given !== null && fitsBuiltIn(given, call, model)) return given;
    if (on !== null) {
      const pointer = this.fields
        .get(name)
        ?.filter(({ as }) => as === 'field')
        .toSorted((a, b) => near(b.file, file) - near(a.file, file))[0];
      if (pointer !== undefined && this.fitsPointer(pointer.sink, args)) return pointing(pointer.sink, name);
    } else {
      const pointer = this.fields.get(name)?.find(({ as, file: of }) => as === 'variable' && of === file);
      if (pointer !== undefined && this.fitsPointer(pointer.sink, args)) return pointing(pointer.sink, name);
    }
    if (!this.names.has(name)) return null;
    const nearest = this.nearest(name, file, (d) => this.fits(d, call, model, mentions));
    return nearest?.sink ?? null;
  }

  private fits(
    d: Definition,
    { args, on, bang }: Call,
    model: FuncModel,
    mentions: (name: string) => boolean,
  ): boolean {
    if (bang && !d.sink?.chain.length) return false;
    if (d.method) {
      // A path (`Type::map(self, …)`) has the receiver as its first argument; a method of the same class needs none.
      const extra = on === null && model.func.owner !== d.owner && model.func.language === 'rust' ? 1 : 0;
      if (args.length !== d.params + extra && !(model.func.language === 'cpp' && args.length <= d.params)) return false;
      // A method that the class does not have itself may be its base's.
      const inherited = model.func.method && !COMMON.test(d.name);
      if (on === null && model.func.owner !== d.owner && model.func.language !== 'rust' && !inherited) return false;
      if (args.some((arg) => arg.k === 'closure')) return false;
      if (COMMON.test(d.name))
        return d.owner !== null && (mentions(d.owner) || model.func.owner === d.owner) && !looksLikeIterator(on);
      return true;
    }
    if (on !== null) return false;
    if (COMMON.test(d.name) && d.owner === null && model.func.language === 'rust') return false;
    return args.length === d.params || (model.func.language === 'cpp' && args.length < d.params && args.length > 0);
  }

  private fitsPointer(sink: Sink, args: readonly Expr[]): boolean {
    const places = [sink.frame, sink.vaddr].flatMap((role) => (role?.from === 'arg' ? [role.index] : []));
    return args.length > Math.max(1, ...places);
  }
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
