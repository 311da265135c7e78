import { UsageError } from '../usage-error.ts';
import type { Values } from '../values.ts';
import type { Verb } from '../verb.ts';
import { POLICY_WORDS } from './common-options.ts';

/** What `overmap bench` was asked. Names are not checked yet: what there is to choose from loads with the run. */
export interface BenchRequest {
  readonly cases: readonly string[];
  readonly archs: readonly string[] | undefined;
  readonly policies: readonly string[] | undefined;
  readonly sizes: readonly string[] | undefined;
  readonly pages: number | undefined;
  readonly batches: readonly number[] | undefined;
  readonly trace: string | undefined;
  readonly measure: (typeof MEASURES)[number];
  readonly costs: string | undefined;
  readonly calibrate: string | undefined;
  readonly quick: boolean;
  readonly saveBaseline: string | undefined;
  readonly baseline: string | undefined;
  readonly failIf: string | undefined;
  readonly workers: number | undefined;
  readonly seed: number;
  readonly format: (typeof FORMATS)[number];
  readonly chart: (typeof CHARTS)[number];
  readonly output: string | undefined;
  readonly verbose: boolean;
}

const MEASURES = ['modelled', 'timed', 'both'] as const;
const FORMATS = ['table', 'json', 'csv', 'md', 'svg', 'sel4bench'] as const;
const CHARTS = ['price', 'phases', 'break-even'] as const;

/** `overmap bench`. */
export const bench: Verb = {
  name: 'bench',
  takes: '[CASE…]',
  taken: "map, unmap, protect, replace, heap, space, window or guard, or a part of a case's name: map/random",
  describe:
    'Batched map, unmap and protect against single ones: modelled prices of kernels, measured speed of the model',
  options: {
    arch: { type: 'array', requiresArg: true, describe: 'Architectures, as --arch aarch64,riscv64 [default: all]' },
    policy: {
      type: 'array',
      requiresArg: true,
      describe: `Policies of single invocations: ${POLICY_WORDS} [default: legacy,strict]`,
    },
    size: { type: 'array', requiresArg: true, describe: 'Page sizes: 4K, 2M … [default: 4K]' },
    pages: { type: 'string', requiresArg: true, describe: 'Pages of a workload [default: 1024]' },
    batch: {
      type: 'array',
      requiresArg: true,
      describe: 'Operations in one invocation; 1 = single [default: 1,4,16,64,256]',
    },
    trace: { type: 'string', requiresArg: true, describe: 'Your own trace instead: as it is, and batched' },
    measure: {
      type: 'string',
      requiresArg: true,
      describe: 'modelled (price of a kernel), timed (speed of the simulation) or both [default: modelled]',
    },
    costs: { type: 'string', requiresArg: true, describe: 'Price tables of your own (JSON)' },
    calibrate: {
      type: 'string',
      requiresArg: true,
      describe: 'Fit a price table to what sel4bench printed for its mapping benchmark; needs one --arch',
    },
    quick: { type: 'boolean', describe: 'Fewer cases: within a minute' },
    'save-baseline': { type: 'string', requiresArg: true, describe: 'Keep the results to compare with later' },
    baseline: { type: 'string', requiresArg: true, describe: 'Compare with results that were kept' },
    'fail-if': {
      type: 'string',
      requiresArg: true,
      describe: 'With --baseline: exit with 5 if a case is slower by so much [default: slower:5%]',
    },
    j: { alias: 'jobs', type: 'string', requiresArg: true, describe: 'Worker threads [default: one for each core]' },
    seed: { type: 'string', requiresArg: true, describe: 'Seed of the random addresses [default: 1]' },
    format: {
      type: 'string',
      requiresArg: true,
      describe: 'table, json, csv, md, svg or sel4bench (the JSON that sel4bench prints) [default: table]',
    },
    chart: { type: 'string', requiresArg: true, describe: 'With svg: price, phases or break-even [default: price]' },
    o: {
      alias: 'output',
      type: 'string',
      requiresArg: true,
      describe: 'Write to a file, which appears when it is complete',
    },
    verbose: { type: 'boolean', describe: 'Every case' },
  },
  examples: [
    ['overmap bench --quick', 'What would batching save?'],
    ['overmap bench map/random replace --arch aarch64', 'Some workloads, on one architecture'],
    ['overmap bench --trace trace.jsonl.gz', 'For the operations of your own trace'],
    ['overmap bench --format svg --chart break-even -o even.svg', 'From how many pages on does a batch pay?'],
    ['overmap bench --measure timed --quick --baseline before.json', 'Has the simulation become slower?'],
  ],
  run: async (values) => {
    const request = read(values);
    const { runBench } = await import('../runs/run-bench.ts');
    return runBench(request);
  },
};

