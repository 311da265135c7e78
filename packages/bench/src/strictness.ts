import {
  CAP_WORDS,
  check,
  type Columns,
  DELETE_FIRST,
  Follower,
  holdsFrame,
  Kernel,
  OK,
  Op,
  Policy,
  SIZE_MASK,
  SIZE_SHIFT,
} from '@overmap/core';
import { type ReadOptions, readTrace } from '@overmap/trace';
import type { Build } from './bench-case.ts';
import { runModelled } from './run-modelled.ts';
import type { WorkCounts } from './work.ts';
import { addWork } from './work-counts.ts';
import { BUILD_HEADERS } from './workloads/builds.ts';

/** What a client that over-maps must do more under strict. */
export interface CostOfStrictness {
  /** Maps that legacy let through and strict refuses, since their place holds a page that they do not remember. */
  readonly overMaps: number;
  /** Those of them whose place held the very same frame, mapped through another capability. */
  readonly aliases: number;
  /** Unmaps that must come before them: one each. */
  readonly extraUnmaps: number;
  /** The over-maps by log2 of their page size, ascending. */
  readonly sizes: readonly (readonly [bits: number, count: number])[];
  /** What the over-maps did, and what an unmap and a map instead of each would do; null where the build is unknown. */
  readonly legacy: WorkCounts | null;
  readonly strict: WorkCounts | null;
}

/**
 * Count a trace's over-maps: the state follows the trace under legacy, and each map that is let through is asked again
 * under strict. What rebuilds an earlier state counts as well, since it was a map once.
 *
 * @param build - whose work to count, or null
 * @throws as `readTrace`
 */
export async function costOfStrictness(
  path: string,
  build: Build | null,
  reading: ReadOptions = {},
): Promise<CostOfStrictness> {
  let pass: OverMaps | null = null;
  await readTrace(path, {
    ...reading,
    onHeader: ({ arch, config, asidPoolSlot }) => {
      pass ??= new OverMaps(new Kernel({ arch, config, asidPoolSlot, rootTaskAssigned: config.slots === undefined }));
    },
    onBatch: (columns) => pass?.columns(columns),
  });
  const bySize = (pass as OverMaps | null)?.bySize ?? new Map<number, number>();
  const sizes = [...bySize].toSorted(([a], [b]) => a - b);
  const overMaps = sizes.reduce((sum, [, count]) => sum + count, 0);
  return {
    overMaps,
    aliases: (pass as OverMaps | null)?.aliases ?? 0,
    extraUnmaps: overMaps,
    sizes,
    legacy: build === null ? null : workOfReplacing(build, sizes, 'legacy'),
    strict: build === null ? null : workOfReplacing(build, sizes, 'strict'),
  };
}

/** Replacing so many pages one by one, as the workload `replace` does it. */
function workOfReplacing(
  build: Build,
  sizes: readonly (readonly [bits: number, count: number])[],
  policy: 'legacy' | 'strict',
): WorkCounts {
  const { arch } = BUILD_HEADERS[build];
  return sizes.reduce((sum: WorkCounts, [bits, count]) => {
    const one = {
      workload: 'replace',
      pattern: 'contiguous',
      build,
      arch,
      policy,
      bits,
      pages: 1,
      batch: 1,
      seed: 1,
    } as const;
    return addWork(sum, runModelled(one).work, count);
  }, {});
}

class OverMaps {
  readonly bySize = new Map<number, number>();
  aliases = 0;
  private readonly follower: Follower;

  constructor(kernel: Kernel) {
    this.follower = new Follower(kernel);
  }

  columns(columns: Columns): void {
    const { follower } = this;
    const k = follower.kernel;
    for (let i = 0; i < columns.count; i++) {
      const op = columns.op[i];
      if (op === Op.batch || op === Op.mark || op === Op.state || op === Op.other) continue;
      if (op === Op.map && check(k, columns, i, Policy.strict) === DELETE_FIRST) this.refused(columns, i);
      const outcome = check(k, columns, i, Policy.legacy);
      follower.follow(columns, i, outcome, columns.outcome[i], Policy.legacy);
    }
  }

  /** Strict refuses a map: did legacy let it through? */
  private refused(columns: Columns, i: number): void {
    const k = this.follower.kernel;
    if (check(k, columns, i, Policy.legacy) !== OK || columns.outcome[i] > OK) return;
    const size = (k.caps[columns.cap[i] * CAP_WORDS] >> SIZE_SHIFT) & SIZE_MASK;
    const bits = k.sizeBits[size];
    this.bySize.set(bits, (this.bySize.get(bits) ?? 0) + 1);
    if (holdsFrame(k, columns.cap[i] * CAP_WORDS, size)) this.aliases++;
  }
}
