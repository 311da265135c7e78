import type { Architecture } from '@overmap/core';
import { homeOf } from './map-candidates.ts';
import { Scene } from './scene.ts';
import type { Candidate } from './vector.ts';

/** Mapping and unmapping page tables, as far as pages meet them: over pages, over tables, twice, at the limit. */
export function* tableCandidates(arch: Architecture): Generator<Candidate> {
  const vaddr = homeOf(arch, 12);
  const top = (BigInt(arch.userTop.hi) << 32n) | BigInt(arch.userTop.lo);
  const limits = [top - 1n, top, top + 1n, (top & ~0xfffn) - 0x1000n];
  for (let parent = 0; parent < arch.levels.length - 1; parent++) {
    const at = (name: string, act: (scene: Scene, vspace: number, cap: number) => void): Candidate => {
      const scene = new Scene(arch);
      const vspace = scene.vspace();
      scene.tablesTo(parent, vspace, vaddr);
      const cap = scene.table(parent);
      const before = scene.operations.length;
      act(scene, vspace, cap);
      return {
        name: `table for level ${parent}: ${name}`,
        operations: scene.operations,
        tests: before,
        vspaces: [vspace],
        slots: scene.slots,
      };
    };
    const map = (scene: Scene, vspace: number, cap: number, to = vaddr, attr = 0): void =>
      scene.add({ op: 'map_table', cap, vspace, vaddr: to, attr });
    yield at('map, twice', (scene, vspace, cap) => {
      map(scene, vspace, cap);
      map(scene, vspace, cap);
    });
    yield at('map two', (scene, vspace, cap) => {
      map(scene, vspace, cap);
      map(scene, vspace, scene.table(parent));
    });
    for (const size of arch.sizes.filter(({ level }) => level === parent))
      yield at(`map over a page of 2^${size.bits}`, (scene, vspace, cap) => {
        const page = scene.frame(size.bits);
        scene.map(page, vspace, vaddr & -(1n << BigInt(size.bits)));
        map(scene, vspace, cap);
      });
    yield at('unmap with pages below', (scene, vspace, cap) => {
      map(scene, vspace, cap);
      scene.tablesTo(parent + 1, vspace, vaddr);
      scene.add({ op: 'unmap_table', cap });
      scene.add({ op: 'unmap_table', cap });
      map(scene, vspace, cap);
    });
    yield at('into what is no vspace', (scene, _, cap) => {
      map(scene, scene.unassigned(), cap);
      map(scene, scene.frame(12), cap);
      map(scene, scene.slot(), cap);
    });
    for (const limit of limits)
      yield at(`at 0x${limit.toString(16)}`, (scene, vspace, cap) => map(scene, vspace, cap, limit));
  }
}
