import { parentPort, workerData } from 'node:worker_threads';
import { LocalGroup, type WorkerAnswer, type WorkerAsk } from './analyse.ts';
import type { SourceFile } from './source-files.ts';

// Analyses its share of the files; what the others find comes with each question.
const group = LocalGroup.read(workerData as readonly SourceFile[]);
parentPort?.on('message', (asked: WorkerAsk) => {
  const answer = async (): Promise<WorkerAnswer> =>
    asked.ask === 'scan' ? { news: await group.scan(asked.news) } : { judged: await group.judge() };
  answer().then(
    (done) => parentPort?.postMessage(done),
    (error: unknown) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      parentPort?.postMessage({
        error: text,
        missing: error instanceof Error && error.name === 'ParserMissingError',
      } satisfies WorkerAnswer);
    },
  );
});
