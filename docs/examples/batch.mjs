// Batched invocations on the model: map a range at once, see an atomic batch roll back, cut one and resume it, and
// what is saved. Run from the checkout: node docs/examples/batch.mjs
import { Batcher, EffectCounts, listLimit, Single } from '@overmap/batch';
import {
  Atomicity,
  Batched,
  Columns,
  invoke,
  Kernel,
  MAINTENANCE_NAMES,
  Obj,
  Op,
  Policy,
  Right,
  sayOutcome,
} from '@overmap/core';

const kernel = new Kernel({ arch: 'aarch64', asidPoolSlot: 1, rootTaskAssigned: true });
const VSPACE = 2;
const FRAMES = 100;
const BASE = 0x400000;
const row = new Columns(1);

/** A single invocation. */
function single(op, fields) {
  for (const [name, value] of Object.entries({
    cap: 0,
    src: 0,
    vspace: 0,
    n: 1,
    obj: 0,
    bits: 0,
    vaddrLo: 0,
    paddrLo: 0,
    rights: 0,
    attr: 0,
    ...fields,
  })) {
    row[name][0] = value;
  }
  row.op[0] = Op[op];
  return invoke(kernel, row, 0, Policy.strict);
}

// A vspace, tables in slots 10 to 13, and 64 frames in slots 100 to 163.
single('retype', { obj: Obj.vspace, cap: VSPACE, paddrLo: 0x10000000 });
single('assign', { src: 1, vspace: VSPACE });
single('retype', { obj: Obj.table, cap: 10, n: 4, paddrLo: 0x10010000 });
single('retype', { obj: Obj.page, bits: 12, cap: FRAMES, n: 64, paddrLo: 0x20000000 });

const batcher = new Batcher(kernel, Policy.strict);
const window = {
  form: 'window',
  kind: Batched.map,
  first: FRAMES,
  count: 64,
  vspace: VSPACE,
  vaddrHi: 0,
  vaddrLo: BASE,
  rights: Right.read | Right.write,
  attr: 1,
};
const say = (what, { done, index, outcome, cut, tables }) =>
  console.log(
    `${what}: ${done} done, ${sayOutcome(outcome)}${index < 0 ? '' : ` at ${index}`}${cut ? ', cut' : ''}${tables > 0 ? `, ${tables} tables used` : ''}`,
  );

console.log(
  `A message holds ${listLimit(Batched.map)} maps, ${listLimit(Batched.protect)} protects or ${listLimit(Batched.unmap)} unmaps.\n`,
);

say('No table is there', batcher.run(window));
const tables = Int32Array.of(10, 11, 12, 13);
const cut = batcher.run(window, { tables, cutAfter: 40 });
say('Tables from a list, and preempted', cut);
say('Resumed', batcher.run(window, { tables, from: cut }));

say('\nRead only, 64 at once', batcher.run({ ...window, kind: Batched.protect, rights: Right.read }));
say('Unmapped, but for the last', batcher.run({ ...window, kind: Batched.unmap, count: 63 }));

// The last frame still is where the window ends: a stranger's frame in its place makes the batch fail there.
single('retype', { obj: Obj.page, bits: 12, cap: 90, paddrLo: 0x30000000 });
single('map', { cap: 90, vspace: VSPACE, vaddrLo: BASE + 20 * 4096, rights: 3, attr: 1 });
say('\nA stranger at page 20, atomic', batcher.run(window, { mode: Atomicity.atomic }));
say('The same as a prefix', batcher.run(window));

const counts = batcher.effects;
const singles = new EffectCounts();
kernel.sink = singles;
for (let i = 0; i < 20; i++) {
  singles.invoked(Single.unmap, 1);
  single('unmap', { cap: FRAMES + i });
}
kernel.sink = null;
const cost = (c) =>
  MAINTENANCE_NAMES.filter((_, kind) => c.maintenance[kind] > 0).map(
    (name) => `${name} ${c.maintenance[MAINTENANCE_NAMES.indexOf(name)]}`,
  );
console.log(
  `\nAll those batches: ${counts.kernelEntries} kernel entries, ${counts.walks} walks, ${cost(counts).join(', ')}`,
);
console.log(
  `20 single unmaps:  ${singles.kernelEntries} kernel entries, ${singles.walks} walks, ${cost(singles).join(', ')}`,
);
