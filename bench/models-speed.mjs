// Every system's model under the same work, next to Linux's: over a space with so many live mappings, at random places:
// map over one page, protect it to read-only and back, unmap the mapping, map it again. In one process, in turns; calls
// of this program on this host for each second of CPU time, never a kernel's. seL4 maps single pages, so that its
// mapping is one page and protecting is mapping anew with other rights. The bare ranges below the models do the same
// changes without any rule; CHERI's bounds are no calls, and stand apart.
// node bench/models-speed.mjs [--mappings 100,10000,100000] [--rounds 5] [--only redox,linux]        Needs a build.
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import {
  AddressSpace,
  applyEdits,
  boundsFormat,
  Columns,
  decide,
  Errno,
  freebsd,
  invoke,
  Kernel,
  LinuxColumns,
  MapFlag,
  nullDerived,
  Obj,
  offset,
  OK,
  Op,
  PCUABI,
  PcuabiSpace,
  Policy,
  PROT,
  RangeMap,
  redox,
  runCall,
  setBounds,
} from '@overmap/core';

const { values } = parseArgs({
  options: {
    mappings: { type: 'string', default: '100,10000,100000' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string' },
  },
});
const ROUNDS = Number(values.rounds);
const PAGE = 4096;
/** Pages of a mapping; as many stay free behind it, so that neighbours are never merged. */
const PAGES = 4;
/** Calls at one place. */
const CALLS = 5;
/** Places that a round visits. */
const VISITS = 2000;
const startOf = (i) => 0x1000_0000 + 2 * i * PAGES * PAGE;

/** The same places in each model and round. */
function visits(live) {
  let seed = 12345;
  return Array.from({ length: VISITS }, () => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return Math.floor((seed / 2 ** 32) * live);
  });
}

const RW = PROT.read | PROT.write;

/** What is done at a place, for models that take ranges: by functions of an address and a length. */
const atPlace =
  ({ map, protect, unmap }) =>
  (i) => {
    const start = startOf(i);
    map(start + PAGE, PAGE);
    protect(start + PAGE, PAGE, false);
    protect(start + PAGE, PAGE, true);
    unmap(start, PAGES * PAGE);
    map(start, PAGES * PAGE);
  };

function linux(live) {
  const space = new AddressSpace({ maxMapCount: 2 ** 31 });
  const columns = new LinuxColumns();
  const flags = MapFlag.PRIVATE | MapFlag.ANONYMOUS | MapFlag.FIXED;
  const run = (call) => {
    columns.set(0, call);
    if (runCall(space, columns, 0) !== Errno.OK) throw new Error(`Linux refused ${call.op}`);
  };
  const map = (addr, len) => run({ op: 'mmap', addr, len, prot: RW, flags });
  for (let i = 0; i < live; i++) map(startOf(i), PAGES * PAGE);
  return atPlace({
    map,
    protect: (addr, len, write) => run({ op: 'mprotect', addr, len, prot: write ? RW : PROT.read, flags: 0 }),
    unmap: (addr, len) => run({ op: 'munmap', addr, len, prot: 0, flags: 0 }),
  });
}

function pcuabi(live) {
  const space = new PcuabiSpace(PCUABI);
  const roots = new Map();
  const run = (call) => {
    const decision = decide(space, call);
    if (decision.refusal !== null) throw new Error(`PCuABI refused ${call.call}: ${decision.refusal.check}`);
    applyEdits(space, decision.edits, null);
    return decision.returned;
  };
  const map = (i) => {
    const call = { call: 'mmap', address: nullDerived(startOf(i)), length: PAGES * PAGE, prot: RW, fixed: true };
    roots.set(i, run(call));
  };
  for (let i = 0; i < live; i++) map(i);
  return (i) => {
    const root = roots.get(i);
    const inside = offset(PCUABI.format, root, PAGE);
    run({ call: 'mmap', address: inside, length: PAGE, prot: RW, fixed: true });
    run({ call: 'mprotect', address: inside, length: PAGE, prot: PROT.read });
    run({ call: 'mprotect', address: inside, length: PAGE, prot: RW });
    run({ call: 'munmap', address: root, length: PAGES * PAGE });
    map(i);
  };
}

function redoxMachine(live) {
  const { MAP, performRedox } = redox;
  const machine = new redox.Machine();
  machine.addSpace(0);
  const run = (operation) => {
    const { kind, error } = performRedox(machine, { space: 0, ...operation });
    if (kind !== 'done') throw new Error(`Redox answered ${error ?? kind} to ${operation.op}`);
  };
  const rw = MAP.read | MAP.write;
  const mapFlags = rw | MAP.private | MAP.fixed;
  const map = (address, size) => run({ op: 'mmap', address, size, mapFlags, memory: 'wb', contiguous: false });
  for (let i = 0; i < live; i++) map(startOf(i), PAGES * PAGE);
  return atPlace({
    map,
    protect: (address, size, write) => run({ op: 'mprotect', address, size, mapFlags: write ? rw : MAP.read }),
    unmap: (address, size) => run({ op: 'munmap', address, size }),
  });
}

