// Writes the cards under docs/rules/ and the tables of the rules there from the rules themselves.
// node scripts/rule-cards.mjs        Needs a build.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LINUX_RULES, LINUX_SOURCE_RULES, MIGRATION_RULES, PCUABI_RULES, RULES, SOURCE_RULES } from '@overmap/migrate';
import { cardMarkdown } from '@overmap/report';

const folder = fileURLToPath(new URL('../docs/rules/', import.meta.url));
for (const rule of [
  ...RULES,
  ...MIGRATION_RULES,
  ...SOURCE_RULES,
  ...LINUX_RULES,
  ...LINUX_SOURCE_RULES,
  ...PCUABI_RULES,
])
  writeFileSync(join(folder, `${rule.id}.md`), cardMarkdown(rule));

const index = join(folder, 'README.md');
const row = ({ id, title, severity }) => `| [${id}](${id}.md) | ${title} | ${severity} |\n`;
const text = readFileSync(index, 'utf8');
const table = /(\| rule \| title \| severity \|\n\|---\|---\|---\|\n)(?:\|.*\n)*/g;
// The tables in their order: traces, migrations, source, strace logs, calls of Linux in source, and strace logs for PCuABI.
const tables = [RULES, MIGRATION_RULES, SOURCE_RULES, LINUX_RULES, LINUX_SOURCE_RULES, PCUABI_RULES];
if (text.match(table)?.length !== tables.length) throw new Error(`${index} lacks a table of the rules`);
writeFileSync(
  index,
  text.replace(table, (_, head) => head + (tables.shift() ?? []).map(row).join('')),
);
