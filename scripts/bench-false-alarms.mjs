// How often the benchmark calls the same build slower than itself: times some cases twice, compares the two, and again.
// Prints how many pairs raised an alarm and how the ratios are distributed. Needs a build.
// node scripts/bench-false-alarms.mjs [PAIRS]      100 pairs take about half an hour
import { allCases, caseName, compare, loadNow, loadWarning, machine, runTimedCases, selectCases } from '@overmap/bench';

const THRESHOLD = 0.05;
const CASES = [
  'map/contiguous/aarch64/4K/1024/strict/single',
  'protect/contiguous/riscv64/4K/1024/strict/single',
  'map/contiguous/x86_64/4K/1024/strict/256',
];

const [pairs = 100] = process.argv.slice(2).map(Number);
const cases = selectCases(CASES, allCases());
const quantile = (sorted, p) => sorted[Math.round((sorted.length - 1) * p)];
const percent = (ratio) => `${ratio >= 1 ? '+' : ''}${(100 * (ratio - 1)).toFixed(1)} %`;

async function timed(seed) {
  const { cases: results, failed } = await runTimedCases(cases, { seed, version: '' });
  if (failed.length > 0) throw new Error(`${failed[0].name}: ${failed[0].reason}`);
  return results;
}

const start = loadNow();
const began = performance.now();
const ratios = cases.map(() => []);
const widths = [];
const alarms = { slower: 0, faster: 0 };
for (let pair = 1; pair <= pairs; pair++) {
  const before = await timed(pair);
  const after = await timed(pair);
  const found = before.map((one, i) =>
    compare(one, after[i], { threshold: THRESHOLD, seed: pair, cases: cases.length }),
  );
  for (const [i, { ratio, low, high }] of found.entries()) {
    ratios[i].push(ratio);
    widths.push(Math.sqrt(high / low));
  }
  for (const verdict of Object.keys(alarms)) if (found.some((one) => one.verdict === verdict)) alarms[verdict]++;
  const each = found.map(({ ratio, low, high }) => `${percent(ratio)} (${percent(low)} to ${percent(high)})`);
  console.log(`${String(pair).padStart(4)}  ${each.join('   ')}`);
}
const seconds = (performance.now() - began) / 1000;
const { cpu, cores, node } = machine();
console.log(`\n${cpu}, ${cores} cores, Node ${node}; the speed of the simulation, in units of the reference loop`);
for (const [i, one] of cases.entries()) {
  const sorted = ratios[i].toSorted((a, b) => a - b);
  const points = [0, 0.05, 0.5, 0.95, 1].map((p) => percent(quantile(sorted, p)).padStart(8));
  console.log(`${caseName(one).padEnd(52)} ratio: least, 5 %, median, 95 %, greatest ${points.join('')}`);
}
const widest = widths.toSorted((a, b) => a - b);
console.log(`half an interval, median: ${percent(quantile(widest, 0.5))}`);
console.log(`${(seconds / pairs).toFixed(1)} s a pair`);
const warning = loadWarning({ start, end: loadNow(), cores });
if (warning !== undefined) console.log(`warning: ${warning}`);
console.log(
  `${alarms.slower} of ${pairs} pairs raised an alarm (slower by more than ${THRESHOLD * 100} %), ${alarms.faster} called the same build faster`,
);
