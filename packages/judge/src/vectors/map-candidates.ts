import type { Architecture, PageSize } from '@overmap/core';
import type { Candidate } from './vector.ts';
import { Scene } from './scene.ts';

/** What the invoked capability has been through. */
const HISTORIES = [
  'fresh',
  'mapped here',
  'a copy of what is mapped here',
  'stale here, its table emptied',
  'stale here, its ASID reused',
  'mapped here without rights',
  'mapped at another address',
  'mapped at the same address 4 GiB up',
  'mapped in another vspace',
  'mapped in another vspace at another address',
  'mapped in a deleted vspace',
] as const;
type History = (typeof HISTORIES)[number];

/** What stands at the place. */
type Place =
  | { readonly kind: 'empty' }
  /** The walk stops at this level, above the page's. */
  | { readonly kind: 'no table'; readonly level: number }
  /** A table, for smaller pages, without any: in the n-th of the entries that the page takes. */
  | { readonly kind: 'table'; readonly nth: number }
  /** A page of another frame. `nth`: the n-th of the places of its size within the page's. */
  | { readonly kind: 'page'; readonly size: PageSize; readonly nth: number }
  /** A page of a frame that differs from the invoked one in the upper half of its address only. */
  | { readonly kind: 'twin' }
  /** The invoked frame's own page, through a copy. */
  | { readonly kind: 'own' };

/** An address with every index different, for each size; above 4 GiB where there is room. */
export function homeOf(arch: Architecture, bits: number): bigint {
  const base = arch.wordBits === 32 ? 0x4543_3000n : 0x12_4543_3000n;
  return base & -(1n << BigInt(bits));
}

/** Page_Map in every history at every place, at its own address. */
export function* mapCandidates(arch: Architecture): Generator<Candidate> {
  for (const size of arch.sizes)
    for (const history of HISTORIES)
      for (const place of placesOf(arch, size)) {
        const made = inPlace(arch, size, history, place);
        if (made !== null) yield made;
      }
}

/** Every place that a page of a size can find. */
export function* placesOf(arch: Architecture, size: PageSize): Generator<Place> {
  yield { kind: 'empty' };
  yield { kind: 'own' };
  if (arch.wordBits === 64) yield { kind: 'twin' };
  for (let level = 0; level < size.level; level++) yield { kind: 'no table', level };
  if (size.level < arch.levels.length - 1) for (let nth = 0; nth < size.entries; nth++) yield { kind: 'table', nth };
  for (const other of arch.sizes) {
    yield { kind: 'page', size: other, nth: 0 };
    // Smaller pages may lie anywhere in the larger one's place: each of its entries, or of the table's below.
    if (other.bits < size.bits && other.level === size.level)
      for (let nth = 1; nth < size.entries; nth++) yield { kind: 'page', size: other, nth };
    else if (other.bits < size.bits) yield { kind: 'page', size: other, nth: 1 };
  }
}

/** A capability that comes back at an address that differs from the recorded one in a single bit. */
export function* addressCandidates(arch: Architecture): Generator<Candidate> {
  for (const size of arch.sizes) {
    const home = homeOf(arch, size.bits);
    for (let bit = size.bits; home >> BigInt(bit) > 0n; bit++) {
      const scene = new Scene(arch);
      const vspace = scene.vspace();
      scene.tablesTo(size.level, vspace, home);
      const cap = scene.frame(size.bits);
      scene.map(cap, vspace, home);
      const tests = scene.operations.length;
      scene.map(cap, vspace, home ^ (1n << BigInt(bit)));
      yield {
        name: `map 2^${size.bits}, mapped at an address that differs in bit ${bit}`,
        operations: scene.operations,
        tests,
        vspaces: [vspace],
        slots: scene.slots,
      };
    }
  }
}

/** A page right before and right behind others of the same level: what they have is none of its business. */
export function* neighbourCandidates(arch: Architecture): Generator<Candidate> {
  for (const size of arch.sizes)
    for (const other of arch.sizes.filter(({ level }) => level === size.level))
      for (const side of ['before', 'behind'] as const) {
        const larger = size.bits > other.bits ? size : other;
        const border = homeOf(arch, larger.bits);
        const scene = new Scene(arch);
        const vspace = scene.vspace();
        const [mine, its] =
          side === 'behind'
            ? [border - (1n << BigInt(size.bits)), border]
            : [border, border - (1n << BigInt(other.bits))];
        for (const vaddr of [mine, its]) scene.tablesTo(size.level, vspace, vaddr);
        const cap = scene.frame(size.bits);
        scene.map(scene.frame(other.bits), vspace, its);
        const tests = scene.operations.length;
        scene.map(cap, vspace, mine);
        scene.map(cap, vspace, mine, 'r');
        scene.add({ op: 'unmap', cap });
        yield {
          name: `map and unmap 2^${size.bits}, with a page of 2^${other.bits} ${side} it`,
          operations: scene.operations,
          tests,
          vspaces: [vspace],
          slots: scene.slots,
        };
      }
}

export const sayPlace = (place: Place): string => {
  switch (place.kind) {
    case 'no table':
      return `no table at level ${place.level}`;
    case 'page':
      return `a page of 2^${place.size.bits}${place.nth === 0 ? '' : ` as number ${place.nth}`}`;
    case 'own':
      return 'its own page';
    case 'twin':
      return 'a page of a frame 32 GiB up';
    case 'table':
      return place.nth === 0 ? 'a table' : `a table in entry ${place.nth}`;
    default:
      return 'nothing';
  }
};

