import { describe, expect, it } from 'vitest';
import { suppress, suppressionsIn } from '../../src/source/suppressions.ts';

const KNOWN = new Set(['OM101', 'OM103', 'OM106']);
const at = (line: number, rule = 'OM101', file = 'a.c') => ({ file, rule, lines: [line, line] as const });

const coverage = (file: string, text: string): (readonly [number, number])[] =>
  suppressionsIn(file, text).map(({ covers }) => covers);

describe('a suppression speaks of', () => {
  it.each([
    ['its own line behind code', 'a.c', 'f();\nmap(); // overmap-ignore OM101: so it is\ng();\n', [2, 2]],
    ['the line below, when it stands alone', 'a.c', 'f();\n// overmap-ignore OM101: so it is\nmap();\n', [3, 3]],
    [
      'the next code, over further comments and empty lines',
      'a.rs',
      '// overmap-ignore OM101: so it is\n/* more\n of it */\n\nmap();\n',
      [5, 5],
    ],
    ['the line behind a block comment', 'a.cc', '/* overmap-ignore OM101: so it is */ map();\n', [1, 1]],
    [
      'the fence below, in a page',
      'a.md',
      '<!-- overmap-ignore OM101: so it is -->\n\n```c\nmap();\nmap();\n```\n',
      [4, 6],
    ],
    ['its line in a fence', 'a.md', '```c\nmap(); // overmap-ignore OM101: so it is\n```\n', [2, 2]],
  ])('%s', (_, file, text, covers) => {
    expect(coverage(file, text)).toEqual([covers]);
  });

  it.each([
    ['a string', 'a.c', 'f("// overmap-ignore OM101: no");\n'],
    ['a comment about it', 'a.c', '// Write overmap-ignore OM101: reason.\n'],
    ['prose', 'a.md', 'Write overmap-ignore OM101: reason.\n'],
    ['an HTML comment in C', 'a.c', '<!-- overmap-ignore OM101: no -->\n'],
  ])('nothing, in %s', (_, file, text) => {
    expect(coverage(file, text)).toEqual([]);
  });
});

describe('suppress', () => {
  const of = (text: string) => suppressionsIn('a.c', text);

  it('takes what a reason was given for, by rule and line', () => {
    const found = [at(1), at(1, 'OM103'), at(2)];
    const { kept, suppressed, problems } = suppress(
      found,
      of('map(); // overmap-ignore OM101: one page, mapped once\n'),
      KNOWN,
    );
    expect(kept).toEqual([found[1], found[2]]);
    expect(suppressed.map(({ what, by }) => [what, by.reason])).toEqual([[found[0], 'one page, mapped once']]);
    expect(problems).toEqual([]);
  });

  it('takes several rules', () => {
    const { kept, problems } = suppress(
      [at(1), at(1, 'OM106')],
      of('m(); // overmap-ignore OM101, om106: why not\n'),
      KNOWN,
    );
    expect([kept, problems]).toEqual([[], []]);
  });

  it.each([
    ['no reason', 'm(); // overmap-ignore OM101\n', 'has no reason'],
    ['an empty one', 'm(); // overmap-ignore OM101: \n', 'has no reason'],
    ['no rule', 'm(); // overmap-ignore: why not\n', 'names no rule'],
  ])('does not accept %s', (_, text, message) => {
    const { kept, problems } = suppress([at(1)], of(text), KNOWN);
    expect(kept).toHaveLength(1);
    expect(problems.map((problem) => problem.message)).toEqual([expect.stringContaining(message)]);
  });

  it('tells which suppress nothing, or name no rule', () => {
    const { problems } = suppress(
      [at(3)],
      of('m(); // overmap-ignore OM101: why not\n\nm(); // overmap-ignore OM999: why not\n'),
      KNOWN,
    );
    expect(problems.map(({ suppression, message }) => [suppression.line, message])).toEqual([
      [1, expect.stringContaining('suppresses nothing any more')],
      [3, expect.stringContaining('OM999, which is no rule')],
    ]);
  });

  it('does not reach into another file', () => {
    expect(suppress([at(1, 'OM101', 'b.c')], of('m(); // overmap-ignore OM101: why not\n'), KNOWN).kept).toHaveLength(
      1,
    );
  });
});
