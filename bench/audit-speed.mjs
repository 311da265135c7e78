// Whole audits against a plain C reader of the same file: CPU time (user + system) of whole processes, in turns,
// medians. node bench/audit-speed.mjs [TRACE.jsonl[.gz]] [ROUNDS]        Needs cc, sh and a build.
import { spawnSync } from 'node:child_process';
import { createReadStream, createWriteStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createGunzip } from 'node:zlib';

const root = fileURLToPath(new URL('..', import.meta.url));
const [input = join(root, 'recordings/sel4test/sel4test-aarch32.jsonl.gz'), rounds = '9'] = process.argv.slice(2);
const overmap = join(root, 'packages/cli/bin/overmap.js');
if (!existsSync(join(root, 'packages/cli/dist/main.js'))) throw new Error('not built yet: npm run build');
const folder = mkdtempSync(join(tmpdir(), 'overmap-bench-'));

/** User + system seconds of a command. The shell's `times` counts in hundredths, children included. */
function cpuSeconds(command) {
  const { stdout, status } = spawnSync('sh', ['-c', '"$@" >/dev/null 2>&1 || exit 9; times', 'sh', ...command], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`failed: ${command.join(' ')}`);
  const [user, system] = stdout
    .trim()
    .split('\n')[1]
    .split(' ')
    .map((t) => Number(t.split('m')[0]) * 60 + Number.parseFloat(t.split('m')[1]));
  return user + system;
}
/** Peak resident memory of an audit in MB. */
function peakMemory(path) {
  const hook =
    'data:text/javascript,process.on("exit",()=>process.stderr.write(`\\npeak ${process.resourceUsage().maxRSS}\\n`))';
  const { stderr } = spawnSync(
    process.execPath,
    ['--import', hook, overmap, 'audit', path, '--to', 'strict', '--fail-on', 'never'],
    { encoding: 'utf8' },
  );
  return Math.round(Number(/peak (\d+)/.exec(stderr)?.[1]) / 1024);
}
const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];

try {
  let plain = input;
  if (input.endsWith('.gz')) {
    plain = join(folder, 'trace.jsonl');
    await pipeline(createReadStream(input), createGunzip(), createWriteStream(plain));
  }
  const reader = join(folder, 'readtrace');
  const { status, error } = spawnSync('cc', ['-O2', '-o', reader, join(root, 'bench/readtrace.c')], {
    stdio: 'inherit',
  });
  if (error || status !== 0) throw new Error('needs cc, a C compiler');
  const audit = (path) => [
    process.execPath,
    overmap,
    'audit',
    path,
    '--to',
    'strict',
    '--format',
    'json',
    '--fail-on',
    'never',
  ];
  const commands = {
    'C: getline + sscanf, every key': [reader, plain],
    'overmap audit --to strict': audit(plain),
    'overmap audit --to strict, gzip': input === plain ? null : audit(input),
    'node, nothing': [process.execPath, '-e', ''],
  };
  const times = Object.fromEntries(
    Object.entries(commands)
      .filter(([, c]) => c !== null)
      .map(([name]) => [name, []]),
  );
  for (let round = 0; round < Number(rounds); round++)
    for (const name of Object.keys(times)) times[name].push(cpuSeconds(commands[name]));
  const base = median(Object.values(times)[0]);
  console.log(
    `CPU seconds (user + system) of whole processes, median of ${rounds} rounds in turns; ${cpus()[0].model}, Node ${process.version}, load ${loadavg()[0].toFixed(2)}`,
  );
  for (const [name, list] of Object.entries(times))
    console.log(
      `${median(list).toFixed(2).padStart(6)} s  ${(median(list) / base).toFixed(2).padStart(5)} ×  ${name}  (${Math.min(...list).toFixed(2)}–${Math.max(...list).toFixed(2)})`,
    );
  console.log(`peak memory of the audit: ${peakMemory(plain)} MB`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
