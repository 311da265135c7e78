import { check, OK, perform, POLICIES, type PolicyName } from '@overmap/core';
import type { TraceEvent } from '@overmap/trace';
import { asEvent } from '../operation.ts';
import { engineRule, type Judged, judgedName } from '../rule.ts';
import { stateEvent } from '../state-event.ts';
import { headerOf, type WrittenTrace } from '../written-trace.ts';
import type { Hole } from './find-holes.ts';
import { CAUSES, PROPERTIES } from './kinds.ts';
import type { Breach } from './search.ts';
import { SmallWorld } from './small-world.ts';
import { tell } from './tell.ts';

/**
 * A hole as a trace that `overmap replay` runs: the world, then the sequence between two marks, with the page tables
 * before and after its last step. A trace names a built-in policy; for a user's rule it is one that answers the same.
 */
export function holeTrace(hole: Hole, judged: Judged): WrittenTrace {
  const { breach, build, cause, properties } = hole;
  const { world, path } = breach;
  const broken = properties.map((property) => PROPERTIES[property]).join('; ');
  const states: TraceEvent[][] = [];
  const told = tell(breach, () => {
    states.push(world.vspaces.flatMap((slot) => stateEvent(world.kernel, slot) ?? []));
  });
  const name = CAUSES[cause].title;
  const steps = told.map(({ operation }) => asEvent(operation));
  const events: TraceEvent[] = [
    ...world.setUp.map((operation) => asEvent(operation)),
    { op: 'mark', name, at: 'start' },
    ...steps.slice(0, -1),
    ...(states[path.length - 1] ?? []),
    ...steps.slice(-1),
    ...(states[path.length] ?? []),
    { op: 'mark', name, at: 'end' },
  ];
  const policy = typeof judged === 'string' ? judged : likePolicy(breach, ['strict', 'exact', 'legacy', 'permissive']);
  const source = `overmap holes: the shortest way around ${judgedName(judged)} by a ${name}; breaks: ${broken}`;
  return { header: headerOf(build, policy, source), events };
}

/** The first of some policies under which every step of a sequence is answered ok; the first of all if there is none. */
function likePolicy({ world, path }: Breach, policies: readonly [PolicyName, ...PolicyName[]]): PolicyName {
  const fits = (policy: PolicyName): boolean => {
    const again = new SmallWorld(world.build, world.size, engineRule(policy));
    return path.every((move) => {
      if (check(again.kernel, again.rows, move, POLICIES[policy]) !== OK) return false;
      perform(again.kernel, again.rows, move);
      return true;
    });
  };
  return policies.find(fits) ?? policies[0];
}
