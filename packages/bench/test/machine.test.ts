import { describe, expect, it } from 'vitest';
import { loadWarning, machine, machineDifferences } from '../src/machine.ts';

describe('loadWarning', () => {
  const between = (start: number, end: number) => loadWarning({ start, end, cores: 2 });

  it('is given above 0.7 for each core, at either end', () => {
    expect(between(0.2, 1.4)).toBeUndefined();
    expect(between(1.41, 0)).toContain('1.41 at the start and 0.00 at the end, on 2 cores');
    expect(between(0, 3)).toContain('0.00 at the start and 3.00 at the end, on 2 cores');
  });
});

describe('machine', () => {
  it('describes this one', () => {
    expect(machine()).toMatchObject({ node: process.versions.node, v8: process.versions.v8 });
    expect(machine().cores).toBeGreaterThan(0);
  });

  it('differs by what differs', () => {
    expect(machineDifferences(machine(), machine())).toEqual([]);
    expect(machineDifferences({ ...machine(), cpu: 'A', cores: 2 }, { ...machine(), cpu: 'B', cores: 2 })).toEqual([
      'cpu A and B',
    ]);
  });
});
