import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lacks } from '../../../../test/tools.ts';
import { analyseSource } from '../../src/source/analyse.ts';
import { fileKind } from '../../src/source/languages.ts';
import type { SourceSite } from '../../src/source/site.ts';
import { FIXTURES } from './corpus.ts';

/** Trees in which every call that maps is marked, and nothing else maps. */
const SITES = join(FIXTURES, 'sites');
const trees = readdirSync(SITES).toSorted();

/** A line with a call that maps: `site`, or `site: frame at address`, as they are written in the call. */
interface Marked {
  readonly file: string;
  readonly line: number;
  readonly frame: string | undefined;
  readonly vaddr: string | undefined;
}

const filesOf = (tree: string): string[] =>
  readdirSync(join(SITES, tree), { recursive: true, encoding: 'utf8' })
    .map((name) => join(SITES, tree, name))
    .filter((name) => fileKind(name) !== undefined)
    .toSorted();

const markedIn = (file: string): Marked[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((text, i) => {
      const match = /(?:\/\*|\/\/) site(?:: (.*?))?(?: \*\/.*)?$/.exec(text);
      if (match === null) return [];
      const [frame, vaddr] = match[1]?.split(' at ') ?? [];
      return [{ file, line: i + 1, frame, vaddr }];
    });

const sites = new Map<string, readonly SourceSite[]>();
for (const tree of trees) sites.set(tree, (await analyseSource(join(SITES, tree))).sites);

describe('calls that map', () => {
  it.each(trees)('are found in %s, each with its frame and address, and no others', (tree) => {
    const found = sites.get(tree) ?? [];
    const marked = filesOf(tree).flatMap(markedIn);
    const short = (file: string): string => file.slice(join(SITES, tree).length + 1);
    const missed = marked.filter(({ file, line }) => !found.some((site) => site.file === file && site.line === line));
    const extra = found.filter((site) => !marked.some(({ file, line }) => site.file === file && site.line === line));
    const wrong = marked.flatMap(({ file, line, frame, vaddr }) => {
      const there = found.filter((site) => site.file === file && site.line === line);
      const fits = there.some(
        (site) =>
          (frame === undefined || site.frame?.text === frame) && (vaddr === undefined || site.vaddr?.text === vaddr),
      );
      const [first] = there;
      return fits || first === undefined
        ? []
        : [`${short(file)}:${line}: ${first.frame?.text ?? '-'} at ${first.vaddr?.text ?? '-'}`];
    });
    expect({
      missed: missed.map(({ file, line }) => `${short(file)}:${line}`),
      extra: extra.map(({ file, line, callee }) => `${short(file)}:${line}: ${callee}`),
      wrong,
    }).toEqual({ missed: [], extra: [], wrong: [] });
  });

  it('are as many as this', () => {
    const marked = trees.flatMap((tree) => filesOf(tree).flatMap(markedIn));
    const hit = marked.filter(({ file, line }) =>
      [...sites.values()].some((found) => found.some((site) => site.file === file && site.line === line)),
    );
    const all = [...sites.values()].flat();
    process.stdout.write(`Sites: ${hit.length} of ${marked.length} marked lines found; ${all.length} calls told.\n`);
    expect(marked.length).toBeGreaterThan(190);
    expect(hit.length).toBe(marked.length);
    expect(all.length).toBeLessThan(marked.length * 1.1);
  });

  it.skipIf(lacks('cc', 'c++'))(
    'stand in C and C++ that compiles (needs cc)',
    () => {
      const include = join(FIXTURES, 'include');
      for (const tree of trees) {
        for (const file of filesOf(tree)) {
          const cpp = file.endsWith('.cc');
          if (!cpp && !file.endsWith('.c')) continue;
          const args = [`-std=${cpp ? 'c++17' : 'gnu11'}`, '-w', '-fsyntax-only', '-I', include, '-I', dirname(file)];
          const { status, stderr } = spawnSync(cpp ? 'c++' : 'cc', [...args, file], { encoding: 'utf8' });
          expect({ file, status, stderr }).toEqual({ file, status: 0, stderr: '' });
        }
      }
    },
    60_000,
  );
});
