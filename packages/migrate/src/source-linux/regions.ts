import type { FuncModel } from '../source/func-model.ts';
import { type Expr, rootOf, visit } from '../source/tree.ts';
import { isNull, type MapCall } from './fixed-calls.ts';
import type { FixedPlace } from './fixed-site.ts';

/** Memory that the code got from the kernel at an address of the kernel's choice. */
export interface Region {
  /** Nothing can be done with it yet: it is a reservation. */
  readonly none: boolean;
  readonly place: FixedPlace;
}

/** A function of the tree, with its file. */
export interface PlacedModel {
  readonly file: string;
  readonly model: FuncModel;
  readonly lineOf: (offset: number) => number;
}

/** What of the tree's memory the tree has mapped itself, by what it is kept in. */
export class Regions {
  /** Globals by file and name, fields by name, and functions that return such memory. */
  private readonly globals: Map<string, Region> = new Map();
  private readonly fields: Map<string, Region> = new Map();
  private readonly givers: Map<string, Region> = new Map();

  /** Takes in what a function maps and keeps. @returns whether a function that gives regions came in */
  learn(placed: PlacedModel, calls: readonly MapCall[]): boolean {
    const { model, file } = placed;
    let fresh = false;
    for (const { expr, kind } of model.graph.steps) {
      if (expr === null) continue;
      visit(expr, (e) => {
        if (e.k !== 'assign' || e.op !== '=') return;
        const region = this.given(placed, calls, e.value);
        if (region !== null) this.keep(placed, e.to, region);
      });
      if (kind !== 'return') continue;
      const region = this.given(placed, calls, expr) ?? this.held(file, model, calls, placed, expr);
      const { name } = model.func;
      if (region === null || name === '' || this.givers.has(name)) continue;
      this.givers.set(name, region);
      fresh = true;
    }
    return fresh;
  }

  /** Whether a function gives memory that it has mapped. */
  gives(name: string): boolean {
    return this.givers.has(name);
  }

  /** The region that a call gives, if the expression is one. */
  given({ file, lineOf, model }: PlacedModel, calls: readonly MapCall[], value: Expr): Region | null {
    let at = value;
    for (;;) {
      if (at.k === 'cast') at = at.of;
      else if (at.k === 'assign') at = at.value;
      else break;
    }
    if (at.k === 'choice') {
      const placed = { file, lineOf, model };
      return this.given(placed, calls, at.yes) ?? this.given(placed, calls, at.no);
    }
    if (at.k !== 'call') return null;
    const known = at.on === null ? this.givers.get(at.name) : undefined;
    const line = lineOf(at.start);
    if (known !== undefined) return { none: known.none, place: { file, line, what: known.none ? RESERVED : MAPPED } };
    const call = calls.find(({ placed }) => placed.call === at);
    if (call === undefined || call.kind === 'mremap' || call.kind === 'shmat' || !isNull(call.address))
      return at.on === null && /reserv/i.test(at.name) ? { none: true, place: { file, line, what: RESERVED } } : null;
    const none = call.prot !== null && nothingAllowed(model, call.prot);
    return { none, place: { file, line, what: none ? RESERVED : MAPPED } };
  }

  private keep({ file, model }: PlacedModel, to: Expr, region: Region): void {
    if (to.k === 'field') this.put(this.fields, to.name, region);
    else {
      const name = rootOf(to);
      if (name !== null && !model.isLocal(name)) this.put(this.globals, `${file}\0${name}`, region);
    }
  }

  /** A reservation counts more than memory that can be used. */
  private put(map: Map<string, Region>, key: string, region: Region): void {
    const known = map.get(key);
    if (known === undefined || (region.none && !known.none)) map.set(key, region);
  }

  private held(file: string, model: FuncModel, calls: readonly MapCall[], placed: PlacedModel, e: Expr): Region | null {
    let at = e;
    while (at.k === 'cast') at = at.of;
    if (at.k !== 'name' || model.isParam(at.name)) return null;
    for (const value of model.setsOf(at.name)) {
      const region = this.given(placed, calls, value);
      if (region !== null) return region;
    }
    return model.isLocal(at.name) ? null : (this.globals.get(`${file}\0${at.name}`) ?? null);
  }

  /** What a variable that is no local one, or a field, holds. */
  kept(file: string, e: Expr): Region | null {
    if (e.k === 'field') return this.fields.get(e.name) ?? null;
    return e.k === 'name' ? (this.globals.get(`${file}\0${e.name}`) ?? null) : null;
  }
}

const RESERVED = 'the range is reserved';
const MAPPED = 'the range is mapped, where the kernel chose';

/** PROT_NONE, also through a variable that is set once. */
export function nothingAllowed(model: FuncModel, prot: Expr): boolean {
  const at = model.origin(prot);
  return (at.k === 'name' && at.name === 'PROT_NONE') || (at.k === 'literal' && /^0[uUlL]*$/.test(at.text));
}
