import { type Expr, namesIn, show } from '../source/tree.ts';
import type { MapCall } from './fixed-calls.ts';
import type { PlacedModel, Region, Regions } from './regions.ts';

/** Where an address comes from. */
export type AddressOrigin =
  /** Inside of memory that the code mapped before. */
  | { readonly kind: 'region'; readonly region: Region }
  /** Inside of an object of the program's own: its heap, a variable, its text. */
  | { readonly kind: 'own'; readonly what: string }
  /** A number that the code names. */
  | { readonly kind: 'constant' }
  | { readonly kind: 'parameter'; readonly index: number }
  | { readonly kind: 'unknown' };

const UNKNOWN: AddressOrigin = { kind: 'unknown' };
const CONSTANT: AddressOrigin = { kind: 'constant' };
/** What gives memory of the program's own heap. */
const ALLOCATES =
  /^(?:__)?(?:malloc|calloc|realloc|valloc|pvalloc|memalign|aligned_alloc|alloca|sbrk|xmalloc)$|_malloc$/;
/** What only moves an address. */
const MOVES = /align|round|trunc|page|ptr|add|off|floor|ceil|cast|mask|down|up$/i;
/** Numbers below are offsets, and no places. */
const LOWEST_PLACE = 0x10000;
/** What is added to something else is an offset up to here. */
const LARGEST_OFFSET = 2 ** 32;
/** Names of macros that stand for places. */
const NAMES_PLACE = /BASE|ADDR|START|REGION|AREA|HEAP|WINDOW|LOCATION|^k[A-Z]\w*(?:Base|Addr|Start|Heap|Window)/;
const NAMES_SIZE = /SIZE|LEN|BYTES|MASK|PAGE$/;
const DEEPEST = 8;

/** Tells where addresses come from, by the variables, fields, functions and macros of a tree. */
export class AddressOrigins {
  private readonly regions: Regions;
  private readonly callsOf: (placed: PlacedModel) => readonly MapCall[];
  private readonly macro: (name: string) => string | undefined;

  /**
   * @param callsOf - the calls of a function that map
   * @param macro - the body of a macro of the tree that stands for a value
   */
  constructor(
    regions: Regions,
    callsOf: (placed: PlacedModel) => readonly MapCall[],
    macro: (name: string) => string | undefined,
  ) {
    this.regions = regions;
    this.callsOf = callsOf;
    this.macro = macro;
  }

  /** Where an expression of a function comes from, if it is an address. */
  of(placed: PlacedModel, e: Expr, depth = 0): AddressOrigin {
    if (depth > DEEPEST) return UNKNOWN;
    const again = (part: Expr): AddressOrigin => this.of(placed, part, depth + 1);
    switch (e.k) {
      case 'cast':
        return again(e.of);
      case 'literal':
        return isNumber(e.text) ? CONSTANT : UNKNOWN;
      case 'choice':
        return same([again(e.yes), again(e.no)]);
      case 'binary':
        return this.sum(e, again);
      case 'unary':
        if (e.op !== '&') return UNKNOWN;
        // The address of an element is an offset from its array.
        if (e.of.k === 'index') return again(e.of.of);
        return e.of.k === 'name' || e.of.k === 'field' ? { kind: 'own', what: show(e.of) } : UNKNOWN;
      case 'index':
      case 'field': {
        const region = this.regions.kept(placed.file, e.k === 'field' ? e : e.of);
        return region === null ? UNKNOWN : { kind: 'region', region };
      }
      case 'call': {
        const region = this.regions.given(placed, this.callsOf(placed), e);
        if (region !== null) return { kind: 'region', region };
        if (ALLOCATES.test(e.name)) return { kind: 'own', what: `what ${e.name} gave` };
        if (!MOVES.test(e.name)) return UNKNOWN;
        const parts = e.args.map(again);
        const [first] = parts;
        return strongest(parts) ?? (first?.kind === 'constant' ? first : UNKNOWN);
      }
      case 'name':
        return this.ofName(placed, e, depth);
      default:
        return UNKNOWN;
    }
  }

