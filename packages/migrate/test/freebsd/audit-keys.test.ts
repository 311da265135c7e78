import { freebsd } from '@overmap/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditKeys, lostUnder } from '../../src/freebsd/audit-keys.ts';
import { readKeyScenario } from '../../src/recordings/freebsd/key-scenario.ts';

const { every_pmap_remove, pmap_map_delete, entry_owned, explicit_only } = freebsd.KEY_POLICIES;

/** What an audit finds of a scenario: pages, the step that did it, who lost the key, what became of the pages. */
function found(steps: readonly unknown[], from = every_pmap_remove, to = pmap_map_delete): string[] {
  const { operations, uncovered } = readKeyScenario(steps);
  expect(uncovered).toBeUndefined();
  return auditKeys(operations, from, to).map((one) => {
    const { index, process, start, end, pages } = one;
    return `${process}: ${start / 4096}-${end / 4096} ${operations[index].op} ${index} ${lostUnder(one)} ${pages}`;
  });
}

const KEYED = [
  ['mmap', 16, 20],
  ['touch', 16, 16, 20],
  ['set', 16, 20, 5],
];

describe('what two policies disagree about', () => {
  it('names the pages and the operation of a loss, once', () => {
    expect(found([...KEYED, ['swapout'], ['swapin'], ['touch', 16, 16, 20]])).toEqual(['0: 16-20 swapout 3 from kept']);
    expect(found([...KEYED, ['mprotect', 17, 19, '']])).toEqual(['0: 17-19 mprotect 3 from kept']);
    expect(found([...KEYED, ['munmap', 16, 20]])).toEqual([]);
  });

  it('tells again of pages that were set anew in between', () => {
    expect(found([...KEYED, ['swapout'], ['set', 17, 18, 6], ['touch', 16, 16, 20], ['swapout']])).toEqual([
      '0: 16-20 swapout 3 from kept',
      '0: 17-18 swapout 6 from kept',
    ]);
  });

  it('tells pages that are still mapped from those that are not', () => {
    const steps = [['mmap', 16, 18], ['touch', 16, 16, 18], ['set', 16, 20, 5], ['swapout']];
    expect(found(steps)).toEqual(['0: 16-18 swapout 3 from kept', '0: 18-20 swapout 3 from unmapped']);
    expect(found([...KEYED, ['mmap', 16, 20]], pmap_map_delete, explicit_only)).toEqual([
      '0: 16-20 mmap 3 from replaced',
    ]);
    expect(found([...KEYED, ['munmap', 16, 20]], explicit_only, pmap_map_delete)).toEqual([
      '0: 16-20 munmap 3 to unmapped',
    ]);
  });

  it('tells of the child of a fork', () => {
    const steps = [...KEYED, ['inherit_none', 16, 20], ['fork_child']];
    expect(found(steps, entry_owned, pmap_map_delete)).toEqual(['1: 16-20 fork 4 from unmapped']);
    // The child takes over what differs; the fork is not to blame.
    expect(found([...KEYED, ['swapout'], ['fork_child'], ['munmap', 16, 20]])).toEqual([
      '0: 16-20 swapout 3 from kept',
    ]);
  });

  it('sees two different keys', () => {
    const operations = [
      { op: 'setKey', process: 0, address: 0, length: 8192, key: 5, flags: 0 },
      { op: 'swapout', process: 0 },
      { op: 'swapin', process: 0 },
      { op: 'setKey', process: 0, address: 4096, length: 4096, key: 6, flags: freebsd.KEY_FLAGS.EXCL },
    ] as const;
    const all = auditKeys(operations, every_pmap_remove, pmap_map_delete);
    expect(all.map(({ index, start, end }) => [index, start, end])).toEqual([
      [1, 0, 8192],
      // One had none, and has another one now.
      [3, 4096, 8192],
    ]);
  });
});

const page = fc.integer({ min: 16, max: 23 });
const step = fc
  .tuple(
    fc.constantFrom(
      'mmap',
      'mmap_file',
      'mmap_guard',
      'munmap',
      'touch',
      'set',
      'clear',
      'mprotect',
      'msync_inv',
      'wire',
      'swapout',
      'swapin',
    ),
    page,
    fc.integer({ min: 1, max: 6 }),
    fc.boolean(),
  )
  .map(([name, first, count, more]): unknown[] => {
    if (name === 'swapout' || name === 'swapin') return [name];
    if (name === 'touch') return [name, first, first, first + count];
    if (name === 'set') return [name, first, first + count, count, more];
    return name === 'mprotect' ? [name, first, first + count, more ? 'rw' : ''] : [name, first, first + count];
  });
const policy = fc.constantFrom(...Object.values(freebsd.KEY_POLICIES));

describe('laws', () => {
  it('each page is told of when it begins to differ, in another way too, and when it is mapped anew', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), policy, policy, (steps, from, to) => {
        const { operations } = readKeyScenario(steps);
        const all = auditKeys(operations, from, to);
        expect(from === to ? all : []).toEqual([]);
        const machines = [from, to].map((policy) => new freebsd.Machine({ policy }));
        const told = new Map<number, number>();
        const differs = new Map<number, string>();
        for (const [index, operation] of operations.entries()) {
          for (const machine of machines) freebsd.performFreeBsd(machine, operation);
          for (let at = 16; at < 30; at++) {
            const [a, b] = machines.map(({ processes }) => {
              const process = processes.get(0);
              return process === undefined ? undefined : freebsd.keyAt(process, at * 4096)?.value;
            });
            const how = `${a === undefined} ${b === undefined}`;
            const mapped =
              operation.op === 'mmap' &&
              operation.address <= at * 4096 &&
              at * 4096 < operation.address + operation.length;
            if (a === b) differs.delete(at);
            else if (differs.get(at) !== how || mapped) {
              differs.set(at, how);
              told.set(at * 1000 + index, 1);
            }
          }
        }
        const pages = all.flatMap(({ index, start, end }) =>
          Array.from({ length: (end - start) / 4096 }, (_, i) => (start / 4096 + i) * 1000 + index),
        );
        expect(pages.sort((a, b) => a - b)).toEqual([...told.keys()].sort((a, b) => a - b));
      }),
      { numRuns: 400 },
    );
  });
});
