// The tables of docs/costs.md: prices, how well they fit, leave-one-out, drafts. node scripts/costs.mjs prints them,
// node scripts/costs.mjs --write puts them into the page. Needs a build.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  DRAFT_TOLERANCE,
  DRAFTS,
  draftPredictions,
  errorOf,
  fitPrices,
  leaveOut,
  pairedLevels,
  RECORDED_ARCHS,
  RECORDED_SCOPE,
  shippedFit,
  shippedTable,
  WORK,
} from '@overmap/bench';

/** The page and the markers between which the tables stand. */
export const PAGE = new URL('../docs/costs.md', import.meta.url);
export const BEGIN = '<!-- tables: begin (node scripts/costs.mjs --write) -->\n';
export const END = '<!-- tables: end -->\n';

const SIZES = new Set([1, 2, 8, 32]);

const table = (head, rows) =>
  `${[head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
const percent = (x) => {
  const rounded = Math.round(x * 1000) / 10;
  // Neither +0.0 nor -0.0: the sign of nothing differs between machines.
  return rounded === 0 ? '0.0 %' : `${rounded > 0 ? '+' : ''}${rounded.toFixed(1)} %`;
};
const share = (x) => (Number.isFinite(x) ? `${(x * 100).toFixed(1)} %` : '-');
const amount = (x) => String(Number(x.toFixed(x < 10 ? 2 : x < 100 ? 1 : 0)));
const spread = ({ low, middle, high }) =>
  low === high ? amount(middle) : [low, middle, high].map((x) => amount(x)).join(' / ');

/** Around prices. */
const MARK = { fitted: '**', recorded: '*', assumed: '' };

function prices() {
  const tables = RECORDED_ARCHS.map((arch) => shippedTable(arch));
  const works = WORK.filter((work) => tables.some(({ prices: p, merged }) => p[work] ?? merged[work]));
  const rows = works.map((work) => [
    `\`${work}\``,
    ...tables.map(({ prices: p, merged }) => {
      const price = p[work];
      if (price === undefined) return merged[work] === undefined ? '' : `in \`${merged[work]}\``;
      return `${MARK[price.origin]}${spread(price)}${MARK[price.origin]}`;
    }),
  ]);
  return table(['work', ...RECORDED_ARCHS], rows);
}

/** Why prices are what they are, of some origins. */
function notes(...origins) {
  const rows = RECORDED_ARCHS.flatMap((arch) =>
    Object.entries(shippedTable(arch).prices)
      .filter(([, price]) => origins.includes(price.origin) && price.note !== undefined)
      .map(([work, { note }]) => ({ arch, work, note })),
  );
  const said = new Map();
  for (const { arch, work, note } of rows) {
    const key = `${work}\n${note}`;
    said.set(key, [...(said.get(key) ?? []), arch]);
  }
  return table(
    ['work', 'on', 'why'],
    [...said].map(([key, archs]) => {
      const [work, note] = key.split('\n');
      return [`\`${work}\``, archs.length === RECORDED_ARCHS.length ? 'all' : archs.join(', '), note];
    }),
  );
}

const worstOf = (rows, found) => Math.max(...rows.map((row) => Math.abs(errorOf(row, found))));

function quality() {
  return table(
    [
      'architecture',
      'rows',
      'parameters',
      'largest error',
      'a row left out: median, largest',
      'an operation left out: median, largest',
      'the same median with the undetermined',
      'operations that alone determine a price',
    ],
    RECORDED_ARCHS.map((arch) => {
      const { rows, model, parameters, prices: found } = shippedFit(arch);
      const row = leaveOut(rows, model, false);
      const operation = leaveOut(rows, model, true);
      return [
        arch,
        rows.length,
        parameters.length,
        share(worstOf(rows, found)),
        `${share(row.median)}, ${share(row.max)}`,
        `${share(operation.median)}, ${share(operation.max)}`,
        share(operation.medianWithSole),
        operation.sole.join('; ') || 'none',
      ];
    }),
  );
}

