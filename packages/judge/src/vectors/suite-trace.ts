import { describeOutcome } from '@overmap/core';
import type { TraceEvent } from '@overmap/trace';
import { asEvent } from '../operation.ts';
import { judgedName } from '../rule.ts';
import { headerOf, type WrittenTrace } from '../written-trace.ts';
import type { Suite } from './make-vectors.ts';
import type { Tried } from './kills.ts';

/** The name of a vector in a trace: its number and what it tries. */
export const vectorName = (n: number, { candidate }: Tried): string =>
  `${String(n + 1).padStart(3, '0')} ${candidate.name}`;

/**
 * A suite as one trace. Each vector stands between two marks and on objects of its own; what follows its end deletes
 * them, so that slots and ASIDs are free again.
 */
export function suiteTrace({ build, judged, vectors }: Suite): WrittenTrace {
  const events: TraceEvent[] = [];
  vectors.forEach(({ tried }, n) => {
    const name = vectorName(n, tried);
    const { candidate, ended } = tried;
    events.push(
      { op: 'mark', name, at: 'start' },
      ...candidate.operations.map((operation, i) => asEvent(operation, describeOutcome(ended.outcomes[i]))),
      ...ended.states,
      { op: 'mark', name, at: 'end' },
      ...ended.left.map((cap): TraceEvent => ({ op: 'delete', cap, ret: 'ok' })),
    );
  });
  const policy = typeof judged === 'string' ? judged : 'strict';
  const source = `overmap vectors: what ${build} answers under ${judgedName(judged)}`;
  return { header: headerOf(build, policy, source), events };
}
