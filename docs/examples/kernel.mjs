// A kernel to play with: map a page, over-map it, and see what each policy answers and what really changes.
// Run from the checkout: node docs/examples/kernel.mjs
import { Columns, check, invoke, Kernel, MAINTENANCE_NAMES, POLICIES, sayOutcome } from '@overmap/core';
import { fillColumns, makeTables } from '@overmap/trace';

const tables = makeTables();
const columns = new Columns(1);
const kernel = new Kernel({
  arch: 'aarch64',
  // The engine numbers slots densely from 1; the tables translate the numbers that events use.
  asidPoolSlot: tables.slots.dense(1, 0),
  // ASID 1 belongs to somebody outside: the first vspace assigned here gets ASID 2.
  rootTaskAssigned: true,
});

const hex = (hi, lo) => `0x${((BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0)).toString(16)}`;

// Effects go to one sink, as numbers. Without a sink the engine tells nobody and pays one branch.
kernel.sink = {
  entryWritten: (_at, table, index, oldLo, oldHi, _oldLink, newLo, newHi) =>
    console.log(`    table ${table}, entry ${index}: ${hex(oldHi, oldLo)} becomes ${hex(newHi, newLo)}`),
  tableCleared: (table, _at, entries) => console.log(`    table ${table}: ${entries} entries cleared`),
  walked: () => {},
  maintained: (kind, count) => console.log(`    maintenance: ${MAINTENANCE_NAMES[kind]} ${count}`),
};

/** Run one invocation, written as in a trace, but without its result. */
function run(event, policy = POLICIES.legacy) {
  fillColumns(columns, 0, { ...event, ret: 'ok' }, tables);
  const outcome = invoke(kernel, columns, 0, policy);
  console.log(`${event.op} of ${event.cap ?? event.vspace}: ${sayOutcome(outcome)}`);
  return outcome;
}

/** Ask what a policy would answer; changes nothing. */
function ask(event, policy) {
  fillColumns(columns, 0, { ...event, ret: 'ok' }, tables);
  return sayOutcome(check(kernel, columns, 0, policy));
}

// A vspace with its ASID, three levels of tables, and two frames.
run({ op: 'retype', obj: 'vspace', cap: 2, n: 1, paddr: '0x40000000' });
run({ op: 'assign', pool: 1, vspace: 2 });
for (const cap of [3, 4, 5]) {
  run({ op: 'retype', obj: 'table', cap, n: 1, paddr: `0x4000${cap}000` });
  run({ op: 'map_table', cap, vspace: 2, vaddr: '0x10000000', attr: 1 });
}
run({ op: 'retype', obj: 'page', bits: 12, cap: 10, n: 2, paddr: '0x50000000' });

console.log('\nThe first frame is mapped, then the second one over it:');
const first = { op: 'map', cap: 10, vspace: 2, vaddr: '0x10000000', rights: 'rw', attr: 1 };
const second = { ...first, cap: 11 };
run(first);
for (const [name, policy] of Object.entries(POLICIES)) console.log(`  ${name} would answer ${ask(second, policy)}`);
run(second);

console.log('\nThe first capability still records the address, so the kernel takes its map for a remap:');
for (const [name, policy] of Object.entries(POLICIES)) console.log(`  ${name} would answer ${ask(first, policy)}`);

console.log('\nUnmapping the first capability answers ok and clears nothing; the second one clears the page:');
run({ op: 'unmap', cap: 10 });
run({ op: 'unmap', cap: 11 });
