import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { expandInputs } from '../src/runs/expand-inputs.ts';

const folder = mkdtempSync(join(tmpdir(), 'overmap-glob-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
mkdirSync(join(folder, 'deep/er'), { recursive: true });
for (const name of ['b.jsonl', 'a.jsonl', 'B.jsonl', 'c.log', 'deep/er/d.jsonl', '[x].jsonl', 'x.jsonl'])
  writeFileSync(join(folder, name), '');
const at = (name: string): string => join(folder, name);

describe('expandInputs', () => {
  it('leaves files as they are, in their order, also twice', async () => {
    const inputs = [at('b.jsonl'), '-', at('a.jsonl'), at('b.jsonl'), 'missing.jsonl'];
    expect(await expandInputs(inputs)).toEqual(inputs);
  });

  it('expands patterns in one order everywhere', async () => {
    expect(await expandInputs([at('?.jsonl')])).toEqual(['B', 'a', 'b', 'x'].map((name) => at(`${name}.jsonl`)));
    expect(await expandInputs([at('**/d.*'), at('*.log')])).toEqual([at('deep/er/d.jsonl'), at('c.log')]);
    expect(await expandInputs([at('{c,b}.{log,jsonl}')])).toEqual([at('b.jsonl'), at('c.log')]);
  });

  it('puts what lies deeper where its path stands, not where it is met', async () => {
    expect(await expandInputs([at('**/*.jsonl')])).toEqual(
      ['B.jsonl', '[x].jsonl', 'a.jsonl', 'b.jsonl', 'deep/er/d.jsonl', 'x.jsonl'].map(at),
    );
  });

  it('names no file twice', async () => {
    expect(await expandInputs([at('[ab].jsonl'), at('b*')])).toEqual([at('a.jsonl'), at('b.jsonl')]);
  });

  it('keeps a pattern that matches nothing, or is the name of a file', async () => {
    expect(await expandInputs([at('*.gz')])).toEqual([at('*.gz')]);
    expect(await expandInputs([at('[x].jsonl')])).toEqual([at('[x].jsonl')]);
  });

  it('takes patterns from the folder at hand, too', async () => {
    expect(await expandInputs(['packages/c?i/package.json'])).toEqual(['packages/cli/package.json']);
  });
});
