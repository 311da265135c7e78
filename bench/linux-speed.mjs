// The model of Linux against the simplest thing that does the same: a sorted array of objects, searched by halves, cut and
// merged by splice, gaps looked for from the top. Both run the same calls in one process, in turns; both end with the same
// areas. CPU time, medians.   node bench/linux-speed.mjs [ROUNDS]        Needs a build.
import { existsSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';

const bundle = new URL('../packages/core/bundle/index.js', import.meta.url);
if (!existsSync(fileURLToPath(bundle))) throw new Error('not built yet: npm run build');
const { AddressSpace, Errno, LinuxColumns, MapFlag, PAGE_SIZE, Prot, runCall, vmFlagsOf } = await import(bundle.href);

const [rounds = '5'] = process.argv.slice(2);
const ANON = MapFlag.PRIVATE | MapFlag.ANONYMOUS;
const FIXED = ANON | MapFlag.FIXED;
const [R, RW] = [Prot.READ, Prot.READ | Prot.WRITE];
/** The lowest page that is used, and where searches begin: 40 pages below the top, so that a gap is near. */
const FIRST = 0x100_0000;

/** The same rules for what the calls below need: fixed and free mmap, munmap, mprotect of private anonymous memory. */
class SortedArray {
  areas = [];
  constructor(base) {
    this.base = base;
  }
  /** Index of the first area that ends above a page. */
  above(page) {
    let low = 0;
    let high = this.areas.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.areas[middle].end <= page) low = middle + 1;
      else high = middle;
    }
    return low;
  }
  unmap(start, end) {
    const from = this.above(start);
    let to = from;
    const kept = [];
    for (; to < this.areas.length && this.areas[to].start < end; to++) {
      const area = this.areas[to];
      if (area.start < start) kept.push({ ...area, end: start });
      if (area.end > end) kept.push({ ...area, start: end });
    }
    this.areas.splice(from, to - from, ...kept);
  }
  insert(start, end, flags) {
    const i = this.above(start);
    const low = this.areas[i - 1];
    const high = this.areas[i];
    const left = low !== undefined && low.end === start && low.flags === flags;
    const right = high !== undefined && high.start === end && high.flags === flags;
    if (left && right) {
      low.end = high.end;
      this.areas.splice(i, 1);
    } else if (left) low.end = end;
    else if (right) high.start = start;
    else this.areas.splice(i, 0, { start, end, flags });
  }
  map(start, end, flags) {
    this.unmap(start, end);
    this.insert(start, end, flags);
  }
  place(pages) {
    let top = this.base;
    for (let i = this.areas.length - 1; i >= 0; i--) {
      if (top - this.areas[i].end >= pages) break;
      top = this.areas[i].start;
    }
    return top - pages;
  }
}

const row = (op, page, pages, prot = 0, flags = 0) => ({ op, page, pages, prot, flags });

/** Calls on `n` areas of three pages with a hole behind each, neighbours of different protection. */
function workload(n, count) {
  let seed = 1;
  const random = (below) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const calls = [];
  while (calls.length < count) {
    const page = FIRST + 4 * random(n);
    // One is replaced, split and joined, removed and mapped again; then one goes where there is room, and away.
    calls.push(row('mmap', page, 3, RW, FIXED), row('mprotect', page + 1, 1, R), row('mprotect', page + 1, 1, RW));
    calls.push(row('munmap', page + 1, 2), row('mmap', page + 1, 2, RW, FIXED), row('mmap', 0, 8, RW, ANON));
    calls.push(row('munmap', -1, 8));
  }
  return calls;
}

function fill(n, map) {
  for (let i = 0; i < n; i++) map(FIRST + 4 * i, 3, i % 2 === 0 ? RW : R);
}

function modelRunner(n, calls) {
  const space = new AddressSpace({ maxMapCount: 2 ** 31, mmapBase: (FIRST + 4 * n + 4) * PAGE_SIZE });
  const columns = new LinuxColumns(calls.length);
  const one = new LinuxColumns();
  fill(n, (page, pages, prot) => {
    one.set(0, { op: 'mmap', addr: page * PAGE_SIZE, len: pages * PAGE_SIZE, prot, flags: FIXED });
    if (runCall(space, one, 0) !== Errno.OK) throw new Error('the model refused a call');
  });
  for (const [i, { op, page, pages, prot, flags }] of calls.entries()) {
    columns.set(i, { op, addr: Math.max(page, 0) * PAGE_SIZE, len: pages * PAGE_SIZE, prot, flags });
  }
  const run = () => {
    for (let i = 0; i < calls.length; i++) {
      if (calls[i].page < 0) columns.addrPage[i] = space.at;
      if (runCall(space, columns, i) !== Errno.OK) throw new Error('the model refused a call');
    }
  };
  const areas = () => {
    const listed = [];
    space.map.forEach((start, end, id) => listed.push([start, end, space.attributes.flags[id] & 7]));
    return listed;
  };
  return { run, areas };
}

function arrayRunner(n, calls) {
  const array = new SortedArray(FIRST + 4 * n + 4);
  // Only what is private, anonymous and reserved: the protection is all that differs.
  const known = vmFlagsOf('mr mw me');
  fill(n, (page, pages, prot) => array.map(page, page + pages, prot | known));
  let at = 0;
  const run = () => {
    for (const { op, page, pages, prot } of calls) {
      if (op === 'munmap') array.unmap(page < 0 ? at : page, (page < 0 ? at : page) + pages);
      else if (page === 0) {
        at = array.place(pages);
        array.insert(at, at + pages, prot | known);
      } else array.map(page, page + pages, prot | known);
    }
  };
  return { run, areas: () => array.areas.map(({ start, end, flags }) => [start, end, flags & 7]) };
}

const cpuSeconds = (run) => {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
};
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}, load ${loadavg()[0].toFixed(1)}`);
console.log('live VMAs   calls  model, calls/s  array, calls/s  model / array');
for (const [n, count] of [
  [10, 140_000],
  [10_000, 70_000],
  [1_000_000, 700],
]) {
  const calls = workload(n, count);
  const model = modelRunner(n, calls);
  const array = arrayRunner(n, calls);
  const times = { model: [], array: [] };
  model.run();
  array.run();
  for (let round = 0; round < Number(rounds); round++) {
    times.model.push(cpuSeconds(model.run));
    times.array.push(cpuSeconds(array.run));
  }
  if (JSON.stringify(model.areas()) !== JSON.stringify(array.areas()))
    throw new Error('they do not end with the same areas');
  const [m, a] = [median(times.model), median(times.array)].map((seconds) => calls.length / seconds);
  const shown = [n, calls.length, Math.round(m), Math.round(a)].map((x) => x.toLocaleString('en'));
  console.log(
    `${shown[0].padStart(9)} ${shown[1].padStart(7)} ${shown[2].padStart(15)} ${shown[3].padStart(15)} ${(m / a).toFixed(2).padStart(14)}`,
  );
}
