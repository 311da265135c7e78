import { type Level, type PriceTable, priceUnder } from './price-table.ts';
import { WORK, type Work, type WorkCounts } from './work.ts';

/** Parts of an invocation that people ask about, in the order in which they happen. */
export const PHASES = [
  'entry and exit',
  'lookup',
  'checks and entries',
  'batch work (assumed)',
  'walks',
  'tables',
  'maintenance waits (assumed)',
] as const;
export type Phase = (typeof PHASES)[number];

const PHASE_OF: Readonly<Record<Work, Phase>> = {
  entry: 'entry and exit',
  call: 'lookup',
  elementLookup: 'batch work (assumed)',
  map: 'checks and entries',
  earlyRefusal: 'checks and entries',
  occupied: 'checks and entries',
  lookupFault: 'checks and entries',
  unmap: 'checks and entries',
  copy: 'checks and entries',
  move: 'checks and entries',
  delete: 'checks and entries',
  batch: 'batch work (assumed)',
  element: 'batch work (assumed)',
  elementWrite: 'batch work (assumed)',
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

/** An assumed level was taken out of what walks: how much of both is the walk nobody knows. */
const phaseOf = (work: Work, { prices }: PriceTable): Phase =>
  work === 'walkLevel' && prices.walkLevel?.origin === 'assumed' ? 'checks and entries' : PHASE_OF[work];

/**
 * Where a price goes.
 *
 * @param counts - what was done
 * @param table - its prices
 * @param level - which assumption holds, of all prices
 * @returns the price of each phase in the table's unit. Work whose price another's contains counts as that one's. Where a
 * level of walk is assumed it counts as checks and entries
 * @throws UnpricedError as `priceUnder`
 */
export function phasesOf(counts: WorkCounts, table: PriceTable, level: Level): Readonly<Record<Phase, number>> {
  const phases = Object.fromEntries(PHASES.map((phase) => [phase, 0])) as Record<Phase, number>;
  for (const work of WORK) {
    const count = counts[work];
    if (count !== undefined) phases[phaseOf(work, table)] += priceUnder({ [work]: count }, table, level);
  }
  return phases;
}
