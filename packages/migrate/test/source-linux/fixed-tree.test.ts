import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { lacks } from '../../../../test/tools.ts';
import { analyseFixed } from '../../src/source-linux/fixed-tree.ts';

const folder = fileURLToPath(new URL('fixtures/', import.meta.url));
const names = readdirSync(folder).filter((name) => /\.(?:c|cc|h|md)$/.test(name));
const textOf = (name: string): string => readFileSync(folder + name, 'utf8');

/** What the marks in a text say: `line verdict[; result]`. */
const marksIn = (text: string): string[] =>
  text.split('\n').flatMap((line, i) => {
    const mark = /\/\*= (.*?) \*\//.exec(line)?.[1];
    return mark === undefined ? [] : [`${i + 1} ${mark}`];
  });
const RESULTS = /; .*$/;

const judged = (text: string, name = 'a.c'): string[] =>
  analyseFixed(new Map([[name, text]])).sites.map(({ line, verdict, result }) => `${line} ${verdict}; ${result}`);

describe('calls with MAP_FIXED', () => {
  it.each(names)('are found and judged as marked in %s', (name) => {
    const text = textOf(name);
    const marks = marksIn(text);
    expect(marks).not.toEqual([]);
    const found = judged(text, name);
    // A result is compared where the mark names one.
    expect(found.map((each, i) => (RESULTS.test(marks[i] ?? '') ? each : each.replace(RESULTS, '')))).toEqual(marks);
  });

  it('are found wherever a text is damaged, or nested, and nothing breaks', () => {
    const text = names.map(textOf).join('');
    for (let at = 0; at < text.length; at += 1_511)
      expect(() => judged(text.slice(0, at) + '){"'[at % 3] + text.slice(at + (at % 7)))).not.toThrow();
    const deep = `int f(void)\n{\n    return ${'('.repeat(20_000)}mmap((void *)0x10000, 1, 1, MAP_FIXED, -1, 0)${')'.repeat(20_000)};\n}\n`;
    const { sites, unparsed } = analyseFixed(
      new Map([
        ['deep.c', deep],
        ['a.c', textOf('constant.c')],
      ]),
    );
    expect(sites.filter(({ file }) => file === 'a.c')).toHaveLength(8);
    expect(unparsed).toEqual([{ file: 'deep.c', line: 1, why: 'a part of it did not parse' }]);
  }, 60_000);

  it.skipIf(lacks('cc'))('stand in fixtures that compile (needs cc)', () => {
    const compiler = 'cc';
    for (const name of names.filter((each) => each.endsWith('.c'))) {
      const { status, stderr } = spawnSync(compiler, ['-fsyntax-only', '-Wall', folder + name], { encoding: 'utf8' });
      expect({ name, status, stderr }).toEqual({ name, status: 0, stderr: '' });
    }
  });
});
