import { POLICIES, type PolicyName } from '../../src/sel4/policy.ts';
import { CONFIGURATIONS, type Configuration } from './configurations.ts';
import { type Deviation, LAWS, runLaws } from './laws/index.ts';
import type { DrivenBy } from './world.ts';

const REFUSED: readonly Deviation[] = [
  'an over-map replaces the other frame, whose capability becomes stale',
  'after an over-map the first capability takes the place back',
  'an unmapped copy maps over its own frame',
].map((law) => ({ law, reason: 'a place that is occupied is refused', shows: 'DeleteFirst' }));

const DISPLACED = 'a stale remap displaces the other frame';
const NO_RIGHTS = 'a map without rights leaves a page behind';
const TAKEN_BACK = 'a remembered place that holds nothing is free for others, and is taken back from them';

/** Where a kernel breaks a law on purpose. */
function deviations({ family }: Configuration, policy: DrivenBy): Deviation[] {
  const riscv = family === 'riscv';
  const found: Deviation[] = [];
  if (policy === 'strict' || policy === 'exact' || (policy === 'legacy' && riscv)) found.push(...REFUSED);
  if (policy === 'exact') {
    const reason = 'a remap needs its own frame in the entry';
    found.push({ law: DISPLACED, reason, shows: 'DeleteFirst' });
    if (riscv) found.push({ law: TAKEN_BACK, reason, shows: 'DeleteFirst' });
  }
  if ((policy === 'strict' || policy === 'exact') && family === 'aarch64') {
    const reason = 'any page where the walk stops is refused, before its size is compared';
    found.push(
      {
        law: 'a small page under a large one of a higher level is refused as where a table is missing',
        reason,
        shows: 'DeleteFirst',
      },
      {
        law: 'a large page over a table is refused in the same way whatever the table holds',
        reason,
        shows: 'DeleteFirst',
      },
    );
  }
  if (policy === 'permissive-aware')
    found.push({
      law: 'a stale capability is refused elsewhere until it is unmapped',
      reason: 'a stale capability counts as unmapped',
      shows: "{ ret: 'ok' }",
    });
  if (riscv)
    found.push({
      law: NO_RIGHTS,
      reason: 'without rights and execute-never the entry is invalid',
      shows: 'to deeply equal',
    });
  return found;
}

const named = Object.keys(POLICIES) as PolicyName[];

for (const configuration of CONFIGURATIONS)
  for (const policy of [...named, () => 'ok' as const])
    runLaws(LAWS, { configuration, policy, deviations: deviations(configuration, policy) });
