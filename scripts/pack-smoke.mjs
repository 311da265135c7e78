// Packs every package, installs the tarballs into an empty folder, and uses them there: node scripts/pack-smoke.mjs
// Needs a build (npm run build). Nothing is fetched: npm runs offline, and the libraries that the packages need are
// copied from this workspace's own installation. Exit code 1, and what is wrong, if something does not hold.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const slice = join(root, 'recordings/sel4test/slices/slice-aarch32-PT0002.jsonl.gz');
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'overmap-pack-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const tarballs = join(folder, 'tarballs');
const place = join(folder, 'user');
const modules = join(place, 'node_modules');
mkdirSync(tarballs);
mkdirSync(modules, { recursive: true });

function stop(text) {
  process.stderr.write(`pack-smoke: ${text}\n`);
  process.exit(1);
}

/** Runs a command and returns what it prints; stops when it fails. */
function run(command, args, cwd) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (error !== undefined) stop(`cannot run ${command}: ${error.message}`);
  if (status !== 0) stop(`${command} ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}

/** Copies a library and what it needs; another version of what is there already goes below the one that needs it. */
function copyLibrary(name, from, to) {
  const target = join(to, name);
  const { version, dependencies = {} } = readJson(join(from, 'package.json'));
  const top = join(modules, name);
  if (existsSync(top) && readJson(join(top, 'package.json')).version === version) return;
  const where = existsSync(top) ? target : top;
  cpSync(from, where, { recursive: true, dereference: true, filter: (path) => path !== join(from, 'node_modules') });
  for (const other of Object.keys(dependencies)) {
    const beside = join(from.slice(0, -name.length), other);
    copyLibrary(other, realpathSync(beside), join(where, 'node_modules'));
  }
}

const { packageManager } = readJson(join(root, 'package.json'));
const packages = readdirSync(join(root, 'packages')).filter((dir) =>
  existsSync(join(root, 'packages', dir, 'package.json')),
);
for (const dir of packages) {
  const own = join(root, 'packages', dir);
  if (!existsSync(join(own, 'dist/index.js'))) stop(`packages/${dir} is not built: npm run build`);
  // pnpm writes the versions of the workspace's own packages in place of "workspace:*"; npm pack would leave them.
  run('npx', ['--yes', packageManager, 'pack', '--pack-destination', tarballs], own);
  for (const name of Object.keys(readJson(join(own, 'package.json')).dependencies ?? {}))
    if (!name.startsWith('@overmap/')) copyLibrary(name, realpathSync(join(own, 'node_modules', name)), modules);
}

writeFileSync(join(place, 'package.json'), '{"private":true,"type":"module"}\n');
const packed = readdirSync(tarballs).map((name) => join(tarballs, name));
if (packed.length !== packages.length) stop(`${packed.length} tarballs of ${packages.length} packages`);
run('npm', ['install', '--offline', '--omit=optional', '--no-audit', '--no-fund', ...packed], place);

for (const dir of packages) {
  const installed = join(modules, '@overmap', dir);
  if (realpathSync(installed) !== join(realpathSync(place), 'node_modules/@overmap', dir))
    stop(`@overmap/${dir} is a link`);
  const manifest = readFileSync(join(installed, 'package.json'), 'utf8');
  if (manifest.includes('workspace:')) stop(`@overmap/${dir} depends on a workspace`);
  if (!existsSync(join(installed, 'LICENSE'))) stop(`@overmap/${dir} has no LICENSE`);
  // Each can be imported by name, from outside of the workspace.
  const script = `import('@overmap/${dir}').then((all) => { if (typeof all !== 'object') process.exit(1); })`;
  run(process.execPath, ['--input-type=module', '-e', script], place);
}

const overmap = join(modules, '.bin', process.platform === 'win32' ? 'overmap.cmd' : 'overmap');
const version = run(overmap, ['--version'], place).trim();
if (version !== readJson(join(root, 'packages/cli/package.json')).version) stop(`the program says version ${version}`);
const audited = run(overmap, ['audit', slice, '--format', 'json', '--fail-on', 'never'], place);
const { findings } = JSON.parse(audited);
const overmaps = findings.filter(({ rule }) => rule === 'OM001').length;
if (overmaps !== 4) stop(`the audit of ${slice} found ${overmaps} over-maps, not 4`);
// The page has its program in it, which lies in another package.
writeFileSync(join(place, 'audit.json'), audited);
const page = run(overmap, ['report', 'audit.json'], place);
if (!page.includes(`#f-`) || !page.includes('report-data')) stop('the report has no program in it');
const summary = run(overmap, ['replay', '--check', slice], place).trim();
if (!summary.endsWith(' 0 divergences')) stop(`replay --check says ${summary}`);
// Scenarios are files of their package.
if (!run(overmap, ['compare', 'map-over-live'], place).includes('≠')) stop('compare does not find its scenarios');
const here = dirname(realpathSync(place));
process.stdout.write(
  `${packages.length} packages, installed in ${here}, audit and replay a slice: ${overmaps} over-maps, ${summary}\n`,
);
