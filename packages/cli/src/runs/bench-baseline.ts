import type * as benchPackage from '@overmap/bench';
import type { Baseline, FailIf } from '@overmap/bench';
import { counted } from '@overmap/report';
import type { BenchRequest } from '../commands/bench.ts';
import { Exit } from '../exit-code.ts';
import { version } from '../version.ts';
import type { BenchDocuments } from './bench-output.ts';
import type { Session } from './session.ts';

type Bench = typeof benchPackage;

/** Cases that are named when many are slower. */
const NAMED = 10;

/** Compare a run with what was kept earlier, and keep it, as far as was asked. */
export async function againstBaseline(
  bench: Bench,
  request: Pick<BenchRequest, 'baseline' | 'saveBaseline' | 'seed'>,
  documents: BenchDocuments,
  { threshold }: FailIf,
  session: Session,
): Promise<void> {
  const { baseline, saveBaseline, seed } = request;
  if (baseline === undefined && saveBaseline === undefined) return;
  const run = asBaseline(bench, documents, seed);
  if (baseline !== undefined) {
    const { comparisons, notCompared, warnings } = bench.compareWithBaseline(await bench.readBaseline(baseline), run, {
      threshold,
    });
    for (const warning of warnings) session.talk.about(baseline, `${warning}.`);
    const slower = comparisons.filter(({ verdict }) => verdict === 'slower');
    const faster = comparisons.filter(({ verdict }) => verdict === 'faster');
    for (const { name, measure, ratio } of slower.slice(0, NAMED)) {
      const percent = ((ratio - 1) * 100).toFixed(1);
      session.talk.say(`${name}: ${measure === 'timed' ? 'the simulation takes' : 'costs'} ${percent} % more.`);
    }
    if (slower.length > 0) session.note(Exit.regression);
    const missing = notCompared.length === 0 ? '' : `; ${notCompared.length} could not be compared`;
    session.talk.about(
      baseline,
      `${counted(comparisons.length, 'case')} compared at ${threshold * 100} %: ${slower.length} slower, ${faster.length} faster${missing}.`,
    );
  }
  if (saveBaseline !== undefined) await bench.saveBaseline(saveBaseline, run);
}

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