function read(values: Values): BenchRequest {
  const format = values.choice('format', FORMATS) ?? 'table';
  const chart = values.choice('chart', CHARTS);
  const measure = values.choice('measure', MEASURES) ?? 'modelled';
  const request: BenchRequest = {
    cases: values.words(),
    archs: values.list('arch'),
    policies: values.list('policy'),
    sizes: values.list('size'),
    pages: values.whole('pages', 1, 65_536),
    batches: values.list('batch')?.map((text) => values.wholeOf('batch', text, 1, 65_536)),
    trace: values.text('trace'),
    measure,
    costs: values.text('costs'),
    calibrate: values.text('calibrate'),
    quick: values.flag('quick'),
    saveBaseline: values.text('save-baseline'),
    baseline: values.text('baseline'),
    failIf: values.text('fail-if'),
    workers: values.whole('j', 1, 256),
    seed: values.whole('seed', 0, 2 ** 31 - 1) ?? 1,
    format,
    chart: chart ?? 'price',
    output: values.text('o'),
    verbose: values.flag('verbose'),
  };
  refuseContradictions(request, chart !== undefined);
  return request;
}

function refuseContradictions(request: BenchRequest, asksChart: boolean): void {
  const { cases, format, measure, trace, costs, calibrate, archs, failIf, baseline, saveBaseline } = request;
  const both = (a: string, b: string, why: string): never => {
    throw new UsageError(`${a} and ${b} do not go together: ${why}`);
  };
  if (asksChart && format !== 'svg') both('--chart', `--format ${format}`, 'charts are drawn with --format svg.');
  if (format === 'svg' && measure !== 'modelled')
    both('--format svg', `--measure ${measure}`, 'charts show modelled prices; leave --measure out.');
  if (trace !== undefined && cases.length > 0) both('--trace', 'CASE', 'a trace is its own workload.');
  if (trace !== undefined && measure !== 'modelled')
    both('--trace', `--measure ${measure}`, 'a trace is priced, not timed; leave --measure out.');
  if (trace !== undefined && (format === 'svg' || format === 'sel4bench'))
    both('--trace', `--format ${format}`, 'use table, json, csv or md.');
  if (trace !== undefined && (baseline !== undefined || saveBaseline !== undefined))
    both('--trace', 'a baseline', 'a baseline is of cases.');
  if (costs !== undefined && calibrate !== undefined)
    both('--costs', '--calibrate', 'each brings the price table; name one of them.');
  if (calibrate !== undefined && archs?.length !== 1)
    throw new UsageError('--calibrate needs the one architecture that sel4bench ran on: --arch aarch64, for instance.');
  if (format === 'sel4bench' && archs?.length !== 1)
    throw new UsageError(
      "sel4bench's form is of one architecture and does not name it: add --arch aarch64, for instance.",
    );
  if (format === 'sel4bench' && measure !== 'modelled')
    both('--format sel4bench', `--measure ${measure}`, 'it holds what a kernel takes, not this program.');
  if (failIf !== undefined && baseline === undefined)
    throw new UsageError('--fail-if needs something to compare with: add --baseline FILE.');
  if (baseline !== undefined && saveBaseline === baseline)
    both('--baseline', '--save-baseline', 'they name one file, which would be replaced: name another one.');
}
