// What batched invocations would have saved real clients: a table by architecture, from the bundled client traces and
// from those in the folder that OVERMAP_RECORDINGS names. node scripts/batch-savings.mjs        Needs a build.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { batchTrace } from '@overmap/batch';
import { readTrace } from '@overmap/trace';

const root = fileURLToPath(new URL('..', import.meta.url));
const folders = [join(root, 'recordings/sel4test'), process.env.OVERMAP_RECORDINGS].filter(Boolean);

/** Client traces below the folders: those that number the slots of a whole system. Each name once. */
async function clientTraces() {
  const found = new Map();
  for (const folder of folders) {
    if (!existsSync(folder)) throw new Error(`there is no folder ${folder}`);
    for (const name of readdirSync(folder, { recursive: true }).toSorted()) {
      const file = name.split('/').at(-1);
      // Slices repeat what whole recordings have.
      if (!/\.jsonl(\.gz)?$/.test(name) || /slice-/.test(file) || found.has(file)) continue;
      let client = false;
      try {
        await readTrace(join(folder, name), {
          onHeader: (header) => {
            client = header.config.slots !== undefined;
          },
          stop: () => true,
        });
      } catch {
        // Recordings of other systems lie there too.
      }
      if (client) found.set(file, join(folder, name));
    }
  }
  return [...found.values()];
}

const COSTS = ['kernelEntries', 'lookups', 'walks', 'maintenanceOperations'];
const rows = new Map();
for (const path of await clientTraces()) {
  process.stderr.write(`${path}\n`);
  for (const reorder of [false, true]) {
    const s = await batchTrace(path, null, { reorder });
    if (s.difference !== null) throw new Error(`${path}: ${s.difference}`);
    const key = `${s.header.arch} | ${reorder ? 'reordered' : 'in order'}`;
    const row = rows.get(key) ?? { traces: 0, operations: 0, batched: 0, batches: 0, single: {}, together: {} };
    row.traces++;
    row.operations += s.operations;
    row.batched += s.batched;
    row.batches += s.batches;
    for (const cost of COSTS) {
      row.single[cost] = (row.single[cost] ?? 0) + s.single[cost];
      row.together[cost] = (row.together[cost] ?? 0) + s.together[cost];
    }
    rows.set(key, row);
  }
}
const grouped = (n) => String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
const cell = (single, together) => {
  const percent = single === 0 ? 0 : ((single - together) / single) * 100;
  return `${grouped(single)} → ${grouped(together)} (${percent.toFixed(1)} %)`;
};
process.stdout.write(
  '| architecture | plan | traces | maps and unmaps | batched | batches | kernel entries | lookups | walks | maintenance |\n',
);
process.stdout.write('|---|---|---|---|---|---|---|---|---|---|\n');
for (const [key, { traces, operations, batched, batches, single, together }] of [...rows].toSorted(([a], [b]) =>
  a < b ? -1 : 1,
)) {
  const costs = COSTS.map((cost) => cell(single[cost], together[cost]));
  process.stdout.write(
    `| ${[key, traces, grouped(operations), grouped(batched), grouped(batches), ...costs].join(' | ')} |\n`,
  );
}
