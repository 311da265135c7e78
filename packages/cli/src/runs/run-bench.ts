import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import type * as benchPackage from '@overmap/bench';
import type { BenchCase, Build, PriceTable } from '@overmap/bench';
import { counted } from '@overmap/report';
import type { BenchRequest } from '../commands/bench.ts';
import { Exit, type ExitCode } from '../exit-code.ts';
import { UsageError } from '../usage-error.ts';
import { oneOf } from '../values.ts';
import { version } from '../version.ts';
import { againstBaseline, openBaseline } from './bench-baseline.ts';
import { type BenchDocuments, writeDocuments } from './bench-output.ts';
import { policyNamed } from './policy.ts';
import { inSession, type Session } from './session.ts';

type Bench = typeof benchPackage;

/** Runs `overmap bench`. */
export async function runBench(request: BenchRequest): Promise<ExitCode> {
  // Not a part of this program's bundle: its workers are files of their own.
  const bench = await import('@overmap/bench');
  const cases = request.trace === undefined ? chosenCases(bench, request) : [];
  const failIf = asUsage(() => bench.parseFailIf(request.failIf ?? 'slower:5%'));
  const inputs = request.trace === undefined ? [] : [request.trace];
  return inSession({ ...request, inputs, strictInput: false, streams: false }, async (session) => {
    try {
      const start = performance.now();
      const tables = await priceTables(bench, request, session);
      refuseUndrawable(request, cases, tables, session);
      const gate = await openBaseline(bench, request, failIf);
      const documents = await run(bench, request, cases, tables, session);
      writeDocuments(bench, request, documents, session.output);
      for (const document of documents) {
        if (document.interrupted === true) session.note(Exit.interrupted);
        if (document.failures === 0) continue;
        session.note(Exit.selfCheck);
        const failures = failuresOf(document);
        for (const failure of failures.slice(0, NAMED)) session.talk.say(failure);
        session.talk.say(`${counted(document.failures, 'case')} failed, whose figures are left out.`);
      }
      await againstBaseline(bench, gate, documents, session);
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      if (cases.length > 0) session.talk.say(`${counted(cases.length, 'case')} in ${seconds} s.`);
    } catch (error) {
      // From another copy of the packages than this program's, so known by their names only.
      const code = error instanceof Error ? CODES[error.name] : undefined;
      if (code === undefined) throw error;
      session.note(code);
      session.talk.say((error as Error).message);
    }
  });
}

/** A chart needs prices, and has one unit. */
function refuseUndrawable(
  { format }: BenchRequest,
  cases: readonly BenchCase[],
  tables: readonly PriceTable[],
  { talk }: Session,
): void {
  if (format !== 'svg') return;
  const builds = new Set<string>(cases.map(({ build }) => build));
  const [first, ...others] = tables.filter(({ arch }) => builds.has(arch));
  if (first === undefined)
    throw new UsageError(
      `Charts show prices, and there is no price table of ${[...builds].join(', ')}: --costs takes yours.`,
    );
  for (const { arch, unit } of others)
    if (unit !== first.unit)
      talk.say(`${arch} is left out: its prices are in ${unit}, and the chart is in ${first.unit}.`);
}

/** Failed cases that are named; the output has all of them. */
const NAMED = 5;

/** What failed, a sentence for each. */
function failuresOf(document: BenchDocuments[number]): string[] {
  if ('plans' in document)
    return document.plans.flatMap(({ difference }) =>
      difference === null ? [] : [`${document.trace}: the states differ once it is batched: ${difference}.`],
    );
  if (document.measure === 'timed') return document.failed.map(({ name, reason }) => `${name}: ${sentence(reason)}`);
  return document.cases.flatMap(({ name, failed }) => {
    if (failed === null) return [];
    return failed.kind === 'worker'
      ? [`${name}: ${failed.reason}.`]
      : [`${name}: ${failed.operation} should have answered ${failed.expected}, and answered ${failed.got}.`];
  });
}

const CODES: Readonly<Record<string, ExitCode>> = {
  InputUnreadableError: Exit.unreadable,
  MalformedInputError: Exit.malformed,
  OutputError: Exit.unwritable,
};

