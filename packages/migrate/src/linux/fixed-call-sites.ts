import type { FindingSite, LinuxSite } from '@overmap/report';
import type { AddressSpace } from './address-space.ts';

/** Call sites that a summary lists; the others are counted. */
const LISTED = 4096;

/** What a call with MAP_FIXED did to what was there, as far as the log shows. */
export type FixedEffect = 'clean' | 'meant' | 'lost';

interface Counts {
  clean: number;
  meant: number;
  lost: number;
  processes: number;
}

/** Counts the successful MAP_FIXED calls of each call site that stacks tell, whatever they replaced. */
export class FixedCallSites {
  private readonly sites: Map<number, Counts> = new Map();
  /** Sites that each living process has called. */
  private readonly seen: WeakMap<AddressSpace, Set<number>> = new WeakMap();

  /** @param site - number of the call's place in the log; 0 = not known */
  call(site: number, space: AddressSpace, effect: FixedEffect): void {
    if (site === 0) return;
    let counts = this.sites.get(site);
    if (counts === undefined) this.sites.set(site, (counts = { clean: 0, meant: 0, lost: 0, processes: 0 }));
    counts[effect]++;
    let seen = this.seen.get(space);
    if (seen === undefined) this.seen.set(space, (seen = new Set()));
    if (seen.has(site)) return;
    seen.add(site);
    counts.processes++;
  }

  /** The sites in the order of their first calls; undefined where no call has one. */
  list(
    nameOf: (site: number) => FindingSite | null,
  ): { readonly sites: readonly LinuxSite[]; readonly moreSites: number } | undefined {
    if (this.sites.size === 0) return undefined;
    const sites: LinuxSite[] = [];
    let moreSites = 0;
    for (const [id, { clean, meant, lost, processes }] of this.sites) {
      const site = nameOf(id);
      if (site === null) continue;
      if (sites.length === LISTED) moreSites++;
      else sites.push({ ...site, fixed: clean + meant + lost, clean, meant, lost, processes });
    }
    return { sites, moreSites };
  }
}
