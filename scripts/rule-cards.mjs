// Writes the cards under docs/rules/ and the tables of the rules there from the rules themselves.
// node scripts/rule-cards.mjs        Needs a build.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  FREEBSD_RULES,
  LINUX_RULES,
  MIGRATION_RULES,
  PCUABI_RULES,
  REDOX_RULES,
  RULES,
  SOURCE_RULES,
} from '@overmap/migrate';
import { cardMarkdown } from '@overmap/report';

const folder = fileURLToPath(new URL('../docs/rules/', import.meta.url));
// The tables in their order: traces, migrations, source, strace logs, the same for PCuABI, FreeBSD's keys, Redox.
const tables = [RULES, MIGRATION_RULES, SOURCE_RULES, LINUX_RULES, PCUABI_RULES, FREEBSD_RULES, REDOX_RULES];
for (const rule of tables.flat()) writeFileSync(join(folder, `${rule.id}.md`), cardMarkdown(rule));

const index = join(folder, 'README.md');
const row = ({ id, title, severity }) => `| [${id}](${id}.md) | ${title} | ${severity} |\n`;
const text = readFileSync(index, 'utf8');
const table = /(\| rule \| title \| severity \|\n\|---\|---\|---\|\n)(?:\|.*\n)*/g;
if (text.match(table)?.length !== tables.length) throw new Error(`${index} lacks a table of the rules`);
writeFileSync(
  index,
  text.replace(table, (_, head) => head + (tables.shift() ?? []).map(row).join('')),
);
