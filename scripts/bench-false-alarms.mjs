// How often the benchmark calls the same build slower than itself: measures it twice, compares the two, and again.
// Prints how many pairs raised an alarm and how the ratios are distributed. Needs a build.
// node scripts/bench-false-alarms.mjs [PAIRS] [MODULE]
// MODULE exports `sources`, the tasks to measure (TaskSource[]); those of this file unless told.
import { pathToFileURL } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { Batcher, protect } from '../packages/batch/dist/index.js';
import {
  Batched,
  CAP_WORDS,
  checkFrame,
  checkMap,
  Columns,
  invoke,
  Kernel,
  Obj,
  OK,
  Op,
  performMap,
  performUnmap,
  Policy,
  sayOutcome,
} from '../packages/core/bundle/index.js';

const VSPACE = 2;
const FIRST = 64;
const BASE = 0x10000000;

/** A kernel with a vspace, the tables for `pages` pages of 4 KiB at BASE, and frames in slots from FIRST. */
function preparedKernel(arch, pages) {
  const kernel = new Kernel({ arch, asidPoolSlot: 1, rootTaskAssigned: true });
  const row = new Columns(1);
  const say = (fields) => {
    const clear = { cap: 0, src: 0, vspace: 0, n: 0, bits: 0, obj: 0, vaddrLo: 0, vaddrHi: 0, paddrLo: 0, paddrHi: 0 };
    for (const [name, value] of Object.entries({ ...clear, rights: 0, attr: 0, ...fields })) row[name][0] = value;
    return invoke(kernel, row, 0, Policy.strict);
  };
  const must = (fields) => {
    const outcome = say(fields);
    if (outcome !== OK) throw new Error(`${arch}: ${sayOutcome(outcome)}`);
  };
  const root = arch === 'ia32' || arch === 'aarch32' ? Obj.pd : Obj.vspace;
  must({ op: Op.retype, obj: root, cap: VSPACE, n: 1, paddrLo: 0x100000 });
  must({ op: Op.assign, src: 1, vspace: VSPACE });
  let cap = FIRST + pages;
  let paddr = 0x200000;
  const kinds = arch === 'x86_64' ? [Obj.pdpt, Obj.pd, Obj.table] : [Obj.table, Obj.table, Obj.table];
  for (let vaddr = BASE; vaddr < BASE + pages * 4096; vaddr += 1 << 20)
    for (const obj of kinds) {
      must({ op: Op.retype, obj, cap, n: 1, paddrLo: paddr });
      paddr += 4096;
      // A level that is there already is refused.
      if (say({ op: Op.map_table, cap, vspace: VSPACE, vaddrLo: vaddr }) === OK) cap++;
      else must({ op: Op.delete, cap });
    }
  for (let i = 0; i < pages; i++)
    must({ op: Op.retype, obj: Obj.page, bits: 12, cap: FIRST + i, n: 1, paddrLo: 0x40000000 + i * 4096 });
  return kernel;
}

/** All pages mapped, then all unmapped, with every check. */
export function mapAndUnmap({ arch, pages }) {
  let kernel;
  return {
    name: `map and unmap/${arch}/${pages}`,
    pages,
    prepare() {
      kernel = preparedKernel(arch, pages);
    },
    run() {
      const vspace = VSPACE * CAP_WORDS;
      let done = 0;
      for (let i = 0; i < pages; i++) {
        const cap = (FIRST + i) * CAP_WORDS;
        const vaddr = BASE + i * 4096;
        if (checkMap(kernel, cap, vspace, 0, vaddr, Policy.strict) !== OK) continue;
        performMap(kernel, cap, vspace, 0, vaddr, 3, 1);
        done++;
      }
      for (let i = 0; i < pages; i++) {
        const cap = (FIRST + i) * CAP_WORDS;
        if (checkFrame(kernel, cap) !== OK) continue;
        performUnmap(kernel, cap);
        done++;
      }
      if (done !== 2 * pages) throw new Error(`${done} of ${2 * pages} invocations were ok`);
    },
  };
}

/** Other rights for all pages, one invocation each; every iteration sets what the one before did not. */
export function protectEach({ arch, pages }) {
  let kernel;
  let rights = 1;
  return {
    name: `protect/${arch}/${pages}`,
    pages,
    prepare() {
      kernel = preparedKernel(arch, pages);
      const range = { first: FIRST, count: pages, vspace: VSPACE, vaddrHi: 0, vaddrLo: BASE, rights: 3, attr: 1 };
      new Batcher(kernel, Policy.strict).run({ form: 'window', kind: Batched.map, ...range });
    },
    run() {
      let done = 0;
      for (let i = 0; i < pages; i++) if (protect(kernel, FIRST + i, VSPACE, rights, 1, Policy.strict) === OK) done++;
      if (done !== pages) throw new Error(`${done} of ${pages} invocations were ok`);
      rights ^= 2;
    },
  };
}

