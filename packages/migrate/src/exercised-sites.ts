import type { ExercisedSite } from '@overmap/report';
import type { TraceNames } from './sel4-findings.ts';

/** Call sites that a summary lists; the others are counted. */
const LISTED = 4096;

/** Counts the maps of each call site that a trace names: what was exercised, whether or not something was wrong there. */
export class ExercisedSites {
  private maps: Float64Array = new Float64Array(64);
  private refusals: Float64Array = new Float64Array(64);
  private last = 0;

  /**
   * A map was recorded.
   *
   * @param site - number of its call site in the trace's table, from 1
   */
  map(site: number, refused: boolean): void {
    if (site >= this.maps.length) this.grow(site);
    if (site > this.last) this.last = site;
    this.maps[site] = (this.maps[site] ?? 0) + 1;
    if (refused) this.refusals[site] = (this.refusals[site] ?? 0) + 1;
  }

  /** The sites with their counts, in the order in which the trace names them; undefined where it names none. */
  list(names: TraceNames): { readonly sites: readonly ExercisedSite[]; readonly moreSites: number } | undefined {
    if (this.last === 0) return undefined;
    const sites: ExercisedSite[] = [];
    let more = 0;
    for (let i = 1; i <= this.last; i++) {
      const maps = this.maps[i] ?? 0;
      const site = maps === 0 ? null : names.site(i);
      if (site === null) continue;
      if (sites.length < LISTED) sites.push({ ...site, maps, refused: this.refusals[i] ?? 0 });
      else more++;
    }
    return { sites, moreSites: more };
  }

  private grow(site: number): void {
    const length = Math.max(site + 1, this.maps.length * 2);
    const { maps, refusals } = this;
    this.maps = new Float64Array(length);
    this.refusals = new Float64Array(length);
    this.maps.set(maps);
    this.refusals.set(refusals);
  }
}
