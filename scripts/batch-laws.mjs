// The laws of batches on 100,000 random cases (npm test tries a few thousand). node scripts/batch-laws.mjs [CASES]
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const [cases = '100000'] = process.argv.slice(2);
// Five laws on nine configurations.
const each = Math.ceil(Number(cases) / 45);
if (!(each > 0)) throw new Error(`${cases} is no number of cases`);
process.stderr.write(`${each} cases of each law on each configuration\n`);
const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', 'packages/batch/test/laws.test.ts'],
  {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, OVERMAP_BATCH_CASES: String(each) },
    stdio: 'inherit',
  },
);
process.exit(status ?? 1);
