// Calls of FreeBSD's model with keys, against the bare ranges below them: the same pages put into and taken out of a
// RangeMap, without entries, pmap, keys or checks. In one process, in turns; operations of this program on this host for
// each second of CPU time, and the ratio of the two.
// node bench/freebsd-speed.mjs [mappings]        Needs a build.
import { cpus, loadavg } from 'node:os';
import { freebsd, RangeMap } from '@overmap/core';

const { MAP, PAGE_SIZE: PAGE, performFreeBsd, PROT } = freebsd;
const PAGES = 4;
const ROUNDS = 5;
const CALLS = 5;
const live = Number(process.argv[2] ?? 10_000);
/** So that a round is long enough to be measured. */
const repeats = Math.ceil(20_000 / live);
const RW = PROT.read | PROT.write;
// Every second place stays free, so that neighbours are not merged.
const startOf = (i) => 0x1000_0000 + 2 * i * PAGES * PAGE;

function run(machine, operation) {
  const { error } = performFreeBsd(machine, { process: 0, ...operation });
  if (error !== null) throw new Error(`${operation.op}: ${error}`);
}

const mapAt = (address, length) => ({
  op: 'mmap',
  address,
  length,
  prot: RW,
  flags: MAP.FIXED | MAP.ANON,
  file: null,
  position: 0,
});

function makeMachine() {
  const machine = new freebsd.Machine();
  for (let i = 0; i < live; i++) run(machine, mapAt(startOf(i), PAGES * PAGE));
  return machine;
}

/** Over-map, touch, set a key, close one page, unmap two: five calls. */
function calls(machine) {
  for (let i = 0; i < live; i++) {
    const address = startOf(i);
    run(machine, mapAt(address, PAGES * PAGE));
    run(machine, { op: 'touch', address, length: PAGES * PAGE, write: true });
    run(machine, { op: 'setKey', address, length: PAGES * PAGE, key: 5, flags: 0 });
    run(machine, { op: 'mprotect', address, length: PAGE, prot: PROT.read });
    run(machine, { op: 'munmap', address: address + PAGE, length: 2 * PAGE });
  }
}

/** The same changes of ranges alone. */
function ranges({ map, present, keys }) {
  for (let i = 0; i < live; i++) {
    const start = startOf(i);
    const end = start + PAGES * PAGE;
    map.replace(start, end, i);
    present.replace(start, end, i);
    keys.replace(start, end, 5);
    map.replace(start, start + PAGE, i);
    for (const one of [map, present, keys]) one.clear(start + PAGE, start + 3 * PAGE);
  }
}

const makeRanges = () => {
  const state = { map: new RangeMap(), present: new RangeMap(), keys: new RangeMap() };
  for (let i = 0; i < live; i++) state.map.insert(startOf(i), startOf(i) + PAGES * PAGE, i);
  return state;
};

/** Operations for each second. */
function measure(step, state) {
  const start = process.cpuUsage();
  for (let i = 0; i < repeats; i++) step(state);
  const { user, system } = process.cpuUsage(start);
  return (CALLS * live * repeats * 1e6) / (user + system);
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const machine = makeMachine();
const bare = makeRanges();
calls(machine);
ranges(bare);
const found = { freebsd: [], ranges: [] };
for (let round = 0; round < ROUNDS; round++) {
  found.freebsd.push(measure(calls, machine));
  found.ranges.push(measure(ranges, bare));
}
const text = (n) => `${(n / 1e6).toFixed(2)} million/s`;
const ratio = median(found.freebsd.map((n, i) => found.ranges[i] / n));
console.log(`${cpus()[0]?.model ?? 'unknown'}, load ${loadavg()[0].toFixed(1)}, Node ${process.version}`);
console.log(`${live} live mappings; over-map, touch, set a key, mprotect, munmap; median of ${ROUNDS} rounds`);
console.log(`FreeBSD, every check  ${text(median(found.freebsd))}`);
console.log(`bare ranges           ${text(median(found.ranges))}`);
console.log(`ratio                 ${ratio.toFixed(1)} times the bare ranges' time`);
