// Writes the cards under docs/rules/ and the table of the rules there from the rules themselves.
// node scripts/rule-cards.mjs        Needs a build.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RULES } from '@overmap/migrate';
import { cardMarkdown } from '@overmap/report';

const folder = fileURLToPath(new URL('../docs/rules/', import.meta.url));
for (const rule of RULES) writeFileSync(join(folder, `${rule.id}.md`), cardMarkdown(rule));

const index = join(folder, 'README.md');
const rows = RULES.map(({ id, title, severity }) => `| [${id}](${id}.md) | ${title} | ${severity} |\n`);
const text = readFileSync(index, 'utf8');
const table = /(\| rule \| title \| severity \|\n\|---\|---\|---\|\n)(?:\|.*\n)*/;
if (!table.test(text)) throw new Error(`${index} has no table of the rules`);
writeFileSync(
  index,
  text.replace(table, (_, head) => head + rows.join('')),
);