function freebsdMachine(live) {
  const { MAP, performFreeBsd } = freebsd;
  const machine = new freebsd.Machine();
  const run = (operation) => {
    const { error } = performFreeBsd(machine, { process: 0, ...operation });
    if (error !== null) throw new Error(`FreeBSD answered ${error} to ${operation.op}`);
  };
  const how = { op: 'mmap', prot: RW, flags: MAP.FIXED | MAP.ANON, file: null, position: 0 };
  const map = (address, length) => run({ ...how, address, length });
  for (let i = 0; i < live; i++) map(startOf(i), PAGES * PAGE);
  return atPlace({
    map,
    protect: (address, length, write) => run({ op: 'mprotect', address, length, prot: write ? RW : PROT.read }),
    unmap: (address, length) => run({ op: 'munmap', address, length }),
  });
}

/** aarch64: a page that is mapped over by another frame, mapped anew with other rights twice, unmapped, mapped again. */
function sel4(live) {
  const [base, first] = [0x400000, 200_000];
  const k = new Kernel({ arch: 'aarch64', config: {}, asidPoolSlot: 1 });
  const c = new Columns(1);
  const all = ['op', 'obj', 'bits', 'cap', 'src', 'vspace', 'n', 'vaddrLo', 'vaddrHi', 'rights', 'attr', 'paddrLo'];
  const run = (fields) => {
    for (const column of all) c[column][0] = fields[column] ?? 0;
    if (invoke(k, c, 0, Policy.legacy) !== OK) throw new Error('seL4 refused an invocation');
  };
  run({ op: Op.retype, obj: Obj.vspace, cap: 2, n: 1, paddrLo: 0x100000 });
  run({ op: Op.assign, src: 1, vspace: 2 });
  let slot = 3;
  const { levels, tables } = k.arch;
  for (let level = 1; level < levels.length; level++) {
    const span = 2 ** levels[level - 1].shift;
    const kind = tables.find((t) => t.parentLevel === level - 1 || t.parentLevel < 0);
    for (let at = Math.floor(base / span) * span; at < base + live * PAGE; at += span) {
      run({ op: Op.retype, obj: Obj[kind.obj], cap: slot, n: 1, paddrLo: slot * PAGE });
      run({ op: Op.map_table, cap: slot++, vspace: 2, vaddrLo: at });
    }
  }
  const other = first + live;
  const retype = (cap, paddrLo) => run({ op: Op.retype, obj: Obj.page, bits: 12, cap, n: 1, paddrLo });
  const map = (cap, i, rights) => run({ op: Op.map, cap, vspace: 2, vaddrLo: base + i * PAGE, rights });
  for (let i = 0; i < live; i++) {
    retype(first + i, 0x4000_0000 + i * PAGE);
    map(first + i, i, 3);
  }
  retype(other, 0x3000_0000);
  return (i) => {
    map(other, i, 3);
    map(other, i, 2);
    map(other, i, 3);
    run({ op: Op.unmap, cap: other });
    // The first frame's capability still records its place, which is empty now: a remap.
    map(first + i, i, 3);
  };
}

function ranges(live) {
  const map = new RangeMap();
  for (let i = 0; i < live; i++) map.insert(startOf(i), startOf(i) + PAGES * PAGE, 1);
  return atPlace({
    map: (start, length) => map.replace(start, start + length, 1),
    protect: (start, length, write) => map.replace(start, start + length, write ? 1 : 2),
    unmap: (start, length) => map.clear(start, start + length),
  });
}

/** Bounds set on what the places have; five times, as there are five calls. */
function cheri() {
  const format = boundsFormat('morello128');
  return (i) => {
    const base = BigInt(startOf(i));
    for (let call = 0; call < CALLS; call++) setBounds(format, base, base << BigInt(call));
  };
}

const MODELS = {
  linux: ['Linux', linux],
  sel4: ['seL4, aarch64', sel4],
  freebsd: ['FreeBSD', freebsdMachine],
  pcuabi: ['PCuABI', pcuabi],
  redox: ['Redox', redoxMachine],
  ranges: ['bare ranges', ranges],
  cheri: ['CHERI bounds', cheri],
};

/** Calls for each second of CPU time. */
function measure(step, places) {
  const from = process.cpuUsage();
  for (const i of places) step(i);
  const { user, system } = process.cpuUsage(from);
  return (CALLS * VISITS * 1e6) / Math.max(1, user + system);
}

const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
const asked = values.only?.split(',') ?? Object.keys(MODELS);
for (const name of asked)
  if (!Object.hasOwn(MODELS, name)) throw new Error(`no model ${name}; there are ${Object.keys(MODELS).join(', ')}`);
console.log(`${cpus()[0]?.model ?? 'unknown'}, load ${loadavg()[0].toFixed(1)}, Node ${process.version}`);
console.log(`${VISITS} places a round, ${CALLS} calls each; median of ${ROUNDS} rounds, calls a second of CPU time`);
for (const live of values.mappings.split(',').map(Number)) {
  const places = visits(live);
  const running = asked.map((name) => ({ name, step: MODELS[name][1](live), found: [] }));
  for (const { step } of running) measure(step, places);
  for (let round = 0; round < ROUNDS; round++) for (const { step, found } of running) found.push(measure(step, places));
  const base = median(running.find(({ name }) => name === 'linux')?.found ?? [Number.NaN]);
  console.log(`\n${live.toLocaleString('en')} live mappings`.padEnd(24), '   calls/s   Linux = 1');
  for (const { name, found } of running) {
    const speed = median(found);
    const shown = Math.round(speed).toLocaleString('en').padStart(12);
    console.log(`${MODELS[name][0].padEnd(22)} ${shown} ${(speed / base).toFixed(2).padStart(11)}`);
  }
}
