// The laws of migrations on thousands of random clients (npm test tries hundreds), and what became of them.
// node scripts/migrate-laws.mjs [CASES]
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const [cases = '9000'] = process.argv.slice(2);
// Four laws on nine configurations.
const each = Math.ceil(Number(cases) / 36);
if (!(each > 0)) throw new Error(`${cases} is no number of cases`);
process.stderr.write(`${each} cases of each law on each configuration\n`);
const { status, stdout } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', 'packages/migrate/test/migration-laws.test.ts'],
  {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, OVERMAP_MIGRATE_CASES: String(each) },
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  },
);
process.stdout.write(stdout);
const found = /^tally (\{.*\})$/m.exec(stdout);
if (found?.[1] !== undefined) {
  const { traces, edited, unmigrated, inserted, moved, deleted, windows, undone } = JSON.parse(found[1]);
  const share = (n) => `${((n / traces) * 100).toFixed(1)} %`;
  process.stdout.write(
    `${traces} traces: ${share(traces - edited)} need no edit, ${share(edited - unmigrated)} are migrated and proven, ` +
      `${share(unmigrated)} have maps that are marked\n` +
      `${inserted} unmaps inserted, ${moved} moved, ${deleted} refused maps deleted, ${windows} windows; ` +
      `${undone} single edits undone, none in vain\n`,
  );
}
process.exit(status ?? 1);
