import type { PhaseSamples, Sel4benchPhase } from './costs/sel4bench-json.ts';
import type { ModelledDocument, PricedCase } from './modelled-document.ts';

/**
 * The modelled prices of single invocations as the phases of sel4bench's mapping benchmark: `map` and `protect` over
 * contiguous addresses, under legacy where it was run. sel4bench's form names neither architecture nor unit.
 *
 * @throws RangeError when there is more than one build, or none of these cases has a price
 */
export function sel4benchSamples(document: ModelledDocument): PhaseSamples[] {
  const builds = [...new Set(document.cases.map(({ build }) => build))];
  if (builds.length > 1)
    throw new RangeError(`sel4bench's form is of one architecture; these are ${builds.join(', ')}: name one by --arch`);
  const single = document.cases.filter(
    ({ batch, pattern, price }) => batch === 1 && pattern === 'contiguous' && price !== null,
  );
  const best = (workload: string): PricedCase[] => {
    const own = single.filter((one) => one.workload === workload);
    const legacy = own.filter(({ policy }) => policy === 'legacy');
    return legacy.length > 0 ? legacy : own;
  };
  const phase = (name: Sel4benchPhase, one: PricedCase): PhaseSamples[] =>
    one.price === null ? [] : [{ phase: name, pages: one.pages, cycles: [one.price.perPage.middle * one.pages] }];
  const samples = [
    ...best('map').flatMap((one) => phase('Mapping', one)),
    // One price for both: the rights are reduced and restored by the same invocation.
    ...best('protect').flatMap((one) => [
      ...phase('Protect Pages as Read Only', one),
      ...phase('Unprotect Pages', one),
    ]),
  ];
  if (samples.length === 0)
    throw new RangeError('sel4bench measures single maps and protects over contiguous addresses, and none has a price');
  return samples;
}
