// Writes the cards under docs/rules/ and the tables of the rules there from the rules themselves.
// node scripts/rule-cards.mjs        Needs a build.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RULE_TABLES } from '@overmap/migrate';
import { cardMarkdown } from '@overmap/report';

const folder = fileURLToPath(new URL('../docs/rules/', import.meta.url));
for (const rule of RULE_TABLES.flat()) writeFileSync(join(folder, `${rule.id}.md`), cardMarkdown(rule));

const index = join(folder, 'README.md');
const row = ({ id, title, severity }) => `| [${id}](${id}.md) | ${title} | ${severity} |\n`;
const text = readFileSync(index, 'utf8');
const table = /(\| rule \| title \| severity \|\n\|---\|---\|---\|\n)(?:\|.*\n)*/g;
if (text.match(table)?.length !== RULE_TABLES.length) throw new Error(`${index} lacks a table of the rules`);
const tables = RULE_TABLES.values();
writeFileSync(
  index,
  text.replace(table, (_, head) => head + tables.next().value.map(row).join('')),
);
