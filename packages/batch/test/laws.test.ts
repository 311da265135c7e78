import fc from 'fast-check';
import { describe, it } from 'vitest';
import { CONFIGURATIONS } from '../../core/test/sel4/configurations.ts';
import { cases } from './cases.ts';
import { atomicLaw, cutLaw, effectsLaw, plainLaw, prefixLaw } from './laws.ts';

/** Cases of each law on each configuration; `scripts/batch-laws.mjs` asks for more. */
const RUNS = Number(process.env['OVERMAP_BATCH_CASES'] ?? 80);
const TIMEOUT = 30_000 + RUNS * 50;

// Each law is an assertion: it throws.
// oxlint-disable vitest/expect-expect
describe.each(CONFIGURATIONS)('batches on $name, under every policy', (configuration) => {
  const property = (law: (c: Parameters<typeof prefixLaw>[0], flag: boolean) => void, seed: number): void =>
    fc.assert(fc.property(cases(configuration), fc.boolean(), law), { numRuns: RUNS, seed });

  it('prefix: are the singles up to the first refusal', () => property(prefixLaw, 1), TIMEOUT);
  it('atomic: are the singles if all succeed, else nothing', () => property(atomicLaw, 2), TIMEOUT);
  it('cut and resumed: are those that were not cut', () => property(cutLaw, 3), TIMEOUT);
  it('cost at most what the singles cost, and invalidate what they invalidate', () => property(effectsLaw, 4), TIMEOUT);
  it('do the same in loops without calls', () => property(plainLaw, 5), TIMEOUT);
});
