// Makes a checkout ready, then runs a job: node scripts/bootstrap.mjs start|test|build [ARGUMENT…]
// Needs Node and npm only: pnpm comes by npx, in the version that package.json names. Has no dependency, since it
// runs before there are any. Talk goes to stderr; stdout belongs to the job.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const recording = 'recordings/sel4test/sel4test-aarch32.jsonl.gz';
const jobs = {
  start: ['packages/cli/bin/overmap.js', 'audit', recording, '--to', 'strict', '--fail-on', 'never'],
  test: ['node_modules/vitest/vitest.mjs', 'run'],
  build: null,
};

const say = (text) => process.stderr.write(`overmap: ${text}\n`);

function stop(text, code = 1) {
  say(text);
  process.exit(code);
}

function checkNode() {
  const wanted = manifest.engines.node.replace('>=', '');
  const [major, minor] = wanted.split('.').map(Number);
  const [hasMajor, hasMinor] = process.versions.node.split('.').map(Number);
  if (hasMajor < major || (hasMajor === major && hasMinor < minor)) {
    stop(`Node ${wanted} or newer is needed, this is ${process.versions.node} (${process.execPath}).`);
  }
}

function install() {
  // pnpm writes this file last, so it is there only after a complete installation.
  const stamp = join(root, 'node_modules/.modules.yaml');
  const lockfile = join(root, 'pnpm-lock.yaml');
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(lockfile).mtimeMs) return;
  if (existsSync(join(root, 'node_modules/.package-lock.json'))) {
    say('node_modules was made by npm, which does not link the packages of this workspace; replacing it.');
    rmSync(join(root, 'node_modules'), { recursive: true, force: true });
  }
  const pnpm = manifest.packageManager;
  say(`installing dependencies with ${pnpm} (a minute or so the first time) …`);
  const { status, error, output } = spawnSync('npx', ['--yes', pnpm, 'install', '--frozen-lockfile'], {
    cwd: root,
    // Without a network, say so after seconds; npm's own pauses between its attempts add up to more than a minute.
    env: { npm_config_fetch_retry_mintimeout: '1000', npm_config_fetch_retry_maxtimeout: '5000', ...process.env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32', // npx is a .cmd file there
  });
  if (error) stop(`cannot run npx, which comes with npm: ${error.message}`);
  if (status !== 0) {
    const text = output.join('');
    process.stderr.write(text);
    if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH/.test(text)) {
      stop('the npm registry cannot be reached. The first run needs the network; behind a proxy, set HTTPS_PROXY.');
    }
    stop('the installation failed, see above.');
  }
  // pnpm leaves the file alone when nothing had to change; without a new date every run would install again.
  const now = new Date();
  utimesSync(stamp, now, now);
}

function compile() {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  for (const args of [[tsc, '-b'], [join(root, 'scripts/bundle.mjs')]]) {
    const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] });
    if (status !== 0) stop('the build failed, see above.');
  }
}

function run(args) {
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
  // Ctrl-C reaches the child as well, which may still have results to write: wait for it.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

checkNode();
const [job, ...rest] = process.argv.slice(2);
if (!Object.hasOwn(jobs, job ?? '')) stop(`usage: node scripts/bootstrap.mjs ${Object.keys(jobs).join('|')}`, 2);
install();
compile();
if (jobs[job]) run([...jobs[job], ...rest]);
