import { Follower, Kernel } from '@overmap/core';
import type { Sel4Head } from './page-data.ts';

/** A follower in the state in which a trace begins. */
export function freshFollower({
  arch,
  config,
  asidPoolSlot,
  rootTaskAssigned,
}: Pick<Sel4Head, 'arch' | 'config' | 'asidPoolSlot' | 'rootTaskAssigned'>): Follower {
  return new Follower(new Kernel({ arch, config, asidPoolSlot, rootTaskAssigned }));
}
