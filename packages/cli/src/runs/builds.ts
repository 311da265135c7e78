import { ARCH_NAMES } from '@overmap/core';
import { BUILD_NAMES, type BuildName } from '@overmap/judge';
import { oneOf } from '../values.ts';

/** Builds of the kernel by name; without names, one of each architecture. @throws UsageError for what there is not */
export function buildsNamed(names: readonly string[] | undefined): readonly BuildName[] {
  return names === undefined ? ARCH_NAMES : [...new Set(names.map((name) => oneOf('architecture', name, BUILD_NAMES)))];
}
