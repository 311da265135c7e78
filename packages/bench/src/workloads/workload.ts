import type { WorkloadName } from '../bench-case.ts';
import type { Bed } from './bed.ts';
import type { Script } from './script.ts';
import type { UserRange } from './user-range.ts';

/** What a workload does on a bed. */
export interface Plan {
  /** What is counted. Preparation is done already. */
  readonly script: Script;
  /** Operations that lead back to where the script began; null = it ends there by itself. For timing. */
  readonly back: () => Script | null;
  /** Pages that a price is divided by, see {@link Workload.per}. */
  readonly pages: number;
}

/** A piece of work that clients do with pages. */
export interface Workload {
  readonly name: WorkloadName;
  /** Whether its addresses can lie in different ways; otherwise it has a way of its own. */
  readonly patterns: boolean;
  /** What a price is the price of: "a page that is mapped". */
  readonly per: string;
  /** What one iteration of the timed measure does for each such page. */
  readonly timed: string;
  /** Frames that it takes for each page. */
  readonly frames: number;
  /** Only one page in so many changes at a time, and can be in one batch; 1 unless told. */
  readonly share?: number;
  /** The most pages that fit into a range, where it has a way of its own to choose addresses. */
  readonly most?: (range: UserRange) => number;
  /** Prepare the bed, and write down what is to be done. */
  readonly plan: (bed: Bed) => Plan;
}
