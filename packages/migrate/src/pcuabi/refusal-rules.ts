import type { PcuabiCheck } from '@overmap/core';
import type { CallPlace, Placed } from './placed.ts';
import { OP001, OP002, OP004, OP006, OP007, OP008 } from './rules/index.ts';
import type { PcuabiRule } from './rules/rule.ts';

/** The rule of a refusal, by the check that failed; OP008 tells of the others. */
export const RULE_OF: Readonly<Partial<Record<PcuabiCheck, PcuabiRule>>> = {
  'out-of-bounds': OP001,
  'inside-reservation': OP002,
  'place-reserved': OP002,
  'null-derived': OP002,
  'above-permissions': OP004,
  hole: OP006,
  'owning-without-fixed': OP007,
};

/** In the words of OP008. */
export const REASONS: Readonly<Partial<Record<PcuabiCheck, string>>> = {
  'grows-down': 'MAP_GROWSDOWN is not supported',
  'may-not-move': 'it cannot grow where it is, beyond what was reserved, and may not move',
  'not-mapped': 'its range is not one mapping',
  'no-free-place': 'no addresses are free',
  'destination-permissions': 'the destination allows more than the source does',
  exists: 'something is mapped there',
};

/** What a rule says besides the mapping. */
export function detailOf(
  rule: PcuabiRule,
  about: {
    readonly others: readonly Placed[];
    readonly hole: CallPlace | null | undefined;
    readonly given: string | undefined;
    readonly reason: string;
  },
): string {
  if (rule === OP004) return about.given ?? 'its protection';
  if (rule === OP008) return about.reason;
  if (rule === OP006) return about.hole == null ? '' : ` It was last unmapped in at line ${about.hole.line}.`;
  const lines = [...new Set(about.others.map(({ line }) => line))].slice(0, 3);
  return lines.length === 0 ? '' : ` It reaches into what was mapped at line ${lines.join(', ')}, too.`;
}
