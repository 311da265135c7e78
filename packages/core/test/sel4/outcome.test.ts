import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ALIGNMENT_ERROR,
  Code,
  CODE_NAMES,
  DELETE_FIRST,
  describeOutcome,
  failedLookup,
  ILLEGAL_OPERATION,
  INVALID_ROOT,
  invalidArgument,
  invalidCapability,
  Lookup,
  missingCapability,
  NOT_ENOUGH_MEMORY,
  OK,
  type Outcome,
  rangeError,
  REVOKE_FIRST,
  sayOutcome,
} from '../../src/sel4/outcome.ts';

const names = Object.keys(Lookup) as (keyof typeof Lookup)[];

describe('an outcome', () => {
  it('has the numbers of seL4_Error', () => {
    expect(CODE_NAMES).toEqual([
      'ok',
      'InvalidArgument',
      'InvalidCapability',
      'IllegalOperation',
      'RangeError',
      'AlignmentError',
      'FailedLookup',
      'TruncatedMessage',
      'DeleteFirst',
      'RevokeFirst',
      'NotEnoughMemory',
    ]);
    CODE_NAMES.forEach((name, code) => expect(Code[name]).toBe(code));
  });

  it('comes back from its packed form with exactly its own details', () => {
    fc.assert(
      fc.property(
        fc.nat(2047),
        fc.nat(2047),
        fc.boolean(),
        fc.constantFrom(...names),
        (n, m, failedForSource, type) => {
          expect(describeOutcome(invalidArgument(n))).toEqual({ ret: 'InvalidArgument', arg: n });
          expect(describeOutcome(invalidCapability(n))).toEqual({ ret: 'InvalidCapability', arg: n });
          expect(describeOutcome(rangeError(n, m))).toEqual({ ret: 'RangeError', min: n, max: m });
          const lookup = type === 'invalid_root' ? { failedForSource, type } : { failedForSource, type, bits: n };
          expect(describeOutcome(failedLookup(Lookup[type], n, failedForSource))).toEqual({
            ret: 'FailedLookup',
            lookup,
          });
          for (const packed of [invalidArgument(n), rangeError(n, m), failedLookup(Lookup[type], n, failedForSource)])
            expect(packed).toBeGreaterThanOrEqual(0);
        },
      ),
    );
    expect(missingCapability(21, true)).toBe(failedLookup(Lookup.missing_capability, 21, true));
    expect(INVALID_ROOT).toBe(failedLookup(Lookup.invalid_root, 0, false));
  });

  it('is told from every other by its number', () => {
    const packed = [
      OK,
      ALIGNMENT_ERROR,
      DELETE_FIRST,
      REVOKE_FIRST,
      ILLEGAL_OPERATION,
      NOT_ENOUGH_MEMORY,
      Code.TruncatedMessage,
      rangeError(1, 256),
      ...[0, 1, 2].flatMap((n) => [invalidArgument(n), invalidCapability(n)]),
      ...names.flatMap((type) =>
        [true, false].flatMap((source) => [0, 12, 64].map((bits) => failedLookup(Lookup[type], bits, source))),
      ),
    ];
    expect(new Set(packed).size).toBe(packed.length);
  });

  it('has no other code', () => {
    for (const code of [11, 15]) expect(() => describeOutcome(code)).toThrow(`outcome ${code} has no known code`);
  });

  const plain: [number, Outcome['ret']][] = [
    [OK, 'ok'],
    [ALIGNMENT_ERROR, 'AlignmentError'],
    [DELETE_FIRST, 'DeleteFirst'],
    [REVOKE_FIRST, 'RevokeFirst'],
    [ILLEGAL_OPERATION, 'IllegalOperation'],
    [NOT_ENOUGH_MEMORY, 'NotEnoughMemory'],
    [Code.TruncatedMessage, 'TruncatedMessage'],
  ];

  it.each(plain)('%i is %s, in both forms', (packed, ret) => {
    expect(describeOutcome(packed)).toEqual({ ret });
    expect(sayOutcome(packed)).toBe(ret);
  });

  it.each([
    [-1, 'no result'],
    [invalidArgument(0), 'InvalidArgument 0'],
    [invalidCapability(1), 'InvalidCapability 1'],
    [rangeError(1, 256), 'RangeError 1..256'],
    [INVALID_ROOT, 'FailedLookup (invalid root)'],
    [missingCapability(21, false), 'FailedLookup (missing capability, 21 bits left)'],
    [missingCapability(64, true), 'FailedLookup (missing capability, 64 bits left, for the source)'],
    [failedLookup(Lookup.guard_mismatch, 3, false), 'FailedLookup (guard mismatch, 3 bits left)'],
    [failedLookup(Lookup.depth_mismatch, 0, true), 'FailedLookup (depth mismatch, 0 bits left, for the source)'],
  ])('%i reads as %j', (packed, said) => {
    expect(sayOutcome(packed)).toBe(said);
  });
});
