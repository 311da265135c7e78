import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type * as benchPackage from '@overmap/bench';
import type { Baseline, FailIf } from '@overmap/bench';
import { counted } from '@overmap/report';
import { escapeText, OutputError } from '@overmap/trace';
import type { BenchRequest } from '../commands/bench.ts';
import { Exit } from '../exit-code.ts';
import { version } from '../version.ts';
import type { BenchDocuments } from './bench-output.ts';
import type { Session } from './session.ts';

type Bench = typeof benchPackage;

/** Cases that are named when there are many. */
const NAMED = 10;

/** What a run is to be compared with, and where it is to be kept. */
export interface BaselineGate extends FailIf {
  readonly path: string | undefined;
  readonly baseline: Baseline | null;
  readonly saveTo: string | undefined;
  readonly seed: number;
}

/**
 * Read the baseline before the run, so that nobody waits for one that cannot be read.
 *
 * @throws InputUnreadableError, MalformedInputError as `readBaseline`; OutputError when the new one has no folder
 */
export async function openBaseline(
  bench: Bench,
  { baseline, saveBaseline, seed }: Pick<BenchRequest, 'baseline' | 'saveBaseline' | 'seed'>,
  { threshold }: FailIf,
): Promise<BaselineGate> {
  if (saveBaseline !== undefined && !existsSync(dirname(saveBaseline)))
    throw new OutputError(`${escapeText(saveBaseline, 400)} cannot be written: its folder does not exist.`);
  return {
    path: baseline,
    baseline: baseline === undefined ? null : await bench.readBaseline(baseline),
    saveTo: saveBaseline,
    seed,
    threshold,
  };
}

/** Compare a run with what was kept earlier, and keep it, as far as was asked. What was interrupted is neither. */
export async function againstBaseline(
  bench: Bench,
  { path, baseline, saveTo, seed, threshold }: BaselineGate,
  documents: BenchDocuments,
  session: Session,
): Promise<void> {
  if (baseline === null && saveTo === undefined) return;
  if (documents.some(({ interrupted }) => interrupted === true)) {
    session.talk.say('an interrupted run is not compared with a baseline, and is none.');
    return;
  }
  const run = asBaseline(bench, documents, seed);
  if (baseline !== null && path !== undefined) compared(bench, path, baseline, run, threshold, session);
  if (saveTo !== undefined) await bench.saveBaseline(saveTo, run);
}

function compared(
  bench: Bench,
  path: string,
  baseline: Baseline,
  run: Baseline,
  threshold: number,
  session: Session,
): void {
  const { talk } = session;
  const { comparisons, notCompared, warnings } = bench.compareWithBaseline(baseline, run, { threshold });
  for (const warning of warnings) talk.about(path, `${warning}.`);
  const of = (wanted: string) => comparisons.filter(({ verdict }) => verdict === wanted);
  const [slower, faster] = [of('slower'), of('faster')];
  for (const { name, measure, ratio } of slower.slice(0, NAMED))
    talk.say(`${name}: ${measure === 'timed' ? 'the simulation takes' : 'costs'} ${percent(ratio - 1)} more.`);
  for (const { name, measure, ratio } of faster.slice(0, NAMED))
    talk.say(`${name}: ${measure === 'timed' ? 'the simulation takes' : 'costs'} ${percent(1 - ratio)} less.`);
  for (const { name, reason } of notCompared.slice(0, NAMED)) talk.say(`${name}: not compared, ${reason}.`);
  if (slower.length > 0) session.note(Exit.regression);
  // A gate that compares nothing must not be taken for one that everything has passed.
  if (comparisons.length === 0) session.note(Exit.selfCheck);
  const missing = notCompared.length === 0 ? '' : `; ${notCompared.length} could not be compared`;
  talk.about(
    path,
    `${counted(comparisons.length, 'case')} compared at ${threshold * 100} %: ${slower.length} slower, ${faster.length} faster${missing}.`,
  );
}

const percent = (part: number): string => `${(part * 100).toFixed(1)} %`;

function asBaseline(bench: Bench, documents: BenchDocuments, seed: number): Baseline {
  const timed = documents.flatMap((document) => (document.measure === 'timed' ? document.cases : []));
  const modelled = documents.flatMap((document) =>
    'breakEven' in document
      ? document.cases.flatMap(({ name, price }) =>
          price === null ? [] : [{ name, unit: price.unit, perPage: price.perPage.middle }],
        )
      : [],
  );
  return {
    ...bench.BASELINE_FORMAT,
    tool: version(),
    machine: bench.machine(),
    seed,
    timed: timed.map(({ name, unit, pages, samples, referenceSamples }) => ({
      name,
      unit,
      pages,
      samples: samples.map((round) => [...round]),
      referenceSamples: referenceSamples.map((round) => [...round]),
    })),
    modelled,
  };
}
