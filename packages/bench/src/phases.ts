import { type PriceTable, type Scenario, priceUnder } from './price-table.ts';
import { WORK, type Work, type WorkCounts } from './work.ts';

/** Parts of an invocation that people ask about, in the order in which they happen. */
export const PHASES = [
  'entry and exit',
  'lookup',
  'checks and entries',
  'walks',
  'tables',
  'maintenance waits (assumed)',
] as const;
export type Phase = (typeof PHASES)[number];

const PHASE_OF: Readonly<Record<Work, Phase>> = {
  entry: 'entry and exit',
  call: 'lookup',
  elementLookup: 'lookup',
  map: 'checks and entries',
  earlyRefusal: 'checks and entries',
  occupied: 'checks and entries',
  lookupFault: 'checks and entries',
  unmap: 'checks and entries',
  copy: 'checks and entries',
  move: 'checks and entries',
  delete: 'checks and entries',
  batch: 'checks and entries',
  element: 'checks and entries',
  elementWrite: 'checks and entries',
  walkLevel: 'walks',
  tableMap: 'tables',
  tableUnmap: 'tables',
  zeroedByte: 'tables',
  sfence: 'maintenance waits (assumed)',
  remoteFence: 'maintenance waits (assumed)',
  cleanEntry: 'maintenance waits (assumed)',
  tlbiPage: 'maintenance waits (assumed)',
  tlbiAsid: 'maintenance waits (assumed)',
  vspaceSwitch: 'maintenance waits (assumed)',
  invlpg: 'maintenance waits (assumed)',
  structureCacheFlush: 'maintenance waits (assumed)',
  cr3Write: 'maintenance waits (assumed)',
  flushAsid: 'maintenance waits (assumed)',
  shootdown: 'maintenance waits (assumed)',
};

/**
 * Where a price goes.
 *
 * @param counts - what was done
 * @param table - its prices
 * @param scenario - under which assumptions
 * @returns the price of each phase in the table's unit. Work whose price another's contains counts as that one's
 * @throws UnpricedError as `priceOf`
 */
export function phasesOf(counts: WorkCounts, table: PriceTable, scenario: Scenario): Readonly<Record<Phase, number>> {
  const phases = Object.fromEntries(PHASES.map((phase) => [phase, 0])) as Record<Phase, number>;
  for (const work of WORK) {
    const count = counts[work];
    if (count !== undefined) phases[PHASE_OF[work]] += priceUnder({ [work]: count }, table, scenario);
  }
  return phases;
}
