// The tables of docs/policies.md: what each policy would do to recorded clients, and what the strict kernel did.
// Needs a build.
//   node scripts/policies.mjs            writes what the bundled recordings say
//   node scripts/policies.mjs --more     writes as well what others say, from the folder that OVERMAP_RECORDINGS names
//   node scripts/policies.mjs --check    compares with what is there, and writes nothing; the others too, if it is set
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CODE_MASK, Code, OP_MAP, POLICIES } from '@overmap/core';
import { auditTrace } from '@overmap/migrate';
import { tableMarkdown } from '@overmap/report';
import { readTrace } from '@overmap/trace';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = join(root, 'docs/policies.md');
const bundled = join(root, 'recordings/sel4test');
const NAMES = Object.keys(POLICIES);

const nameOf = (path) =>
  basename(path)
    .replace(/^slice-/, '')
    .replace(/\.jsonl(\.gz)?$/, '');
const tracesIn = (folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl.gz'))
    .sort()
    .map((name) => join(folder, name));

/** A recording held against every policy, and what the kernel that recorded it answered. */
async function client(path) {
  const findings = [];
  let head;
  let summary;
  // The first of the policies is the one that findings are about: the other side of an over-map.
  const run = async (to, also, writer) => auditTrace(path, { version: '', to, also }, writer);
  await run(
    'strict',
    NAMES.filter((name) => name !== 'strict'),
    {
      begin: (said) => (head = said),
      finding: (finding) => findings.push(finding),
      end: (said) => (summary = said),
    },
  );
  if (summary.divergences > 0) throw new Error(`${path}: the recording does not behave as its policy says`);
  const legacy = [];
  if (head.from === 'strict')
    await run('legacy', [], { begin() {}, finding: (finding) => legacy.push(finding), end() {} });
  return { name: nameOf(path), from: head.from, findings, legacy, summary, refusals: await refusals(path) };
}

/** Lines of the maps that the recorded kernel answered with DeleteFirst. */
async function refusals(path) {
  const lines = new Set();
  await readTrace(path, {
    onHeader() {},
    onBatch(columns) {
      for (let i = 0; i < columns.count; i++)
        if (columns.op[i] === OP_MAP && (columns.outcome[i] & CODE_MASK) === Code.DeleteFirst)
          lines.add(columns.line[i]);
    },
  });
  return lines;
}

/** What the kernels answered, and what they let happen. */
function recorded(clients) {
  return {
    title: 'Recorded: what these clients did, and what their kernels answered',
    columns: [
      { key: 'client', title: 'recording' },
      { key: 'kernel', title: 'kernel' },
      { key: 'maps', title: 'maps', digits: 0 },
      { key: 'accepted', title: 'accepted', digits: 0 },
      { key: 'delete_first', title: 'DeleteFirst', digits: 0 },
      { key: 'over_maps', title: 'over-maps', digits: 0 },
      { key: 'stale', title: "stale at tests' ends", digits: 0 },
    ],
    rows: clients.map(({ name, from, summary: { sel4 }, refusals }) => [
      name,
      from,
      sel4.maps,
      sel4.mapsOk,
      refusals.size,
      sel4.overmaps + sel4.staleRemaps,
      sel4.staleAtTestEnd,
    ]),
  };
}

const FIGURES = ['refused', 'newlyAccepted', 'otherError', 'displacing', 'windows', 'staleAtTestEnd'];

/** A row for each other policy; those with the same figures share one, and those without any have none. */
function policyRows({ name, from, summary: { targets } }) {
  const rows = new Map();
  for (const policy of NAMES.filter((one) => one !== from)) {
    const figures = FIGURES.map((key) => targets[policy][key]);
    const tests = Object.entries(targets[policy].byTest).filter(([, counts]) => changes(counts) > 0);
    const said = [tests.map(([test]) => test).join(', ') || null, ...figures];
    const key = said.join();
    if (figures.some((n) => n > 0)) rows.set(key, { policies: [...(rows.get(key)?.policies ?? []), policy], said });
  }
  return [...rows.values()].map(({ policies, said }) => [name, from, policies.join(', '), ...said]);
}

const COLUMNS = [
  { key: 'client', title: 'recording' },
  { key: 'recorded', title: 'recorded' },
  { key: 'policies', title: 'policies' },
  { key: 'tests', title: 'other answers in' },
  { key: 'refused', title: 'refused', digits: 0 },
  { key: 'newly_accepted', title: 'newly accepted', digits: 0 },
  { key: 'other_error', title: 'other error', digits: 0 },
  { key: 'displacing', title: 'displacing', digits: 0 },
  { key: 'windows', title: 'windows', digits: 0 },
  { key: 'stale', title: "stale at tests' ends", digits: 0 },
];

const changes = ({ refused, newlyAccepted, otherError }) => refused + newlyAccepted + otherError;
const depends = ({ summary }) => Object.values(summary.targets).some((target) => changes(target) > 0);

/** What other policies would answer on the recorded state. */
function modelled(clients) {
  const others = clients.filter((one) => !depends(one)).map(({ name }) => name);
  return {
    title: 'Modelled: what other policies would do to them',
    columns: COLUMNS,
    rows: clients.filter(depends).flatMap(policyRows),
    notes: others.length === 0 ? [] : [`No policy would answer any map otherwise in: ${others.join(', ')}.`],
  };
}

const place = ({ test, vaddr, bits }) => `${test} ${vaddr} ${bits}`;
const size = (bits) => (bits < 20 ? `${2 ** (bits - 10)} KiB` : `${2 ** (bits - 20)} MiB`);

/** The same test on the kernel as shipped and on the strict one: each refusal of either side. */
function agreement(clients) {
  const legacies = clients.filter(({ from }) => from === 'legacy');
  const rows = legacies.flatMap((legacy) => {
    const strict = clients.find(({ name, from }) => from === 'strict' && strictNames(legacy.name).includes(name));
    return strict === undefined ? [] : pairRows(legacy, strict);
  });
  return {
    title: 'Modelled and recorded refusals of the strict kernel',
    columns: [
      { key: 'client', title: 'recording' },
      { key: 'place', title: 'place' },
      { key: 'modelled', title: 'modelled' },
      { key: 'recorded', title: 'recorded' },
      { key: 'what', title: '' },
    ],
    rows,
  };
}

/** How the recording of the same on the strict kernel is called. */
const strictNames = (name) => [
  name.replace('-legacy', '-strict'),
  name.replace(/^(aarch32|aarch64|x86_64)-/, '$1-strict-'),
];

function pairRows(legacy, strict) {
  // Under strict these are refused: the capability records nothing, and a page is there.
  const said = legacy.findings.filter(({ rule }) => rule === 'OM001' || rule === 'OM014');
  if (said.length !== legacy.summary.targets.strict.refused)
    throw new Error(`${legacy.name}: ${said.length} findings for ${legacy.summary.targets.strict.refused} refusals`);
  const own = strict.legacy.filter(({ rule, line }) => rule === 'OM013' && strict.refusals.has(line));
  const seen = [...strict.refusals].map((line) => {
    const finding = strict.legacy.find((one) => one.line === line && ['OM007', 'OM013'].includes(one.rule));
    if (finding === undefined) throw new Error(`${strict.name}: nothing is known of the refusal at line ${line}`);
    return finding;
  });
  const rows = said.map((finding) => {
    const real = own.find((other) => place(other) === place(finding));
    return row(
      finding,
      finding,
      real,
      real === undefined ? 'the test, refused before, did not try this map' : 'the same',
    );
  });
  for (const real of seen) {
    if (said.some((finding) => place(finding) === place(real)) && own.includes(real)) continue;
    const why = own.includes(real)
      ? 'not modelled'
      : 'a consequence of an earlier refusal: legacy, too, answers DeleteFirst on that state';
    rows.push(row(real, undefined, real, why));
  }
  return rows.length === 0 ? [[legacy.name, '–', '0', '0', 'none on either side']] : rows;

  function row({ vaddr, bits }, model, real, what) {
    const line = (finding) => (finding === undefined ? null : `line ${finding.line}`);
    return [legacy.name, `${vaddr}, ${size(bits)}`, line(model), line(real), what];
  }
}

async function sections(paths) {
  const clients = [];
  for (const path of paths) clients.push(await client(path));
  return [recorded(clients), modelled(clients), agreement(clients)].map(tableMarkdown);
}

const [how] = process.argv.slice(2);
const further = join(process.env.OVERMAP_RECORDINGS ?? '', 'sel4test');
const hasFurther = (process.env.OVERMAP_RECORDINGS ?? '') !== '' && existsSync(further);
if (how === '--more' && !hasFurther) throw new Error('OVERMAP_RECORDINGS must name the folder that sel4test/ is in');
const mine = [...tracesIn(bundled), ...tracesIn(join(bundled, 'slices'))];
const [answers, refusedByOthers, both] = await sections(mine);
const written = { recorded: answers, modelled: refusedByOthers, agreement: both };
if (how === '--more' || (how === '--check' && hasFurther)) {
  const have = new Set(mine.map((path) => basename(path)));
  const more = tracesIn(further).filter((path) => !have.has(basename(path)));
  written.more = (await sections(more)).join('\n');
}
const before = readFileSync(page, 'utf8');
let after = before;
for (const [name, text] of Object.entries(written)) {
  const between = new RegExp(`(<!-- ${name}: begin[^>]*-->\n)[\\s\\S]*?(<!-- ${name}: end -->)`);
  if (!between.test(after)) throw new Error(`docs/policies.md has no place for "${name}"`);
  after = after.replace(between, (_, begin, end) => `${begin}\n${text}\n${end}`);
}
if (how !== '--check') writeFileSync(page, after);
else if (after !== before) {
  console.error('docs/policies.md is out of date: node scripts/policies.mjs');
  process.exitCode = 1;
}
