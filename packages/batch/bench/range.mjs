// A batched range against single calls of the same engine, and against the same loop in C: ns a page, medians, in one
// run and in turns. node packages/batch/bench/range.mjs [PAGES] [ROUNDS] [ARCH]        Needs cc and a build.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Batcher, protect } from '../dist/index.js';
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
} from '@overmap/core';

const here = fileURLToPath(new URL('.', import.meta.url));
const [pages = 65536, rounds = 60] = process.argv.slice(2, 4).map(Number);
const arch = process.argv[4] ?? 'aarch64';
const VSPACE = 2;
const BASE = 0x10000000;
const FIRST = 16;

function prepare() {
  const k = new Kernel({ arch, asidPoolSlot: 1, rootTaskAssigned: true });
  const row = new Columns(1);
  const must = (fields) => {
    for (const name of [
      'cap',
      'src',
      'vspace',
      'n',
      'bits',
      'obj',
      'vaddrLo',
      'vaddrHi',
      'paddrLo',
      'paddrHi',
      'rights',
      'attr',
    ])
      row[name][0] = fields[name] ?? 0;
    row.op[0] = Op[fields.op];
    const outcome = invoke(k, row, 0, Policy.strict);
    return outcome;
  };
  const root = arch === 'ia32' || arch === 'aarch32' ? Obj.pd : Obj.vspace;
  must({ op: 'retype', obj: root, cap: VSPACE, n: 1, paddrLo: 0x100000 });
  must({ op: 'assign', src: 1, vspace: VSPACE });
  let table = 3;
  const kinds = { x86_64: [Obj.pdpt, Obj.pd, Obj.table] }[arch] ?? [Obj.table];
  let paddr = 0x200000;
  const slotOfTables = FIRST + pages;
  table = slotOfTables;
  const span = BASE + pages * 4096;
  for (let v = BASE; v < span; v += 1 << 20)
    for (let tries = 0; tries < 4; tries++)
      for (const obj of kinds) {
        must({ op: 'retype', obj, cap: table, n: 1, paddrLo: paddr });
        paddr += 4096;
        if (must({ op: 'map_table', cap: table, vspace: VSPACE, vaddrLo: v }) === OK) table++;
        else must({ op: 'delete', cap: table });
      }
  for (let i = 0; i < pages; i++)
    must({ op: 'retype', obj: Obj.page, bits: 12, cap: FIRST + i, n: 1, paddrLo: (0x40000000 + i * 4096) | 0 });
  return k;
}

const k = prepare();
const v = VSPACE * CAP_WORDS;
const expect = (n) => {
  if (n !== pages) throw new Error(`${n} of ${pages} pages`);
};
const singles = {
  map() {
    let n = 0;
    for (let i = 0; i < pages; i++) {
      const c = (FIRST + i) * CAP_WORDS;
      const lo = (BASE + i * 4096) | 0;
      if (checkMap(k, c, v, 0, lo, Policy.strict) === OK) {
        performMap(k, c, v, 0, lo, 3, 1);
        n++;
      }
    }
    expect(n);
  },
  protect() {
    let n = 0;
    for (let i = 0; i < pages; i++) if (protect(k, FIRST + i, VSPACE, 1, 1, Policy.strict) === OK) n++;
    expect(n);
  },
  unmap() {
    let n = 0;
    for (let i = 0; i < pages; i++) {
      const c = (FIRST + i) * CAP_WORDS;
      if (checkFrame(k, c) === OK) {
        performUnmap(k, c);
        n++;
      }
    }
    expect(n);
  },
};
const batcher = new Batcher(k, Policy.strict);
const batched = (kind) => () =>
  expect(
    batcher.run({
      form: 'window',
      kind,
      first: FIRST,
      count: pages,
      vspace: VSPACE,
      vaddrHi: 0,
      vaddrLo: BASE,
      rights: kind === Batched.protect ? 1 : 3,
      attr: 1,
    }).done,
  );
const batches = { map: batched(Batched.map), protect: batched(Batched.protect), unmap: batched(Batched.unmap) };

const kinds = ['map', 'protect', 'unmap'];
const times = { single: {}, batch: {}, c: {} };
for (const way of Object.values(times)) for (const kind of kinds) way[kind] = [];
const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];

const folder = mkdtempSync(join(tmpdir(), 'overmap-range-'));
try {
  const program = join(folder, 'range');
  const { status } = spawnSync('cc', ['-O2', '-o', program, join(here, 'range.c')], { stdio: 'inherit' });
  if (status !== 0) throw new Error('needs cc, a C compiler');
  for (let round = 0; round < rounds; round++) {
    for (const [name, runs] of [
      ['single', singles],
      ['batch', batches],
    ])
      for (const kind of kinds) {
        const start = process.hrtime.bigint();
        runs[kind]();
        times[name][kind].push(Number(process.hrtime.bigint() - start) / pages);
      }
    const { stdout } = spawnSync(program, [String(pages), '5'], { encoding: 'utf8' });
    stdout
      .trim()
      .split(' ')
      .forEach((ns, i) => times.c[kinds[i]].push(Number(ns)));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const cell = (x) => x.toFixed(2).padStart(10);
process.stdout.write(
  `${arch}, ${pages} pages, ns a page, medians of ${rounds}, ${cpus()[0]?.model ?? ''}, Node ${process.version}\n`,
);
process.stdout.write('           single     batch         C  single/batch  batch/C\n');
for (const kind of kinds) {
  const [s, b, c] = ['single', 'batch', 'c'].map((way) => median(times[way][kind]));
  process.stdout.write(`${kind.padEnd(7)}${cell(s)}${cell(b)}${cell(c)}${cell(s / b)}    ${cell(b / c)}\n`);
}
