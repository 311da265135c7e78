import { describe, expect, it } from 'vitest';
import { StraceLog, StraceScanner, type StraceSink } from '../../src/index.ts';

const FORK = 'clone(child_stack=NULL, flags=SIGCHLD';
const THREAD = 'clone(child_stack=0x7f, flags=CLONE_VM|CLONE_THREAD';

/** What a sink is told: "9 of 7 (clone@0)", "brk 9", "ended 9". */
function told(lines: readonly string[], options: { parents?: readonly number[]; recordParents?: boolean } = {}) {
  const log = new StraceLog((count) => new Uint8Array(count + 1));
  const heard: string[] = [];
  const sink: StraceSink = {
    call: ({ kind, thread, child, childSpoke }) =>
      void heard.push(kind === 6 ? `clone ${thread.pid} = ${child?.pid ?? 'gone'} ${childSpoke}` : `brk ${thread.pid}`),
    unreturned: ({ thread }) => void heard.push(`unreturned ${thread.pid}`),
    cloning: ({ thread }) => void heard.push(`cloning ${thread.pid}`),
    appeared: ({ pid }, makers) =>
      void heard.push(
        `${pid} of ${makers.map(({ thread, event }) => `${thread.pid}@${event}`).join(' or ') || 'none'}`,
      ),
    ended: ({ pid }) => void heard.push(`ended ${pid}`),
    superseded: () => {},
  };
  const scanner = new StraceScanner(log, sink, options);
  scanner.feed(new TextEncoder().encode(`${lines.join('\n')}\n`));
  scanner.flush();
  const before = [...heard];
  scanner.end();
  return { heard, before, log, scanner };
}

describe('whose child a thread is that speaks before its clone has returned', () => {
  const both = [
    '1 brk(NULL) = 0x1000',
    '2 brk(NULL) = 0x2000',
    `1 ${FORK} <unfinished ...>`,
    `2 ${THREAD} <unfinished ...>`,
  ];
  const begun = ['1 of none', 'brk 1', '2 of none', 'brk 2', 'cloning 1', 'cloning 2'];

  it('the one of the only clone under way, at once', () => {
    const { before } = told(['1 brk(NULL) = 0x1000', `1 ${FORK} <unfinished ...>`, '9 brk(NULL) = 0x1000']);
    expect(before.slice(2)).toEqual(['cloning 1', '9 of 1@1', 'brk 9']);
  });

  it('of several, the one that returns its number: all is held back until then, in its order', () => {
    const { before, heard } = told([
      ...both,
      '9 brk(NULL) = 0x2000',
      '3 brk(NULL) = 0x3000',
      '2 <... clone resumed>) = 9',
    ]);
    expect(heard.slice(0, 6)).toEqual(begun);
    expect(heard.slice(6)).toEqual(['9 of 2@3', 'brk 9', '3 of 1@2', 'brk 3', 'clone 2 = 9 true', 'unreturned 1']);
    expect(before).toEqual(heard.slice(0, -1));
    const held = told([...both, '9 brk(NULL) = 0x2000', '1 brk(NULL) = 0x3000']).before;
    expect(held).toEqual(begun);
  });

  it('the one that is left when the others have returned other children, or failed', () => {
    const failed = told([
      ...both,
      '9 brk(NULL) = 0x1000',
      '2 <... clone resumed>) = -1 EAGAIN (Try again)',
      '9 brk(NULL) = 0x1000',
    ]);
    expect(failed.before.slice(6)).toEqual(['9 of 1@2', 'brk 9', 'clone 2 = gone false', 'brk 9']);
    const other = told([...both, '9 brk(NULL) = 0x1000', '2 <... clone resumed>) = 8']);
    expect(other.before.slice(6)).toEqual(['9 of 1@2', 'brk 9', 'clone 2 = 8 false']);
  });

  it('one that was killed before it returned may have been it', () => {
    const { before } = told([
      ...both,
      '9 brk(NULL) = 0x1000',
      '1 +++ killed by SIGKILL +++',
      '2 <... clone resumed>) = 8',
    ]);
    expect(before.slice(6)).toEqual(['9 of 1@2', 'brk 9', 'unreturned 1', 'ended 1', 'clone 2 = 8 false']);
    const { heard } = told([
      ...both,
      '9 brk(NULL) = 0x1000',
      '1 +++ killed by SIGKILL +++',
      '2 +++ killed by SIGKILL +++',
    ]);
    expect(heard.slice(6, 8)).toEqual(['9 of 1@2 or 2@3', 'brk 9']);
  });

  it('a guess where the log ends, or goes on for too long', () => {
    const ends = told([...both, '9 brk(NULL) = 0x1000']);
    expect(ends.before).toEqual(begun);
    expect(ends.heard.slice(6, 8)).toEqual(['9 of 1@2 or 2@3', 'brk 9']);
    const long = told([
      ...both,
      '9 brk(NULL) = 0x1000',
      ...Array.from({ length: 40_000 }, () => '9 brk(NULL) = 0x1000'),
    ]);
    expect(long.before.length).toBe(6 + 1 + 40_001);
    expect(long.before[6]).toBe('9 of 1@2 or 2@3');
  });

  it('what a first reading has found spares a second one the wait', () => {
    const lines = [
      ...both,
      '9 brk(NULL) = 0x2000',
      '8 brk(NULL) = 0x1000',
      '2 <... clone resumed>) = 9',
      '1 <... clone resumed>) = 8',
    ];
    const first = told(lines, { recordParents: true });
    const parents = first.scanner.parents;
    expect(parents).toEqual([1, 0]);
    expect(told(lines, { parents }).heard).toEqual(first.heard);
    expect(told(lines.slice(0, 6), { parents }).before.slice(6)).toEqual(['9 of 2@3', 'brk 9', '8 of 1@2', 'brk 8']);
  });
});

describe('a child that is gone before its clone returns', () => {
  const life = (pid: number): string[] => [
    `1 ${FORK} <unfinished ...>`,
    `${pid} brk(NULL) = 0x1000`,
    `${pid} +++ exited with 0 +++`,
    `1 <... clone resumed>) = ${pid}`,
  ];

  it('leaves no thread behind, so that its number is free', () => {
    const { heard, log } = told([...life(9), ...life(9), '1 brk(NULL) = 0x1000']);
    expect(heard.filter((line) => line.startsWith('clone '))).toEqual(['clone 1 = gone true', 'clone 1 = gone true']);
    expect(heard.filter((line) => line === '9 of 1@0' || line === '9 of 1@2')).toHaveLength(2);
    expect(log.threads.count).toBe(1);
  });

  it('by the thousand leaves none either', () => {
    const { log } = told(Array.from({ length: 5000 }, (_, i) => life(100 + i)).flat());
    expect(log.threads.count).toBe(1);
  });

  it('is told from one that came before the clone, and from one whose number came again', () => {
    const lines = [
      '1 brk(NULL) = 0x1000',
      `2 ${FORK} <unfinished ...>`,
      '9 brk(NULL) = 0x1000',
      '9 +++ exited with 0 +++',
      `1 ${FORK} <unfinished ...>`,
      '9 brk(NULL) = 0x1000',
      '1 <... clone resumed>) = 9',
      '2 <... clone resumed>) = 9',
      '9 brk(NULL) = 0x1000',
    ];
    const { heard, log } = told(lines);
    expect(heard.filter((line) => line.startsWith('9 of'))).toEqual(['9 of 2@1', '9 of 1@3']);
    expect(heard.filter((line) => line.startsWith('clone '))).toEqual(['clone 1 = 9 true', 'clone 2 = gone true']);
    expect(log.threads.count).toBe(3);
  });
});
