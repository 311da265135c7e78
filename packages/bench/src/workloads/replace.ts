import { Family, Policy } from '@overmap/core';
import type { Bed, Pages } from './bed.ts';
import { chosenPages, mapped, slice } from './chosen-pages.ts';
import { Script } from './script.ts';
import type { Workload } from './workload.ts';

/**
 * Frame B takes the place of frame A, page by page.
 *
 * - Single, where the policy lets one map over a page: one Page_Map of B each. A's capability becomes stale.
 * - Single elsewhere (strict and exact, and legacy on RISC-V, whose kernel refuses it too): unmap A, map B, each.
 * - Batched, under every policy: a batch of unmaps, then a batch of maps.
 */
export const replaceWorkload: Workload = {
  name: 'replace',
  patterns: true,
  per: 'a page that is replaced',
  timed: 'a page replaced and put back',
  frames: 2,
  plan: (bed) => {
    const before = chosenPages(bed);
    const after: Pages = { slots: bed.frames(before.slots.length), addresses: before.addresses };
    bed.mapPages(before);
    const script = new Script(bed, mapped(before));
    if (overMaps(bed)) script.maps(after);
    else exchange(script, before, after);
    const back = (): Script => {
      // A capability that has become stale records the same place still, so that its map is a remap.
      const again = script.next();
      exchange(again, after, before);
      return again;
    };
    return { script, back, pages: before.slots.length };
  },
};

/** Whether single maps go over what is there. */
function overMaps({ benchCase, policy, kernel }: Bed): boolean {
  if (benchCase.batch > 1) return false;
  if (policy === Policy.legacy) return kernel.family !== Family.riscv;
  return policy === Policy.permissive || policy === Policy.permissiveAware;
}

/** So many at a time as a batch holds; one by one, each page is gone as shortly as possible. */
function exchange(script: Script, from: Pages, to: Pages): void {
  const { batch } = script.bed.benchCase;
  for (let i = 0; i < from.slots.length; i += batch) {
    script.unmaps(slice(from, i, i + batch));
    script.maps(slice(to, i, i + batch));
  }
}