/** @throws UsageError for names and numbers that there are not */
function chosenCases(bench: Bench, request: BenchRequest): BenchCase[] {
  const { cases, archs, policies, sizes, pages, batches, seed, quick } = request;
  return asUsage(() =>
    bench.selectCases(
      cases,
      bench.allCases({
        seed,
        quick,
        ...(archs === undefined ? {} : { builds: archs.map((name) => buildNamed(bench, name)) }),
        ...(policies === undefined ? {} : { policies: policies.map(policyNamed) }),
        ...(sizes === undefined ? {} : { bits: sizes.map(bitsOf) }),
        ...(pages === undefined ? {} : { pages }),
        ...(batches === undefined ? {} : { batches }),
      }),
    ),
  );
}

const buildNamed = (bench: Bench, name: string): Build => oneOf('architecture', name, bench.BUILDS);

/** What is out of range was asked for so. */
function asUsage<T>(ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(sentence(error.message));
    throw error;
  }
}

/** A sentence as the program says it. */
function sentence(text: string): string {
  const capital = text.slice(0, 1).toUpperCase() + text.slice(1);
  return /[.?!]$/.test(capital) ? capital : `${capital}.`;
}

/** "4K", "2M", "1G": log2 of the bytes. */
function bitsOf(text: string): number {
  const [, digits = '', unit = ''] = /^(\d+)([KMG])$/i.exec(text) ?? [];
  const bits = Math.log2(Number(digits)) + 10 * ('KMG'.indexOf(unit.toUpperCase()) + 1);
  if (unit === '' || !Number.isInteger(bits))
    throw new UsageError(`"${text}" is no page size: say 4K, 2M or 1G, for instance.`);
  return bits;
}

/** The user's tables in front of the shipped ones. */
async function priceTables(bench: Bench, request: BenchRequest, session: Session): Promise<PriceTable[]> {
  const { costs, calibrate, archs = [] } = request;
  const own: PriceTable[] = [];
  if (costs !== undefined) own.push(...(await bench.readPriceTables(costs)));
  const [arch] = archs;
  if (calibrate !== undefined && arch !== undefined) {
    const build = buildNamed(bench, arch);
    if (bench.shippedTable(build) === undefined)
      throw new UsageError(
        `--calibrate needs an architecture whose invocations were recorded: ${bench.RECORDED_ARCHS.join(', ')}; ${arch} is none.`,
      );
    const { table, warnings } = await bench.calibrate(calibrate, build);
    own.push(table);
    for (const warning of warnings) session.talk.say(sentence(warning));
  }
  const shipped = bench.BUILDS.flatMap((build) => bench.shippedTable(build) ?? []);
  return [...own, ...shipped.filter(({ arch: name }) => !own.some((table) => table.arch === name))];
}

async function run(
  bench: Bench,
  request: BenchRequest,
  cases: readonly BenchCase[],
  tables: readonly PriceTable[],
  session: Session,
): Promise<BenchDocuments> {
  const { measure, seed, workers, trace } = request;
  const tool = { version: version() };
  if (trace !== undefined) {
    const documents: BenchDocuments[number][] = [];
    await session.each(async (name, options) => {
      const result = await bench.runTrace(name, {
        onWarning: ({ message }) => options.onWarning?.(message),
        ...(options.onBadLine === undefined ? {} : { onBadLine: options.onBadLine }),
        ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
        ...(options.stop === undefined ? {} : { stop: options.stop }),
      });
      documents.push(bench.traceDocument(result, tables, tool));
      return result;
    });
    return documents;
  }
  const documents: BenchDocuments[number][] = [];
  if (measure !== 'timed') {
    documents.push(
      await bench.runModelledCases(cases, {
        tables,
        seed,
        ...tool,
        workers: workers ?? availableParallelism(),
        onProgress: session.working('modelled'),
        signal: session.signal,
      }),
    );
  }
  if (measure !== 'modelled' && !session.signal.aborted) {
    const timed = bench.timedCases(cases, request.quick);
    if (timed.length < cases.length)
      session.talk.say(`timing ${timed.length} of ${counted(cases.length, 'case')}; name up to 24 to time them all.`);
    documents.push(
      await bench.runTimedCases(timed, {
        seed,
        ...tool,
        ...(request.quick ? { rounds: bench.QUICK_ROUNDS } : {}),
        onProgress: session.working('timed'),
        signal: session.signal,
      }),
    );
  }
  return documents;
}
