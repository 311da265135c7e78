import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BUILDS } from '../../src/bench-case.ts';
import { WORK } from '../../src/work.ts';

const root = new URL('../../../../', import.meta.url);

interface CostsScript {
  readonly PAGE: URL;
  readonly BEGIN: string;
  readonly END: string;
  costsMarkdown(): string;
}

describe('docs/costs.md', () => {
  it('has the tables that scripts/costs.mjs makes: node scripts/costs.mjs --write', async () => {
    const { PAGE, BEGIN, END, costsMarkdown } = (await import(new URL('scripts/costs.mjs', root).href)) as CostsScript;
    const page = readFileSync(PAGE, 'utf8');
    const tables = page.slice(page.indexOf(BEGIN) + BEGIN.length, page.indexOf(END)).trim();
    expect(tables).toBe(costsMarkdown().trim());
  });
});

describe('docs/formats/costs.md', () => {
  const page = readFileSync(new URL('docs/formats/costs.md', root), 'utf8');

  it.each(WORK)('describes %s', (work) => {
    const [, table = ''] = page.split('## Work');
    expect(table).toContain(`\`${work}\``);
  });

  it.each(BUILDS)('names %s', (build) => {
    expect(page).toContain(`\`${build}\``);
  });
});
