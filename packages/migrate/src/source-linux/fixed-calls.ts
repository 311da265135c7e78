import type { FuncModel, PlacedCall } from '../source/func-model.ts';
import type { Expr } from '../source/tree.ts';
import type { FixedCallKind } from './fixed-site.ts';

/** Positions of the arguments that matter; -1 = there is no such argument. */
interface Positions {
  readonly address: number;
  readonly length: number;
  readonly prot: number;
  readonly flags: number;
}

/** A function of the tree that hands its own parameters on to mmap. */
export interface FlagsWrapper extends Positions {
  readonly name: string;
  /** The file that alone can call it; null = any. */
  readonly file: string | null;
}

/** A call that maps, or may. */
export interface MapCall {
  readonly placed: PlacedCall;
  readonly kind: FixedCallKind;
  readonly address: Expr;
  readonly length: Expr | null;
  readonly prot: Expr | null;
  readonly flags: Expr;
}

const MMAP = /^(?:__)?mmap(?:64)?$/;
/** Functions named after mmap that take the same arguments: those of a library that is not in the tree. */
export const LIKE_MMAP = /mmap/i;
const SYSCALL = /^(?:SYS|__NR)_mmap2?$/;
/** Names of calls that are looked at whatever the tree defines. */
export const MAP_NAMES: ReadonlySet<string> = new Set(
  'mmap mmap64 __mmap __mmap64 syscall mremap __mremap shmat'.split(' '),
);
/** A text can hold a call with one of the flags only if this matches. MREMAP_FIXED has it in it. */
export const MENTIONS_FIXED = /MAP_FIXED|SHM_REMAP/;

/** The calls of a function that map, in their order. */
export function mapCallsIn(model: FuncModel, wrapper: (name: string) => FlagsWrapper | undefined): MapCall[] {
  return model.calls.flatMap((placed): MapCall[] => {
    const { name, on, args } = placed.call;
    const known = MAP_NAMES.has(name) ? undefined : wrapper(name);
    if (on !== null && known === undefined) return [];
    const found = known === undefined ? builtIn(name, args) : { ...known, kind: 'wrapper' as const };
    if (found === null) return [];
    const address = args[found.address];
    const flags = args[found.flags];
    if (address === undefined || flags === undefined) return [];
    return [
      { placed, kind: found.kind, address, flags, length: args[found.length] ?? null, prot: args[found.prot] ?? null },
    ];
  });
}

function builtIn(name: string, args: readonly Expr[]): (Positions & { readonly kind: FixedCallKind }) | null {
  const first = args[0];
  if (MMAP.test(name) && args.length === 6) return { kind: 'mmap', address: 0, length: 1, prot: 2, flags: 3 };
  if (name === 'syscall' && first?.k === 'name' && SYSCALL.test(first.name) && args.length >= 7)
    return { kind: 'syscall', address: 1, length: 2, prot: 3, flags: 4 };
  if (/^(?:__)?mremap$/.test(name) && args.length >= 5)
    return { kind: 'mremap', address: 4, length: 2, prot: -1, flags: 3 };
  if (name === 'shmat' && args.length === 3) return { kind: 'shmat', address: 1, length: -1, prot: -1, flags: 2 };
  if (LIKE_MMAP.test(name) && args.length === 6) return { kind: 'wrapper', address: 0, length: 1, prot: 2, flags: 3 };
  return null;
}

/** NULL, 0 and the like. */
export function isNull(e: Expr): boolean {
  let at = e;
  while (at.k === 'cast') at = at.of;
  if (at.k === 'name') return at.name === 'NULL' || at.name === 'nullptr';
  return at.k === 'literal' && /^(?:NULL|nullptr|0(?:x0+)?[uUlL]*)$/.test(at.text);
}
