// The audit of a large strace log against `grep -c mmap` on the same file: CPU time (user + system) of whole processes,
// in turns, medians. node bench/strace-speed.mjs [LOG.strace[.gz]…] [--size MB] [--rounds N]
// The log is made of the given ones (the bundled ones by default), put one behind the other and repeated as a whole: so
// its processes live shortly, and their numbers come again. Needs grep, sh and a build.
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values, positionals } = parseArgs({
  options: { size: { type: 'string', default: '200' }, rounds: { type: 'string', default: '5' } },
  allowPositionals: true,
});
const overmap = join(root, 'packages/cli/bin/overmap.js');
if (!existsSync(join(root, 'packages/cli/dist/main.js'))) throw new Error('not built yet: npm run build');
const bundled = join(root, 'recordings/strace');
const logs = positionals.length > 0 ? positionals : readdirSync(bundled).map((name) => join(bundled, name));
const folder = mkdtempSync(join(tmpdir(), 'overmap-strace-'));

/** User + system seconds of a command. The shell's `times` counts in hundredths, children included. */
function cpuSeconds(command) {
  const { stdout, status } = spawnSync('sh', ['-c', '"$@" >/dev/null 2>&1 || exit 9; times', 'sh', ...command], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`failed: ${command.join(' ')}`);
  return stdout
    .trim()
    .split('\n')[1]
    .split(' ')
    .reduce((sum, t) => sum + Number(t.split('m')[0]) * 60 + Number.parseFloat(t.split('m')[1]), 0);
}
/** Peak resident memory of an audit in MB. */
function peakMemory(path) {
  const hook =
    'data:text/javascript,process.on("exit",()=>process.stderr.write(`\\npeak ${process.resourceUsage().maxRSS}\\n`))';
  const { stderr } = spawnSync(process.execPath, ['--import', hook, ...audit(path).slice(1)], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return Math.round(Number(/peak (\d+)/.exec(stderr)?.[1]) / 1024);
}
const audit = (path) => [process.execPath, overmap, 'audit', path, '--format', 'json', '--fail-on', 'never'];
const countOf = (bytes, what) => bytes.toString('latin1').match(what)?.length ?? 0;
const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];

try {
  const one = Buffer.concat(
    logs.map((path) => (path.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path))),
  );
  const large = join(folder, 'large.strace');
  const file = openSync(large, 'w');
  let size = 0;
  for (; size < Number(values.size) * 1e6; size += one.length) writeSync(file, one);
  closeSync(file);
  const commands = {
    // With its output thrown away, grep would stop at the first match; -c through a pipe does not.
    'grep -c mmap': ['sh', '-c', 'grep -c mmap "$0" | cat', large],
    'overmap audit': audit(large),
    'node, nothing': [process.execPath, '-e', ''],
  };
  const times = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  for (let round = 0; round < Number(values.rounds); round++)
    for (const [name, command] of Object.entries(commands)) times[name].push(cpuSeconds(command));
  console.log(
    `${cpus()[0]?.model}, load ${loadavg()[0].toFixed(1)}, Node ${process.version}; ${Math.round(size / 1e6)} MB of ${logs.length} logs, CPU seconds of whole processes, medians of ${values.rounds} and what the fastest give:`,
  );
  console.log(
    `  the ${logs.length} logs (${(one.length / 1e6).toFixed(2)} MB, ${countOf(one, / execve\(/g)} execve, ${countOf(one, /mmap2?\(/g)} mmap, ${countOf(one, /\n/g)} lines), repeated ${Math.round(size / one.length)} times as they are`,
  );
  const base = median(times['grep -c mmap']);
  const least = Math.min(...times['grep -c mmap']);
  for (const [name, list] of Object.entries(times))
    console.log(
      `  ${name.padEnd(16)} ${median(list).toFixed(2).padStart(7)} s  ${(median(list) / base).toFixed(1).padStart(6)} ×  ${(Math.min(...list) / least).toFixed(1).padStart(6)} ×`,
    );
  console.log(`  peak memory of the audit: ${peakMemory(large)} MB`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
