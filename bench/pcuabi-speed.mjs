// Calls of PCuABI with every check, against the bare ranges below them: the same pages put into and taken out of a
// RangeMap, without reservations, capabilities or checks. In one process, in turns; operations of this program on this
// host for each second of CPU time, and the ratio of the two.
// node bench/pcuabi-speed.mjs [mappings]        Needs a build.
import { cpus, loadavg } from 'node:os';
import { applyEdits, decide, nullDerived, offset, PCUABI, PcuabiSpace, PROT, RangeMap } from '@overmap/core';

const PAGE = 4096;
const PAGES = 4;
const ROUNDS = 5;
const live = Number(process.argv[2] ?? 10_000);
/** So that a round is long enough to be measured. */
const repeats = Math.ceil(20_000 / live);

/** A space with so many mappings, and their capabilities. */
function makeSpace() {
  const space = new PcuabiSpace(PCUABI);
  const roots = [];
  for (let i = 0; i < live; i++)
    roots.push(run(space, { call: 'mmap', address: nullDerived(0), length: PAGES * PAGE, prot: RW }));
  return { space, roots };
}

const RW = PROT.read | PROT.write;

function run(space, call) {
  const decision = decide(space, call);
  if (decision.refusal !== null) throw new Error(`${call.call}: ${decision.refusal.check}`);
  applyEdits(space, decision.edits, null);
  return decision.returned;
}

/** Map anew, over-map two pages, close one, unmap: four calls. */
function calls({ space, roots }) {
  for (let i = 0; i < live; i++) {
    const root = roots[i];
    const inside = offset(PCUABI.format, root, PAGE);
    run(space, { call: 'mmap', address: inside, length: 2 * PAGE, prot: RW, fixed: true, object: 1 });
    run(space, { call: 'mprotect', address: inside, length: PAGE, prot: PROT.read });
    run(space, { call: 'munmap', address: root, length: PAGES * PAGE });
    roots[i] = run(space, { call: 'mmap', address: nullDerived(0), length: PAGES * PAGE, prot: RW });
  }
}

/** The same changes of ranges alone. */
function ranges({ map, starts }) {
  for (let i = 0; i < live; i++) {
    const start = starts[i];
    map.replace(start + PAGE, start + 3 * PAGE, i);
    map.replace(start + PAGE, start + 2 * PAGE, i);
    map.clear(start, start + PAGES * PAGE);
    starts[i] = map.highestGap(PAGES * PAGE, PCUABI.minAddress, PCUABI.searchTop);
    map.insert(starts[i], starts[i] + PAGES * PAGE, i);
  }
}

function makeRanges() {
  const map = new RangeMap();
  const starts = [];
  for (let i = 0; i < live; i++) {
    starts.push(PCUABI.searchTop - (i + 1) * PAGES * PAGE);
    map.insert(starts[i], starts[i] + PAGES * PAGE, i);
  }
  return { map, starts };
}

/** Operations for each second. */
function measure(step, state) {
  const start = process.cpuUsage();
  for (let i = 0; i < repeats; i++) step(state);
  const { user, system } = process.cpuUsage(start);
  return (4 * live * repeats * 1e6) / (user + system);
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const space = makeSpace();
const bare = makeRanges();
calls(space);
ranges(bare);
const found = { pcuabi: [], ranges: [] };
for (let round = 0; round < ROUNDS; round++) {
  found.pcuabi.push(measure(calls, space));
  found.ranges.push(measure(ranges, bare));
}
const pcuabi = median(found.pcuabi);
const ratio = median(found.pcuabi.map((n, i) => found.ranges[i] / n));
const text = (n) => `${(n / 1e6).toFixed(2)} million/s`;
console.log(`${cpus()[0]?.model ?? 'unknown'}, load ${loadavg()[0].toFixed(1)}, Node ${process.version}`);
console.log(`${live} live mappings; mmap, over-map, mprotect, munmap; median of ${ROUNDS} rounds`);
console.log(`PCuABI, every check   ${text(pcuabi)}`);
console.log(`bare ranges           ${text(median(found.ranges))}`);
console.log(`ratio                 ${ratio.toFixed(1)} times the bare ranges' time`);
