// The figures of docs/results.md and the pictures in docs/results/. Needs a build.
//   node scripts/results.mjs            writes what the model says: cases, bundled traces, drafts, pictures
//   node scripts/results.mjs --check    compares that with what is there, and writes nothing
//   node scripts/results.mjs --more     writes as well what needs more: x86_64 traces from the folder that
//                                       OVERMAP_RECORDINGS names, and the speed of the simulation on this machine
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  allCases,
  BUILDS,
  CHARTS,
  draftPredictions,
  modelledChart,
  modelledTables,
  runModelledCases,
  runTimedCases,
  runTrace,
  shippedTable,
  timedCases,
  timedTable,
  traceDocument,
} from '@overmap/bench';
import { svgChart, tableMarkdown } from '@overmap/report';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = join(root, 'docs/results.md');
const folder = join(root, 'docs/results');
const tables = BUILDS.flatMap((build) => shippedTable(build) ?? []);
const { version } = JSON.parse(readFileSync(join(root, 'packages/cli/package.json'), 'utf8'));

/** Single-legacy, single-strict and batches for each architecture with a price table. */
async function modelled() {
  const cases = allCases({ builds: tables.map(({ arch }) => arch) });
  const workers = availableParallelism();
  const document = await runModelledCases(cases, { tables, workers, seed: 1, version });
  if (document.failures > 0) throw new Error(`${document.failures} cases failed`);
  return {
    pictures: Object.fromEntries(CHARTS.map((name) => [`${name}.svg`, svgChart(modelledChart(document, name))])),
    text: modelledTables(document).map(tableMarkdown).join('\n'),
  };
}

/** What a trace costs as it is, batched, and under strict: a line for each. */
async function traces(paths) {
  const documents = [];
  for (const path of paths) documents.push(traceDocument(await runTrace(path), tables, { version }));
  const name = ({ trace, build }) => `${trace.split('/').at(-1)?.replace('.jsonl.gz', '')} (${build})`;
  const price = (document) => document.table !== null;
  const savings = {
    title: 'Maps and unmaps of recorded clients, as recorded and batched',
    columns: [
      { key: 'client', title: 'client' },
      { key: 'way', title: '' },
      { key: 'in_batches', title: 'in batches', digits: 0 },
      { key: 'invocations', title: 'invocations', digits: 0 },
      { key: 'price', title: 'price of one (instructions)', digits: 0 },
      { key: 'saving', title: 'single / batched', digits: 2 },
    ],
    rows: documents.flatMap((document) =>
      [{ way: 'single', batched: null, saving: null, ...document.single }, ...document.plans].map((side) => [
        name(document),
        side.way ?? (side.reorder ? 'batched, reordered' : 'batched, in order'),
        side.batched,
        side.invocations,
        side.price === null ? null : each(side.price, document.operations),
        side.saving,
      ]),
    ),
    notes: documents.some((document) => !price(document))
      ? ['No price: nobody has recorded what invocations cost on that kernel.']
      : [],
  };
  const strictness = {
    title: 'What strictness costs these clients',
    columns: [
      { key: 'client', title: 'client' },
      { key: 'operations', title: 'maps and unmaps', digits: 0 },
      { key: 'over_maps', title: 'maps that replace a page', digits: 0 },
      { key: 'share', title: 'more invocations (%)', digits: 4 },
      { key: 'legacy', title: 'those replacements, legacy (instructions)', digits: 0 },
      { key: 'strict', title: 'the same, strict (instructions)', digits: 0 },
    ],
    rows: documents
      .filter((document) => document.strictness !== null)
      .map((document) => {
        const { overMaps, extraUnmaps, legacy, strict } = document.strictness;
        return [
          name(document),
          document.operations,
          overMaps,
          (extraUnmaps / document.operations) * 100,
          overMaps === 0 ? null : (legacy?.price ?? null),
          overMaps === 0 ? null : (strict?.price ?? null),
        ];
      }),
  };
  return [savings, strictness].map(tableMarkdown).join('\n');
}

const each = ({ low, middle, high }, n) => ({ low: low / n, middle: middle / n, high: high / n });

/** Real draft kernels: what they executed, and what the model says of them. */
function drafts() {
  const shown = new Set([1, 4, 16, 32]);
  return tableMarkdown({
    title: 'Batched calls of real draft kernels',
    unit: 'instructions',
    columns: [
      { key: 'kernel', title: 'draft' },
      { key: 'arch', title: 'architecture' },
      { key: 'operation', title: 'operation' },
      { key: 'pages', title: 'pages', digits: 0 },
      { key: 'recorded', title: 'recorded', digits: 0 },
      { key: 'modelled', title: 'modelled', digits: 0 },
      { key: 'error', title: 'error (%)', digits: 1 },
      { key: 'why', title: 'explanation' },
    ],
    rows: draftPredictions()
      .filter(({ n }) => shown.has(n))
      .map(({ kernel, arch, operation, n, recorded, predicted, error, explanation }) => [
        kernel,
        arch,
        operation,
        n,
        recorded,
        predicted,
        error * 100,
        explanation === null ? null : explanation.text,
      ]),
  });
}

async function timed() {
  const cases = timedCases(allCases({ builds: ['aarch64', 'riscv64', 'x86_64'], quick: true }), true);
  const document = await runTimedCases(cases, { seed: 1, version });
  if (document.failures > 0) throw new Error(`${document.failures} cases failed`);
  return tableMarkdown(timedTable(document));
}

/** Traces of x86_64 clients, which are not bundled. */
function otherTraces() {
  const recordings = process.env.OVERMAP_RECORDINGS;
  const clients = recordings === undefined ? '' : join(recordings, 'sel4test');
  if (!existsSync(clients)) throw new Error('OVERMAP_RECORDINGS must name the folder that sel4test/ is in');
  return readdirSync(clients)
    .filter((name) => name.includes('x86_64') && name.endsWith('.jsonl.gz'))
    .map((name) => join(clients, name));
}

const bundled = ['sel4bench-page_mapping-aarch64', 'sel4test-aarch32'].map((name) =>
  join(root, 'recordings/sel4test', `${name}.jsonl.gz`),
);
const [how] = process.argv.slice(2);
const { text, pictures } = await modelled();
const sections = { modelled: text, traces: await traces(bundled), drafts: drafts() };
if (how === '--more') Object.assign(sections, { 'traces-x86': await traces(otherTraces()), timed: await timed() });

const before = readFileSync(page, 'utf8');
let after = before;
for (const [name, content] of Object.entries(sections)) {
  const between = new RegExp(`(<!-- ${name}: begin[^>]*-->\n)[\\s\\S]*?(<!-- ${name}: end -->)`);
  if (!between.test(after)) throw new Error(`docs/results.md has no place for "${name}"`);
  after = after.replace(between, (_, begin, end) => `${begin}\n${content}\n${end}`);
}
const stale = [
  ...(after === before ? [] : [page]),
  ...Object.keys(pictures)
    .map((name) => join(folder, name))
    .filter((path) => !existsSync(path) || readFileSync(path, 'utf8') !== pictures[relative(folder, path)]),
];
if (how === '--check') {
  for (const path of stale) console.error(`${relative(root, path)} is out of date: node scripts/results.mjs`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  writeFileSync(page, after);
  for (const [name, picture] of Object.entries(pictures)) writeFileSync(join(folder, name), picture);
}
