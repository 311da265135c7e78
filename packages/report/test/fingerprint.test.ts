import { type Finding, Fingerprints } from '@overmap/report';
import { describe, expect, it } from 'vitest';
import { finding } from './samples.ts';

const of = (...findings: Partial<Finding>[]): string[] => {
  const fingerprints = new Fingerprints();
  return findings.map((more) => fingerprints.of({ ...finding, ...more }));
};
const site = { file: 'driver.c', line: 88, function: 'swap' };

describe('Fingerprints', () => {
  it('do not depend on where in the trace, or where in a function, a finding is', () => {
    const [one] = of({});
    expect(one).toMatch(/^[0-9a-f]{32}$/);
    expect(of({ event: 999, line: 1001, message: 'other words', related: [] })).toEqual([one]);
    const [there] = of({ site });
    expect(of({ site: { ...site, line: 90 }, test: 'another' })).toEqual([there]);
  });

  it('tell rule, place and address apart', () => {
    const all = [
      ...of({}),
      ...of({ rule: 'OM002' }),
      ...of({ test: 'PT0003' }),
      ...of({ test: null }),
      ...of({ vaddr: '0x401000' }),
      ...of({ site }),
      ...of({ site: { ...site, function: 'attach' } }),
      ...of({ site: { ...site, file: 'other.c' } }),
      ...of({ site: { ...site, function: null } }),
      ...of({ site: { ...site, function: null, line: 89 } }),
      // A test of the same name as a file is another place.
      ...of({ test: 'driver.c' }),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it('count those that are alike', () => {
    const three = of({}, {}, {});
    expect(new Set(three).size).toBe(3);
    // One more elsewhere changes none of them.
    const [first, , second, third] = of({}, { vaddr: '0x999000' }, {}, {});
    expect([first, second, third]).toEqual(three);
  });
});
