import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makeFolder, overmap } from './program.ts';

const folder = makeFolder();
const MINE = ['title: Mine', 'teaches: Nothing.', 'area A 2', 'map A+0 1 rw as P', 'map over A+0 1 rw as Q'];

describe('compare', () => {
  it('without arguments sums up what ships', async () => {
    const { code, stdout, stderr } = await overmap(['compare']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(
      stdout.split('\n').filter((line) => /^ {2}[a-z-]+ +\d+ +\d+ +\d+ /.test(line)).length,
    ).toBeGreaterThanOrEqual(12);
    expect(stdout).toMatch(/^ {2}reserve-then-commit +6 +4 +1 +linux \(in part\)/m);
  });

  it('shows one scenario, step by system; colour is not needed to see what differs', async () => {
    const { code, stdout } = await overmap(['compare', 'map-over-live']);
    expect(code).toBe(0);
    expect(stdout).toContain('map-over-live: Map over a live page');
    expect(stdout).toMatch(/^ {2}≠ {2}map over A\+0 1 rw as Q +ok ↔1 stale 1 +DeleteFirst +ok ↔1 lost 1 +EEXIST /m);
    expect(stdout).toMatch(/^ {5}touch A\+1 r /m);
    expect(stdout).toContain('linux (2): noreplace.');
    expect(stdout).not.toContain('\u001b');
  });

  it('takes files and standard input, and only the systems that are named', async () => {
    const file = folder.write('mine.scenario', MINE);
    const { stdout } = await overmap(['compare', file, '--systems', 'linux-fixed,sel4-exact@x86_64', '--verbose']);
    expect(stdout).toMatch(/step +sel4 +linux\n/);
    expect(stdout).toContain('A+0: P+0 replaced by Q+0; lost: contents of P+0');
    const piped = await overmap(['compare', '-', '--systems', 'linux-fixed'], { input: MINE.join('\n') });
    expect(piped.code).toBe(0);
    expect(piped.stdout).toContain('≠');
  });

  it('writes JSON for programs', async () => {
    const { stdout } = await overmap(['compare', 'stale-remap', 'map-over-live', '--format', 'json']);
    const document = JSON.parse(stdout) as {
      kind: string;
      scenarios: { name: string; steps: { text: string; differs: string; answers: Record<string, unknown>[] }[] }[];
    };
    expect(document.kind).toBe('compare');
    expect(document.scenarios.map(({ name }) => name)).toEqual(['stale-remap', 'map-over-live']);
    const step = document.scenarios[0].steps.find(({ text }) => text === 'map over A+0 1 rw from X');
    expect(step?.differs).toBe('outcome');
    expect(step?.answers.find(({ system }) => system === 'sel4-exact')).toEqual({
      family: 'sel4',
      system: 'sel4-exact',
      outcome: { kind: 'refused', error: 'DeleteFirst' },
      effects: [],
      consequences: [],
      note: null,
    });
    expect(step?.answers.find(({ system }) => system === 'sel4-strict')).toMatchObject({
      effects: [
        { kind: 'replaced', start: '0x10000000', end: '0x10001000', place: 'A+0', before: 'Y+0', after: 'X+0' },
      ],
      consequences: [{ kind: 'stale', count: 1, text: 'capability Y+0' }],
    });
  });

  it('writes CSV, Markdown, and files', async () => {
    const csv = await overmap(['compare', 'map-over-live', '--format', 'csv', '--systems', 'linux']);
    const lines = csv.stdout.split('\n');
    expect(lines[0]).toBe(
      'scenario,line,step,differs,family,system,outcome,said,appeared,vanished,replaced,changed,lost,stale,dead_pointer,key_lost,key_inherited,what',
    );
    expect(lines).toContain(
      'map-over-live,8,map over A+0 1 rw as Q,outcome,linux,linux-noreplace,refused,EEXIST,0,0,0,0,0,0,0,0,0,',
    );
    const out = folder.path('out.md');
    expect(await overmap(['compare', 'key-lost', '--format', 'md', '-o', out])).toMatchObject({ code: 0, stdout: '' });
    expect(readFileSync(out, 'utf8')).toContain('| step | sel4 (1) |');
  });

  it('lists scenarios and systems', async () => {
    const { code, stdout } = await overmap(['compare', '--list']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}map-over-live +Map over a live page$/m);
    expect(stdout).toMatch(/^ {2}pcuabi +pcuabi-cheribsd$/m);
  });

  it('goes on behind a scenario that is wrong, and ends with 8', async () => {
    const wrong = folder.write('wrong.scenario', ['title: T', 'teaches: L', 'area A 4', 'map B+0 1 rw as P']);
    const { code, stdout, stderr } = await overmap(['compare', wrong, 'map-over-live', '--systems', 'linux']);
    expect(code).toBe(8);
    expect(stderr).toBe(`overmap: ${wrong}:4:5: there is no area "B" (known are A); declare it above: area A 16.\n`);
    expect(stdout).toContain('map-over-live');
  });

  it('a file that is missing ends with 3, and leaves what was there', async () => {
    const out = folder.path('never.txt');
    const { code, stderr } = await overmap(['compare', folder.path('no.scenario'), '-o', out]);
    expect(code).toBe(3);
    expect(stderr).toContain('no.scenario: there is no such file');
    expect(existsSync(out)).toBe(false);
  });

  it.each([
    [['map-over-liv'], 'There is no scenario "map-over-liv". Did you mean "map-over-live"?'],
    [['map-over-live', '--systems', 'linus'], 'There is no system "linus". Did you mean "linux"?'],
    [['map-over-live', '--systems', 'sel4-strict@arm'], 'There is no system "sel4-strict@arm"'],
    [['map-over-live', '--list'], '--list lists what there is'],
    [['-', '-'], 'can be read only once'],
    [['--format', 'svg'], 'There is no --format value "svg"'],
  ])('%j is a mistake', async (args, words) => {
    const { code, stderr } = await overmap(['compare', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
  });
});
