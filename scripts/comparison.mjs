// The tables of docs/comparison.md: every shipped scenario on every system and policy. Needs a build.
//   node scripts/comparison.mjs            writes them
//   node scripts/comparison.mjs --check    compares with what is there, and writes nothing
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  compareScenario,
  comparisonTable,
  LEGEND,
  shippedNames,
  shippedScenario,
  summaryTable,
  SYSTEMS,
} from '@overmap/compare';
import { markdownText, tableMarkdown } from '@overmap/report';

const page = join(fileURLToPath(new URL('..', import.meta.url)), 'docs/comparison.md');
const comparisons = shippedNames().map((name) => compareScenario(shippedScenario(name), SYSTEMS));

/** The steps as the file has them, without its head and comments. */
const stepsOf = ({ text }) =>
  text
    .split('\n')
    .filter((line) => !/^(title|teaches):|^\s*#/.test(line))
    .join('\n')
    .trim();

function section(comparison) {
  const { scenario } = comparison;
  const [, ...notes] = comparisonTable(comparison).notes;
  const table = { ...comparisonTable(comparison), title: '', notes };
  return [
    `### ${scenario.name}`,
    `**${markdownText(scenario.title)}.** ${markdownText(scenario.teaches)}`,
    `\`\`\`text\n${stepsOf(scenario)}\n\`\`\``,
    tableMarkdown(table).trim(),
  ].join('\n\n');
}

const linked = (table) => ({ ...table, notes: [] });
const summary = tableMarkdown(linked(summaryTable(comparisons))).replace(/^\*\*.*\*\*\n\n/, '');
const written = {
  legend: `${markdownText(LEGEND)}\n`,
  summary: summary.replace(/^\| ([a-z-]+) \|(?= \d)/gm, (_, name) => `| [${name}](#${name}) |`),
  scenarios: `${comparisons.map(section).join('\n\n')}\n`,
};

const before = readFileSync(page, 'utf8');
let after = before;
for (const [name, text] of Object.entries(written)) {
  const between = new RegExp(`(<!-- ${name}: begin[^>]*-->\n)[\\s\\S]*?(<!-- ${name}: end -->)`);
  if (!between.test(after)) throw new Error(`docs/comparison.md has no place for "${name}"`);
  after = after.replace(between, (_, begin, end) => `${begin}\n${text}\n${end}`);
}
if (process.argv[2] !== '--check') writeFileSync(page, after);
else if (after !== before) {
  console.error('docs/comparison.md is out of date: node scripts/comparison.mjs');
  process.exitCode = 1;
}