  private sum(e: Expr & { k: 'binary' }, again: (part: Expr) => AddressOrigin): AddressOrigin {
    const [left, right] = [again(e.left), again(e.right)];
    if (/^(?:[*/%]|<<|>>)$/.test(e.op))
      return left.kind === 'constant' && right.kind === 'constant' ? CONSTANT : UNKNOWN;
    if (!/^[-+|&]$/.test(e.op)) return UNKNOWN;
    const strong = strongest([left, right]);
    if (strong !== null) return strong;
    if (left.kind === 'constant' && right.kind === 'constant') return CONSTANT;
    // `BASE + i * SIZE`: a place, and how far behind it. `p + 0x200000` is none.
    if (left.kind === 'constant' && this.isPlace(e.left, LOWEST_PLACE)) return CONSTANT;
    return right.kind === 'constant' && this.isPlace(e.right, LARGEST_OFFSET) ? CONSTANT : UNKNOWN;
  }

  private ofName(placed: PlacedModel, e: Expr & { k: 'name' }, depth: number): AddressOrigin {
    const { model, file } = placed;
    const { name } = e;
    const local = model.isLocal(name);
    const body = local ? undefined : this.macro(name);
    if (body !== undefined) return this.ofMacro(body, depth) ? CONSTANT : UNKNOWN;
    const origins: AddressOrigin[] = [];
    const index = model.func.params.indexOf(name);
    if (index >= 0) origins.push({ kind: 'parameter', index });
    for (const value of model.setsOf(name)) {
      const region = this.regions.given(placed, this.callsOf(placed), value);
      if (region !== null) origins.push({ kind: 'region', region });
      // `next += PAGE`, `next = next + PAGE`: it stays where it was.
      else if (value.k !== 'assign' && !namesIn(value).has(name)) origins.push(this.of(placed, value, depth + 1));
    }
    if (!local) {
      const region = this.regions.kept(file, e);
      if (region !== null) origins.push({ kind: 'region', region });
      else if (origins.length === 0 && NAMES_PLACE.test(name)) return CONSTANT;
    }
    return strongest(origins) ?? same(origins);
  }

  /** Whether a macro stands for a number. */
  private ofMacro(body: string, depth: number): boolean {
    if (depth > DEEPEST) return false;
    const names = (body.match(/\b[A-Za-z_]\w*/g) ?? []).filter((name) => !TYPE.test(name));
    const known = names.every((name) => {
      const inner = this.macro(name);
      return inner !== undefined && this.ofMacro(inner, depth + 1);
    });
    return known && (names.length > 0 || /\d/.test(body));
  }

  /** Whether a constant is a place, and not a size. */
  private isPlace(e: Expr, least: number): boolean {
    let at = e;
    while (at.k === 'cast') at = at.of;
    if (at.k === 'binary') return this.isPlace(at.left, least) || this.isPlace(at.right, least);
    if (at.k === 'literal') return valueOf(at.text) >= least;
    if (at.k !== 'name') return false;
    if (NAMES_PLACE.test(at.name)) return true;
    const numbers = [...(this.macro(at.name) ?? '').matchAll(/0[xX][\da-fA-F]+|\b\d+/g)].map(([text]) => valueOf(text));
    return Math.max(0, ...numbers) >= least && !NAMES_SIZE.test(at.name);
  }
}

/** Words of a macro's body that are types or ends of numbers. */
const TYPE =
  /^(?:void|char|unsigned|signed|long|int|const|volatile|u?int\d*_t|u?intptr_t|size_t|[uU]?[lL]{1,2}|[uU]|[xX][\da-fA-F]+\w*)$/;

/** What counts whatever else an expression is made of. */
function strongest(origins: readonly AddressOrigin[]): AddressOrigin | null {
  for (const kind of ['region', 'own', 'parameter'] as const) {
    const found = origins.filter((origin) => origin.kind === kind);
    const reserved = found.find((origin) => origin.kind === 'region' && origin.region.none);
    const [first] = found;
    if (first !== undefined) return reserved ?? first;
  }
  return null;
}

/** What all of them are; unknown where they differ. */
export function same(origins: readonly AddressOrigin[]): AddressOrigin {
  const [first] = origins;
  return first !== undefined && origins.every(({ kind }) => kind === first.kind) ? first : UNKNOWN;
}

const isNumber = (text: string): boolean => /^(?:0[xX][\da-fA-F']+|[\d']+)[uUlLzZ]*$/.test(text);
const valueOf = (text: string): number => Number(text.replace(/[uUlLzZ]+$/, '').replaceAll("'", ''));
