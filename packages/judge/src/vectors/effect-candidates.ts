import type { Architecture, PageSize } from '@overmap/core';
import { HISTORIES, homeOf, placesOf, prepare, sayPlace } from './map-candidates.ts';
import { Scene } from './scene.ts';
import type { Candidate } from './vector.ts';

/** What maps write, what unmaps clear and forget, and what becomes of copies. */
export function* effectCandidates(arch: Architecture): Generator<Candidate> {
  for (const size of arch.sizes) {
    yield rights(arch, size);
    for (const first of ['rw', 'r', '']) yield attributes(arch, size, first);
    yield* unmaps(arch, size);
    yield* others(arch, size);
    yield remapped(arch, size);
  }
}

const HELD = ['rw', 'r', 'w', ''];
const ASKED = ['rw', 'r', 'w', '', 'rwgG', 'gG', 'rg', 'wG'];

const candidate = (scene: Scene, name: string, tests: number, vspaces: readonly number[]): Candidate => ({
  name,
  operations: scene.operations,
  tests,
  vspaces,
  slots: scene.slots,
});

/** Address of the n-th page of a size: a table below them is made as needed. */
function nth(arch: Architecture, { bits }: PageSize, n: number): bigint {
  // Large pages side by side from a low address, so that the last one is still inside of a small user range.
  const first = bits >= 20 ? 0n : homeOf(arch, 21);
  return first + (BigInt(n) << BigInt(bits));
}

/** Copies with every right of the capability, mapped with every right asked for. */
function rights(arch: Architecture, size: PageSize): Candidate {
  const scene = new Scene(arch);
  const vspace = scene.vspace();
  const frame = scene.frame(size.bits);
  const maps: [number, string, bigint][] = [];
  for (const held of HELD)
    for (const asked of ASKED) {
      const vaddr = nth(arch, size, maps.length + 1);
      scene.tablesTo(size.level, vspace, vaddr);
      maps.push([scene.copy(frame, held), asked, vaddr]);
    }
  const tests = scene.operations.length;
  for (const [cap, asked, vaddr] of maps) scene.map(cap, vspace, vaddr, asked);
  return candidate(scene, `map 2^${size.bits} with rights of all kinds, held and asked for`, tests, [vspace]);
}

/** Every attribute word that counts. */
function attributes(arch: Architecture, size: PageSize, asked: string): Candidate {
  const scene = new Scene(arch);
  const vspace = scene.vspace();
  const frame = scene.frame(size.bits);
  const maps: [number, number, bigint][] = [];
  for (let attr = 0; attr < 9; attr++) {
    const vaddr = nth(arch, size, attr + 1);
    scene.tablesTo(size.level, vspace, vaddr);
    maps.push([scene.copy(frame), attr, vaddr]);
  }
  const tests = scene.operations.length;
  for (const [cap, attr, vaddr] of maps) scene.map(cap, vspace, vaddr, asked, attr);
  return candidate(scene, `map 2^${size.bits} with "${asked}" and every attribute word`, tests, [vspace]);
}

/** Page_Unmap in every history at every place, and what the capability can be used for afterwards. */
function* unmaps(arch: Architecture, size: PageSize): Generator<Candidate> {
  for (const history of HISTORIES)
    for (const place of placesOf(arch, size)) {
      for (const op of ['unmap', 'delete'] as const) {
        const scene = new Scene(arch);
        const ready = prepare(scene, size, history, place);
        if (ready === null) continue;
        const tests = scene.operations.length;
        scene.add({ op, cap: ready.cap });
        if (op === 'unmap') {
          // Forgotten: it may be mapped anywhere.
          scene.map(ready.cap, ready.vspace, ready.vaddr + (5n << BigInt(size.bits)));
          scene.map(ready.cap, ready.vspace, ready.vaddr);
        }
        yield candidate(scene, `${op} 2^${size.bits}, ${history}, where ${sayPlace(place)} is`, tests, [ready.vspace]);
      }
    }
}

/** Copy, move and revoke of a mapped frame. */
function* others(arch: Architecture, size: PageSize): Generator<Candidate> {
  for (const what of ['copy', 'copy with fewer rights', 'move', 'revoke', 'delete a copy'] as const) {
    const scene = new Scene(arch);
    const ready = prepare(scene, size, 'mapped here', { kind: 'empty' });
    if (ready === null) continue;
    const { cap, vspace, vaddr } = ready;
    const other = vaddr + (2n << BigInt(size.bits));
    scene.tablesTo(size.level, vspace, other);
    const to = what === 'revoke' || what === 'delete a copy' ? scene.copy(cap) : scene.slot();
    if (what === 'revoke') scene.map(to, vspace, other);
    const tests = scene.operations.length;
    if (what === 'move') scene.add({ op: 'move', src: cap, cap: to });
    else if (what === 'revoke') scene.add({ op: 'revoke', cap });
    else if (what === 'delete a copy') scene.delete(to);
    else scene.add({ op: 'copy', src: cap, cap: to, rights: what === 'copy' ? 'rw' : 'r' });
    scene.map(to, vspace, other);
    scene.map(cap, vspace, vaddr, 'r');
    yield candidate(scene, `${what} a mapped 2^${size.bits}, then map both`, tests, [vspace]);
  }
}

/** Remaps that change rights and attributes, down and up again. */
function remapped(arch: Architecture, size: PageSize): Candidate {
  const scene = new Scene(arch);
  const vspace = scene.vspace();
  const vaddr = homeOf(arch, size.bits);
  const cap = scene.frame(size.bits);
  scene.tablesTo(size.level, vspace, vaddr);
  scene.map(cap, vspace, vaddr);
  const tests = scene.operations.length;
  scene.map(cap, vspace, vaddr, 'r', 0);
  return candidate(scene, `remap 2^${size.bits} with fewer rights`, tests, [vspace]);
}
