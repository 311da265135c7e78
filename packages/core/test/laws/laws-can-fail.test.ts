import { describe, expect, it } from 'vitest';
import { breachOf, type Seen } from './laws.ts';
import { differences, overlay, pictureOf } from './page-picture.ts';
import { type Deviation, type LawName, LAWS } from './subject.ts';
import { toySubject } from './subjects/toy.ts';

const names = Object.keys(LAWS) as LawName[];
const STOPS: Deviation = {
  law: 'failure',
  operations: ['protect'],
  outcomes: ['ENOMEM'],
  allows: ['changed'],
  within: true,
  prefix: true,
  reason: 'it stops at the hole',
};

describe('a system that breaks a law', () => {
  it('is not one that breaks none', () => {
    for (const law of names) expect(breachOf(toySubject(null), law, new Map())).toBeNull();
  });

  it.each<[LawName, RegExp]>([
    ['failure', /answered EEXIST, has changed something/],
    ['disjoint', /two mappings share 0x/],
    ['deterministic', /a second run goes another way at step 0/],
    ['record', /after unmap .* nobody was told what vanished/],
    ['unmap', /unmap .* has left 0x3000 to 0x4000/],
    ['check', /the check that answered \w+ has changed something/],
  ])('%s is found by that law', (law, words) => {
    expect(breachOf(toySubject(law), law, new Map())).toMatch(words);
  });
});

describe('a deviation', () => {
  it('excuses what it says, and is counted', () => {
    const seen: Seen = new Map();
    expect(breachOf(toySubject('stops', [STOPS]), 'failure', seen)).toBeNull();
    expect(seen.get(STOPS)).toBeGreaterThan(0);
    expect(breachOf(toySubject(null, [STOPS]), 'failure', new Map())).toBeNull();
    const never: Seen = new Map();
    breachOf(toySubject(null, [STOPS]), 'failure', never);
    expect(never.size).toBe(0);
  });

  it.each<[string, Partial<Deviation>]>([
    ['another operation', { operations: ['map'] }],
    ['another error', { outcomes: ['EINVAL'] }],
    ['another kind of change', { allows: ['vanished'] }],
  ])('excuses nothing of %s', (_what, other) => {
    expect(breachOf(toySubject('stops', [{ ...STOPS, ...other }]), 'failure', new Map())).toMatch(/answered ENOMEM/);
  });
});

describe('pictures', () => {
  const record = (start: number, end: number, protection = 1) => ({
    object: 0n,
    start: BigInt(start),
    end: BigInt(end),
    protection: BigInt(protection),
  });
  const picture = (...records: ReturnType<typeof record>[]) => pictureOf(records, () => '');

  it('join what is equal, cut what is laid over, and differ by kind', () => {
    const before = picture(record(0, 4), record(4, 8), record(10, 12, 2));
    expect(before.map(({ start, end }) => [start, end])).toEqual([
      [0, 8],
      [10, 12],
    ]);
    const after = overlay(before, 6, 11, (shown) => (shown === null ? { identity: 'new', protection: '1' } : null));
    expect(differences(before, after)).toEqual([
      { kind: 'vanished', start: 6, end: 8 },
      { kind: 'appeared', start: 8, end: 10 },
      { kind: 'vanished', start: 10, end: 11 },
    ]);
    expect(differences(picture(record(0, 4)), picture(record(0, 4, 3)))).toEqual([
      { kind: 'changed', start: 0, end: 4 },
    ]);
  });
});
