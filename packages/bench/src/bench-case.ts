import type { ArchName, PolicyName } from '@overmap/core';

/** What is done with pages, see the workload of that name. */
export const WORKLOADS = ['map', 'unmap', 'protect', 'replace', 'heap', 'space', 'window', 'guard'] as const;
export type WorkloadName = (typeof WORKLOADS)[number];

/** How the addresses of the pages lie. */
export const PATTERNS = ['contiguous', 'strided', 'random'] as const;
export type Pattern = (typeof PATTERNS)[number];

/** Builds of kernels that can be benchmarked. */
export const BUILDS = [
  'ia32',
  'x86_64',
  'x86_64pcid',
  'aarch32',
  'aarch32hyp',
  'aarch64',
  'aarch64hyp',
  'riscv32',
  'riscv64',
] as const;
export type Build = (typeof BUILDS)[number];

/** One case: plain data, so that it can be handed to a worker. */
export interface BenchCase {
  readonly workload: WorkloadName;
  /** Null where a workload has its own way to choose addresses. */
  readonly pattern: Pattern | null;
  readonly build: Build;
  readonly arch: ArchName;
  readonly policy: PolicyName;
  /** log2 of the page size in bytes. */
  readonly bits: number;
  /** Pages that the workload is about. */
  readonly pages: number;
  /** Operations in one invocation; 1 = single invocations, no batches at all. */
  readonly batch: number;
  readonly seed: number;
}

/** A case's name, by which it is chosen, sorted and compared: "map/random/aarch64/4K/1024/strict/16". */
export function caseName({ workload, pattern, build, bits, pages, policy, batch }: BenchCase): string {
  return [workload, pattern ?? '-', build, sizeName(bits), pages, policy, batch === 1 ? 'single' : batch].join('/');
}

/** A page size in words: 12 = "4K". */
export function sizeName(bits: number): string {
  if (bits >= 30) return `${1 << (bits - 30)}G`;
  return bits >= 20 ? `${1 << (bits - 20)}M` : `${1 << (bits - 10)}K`;
}
