import { describe, expect, it } from 'vitest';
import { parseScenario, ScenarioError } from '../src/index.ts';

const HEAD = ['title: T', 'teaches: L'];
const parse = (...lines: string[]) => parseScenario([...HEAD, ...lines].join('\n'), 'folder/07-mine.scenario');
const actions = (...lines: string[]) => parse(...lines).steps.map(({ action }) => action);

describe('parseScenario', () => {
  it('reads heads, comments and lines', () => {
    const text = '\uFEFF# hello\r\ntitle:  A   title \r\nteaches: one\r\nteaches: two\r\n\r\narea A 4 # why\r\n';
    expect(parseScenario(text, '07-mine.scenario')).toEqual({
      name: 'mine',
      title: 'A title',
      teaches: 'one two',
      steps: [{ line: 6, text: 'area A 4', inChild: false, action: { kind: 'area', name: 'A', pages: 4 } }],
      text,
    });
  });

  it('reads all kinds of map', () => {
    const all = actions(
      'memory X 4',
      'area A 1024',
      'map A+1 2 rw from X+1',
      'map over A 1 none as P by pointer',
      'map if free A+3 1 rx as Q by address',
      'map over large A+512 rw as L',
    );
    expect(all.slice(2)).toEqual([
      {
        kind: 'map',
        mode: 'plain',
        large: false,
        to: { area: 'A', page: 1 },
        pages: 2,
        rights: 'rw',
        source: { kind: 'object', name: 'X', page: 1 },
        by: 'default',
      },
      {
        kind: 'map',
        mode: 'over',
        large: false,
        to: { area: 'A', page: 0 },
        pages: 1,
        rights: '',
        source: { kind: 'fresh', name: 'P' },
        by: 'pointer',
      },
      {
        kind: 'map',
        mode: 'free',
        large: false,
        to: { area: 'A', page: 3 },
        pages: 1,
        rights: 'rx',
        source: { kind: 'fresh', name: 'Q' },
        by: 'address',
      },
      {
        kind: 'map',
        mode: 'over',
        large: true,
        to: { area: 'A', page: 512 },
        pages: 512,
        rights: 'rw',
        source: { kind: 'fresh', name: 'L' },
        by: 'default',
      },
    ]);
  });

  it('reads every other step', () => {
    const at = { area: 'A', page: 1 };
    expect(
      actions(
        'memory X 4',
        'reserve A 8',
        'unmap A+1 2',
        'unmap A+1 2 of X+2',
        'protect A+1 2 r',
        'move A+1 2 → A+4',
        'touch A+1 x',
        'copy X as Z',
        'delete X',
        'key A+1 2 15 persist',
        'invalidate A+1 1',
        'swap out',
        'drop-table A+1',
        'fork',
        'child: touch A+1 w',
      ).slice(2),
    ).toEqual([
      { kind: 'unmap', at, pages: 2, of: null },
      { kind: 'unmap', at, pages: 2, of: { name: 'X', page: 2 } },
      { kind: 'protect', at, pages: 2, rights: 'r' },
      { kind: 'move', from: at, pages: 2, to: { area: 'A', page: 4 } },
      { kind: 'touch', at, access: 'x' },
      { kind: 'copy', name: 'X', as: 'Z' },
      { kind: 'delete', name: 'X' },
      { kind: 'key', at, pages: 2, key: 15, persist: true },
      { kind: 'invalidate', at, pages: 1 },
      { kind: 'swap-out' },
      { kind: 'drop-table', at },
      { kind: 'fork' },
      { kind: 'touch', at, access: 'w' },
    ]);
  });

  it.each<[string[], number, number, string]>([
    [['mapp A+0 1 rw as P'], 3, 1, 'there is no step "mapp"'],
    [['area A 4', 'map B+0 1 rw as P'], 4, 5, 'there is no area "B" (known are A); declare it above: area A 16'],
    [['map A+0 1 rw as P'], 3, 5, 'there is no area "A" (there is none); declare it above'],
    [['area A 4', 'map A+3 2 rw as P'], 4, 5, 'A has 4 pages, and 5 would be needed'],
    [['area A 4', 'map A+0 1 wr as P'], 4, 11, 'rights are the letters r, w, x in this order, or none, not "wr"'],
    [['area A 4', 'map A+0 1 rw'], 4, 14, 'the line ends where "from" or "as" should stand'],
    [['area A 4', 'map A+0 1 rw from X'], 4, 19, 'there is no memory object "X"'],
    [['area A 4', 'map A+0 1 rw as P', 'map A+1 1 rw as P'], 5, 17, '"P" names other new memory already'],
    [['area A 4', 'map A+0 1 rw as A'], 4, 17, '"A" is a memory object or an area already'],
    [['area A 4', 'map if A+0 1 rw as P'], 4, 8, '"free" should stand here, not "A+0"'],
    [['area A 4', 'map large A+1 rw as P'], 4, 11, 'a large page begins at a multiple of 512 pages'],
    [['area A 4', 'map large A+0 rw as P'], 4, 11, 'A has 4 pages, and 512 would be needed'],
    [['area A 4', 'unmap A+0 1 please'], 4, 13, '"please" is too much'],
    [['area A 0'], 3, 8, 'a number of pages from 1 to 4096 should stand here, not "0"'],
    [['area A 99999'], 3, 8, 'a number of pages from 1 to 4096'],
    [['area 1A 4'], 3, 6, '"1A" is no name'],
    [['area A 4', 'area A 4'], 4, 6, '"A" is declared already'],
    [['area A 4', 'touch A-1 r'], 4, 7, 'there is no area "A-1"'],
    [['area A 4', 'touch A+0 q'], 4, 11, 'a page is touched with r, w or x, not "q"'],
    [['area A 4', 'key A+0 1 16'], 4, 11, 'a key is a number from 0 to 15, not "16"'],
    [['area A 4', 'child: touch A+0 r'], 4, 1, 'there is no child: a step "fork" must stand above'],
    [['fork', 'fork'], 4, 1, 'a scenario forks once'],
    [['fork', 'child: area B 1'], 4, 8, '"area" is no step of a child'],
    [['area A 4', 'title: late'], 4, 1, '"title:" belongs above the first step'],
    [['author: me'], 3, 1, 'there is no "author:" line'],
    [['title: again'], 3, 1, 'there is a "title:" already'],
    [[], 2, 1, 'there is no step; add one'],
    [Array.from({ length: 17 }, (_, i) => `area A${i} 1`), 19, 1, 'there are 16 areas already'],
  ])('%j is wrong at %i:%i', (lines, line, column, words) => {
    const wrong = (): unknown => parse(...lines);
    expect(wrong).toThrow(ScenarioError);
    expect(wrong).toThrow(`folder/07-mine.scenario:${line}:${column}: ${words}`);
    expect(wrong).toThrow(/\.$/);
  });

  it('wants a title and what it teaches', () => {
    expect(() => parseScenario('title: T\narea A 1\n', 'a')).toThrow('a:1:1: there is no "teaches:" line');
    expect(() => parseScenario('title:\n', 'a')).toThrow('a:1:1: "title:" is empty');
  });

  it('shows nothing hostile as it stands, and refuses what is too long', () => {
    expect(() => parse('\u001b[2J')).toThrow('there is no step "\\u{1b}[2J"');
    expect(() => parse('#'.repeat(1 << 21))).toThrow('at most 1048576 characters');
    expect(() => parse('area A 1', ...Array<string>(1000).fill('touch A r'))).toThrow(
      ':1003:1: a scenario has at most 1000 steps',
    );
  });
});
