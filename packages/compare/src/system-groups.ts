import { answeredAlike, type Comparison } from './compare-scenario.ts';
import { FAMILIES, type Family } from './system.ts';

/** Systems of one family that answered a scenario alike: one column. */
export interface SystemGroup {
  readonly family: Family;
  /** "linux", or "linux (1)" where a family has several groups. */
  readonly title: string;
  /** Indices into the comparison's systems. */
  readonly members: readonly [number, ...number[]];
}

/** The columns of a comparison. */
export function systemGroups(comparison: Comparison): SystemGroup[] {
  return FAMILIES.flatMap((family) => {
    const groups: [number, ...number[]][] = [];
    comparison.systems.forEach((system, i) => {
      if (system.family !== family) return;
      const alike = groups.find(([first]) => answeredAlike(comparison, first, i));
      if (alike === undefined) groups.push([i]);
      else alike.push(i);
    });
    return groups.map((members, i) => ({
      family,
      title: groups.length === 1 ? family : `${family} (${i + 1})`,
      members,
    }));
  });
}

/** Which systems a column stands for: "legacy, permissive". */
export const membersText = ({ systems }: Comparison, { members }: SystemGroup): string =>
  members.map((i) => systems[i]?.policy ?? '').join(', ');