/** All pages mapped by one batch, then all unmapped by another. */
export function mapAndUnmapBatched({ arch, pages }) {
  let batcher;
  const range = { first: FIRST, count: pages, vspace: VSPACE, vaddrHi: 0, vaddrLo: BASE, rights: 3, attr: 1 };
  return {
    name: `map and unmap, batched/${arch}/${pages}`,
    pages,
    prepare() {
      batcher = new Batcher(preparedKernel(arch, pages), Policy.strict);
    },
    run() {
      for (const kind of [Batched.map, Batched.unmap]) {
        const { done } = batcher.run({ form: 'window', kind, ...range });
        if (done !== pages) throw new Error(`${done} of ${pages} elements were done`);
      }
    },
  };
}

const task = (name, arch, pages) => ({ module: import.meta.url, export: name, argument: { arch, pages } });
const ownSources = [
  task('mapAndUnmap', 'aarch64', 1024),
  task('protectEach', 'riscv64', 1024),
  task('mapAndUnmapBatched', 'x86_64', 1024),
];

const THRESHOLD = 0.05;
const quantile = (sorted, p) => sorted[Math.round((sorted.length - 1) * p)];
const percent = (ratio) => `${ratio >= 1 ? '+' : ''}${(100 * (ratio - 1)).toFixed(1)} %`;

/** Results of measurements that all have to be complete. */
const done = (ends) =>
  ends.map((end) => {
    if (end.state !== 'done') throw new Error(end.reason ?? end.state);
    return end.result;
  });

/** Measure the sources twice and compare, `pairs` times; prints as it goes. */
async function countFalseAlarms(sources, pairs) {
  // Not at the top: a worker has no need of it, and every round would wait.
  const { compare, loadNow, loadWarning, machine, measureInIsolates } = await import('../packages/bench/dist/index.js');
  const start = loadNow();
  const began = performance.now();
  const ratios = sources.map(() => []);
  const widths = [];
  let slower = 0;
  let faster = 0;
  let names = [];
  for (let pair = 1; pair <= pairs; pair++) {
    const before = done(await measureInIsolates(sources, { seed: pair }));
    const after = done(await measureInIsolates(sources, { seed: pair }));
    names = before.map(({ name }) => name);
    const found = before.map((one, i) =>
      compare(one, after[i], { threshold: THRESHOLD, seed: pair, cases: sources.length }),
    );
    for (const [i, { ratio, low, high }] of found.entries()) {
      ratios[i].push(ratio);
      widths.push(Math.sqrt(high / low));
    }
    if (found.some(({ verdict }) => verdict === 'slower')) slower++;
    if (found.some(({ verdict }) => verdict === 'faster')) faster++;
    const each = found.map(({ ratio, low, high }) => `${percent(ratio)} (${percent(low)} to ${percent(high)})`);
    process.stdout.write(`${String(pair).padStart(4)}  ${each.join('   ')}\n`);
  }
  const seconds = (performance.now() - began) / 1000;
  const { cpu, cores, node } = machine();
  process.stdout.write(
    `\n${cpu}, ${cores} cores, Node ${node}; the speed of the simulation, in units of the reference\n`,
  );
  for (const [i, name] of names.entries()) {
    const sorted = ratios[i].toSorted((a, b) => a - b);
    const points = [0, 0.05, 0.5, 0.95, 1].map((p) => percent(quantile(sorted, p)).padStart(8));
    process.stdout.write(`${name.padEnd(36)} ratio: least, 5 %, median, 95 %, greatest ${points.join('')}\n`);
  }
  const width = quantile(
    widths.sort((a, b) => a - b),
    0.5,
  );
  process.stdout.write(`half an interval, median: ${percent(width)}\n`);
  process.stdout.write(
    `${(seconds / pairs).toFixed(1)} s a pair, ${(seconds / pairs / 2 / sources.length).toFixed(2)} s a case\n`,
  );
  process.stdout.write(`alarms (slower by more than 5 %): ${slower} of ${pairs} pairs; faster: ${faster}\n`);
  const warning = loadWarning({ start, end: loadNow(), cores });
  if (warning !== undefined) process.stdout.write(`warning: ${warning}\n`);
}

// A worker that measures imports this file for its tasks only.
if (isMainThread && pathToFileURL(process.argv[1]).href === import.meta.url) {
  const [pairs = '100', module] = process.argv.slice(2);
  if (!(Number(pairs) >= 1)) throw new Error(`${pairs} is no number of pairs`);
  const { sources } = module === undefined ? { sources: ownSources } : await import(pathToFileURL(module).href);
  await countFalseAlarms(sources, Number(pairs));
}
