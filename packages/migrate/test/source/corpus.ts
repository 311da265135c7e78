import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileKind } from '../../src/source/languages.ts';
import type { SiteVerdict } from '../../src/source/site.ts';

/** Where the fixtures are. */
export const FIXTURES = fileURLToPath(new URL('./fixtures', import.meta.url));
/** One folder for each language; each of them is a tree. */
export const TREES = ['c', 'cpp', 'rust', 'markdown'] as const;

/** The words of the annotations. */
const WORDS: Readonly<Record<string, SiteVerdict>> = {
  relies: 'relies',
  'changes-behaviour': 'changes behaviour',
  'swallows-error': 'swallows the error',
  'deletefirst-success': 'DeleteFirst taken for success',
  'any-error-table': 'any error taken for a missing table',
  'prefix-left': 'prefix left',
  'dead-unmap': 'dead unmap',
  'old-api': 'old API',
  latent: 'latent',
  safe: 'safe',
  remap: 'remap',
  'already-strict': 'already strict',
  'cannot-tell': 'cannot tell',
};

/** What a fixture says of one call: its line, and the verdicts that are right. */
export interface Expectation {
  /** Relative to the fixtures. */
  readonly file: string;
  readonly line: number;
  /** More than one where reading leaves it open; the first is what the author thinks. */
  readonly verdicts: readonly SiteVerdict[];
}

/** The source files of a tree of fixtures, relative to the fixtures. */
export const filesOf = (tree: string): string[] =>
  readdirSync(join(FIXTURES, tree), { recursive: true, encoding: 'utf8' })
    .map((name) => `${tree}/${name.replaceAll('\\', '/')}`)
    .filter((name) => fileKind(name) !== undefined)
    .toSorted();

/**
 * The annotations of a file. `expect: …` in a comment on a line of code speaks of that line, one on a line of its own of
 * the next line that has code.
 */
export function expectationsIn(file: string): Expectation[] {
  const lines = readFileSync(join(FIXTURES, file), 'utf8').split('\n');
  return lines.flatMap((line, i) => {
    const match = /(?:\/\*|\/\/) expect: ([a-z -]+?)(?: \*\/)?\r?$/.exec(line);
    if (match === null) return [];
    const alone = line.slice(0, match.index).trim() === '';
    const verdicts = (match[1] ?? '').split(' or ').map((word) => {
      const verdict = WORDS[word.trim()];
      if (verdict === undefined) throw new Error(`${file}:${i + 1}: there is no verdict ${word}`);
      return verdict;
    });
    return [{ file, line: i + (alone ? 2 : 1), verdicts }];
  });
}

/** A path of the analysis relative to the fixtures. */
export const ofFixtures = (path: string): string => relative(FIXTURES, path).replaceAll('\\', '/');