function inPlace(arch: Architecture, size: PageSize, history: History, place: Place): Candidate | null {
  const scene = new Scene(arch);
  const set = prepare(scene, size, history, place);
  if (set === null) return null;
  const tests = scene.operations.length;
  scene.map(set.cap, set.vspace, set.vaddr);
  // What it has recorded shows in what it answers now.
  scene.map(set.cap, set.vspace, set.vaddr + (1n << BigInt(size.bits)));
  return {
    name: `map 2^${size.bits}, ${history}, where ${sayPlace(place)} is`,
    operations: scene.operations,
    tests,
    vspaces: [set.vspace],
    slots: scene.slots,
  };
}

/** What a scene was prepared for: a frame with a history, and a place. */
export interface Prepared {
  readonly cap: number;
  readonly vspace: number;
  readonly vaddr: bigint;
}

/** Prepare a frame's history and its place; null where the two do not go together. */
export function prepare(scene: Scene, size: PageSize, history: History, place: Place): Prepared | null {
  const { arch } = scene;
  const { bits, level } = size;
  const vaddr = homeOf(arch, bits);
  const there = { vaddr, level, bits };
  const twins = place.kind === 'twin' ? scene.twins(bits) : null;
  const cap = twins?.[0] ?? scene.frame(bits);
  const asPlace = (vspace: number): boolean => fill(scene, vspace, there, size, place, cap, twins?.[1] ?? null);
  const ready = (vspace: number, invoked = cap): Prepared | null =>
    asPlace(vspace) ? { cap: invoked, vspace, vaddr } : null;

  switch (history) {
    case 'fresh':
      return ready(scene.vspace());
    case 'mapped here':
    case 'a copy of what is mapped here': {
      if (place.kind !== 'empty') return null;
      const vspace = scene.vspace();
      scene.tablesTo(level, vspace, vaddr);
      scene.map(cap, vspace, vaddr);
      return { cap: history === 'mapped here' ? cap : scene.copy(cap), vspace, vaddr };
    }
    case 'mapped here without rights': {
      if (!scene.hasInvalidPages || place.kind === 'no table') return null;
      const vspace = scene.vspace();
      scene.tablesTo(level, vspace, vaddr);
      scene.map(cap, vspace, vaddr, '', 1);
      return ready(vspace);
    }
    case 'stale here, its table emptied': {
      if (level === 0) return null;
      const vspace = scene.vspace();
      scene.tablesTo(level, vspace, vaddr);
      scene.map(cap, vspace, vaddr);
      if (place.kind === 'no table') {
        if (place.level !== level - 1) return null;
        scene.dropTable(level, vspace, vaddr);
        return { cap, vspace, vaddr };
      }
      if (coversTables(place, size)) scene.dropTable(level, vspace, vaddr);
      else scene.emptyTable(level, vspace, vaddr);
      return ready(vspace);
    }
    case 'stale here, its ASID reused': {
      const first = scene.vspace();
      scene.tablesTo(level, first, vaddr);
      scene.map(cap, first, vaddr);
      scene.delete(first);
      return ready(scene.vspace());
    }
    case 'mapped at another address':
    case 'mapped at the same address 4 GiB up': {
      const far = history !== 'mapped at another address';
      if (far && arch.wordBits === 32) return null;
      const vspace = scene.vspace();
      const other = far ? vaddr + (1n << 32n) : vaddr + (3n << BigInt(bits));
      scene.tablesTo(level, vspace, other);
      scene.map(cap, vspace, other);
      return ready(vspace);
    }
    default: {
      const other = scene.vspace();
      const at = history === 'mapped in another vspace at another address' ? vaddr + (3n << BigInt(bits)) : vaddr;
      scene.tablesTo(level, other, at);
      scene.map(cap, other, at);
      const vspace = scene.vspace();
      if (history === 'mapped in a deleted vspace') scene.delete(other);
      return ready(vspace);
    }
  }
}

/** A larger page that stands where the tables of this size were. */
const coversTables = (place: Place, size: PageSize): boolean => place.kind === 'page' && place.size.level < size.level;

/** Make the place. False when the architecture has no such place. */
function fill(
  scene: Scene,
  vspace: number,
  { vaddr, level, bits }: { readonly vaddr: bigint; readonly level: number; readonly bits: number },
  size: PageSize,
  place: Place,
  cap: number,
  twin: number | null,
): boolean {
  switch (place.kind) {
    case 'no table':
      scene.tablesTo(place.level, vspace, vaddr);
      return true;
    case 'empty':
      scene.tablesTo(level, vspace, vaddr);
      return true;
    case 'table': {
      const entry = (1n << BigInt(bits)) / BigInt(size.entries);
      scene.tablesTo(level + 1, vspace, vaddr + BigInt(place.nth) * entry);
      return true;
    }
    case 'own': {
      scene.tablesTo(level, vspace, vaddr);
      scene.map(scene.copy(cap), vspace, vaddr);
      return true;
    }
    case 'twin': {
      if (twin === null) return false;
      scene.tablesTo(level, vspace, vaddr);
      scene.map(twin, vspace, vaddr);
      return true;
    }
    default: {
      const other = place.size;
      const at =
        other.bits >= bits ? vaddr & -(1n << BigInt(other.bits)) : vaddr + (BigInt(place.nth) << BigInt(other.bits));
      const frame = scene.frame(other.bits);
      if (other.level >= size.level) scene.tablesTo(size.level, vspace, vaddr);
      scene.tablesTo(other.level, vspace, at);
      scene.map(frame, vspace, at);
      return true;
    }
  }
}

export { HISTORIES, type History, type Place };
