import type { Level, PriceRange, PriceTable } from '../price-table.ts';
import type { Work } from '../work.ts';
import {
  DRAFT_OPERATIONS,
  type DraftName,
  draftNullCall,
  type DraftOperation,
  type DraftStructure,
} from './draft-operations.ts';
import type { RecordedArch } from './recorded-costs.ts';
import { shippedTable } from './shipped-table.ts';

/** How far off a prediction may be without an explanation. */
export const DRAFT_TOLERANCE = 0.15;

/** What a draft's batched call executed, next to what the shipped prices and its structure make of it. */
export interface DraftPrediction {
  readonly kernel: DraftName;
  readonly arch: RecordedArch;
  readonly operation: string;
  /** Pages. */
  readonly n: number;
  /** Instructions of the kernel. */
  readonly recorded: number;
  /**
   * A null invocation of the draft's own kernel, and the shipped prices of the rest. Middle: with the structure of the draft;
   * low and high: what its shape alone would leave open. No waits.
   */
  readonly predicted: PriceRange;
  /** Of the middle: 0.1 = 10 % too dear. */
  readonly error: number;
  readonly standing: DraftOperation['standing'];
  /** Where the error is above the tolerance: why, and the error with the prices of that explanation. */
  readonly explanation: { readonly text: string; readonly error: number } | null;
}

/** All recorded batched calls of the drafts, predicted. */
export function draftPredictions(): DraftPrediction[] {
  return DRAFT_OPERATIONS.flatMap((draft) => {
    const { kernel, arch, operation, structure, standing } = draft;
    const table = shippedTable(arch);
    if (table === undefined) throw new Error(`there is no price table of ${arch}`);
    return draft.recorded.map(([n, recorded]): DraftPrediction => {
      const predicted = {
        low: total(draft, n, ofShape(table, structure, 'low')),
        middle: total(draft, n, structured(table, structure)),
        high: total(draft, n, ofShape(table, structure, 'high')),
      };
      const error = predicted.middle / recorded - 1;
      return {
        kernel,
        arch,
        operation,
        n,
        recorded,
        predicted,
        error,
        standing,
        explanation: Math.abs(error) > DRAFT_TOLERANCE ? explained(draft, table, n, recorded) : null,
      };
    });
  });
}

function explained(
  draft: DraftOperation,
  table: PriceTable,
  n: number,
  recorded: number,
): DraftPrediction['explanation'] {
  const { structure, explanation } = draft;
  if (explanation === null) return null;
  const usual = structured(table, structure);
  const corrected = total(draft, n, (work) => explanation.prices[work] ?? usual(work));
  return { text: explanation.text, error: corrected / recorded - 1 };
}

/** Instructions of a call. Maintenance is part of what was written: what recordings count is no waiting. */
function total({ kernel, arch, structure }: DraftOperation, n: number, price: (work: Work) => number): number {
  const { write, lookup, levels, extra } = structure;
  const element =
    price('element') +
    (lookup ? price('elementLookup') : 0) +
    (write === null ? 0 : price('elementWrite')) +
    levels * price('walkLevel');
  return draftNullCall(kernel, arch) + price('batch') + extra + n * element;
}

/** Prices under what a structure says; the middle of the rest. */
function structured(table: PriceTable, { element, write }: DraftStructure): (work: Work) => number {
  const levels: Partial<Readonly<Record<Work, Level>>> = {
    ...(typeof element === 'number' ? {} : { element }),
    elementWrite: write ?? 'middle',
  };
  return (work) =>
    work === 'element' && typeof element === 'number' ? element : priceOf(table, work, levels[work] ?? 'middle');
}

/** Prices under one assumption for all. What is no assumption stays. */
function ofShape(table: PriceTable, { element }: DraftStructure, level: Level): (work: Work) => number {
  return (work) => (work === 'element' && typeof element === 'number' ? element : priceOf(table, work, level));
}

function priceOf(table: PriceTable, work: Work, level: Level): number {
  const price = table.prices[work];
  if (price === undefined) throw new Error(`the price table of ${table.arch} has no price for "${work}"`);
  return price[level];
}
