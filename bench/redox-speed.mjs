// Operations per second of the Redox model (map over, protect, touch, unmap), next to the ordered ranges below it doing
// the same replacements and nothing else; in turns, in one process. Speeds of this program, not of a kernel.
// node bench/redox-speed.mjs        Needs a build.
import { RangeMap, redox } from '@overmap/core';

const { MAP, PAGE_SIZE, performRedox } = redox;
const ROUNDS = 5;
const STEPS = 40000;
const PAGES = 4096;

/** The same pseudo-random places in each round. */
function places() {
  let seed = 12345;
  return Array.from({ length: STEPS }, () => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return { page: 16 + ((seed >>> 8) % PAGES), count: 1 + ((seed >>> 24) % 8) };
  });
}

const all = places();
const rw = MAP.read | MAP.write;

function model() {
  const machine = new redox.Machine();
  machine.addSpace(0);
  let operations = 0;
  const run = (operation) => {
    performRedox(machine, { space: 0, ...operation });
    operations++;
  };
  const start = process.hrtime.bigint();
  for (const { page, count } of all) {
    const where = { address: page * PAGE_SIZE, size: count * PAGE_SIZE };
    run({ op: 'mmap', ...where, mapFlags: rw | MAP.private | MAP.fixed, memory: 'wb', contiguous: false });
    run({ op: 'access', access: 'write', page, value: 1 });
    run({ op: 'mprotect', ...where, mapFlags: MAP.read });
    if (page % 2 === 0) run({ op: 'munmap', ...where });
  }
  return operations / (Number(process.hrtime.bigint() - start) / 1e9);
}

function ranges() {
  const map = new RangeMap();
  let operations = 0;
  const start = process.hrtime.bigint();
  for (const { page, count } of all) {
    map.replace(page, page + count, 1);
    map.find(page);
    map.replace(page, page + count, 2);
    operations += 3;
    if (page % 2 === 0) {
      map.clear(page, page + count);
      operations++;
    }
  }
  return operations / (Number(process.hrtime.bigint() - start) / 1e9);
}

const middle = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const speeds = { model: [], ranges: [] };
for (let round = 0; round < ROUNDS; round++) {
  speeds.model.push(model());
  speeds.ranges.push(ranges());
}
const [ours, base] = [middle(speeds.model), middle(speeds.ranges)];
const shown = (value) => Math.round(value).toLocaleString('en');
console.log(`Redox model      ${shown(ours)} operations/s`);
console.log(`ordered ranges   ${shown(base)} operations/s`);
console.log(`ratio            ${(ours / base).toFixed(2)}`);
