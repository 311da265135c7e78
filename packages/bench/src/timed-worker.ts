// One round in an isolate of its own: what timed-rounds.ts starts. It imports little, for every round waits for it. In: a TaskSource and limits. Out: a TimedRound, or
// what went wrong.
import { parentPort, workerData } from 'node:worker_threads';
import { measureRound } from './timed-round.ts';
import type { RoundAnswer, RoundRequest } from './timed-rounds.ts';
import type { TimedTask } from './timed-task.ts';

const { source, limits } = workerData as RoundRequest;
let answer: RoundAnswer;
try {
  const module = (await import(source.module)) as Readonly<Record<string, unknown>>;
  const make = module[source.export];
  if (typeof make !== 'function') throw new Error(`${source.module} exports no function ${source.export}`);
  answer = { state: 'done', round: measureRound(make(source.argument) as TimedTask, limits) };
} catch (error) {
  answer = { state: 'failed', reason: error instanceof Error ? error.message : String(error) };
}
parentPort?.postMessage(answer);
