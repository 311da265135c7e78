import type { Architecture, PageSize } from '@overmap/core';
import { homeOf, type History, type Place, type Prepared, prepare, sayPlace } from './map-candidates.ts';
import { Scene } from './scene.ts';
import type { Candidate } from './vector.ts';

/** What may be wrong with the address of a map. */
interface Address {
  readonly name: string;
  readonly of: (home: bigint) => bigint;
}

/** What may be wrong with the vspace argument of a map. */
const SPACES = [
  'a vspace without an ASID',
  'a vspace whose pool is gone',
  "a vspace whose ASID is another one's",
  'a table',
  'a mapped table',
  'a frame',
  'an empty slot',
] as const;
type Space = (typeof SPACES)[number];

/** Histories that a check of the capability's own record can refuse, or that make it skip others. */
const RECORDS: readonly History[] = [
  'fresh',
  'mapped at another address',
  'mapped in another vspace',
  'mapped in another vspace at another address',
  'mapped in a deleted vspace',
];

/** Page_Map with one fault, and with two: which of them is answered is the order of the checks. */
export function* faultCandidates(arch: Architecture): Generator<Candidate> {
  for (const size of arch.sizes) {
    const places: Place[] = [{ kind: 'empty' }, { kind: 'page', size, nth: 0 }];
    if (size.level > 0) places.push({ kind: 'no table', level: size.level - 1 }, { kind: 'no table', level: 0 });
    const addresses = [...addressesOf(arch, size)];
    for (const history of RECORDS)
      for (const place of places) {
        for (const address of addresses) yield* one(arch, size, history, place, address, null);
        for (const space of SPACES) yield* one(arch, size, history, place, null, space);
      }
    for (const space of SPACES)
      for (const address of addresses) yield* one(arch, size, 'fresh', { kind: 'empty' }, address, space);
  }
  yield* invokedCandidates(arch);
}

/** Addresses that are misaligned, at the limit, or beyond it. */
function* addressesOf(arch: Architecture, { bits }: PageSize): Generator<Address> {
  const size = 1n << BigInt(bits);
  const word = arch.wordBits === 64 ? 0xffff_ffff_ffff_ffffn : 0xffff_ffffn;
  const top = (BigInt(arch.userTop.hi) << 32n) | BigInt(arch.userTop.lo);
  const offsets = [1n, 0x800n, 0x1000n, size / 4n, size / 2n, size - 1n];
  for (const offset of new Set(offsets))
    if (offset > 0n && offset < size) yield { name: `${hexOf(offset)} bytes off`, of: (home) => home + offset };
  const last = top & -size;
  const limits = [
    last - 2n * size,
    last - size,
    last,
    last + size,
    top - size,
    top - size + 1n,
    top - size + 2n,
    top - 1n,
    top,
    top + 1n,
  ];
  limits.push(top + size / 2n, (top & ~0xfffn) - size, (top & ~0xfffn) - size + 0x1000n, (top & ~0xfffn) + 0x1000n);
  // Misaligned across a multiple of 4 GiB: the sum carries, up to the limit's own high half and below it.
  if (arch.wordBits === 64)
    for (const multiple of [1n << 32n, BigInt(arch.userTop.hi) << 32n, (BigInt(arch.userTop.hi) << 32n) + (1n << 32n)])
      limits.push(multiple - size / 2n, multiple - size / 4n, multiple - 1n);
  if (arch.wordBits === 64) limits.push(last + (1n << 32n), 0x8000_0000_0000_0000n);
  limits.push(word & -size, word, (word & -size) - size / 2n);
  for (const address of new Set(limits))
    if (address >= 0n && address <= word) yield { name: `at ${hexOf(address)}`, of: () => address };
}

const hexOf = (n: bigint): string => `0x${n.toString(16)}`;

function* one(
  arch: Architecture,
  size: PageSize,
  history: History,
  place: Place,
  address: Address | null,
  space: Space | null,
): Generator<Candidate> {
  const scene = new Scene(arch);
  const ready = prepare(scene, size, history, place);
  if (ready === null) return;
  const vspace = space === null ? ready.vspace : wrongSpace(scene, size, ready, space);
  if (vspace === null) return;
  const vaddr = address === null ? ready.vaddr : address.of(ready.vaddr);
  // Tables for addresses that may be within the range: where they cannot be mapped, nothing can.
  if (address !== null && space === null && history === 'fresh' && place.kind === 'empty')
    tablesIfInside(scene, size, vspace, vaddr);
  const tests = scene.operations.length;
  scene.map(ready.cap, vspace, vaddr);
  const at = address === null ? '' : `, ${address.name}`;
  const into = space === null ? '' : `, into ${space}`;
  yield {
    name: `map 2^${size.bits}, ${history}${at}${into}, where ${sayPlace(place)} is`,
    operations: scene.operations,
    tests,
    vspaces: [ready.vspace],
    slots: scene.slots,
  };
}

/** Tables for a page whose address rounds down to one inside of the user range; others would be refused. */
function tablesIfInside(scene: Scene, size: PageSize, vspace: number, vaddr: bigint): void {
  const { arch } = scene;
  const top = (BigInt(arch.userTop.hi) << 32n) | BigInt(arch.userTop.lo);
  if (vaddr < top) scene.tablesTo(size.level, vspace, vaddr);
}

/** A capability that is no vspace to map into. */
function wrongSpace(scene: Scene, size: PageSize, { vspace, vaddr }: Prepared, space: Space): number | null {
  switch (space) {
    case 'a vspace without an ASID':
      return scene.unassigned();
    case 'a vspace whose pool is gone':
    case "a vspace whose ASID is another one's": {
      const pool = scene.pool();
      const dead = scene.vspace(pool);
      scene.tablesTo(size.level, dead, vaddr);
      scene.delete(pool);
      if (space === "a vspace whose ASID is another one's") scene.vspace(scene.pool());
      return dead;
    }
    case 'a table':
      return scene.table(0);
    case 'a mapped table': {
      if (scene.arch.levels.length < 2) return null;
      const cap = scene.table(0);
      const far = vaddr + (1n << BigInt(scene.arch.levels[0]?.shift ?? 0));
      scene.add({ op: 'map_table', cap, vspace, vaddr: far, attr: 0 });
      return cap;
    }
    case 'a frame':
      return scene.frame(12);
    case 'an empty slot':
      return scene.slot();
  }
}

/** Page_Map, and Page_Unmap, of what is no frame. */
function* invokedCandidates(arch: Architecture): Generator<Candidate> {
  const kinds: readonly [string, (scene: Scene) => number][] = [
    ['an empty slot', (scene) => scene.slot()],
    ['a table', (scene) => scene.table(0)],
    ['a vspace', (scene) => scene.vspace()],
    ['a vspace without an ASID', (scene) => scene.unassigned()],
    ['an ASID pool', (scene) => scene.pool()],
  ];
  const home = homeOf(arch, 12);
  for (const [name, make] of kinds)
    for (const into of ['a vspace', 'a table', 'an empty slot'])
      for (const off of [0n, 1n]) {
        const scene = new Scene(arch);
        const vspace = scene.vspace();
        const target = into === 'a vspace' ? vspace : into === 'a table' ? scene.table(0) : scene.slot();
        const cap = make(scene);
        const tests = scene.operations.length;
        scene.map(cap, target, home + off);
        scene.add({ op: 'unmap', cap });
        yield {
          name: `map and unmap ${name}${off === 0n ? '' : ', misaligned'}, into ${into}`,
          operations: scene.operations,
          tests,
          vspaces: [vspace],
          slots: scene.slots,
        };
      }
}
