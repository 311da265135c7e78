import type { PolicyName } from '../../src/sel4/policy.ts';
import type { Configuration, PageKind } from './configurations.ts';
import { masked, pageWords, type Rights } from './words.ts';
import { DELETE_FIRST, invalidArgument, invalidCapability, missing, OK, type Outcome } from './world.ts';

/*
 * What vspaces do, in the words of the manual and with objects: pages of one size, a Map from addresses to what is
 * there, capabilities that remember. No levels, no entries, no physical walk; written without a look at the engine.
 */

interface Mapping {
  readonly frame: bigint;
  readonly rights: Rights;
  readonly attr: number;
}

interface FrameCap {
  readonly frame: bigint;
  readonly held: Rights;
  /** Where it believes to be mapped: number of the vspace, address. */
  at: { readonly space: number; readonly vaddr: bigint } | null;
}

/** A vspace: what is mapped, and in which regions the table that would hold the entries is missing. */
class Space {
  readonly places = new Map<bigint, Mapping>();
  readonly missing = new Set<bigint>();
}

export class NaiveVspaces {
  private readonly caps = new Map<number, FrameCap>();
  private readonly spaces: Space[];
  private readonly configuration: Configuration;
  private readonly kind: PageKind;
  private readonly policy: PolicyName;

  constructor(configuration: Configuration, kind: PageKind, policy: PolicyName, spaces: number) {
    this.configuration = configuration;
    this.kind = kind;
    this.policy = policy;
    this.spaces = Array.from({ length: spaces }, () => new Space());
  }

  /** The region that one table of last entries covers. */
  region(vaddr: bigint): bigint {
    const level = this.configuration.shifts.indexOf(this.kind.shift);
    return level === 0 ? 0n : vaddr >> BigInt(this.configuration.shifts[level - 1]);
  }

  make(cap: number, frame: bigint): void {
    this.caps.set(cap, { frame, held: 'rw', at: null });
  }

  copy(from: number, to: number, letters: string): Outcome {
    const source = this.caps.get(from);
    if (this.caps.has(to)) return DELETE_FIRST;
    if (source === undefined) return missing(this.configuration.wordBits, true);
    this.caps.set(to, { frame: source.frame, held: masked(source.held, letters), at: null });
    return OK;
  }

  map(cap: number, space: number, vaddr: bigint, letters: string, attr: number): Outcome {
    const held = this.caps.get(cap);
    if (held === undefined) return invalidCapability(0);
    const { places, missing: gone } = this.spaces[space];
    const remembers = held.at !== null && !(this.policy === 'permissive-aware' && this.isStale(held));
    const elsewhere = remembers && held.at?.space !== space ? invalidCapability(1) : null;
    const otherPlace = remembers && held.at?.vaddr !== vaddr ? invalidArgument(0) : null;
    const level = this.configuration.shifts.indexOf(this.kind.shift);
    const noTable = gone.has(this.region(vaddr)) ? missing(this.configuration.shifts[level - 1]) : null;
    const riscv = this.configuration.family === 'riscv';
    const refusal = riscv ? (noTable ?? elsewhere ?? otherPlace) : (elsewhere ?? otherPlace ?? noTable);
    if (refusal !== null) return refusal;
    const there = places.get(vaddr);
    if (there !== undefined && !this.mayReplace(there, held, remembers)) return DELETE_FIRST;
    const rights = masked(held.held, letters);
    if (riscv && rights === 'none' && (attr & 1) !== 0) places.delete(vaddr);
    else places.set(vaddr, { frame: held.frame, rights, attr });
    held.at = { space, vaddr };
    return OK;
  }

  private mayReplace(there: Mapping, cap: FrameCap, remembers: boolean): boolean {
    switch (this.policy) {
      case 'legacy':
        return remembers || this.configuration.family !== 'riscv';
      case 'strict':
        return remembers;
      case 'exact':
        return remembers && there.frame === cap.frame;
      default:
        return true;
    }
  }

  private isStale({ at, frame }: FrameCap): boolean {
    return at !== null && this.spaces[at.space].places.get(at.vaddr)?.frame !== frame;
  }

  unmap(cap: number): Outcome {
    const held = this.caps.get(cap);
    if (held === undefined) return invalidCapability(0);
    if (held.at !== null && !this.isStale(held)) this.spaces[held.at.space].places.delete(held.at.vaddr);
    held.at = null;
    return OK;
  }

  delete(cap: number): Outcome {
    this.unmap(cap);
    this.caps.delete(cap);
    return OK;
  }

  /** A table is taken away: what it held is gone, and nobody is told. */
  takeTable(space: number, vaddr: bigint): void {
    const { places, missing: gone } = this.spaces[space];
    for (const v of places.keys()) if (this.region(v) === this.region(vaddr)) places.delete(v);
    gone.add(this.region(vaddr));
  }

  putTable(space: number, vaddr: bigint): void {
    this.spaces[space].missing.delete(this.region(vaddr));
  }

  hasTable(space: number, vaddr: bigint): boolean {
    return !this.spaces[space].missing.has(this.region(vaddr));
  }

  /** The vspace is deleted, and another takes its number, with all tables in place. */
  renew(space: number): void {
    this.spaces[space] = new Space();
  }

  /** Every page entry, in address order. */
  entries(space: number): { readonly vaddr: bigint; readonly word: bigint }[] {
    const sorted = [...this.spaces[space].places].sort(([a], [b]) => (a < b ? -1 : 1));
    return sorted.flatMap(([vaddr, { frame, rights, attr }]) =>
      pageWords(this.configuration, this.kind.bits, rights, attr, frame).map((word, i) => ({
        vaddr: vaddr + (BigInt(i) << BigInt(this.kind.shift)),
        word,
      })),
    );
  }
}
