// One Page_Map and one Page_Unmap of a 4 KiB page with every check, all architectures in one process and in turns,
// against a bare three-level radix table in C. Nanoseconds of this program on this host, not of a kernel.
// node bench/engine-speed.mjs        Needs cc and a build.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  ARCH_NAMES,
  CAP_WORDS,
  checkMap,
  Columns,
  invoke,
  Kernel,
  Obj,
  Op,
  OK,
  performMap,
  performUnmap,
  Policy,
  sayOutcome,
} from '@overmap/core';

const root = fileURLToPath(new URL('..', import.meta.url));
const START = 0x400000;
const FIRST = 1000;

function world(arch, config, pages) {
  const k = new Kernel({ arch, config, asidPoolSlot: 1 });
  const c = new Columns(1);
  const run = (fields) => {
    for (const column of [
      'op',
      'obj',
      'bits',
      'cap',
      'src',
      'vspace',
      'n',
      'vaddrLo',
      'vaddrHi',
      'rights',
      'attr',
      'paddrLo',
      'paddrHi',
    ])
      c[column][0] = fields[column] ?? 0;
    const outcome = invoke(k, c, 0, Policy.legacy);
    if (outcome !== OK) throw new Error(`${arch}: ${sayOutcome(outcome)}`);
  };
  run({ op: Op.retype, obj: Obj.vspace, cap: 2, n: 1, paddrLo: 0x100000 });
  run({ op: Op.assign, src: 1, vspace: 2 });
  let slot = 3;
  const levels = k.arch.levels;
  for (let level = 1; level < levels.length; level++) {
    const span = 2 ** levels[level - 1].shift;
    const kind = k.arch.tables.find((t) => t.parentLevel === level - 1 || t.parentLevel < 0);
    for (let at = Math.floor(START / span) * span; at < START + pages * 4096; at += span) {
      run({ op: Op.retype, obj: Obj[kind.obj], cap: slot, n: 1, paddrLo: slot * 4096 });
      run({ op: Op.map_table, cap: slot, vspace: 2, vaddrLo: at });
      slot++;
    }
  }
  for (let i = 0; i < pages; i++)
    run({ op: Op.retype, obj: Obj.page, bits: 12, cap: FIRST + i, n: 1, paddrLo: 0x10000000 + i * 4096 });
  return k;
}

function mapAll(k, policy, pages) {
  for (let i = 0; i < pages; i++) {
    const c = (FIRST + i) * CAP_WORDS;
    const vaddr = START + i * 4096;
    if (checkMap(k, c, 2 * CAP_WORDS, 0, vaddr, policy) !== OK) throw new Error('a map was refused');
    performMap(k, c, 2 * CAP_WORDS, 0, vaddr, 3, 1);
  }
}

function unmapAll(k, pages) {
  for (let i = 0; i < pages; i++) {
    performUnmap(k, (FIRST + i) * CAP_WORDS);
    if (k.cleared !== 1) throw new Error('an unmap cleared nothing');
  }
}

function pairs(k, policy, pages, rounds) {
  for (let round = 0; round < rounds; round++) {
    mapAll(k, policy, pages);
    unmapAll(k, pages);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'overmap-bench-'));
try {
  const radix = join(folder, 'radix');
  const built = spawnSync('cc', ['-O2', '-o', radix, join(root, 'bench/radix.c')], { stdio: 'inherit' });
  if (built.error || built.status !== 0) throw new Error('needs cc, a C compiler');
  const configurations = [
    ...ARCH_NAMES.map((arch) => [arch, arch, {}]),
    ['aarch32 hyp', 'aarch32', { hyp: true }],
    ['aarch64 hyp', 'aarch64', { hyp: true, paBits: 40 }],
  ];
  const shapes = { near: [256, 400], wide: [65536, 2] };
  const rows = [];
  for (const [name, arch, config] of configurations)
    for (const shape of Object.keys(shapes))
      rows.push({ name, shape, k: world(arch, config, shapes[shape][0]), runs: [] });
  const c = { near: [], wide: [] };
  for (let round = 0; round < 15; round++) {
    const said = JSON.parse(spawnSync(radix, { encoding: 'utf8' }).stdout);
    for (const shape of Object.keys(shapes)) c[shape].push(said[shape]);
    for (const row of rows) {
      const [pages, rounds] = shapes[row.shape];
      const from = process.hrtime.bigint();
      pairs(row.k, round % 2 === 0 ? Policy.legacy : Policy.strict, pages, rounds);
      row.runs.push(Number(process.hrtime.bigint() - from) / (pages * rounds));
    }
  }
  // The first rounds are warm-up.
  const median = (list) => list.slice(3).toSorted((a, b) => a - b)[(list.length - 3) >> 1];
  console.log(
    `map + unmap of a 4 KiB page (all mapped, then all unmapped), every check, ns of this program on ${cpus()[0].model}, Node ${process.version}, load ${loadavg()[0].toFixed(2)}`,
  );
  console.log(
    `all ${configurations.length} configurations in one process, in turns; near = 256 pages, wide = 65,536 pages`,
  );
  for (const shape of Object.keys(shapes))
    console.log(`${'C, bare radix table'.padEnd(20)} ${shape}  ${median(c[shape]).toFixed(1).padStart(6)} ns`);
  for (const row of rows)
    console.log(
      `${row.name.padEnd(20)} ${row.shape}  ${median(row.runs).toFixed(1).padStart(6)} ns  ${(median(row.runs) / median(c[row.shape])).toFixed(1).padStart(5)} ×`,
    );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