function residuals(arch) {
  const { rows, prices: fitted } = shippedFit(arch);
  const operations = [...new Set(rows.map(({ operation }) => operation))];
  const policies = ['legacy', 'strict'].filter((name) => rows.some(({ policy }) => policy === name));
  const cells = (operation, name) => {
    const found = rows.filter((row) => row.operation === operation && row.policy === name);
    return [
      found.map(({ instructions }) => instructions).join(', '),
      found.map((row) => percent(errorOf(row, fitted))).join(', '),
    ];
  };
  return table(
    ['operation', ...policies.flatMap((name) => [name, 'error of the fit'])],
    operations.map((operation) => [operation, ...policies.flatMap((name) => cells(operation, name))]),
  );
}

function drafts() {
  const shown = draftPredictions().filter(
    ({ n, operation }) => SIZES.has(n) && (n !== 2 || operation.startsWith('batch unmap refused')),
  );
  return table(
    ['draft', 'operation', 'pages', 'recorded', 'predicted (range)', 'error', 'standing', 'explained: error left'],
    shown.map(({ kernel, arch, operation, n, recorded, predicted, error, standing, explanation }) => [
      `${kernel}, ${arch}`,
      operation,
      n,
      recorded,
      `${amount(predicted.middle)} (${amount(predicted.low)} to ${amount(predicted.high)})`,
      percent(error),
      standing,
      explanation === null ? '' : `${explanation.text}: ${percent(explanation.error)}`,
    ]),
  );
}

/** A level read off, and what it would be if it were fitted with the rest. */
function levels() {
  const read = RECORDED_ARCHS.filter((arch) => shippedFit(arch).model.readOff?.walkLevel !== undefined);
  return table(
    [
      'architecture',
      'recorded 4K less 2M, operation by operation',
      'read off',
      'if it were fitted',
      'largest error then',
    ],
    read.map((arch) => {
      const { rows, model, prices: found } = shippedFit(arch);
      const { prices: free } = fitPrices(rows, { ...model, fitted: [...model.fitted, 'walkLevel'], readOff: {} });
      return [
        arch,
        pairedLevels(arch).join(', '),
        amount(found.walkLevel),
        amount(free.walkLevel),
        share(worstOf(rows, free)),
      ];
    }),
  );
}

function draftSummary() {
  const all = draftPredictions();
  const inside = all.filter(({ error }) => Math.abs(error) <= DRAFT_TOLERANCE);
  const unexplained = all.filter(({ error, explanation }) => Math.abs(error) > DRAFT_TOLERANCE && explanation === null);
  const forecasts = all.filter(({ standing }) => standing === 'forecast');
  const largest = Math.max(...all.map(({ explanation }) => Math.abs(explanation?.error ?? 0)));
  return (
    `${all.length} calls of ${Object.keys(DRAFTS).length} drafts; ${inside.length} within 15 %, ${all.length - inside.length - unexplained.length} explained ` +
    `(with their explanation at most ${share(largest)} off), ${unexplained.length === 0 ? 'none' : unexplained.length} unexplained. ${forecasts.length} are forecasts, of which ${forecasts.filter(({ error }) => Math.abs(error) <= DRAFT_TOLERANCE).length} within 15 %.\n`
  );
}

/** All tables, as Markdown. */
export function costsMarkdown() {
  return [
    '### Prices\n',
    'Instructions. Bold: fitted; italic: read off; otherwise assumed, low / middle / high.\n',
    prices(),
    '### Assumptions\n',
    notes('assumed'),
    '### Notes on prices that are fitted or read off\n',
    notes('fitted', 'recorded'),
    '### How well it fits\n',
    quality(),
    ...RECORDED_ARCHS.flatMap((arch) => [
      `#### Rows of ${arch}\n`,
      `Counted: ${RECORDED_SCOPE[arch]}.\n`,
      residuals(arch),
    ]),
    '### The level of walk\n',
    levels(),
    '### Drafts\n',
    draftSummary(),
    drafts(),
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--write')) {
    const page = readFileSync(PAGE, 'utf8');
    const [before, rest] = page.split(BEGIN);
    const [, after] = (rest ?? '').split(END);
    if (after === undefined) throw new Error(`${PAGE.pathname} has lost its markers`);
    writeFileSync(PAGE, `${before}${BEGIN}\n${costsMarkdown()}\n${END}${after}`);
  } else process.stdout.write(costsMarkdown());
}
