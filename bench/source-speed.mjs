// The audit of a source tree against the bare parse of the files that it parses: CPU time (user + system) of whole
// processes, in turns, medians. node bench/source-speed.mjs FOLDER [ROUNDS]        Needs a build.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';

const dist = new URL('../packages/migrate/dist/source/', import.meta.url);
const [folder, rounds = '3', job] = process.argv.slice(2);
if (folder === undefined) throw new Error('name a folder: node bench/source-speed.mjs FOLDER [ROUNDS]');

const load = (name) => import(new URL(name, dist).href);

/** What a child process does. */
async function work() {
  if (job === 'audit') {
    const { analyseSource } = await load('analyse.js');
    const { files, lines, sites } = await analyseSource(folder);
    return { files, lines, sites: sites.length };
  }
  const { listSources } = await load('source-files.js');
  const { loadParser } = await load('grammar.js');
  const { MENTIONS_SINK } = await load('sinks.js');
  const { headerLanguage } = await load('languages.js');
  let lines = 0;
  let files = 0;
  for (const { path, kind } of listSources(folder).files) {
    const text = readFileSync(path, 'utf8');
    if (kind === 'markdown' || (job === 'mentions' && !MENTIONS_SINK.test(text))) continue;
    loadParser()(kind === 'header' ? headerLanguage(text) : kind, text);
    files++;
    lines += text.split('\n').length - 1;
  }
  return { files, lines };
}

if (job !== undefined) {
  const start = performance.now();
  const found = await work();
  const wall = performance.now() - start;
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  process.stdout.write(JSON.stringify({ ...found, wall, cpu: (userCPUTime + systemCPUTime) / 1000 }));
} else {
  const jobs = ['audit', 'mentions', 'all'];
  const runs = new Map(jobs.map((name) => [name, []]));
  for (let n = 0; n < Number(rounds); n++) {
    for (const name of jobs) {
      const args = [fileURLToPath(import.meta.url), folder, '1', name];
      const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      if (status !== 0) throw new Error(`${name} failed: ${stderr}`);
      runs.get(name).push(JSON.parse(stdout));
    }
  }
  const median = (name, key) =>
    runs
      .get(name)
      .map((run) => run[key])
      .toSorted((a, b) => a - b)[Math.floor(Number(rounds) / 2)];
  const { files, lines, sites } = runs.get('audit')[0];
  const per = (ms) => `${Math.round((lines / ms) * 100).toLocaleString('en')} lines per 100 ms`;
  console.log(`${files} files, ${lines.toLocaleString('en')} lines, ${sites} calls that map`);
  console.log(`audit: ${per(median('audit', 'wall'))} of time, ${per(median('audit', 'cpu'))} of CPU time`);
  for (const [name, what] of [
    ['mentions', 'bare parse of the files that mention a map'],
    ['all', 'bare parse of all files'],
  ]) {
    const of = runs.get(name)[0];
    console.log(
      `CPU time against the ${what} (${of.files} files, ${of.lines.toLocaleString('en')} lines): ${(median('audit', 'cpu') / median(name, 'cpu')).toFixed(1)} ×`,
    );
  }
  console.log(`${availableParallelism()} processors, load ${loadavg()[0].toFixed(1)}, Node ${process.version}`);
}
