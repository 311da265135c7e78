import type { redox } from '@overmap/core';
import { OR004, OR007, OR011, OR012, OR013, OR015 } from './frames.ts';
import { OR001, OR002, OR003, OR005, OR006, OR008, OR009, OR010, OR014 } from './grants.ts';
import type { DefectRule } from './rule.ts';

/**
 * Every rule of the audit of Redox, by id: one for each defect that a session of address spaces can show. B16 is none of
 * them: the memory of recorded sessions does not reach physical 2 MiB.
 */
export const REDOX_RULES: readonly DefectRule[] = [
  OR001,
  OR002,
  OR003,
  OR004,
  OR005,
  OR006,
  OR007,
  OR008,
  OR009,
  OR010,
  OR011,
  OR012,
  OR013,
  OR014,
  OR015,
];

/** The rules by the switch of their defect. */
export const DEFECT_RULES: ReadonlyMap<redox.DefectName, DefectRule> = new Map(
  REDOX_RULES.map((rule) => [rule.defect, rule]),
);
