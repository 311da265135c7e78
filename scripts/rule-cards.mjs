// Writes the cards under docs/rules/ and the table of the rules there from the rules themselves.
// node scripts/rule-cards.mjs        Needs a build.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MIGRATION_RULES, RULES } from '@overmap/migrate';
import { cardMarkdown } from '@overmap/report';

const folder = fileURLToPath(new URL('../docs/rules/', import.meta.url));
const all = [...RULES, ...MIGRATION_RULES].toSorted((a, b) => (a.id < b.id ? -1 : 1));
for (const rule of all) writeFileSync(join(folder, `${rule.id}.md`), cardMarkdown(rule));

const index = join(folder, 'README.md');
const rows = all.map(({ id, title, severity }) => `| [${id}](${id}.md) | ${title} | ${severity} |\n`);
const text = readFileSync(index, 'utf8');
const table = /(\| rule \| title \| severity \|\n\|---\|---\|---\|\n)(?:\|.*\n)*/;
if (!table.test(text)) throw new Error(`${index} has no table of the rules`);
writeFileSync(
  index,
  text.replace(table, (_, head) => head + rows.join('')),
);
