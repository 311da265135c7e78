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

  it.skipIf(lacks('cc'))('stand in fixtures that compile (needs cc)', () => {
    for (const name of names.filter((each) => each.endsWith('.c'))) {
      const { status, stderr } = spawnSync('cc', ['-fsyntax-only', '-Wall', folder + name], { encoding: 'utf8' });
      expect({ name, status, stderr }).toEqual({ name, status: 0, stderr: '' });
    }
  });
});
