import type { Architecture } from '@overmap/core';
import type { Pattern, WorkloadName } from '../bench-case.ts';
import { guardWorkload } from './guard.ts';
import { heapWorkload } from './heap.ts';
import { mapWorkload } from './map.ts';
import { protectWorkload } from './protect.ts';
import { replaceWorkload } from './replace.ts';
import { spaceWorkload } from './space.ts';
import { unmapWorkload } from './unmap.ts';
import { UserRange } from './user-range.ts';
import { windowWorkload } from './window.ts';
import type { Workload } from './workload.ts';

/** The workloads by name. */
export const WORKLOAD_BY_NAME: Readonly<Record<WorkloadName, Workload>> = {
  map: mapWorkload,
  unmap: unmapWorkload,
  protect: protectWorkload,
  replace: replaceWorkload,
  heap: heapWorkload,
  space: spaceWorkload,
  window: windowWorkload,
  guard: guardWorkload,
};

/**
 * The most pages that a workload can be about.
 *
 * @param bits - log2 of the page size
 */
export function mostPages(name: WorkloadName, pattern: Pattern | null, arch: Architecture, bits: number): number {
  const range = new UserRange(arch, bits);
  const { frames, most } = WORKLOAD_BY_NAME[name];
  const places = most === undefined ? range.most(pattern ?? 'contiguous') : most(range);
  return Math.min(places, Math.floor(range.frames / frames));
}
