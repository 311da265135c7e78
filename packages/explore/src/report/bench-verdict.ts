import type { ModelledDocument, TraceDocument } from '@overmap/bench';
import { counted, grouped } from '@overmap/report';
import type { BenchResult } from './bench-result.ts';
import { strictnessSays } from './trace-charts.ts';

/** The result of a benchmark in a sentence or two. */
export function benchVerdict({ of, document }: BenchResult): string {
  if (of === 'modelled') return ofModel(document);
  if (of === 'trace') return ofTrace(document);
  return `The simulation was timed in ${counted(document.cases.length, 'case')}, on ${document.machine.cpu || 'an unknown processor'}.`;
}

function ofModel({ breakEven, cases, failures }: ModelledDocument): string {
  const priced = counted(cases.length, 'case');
  if (failures > 0) return `${failures} of ${priced} did not do what they should: their figures are worth nothing.`;
  const paying = breakEven.flatMap(({ middle }) => (middle === null ? [] : [middle]));
  if (paying.length === 0) return `${priced} went through the model.`;
  const [least, most] = [Math.min(...paying), Math.max(...paying)];
  const range = least === most ? grouped(least) : `${grouped(least)} to ${grouped(most)}`;
  const never = breakEven.length - paying.length;
  const not = never === 0 ? '' : `, and in ${never} of ${breakEven.length} workloads not at all`;
  return `A batch pays from ${range} pages on${not}, as the model has it.`;
}

function ofTrace({ strictness, operations, plans, failures, table, build, arch }: TraceDocument): string {
  if (failures > 0) return 'A batched run ended in another state than the recorded one: its figures are worth nothing.';
  const first =
    strictness === null ? `${grouped(operations)} maps and unmaps.` : strictnessSays(strictness, operations);
  if (table === null)
    return `${first} Nobody has recorded what invocations cost on ${build ?? arch}, so they have no price.`;
  const best = plans.flatMap(({ saving }) => (saving === null ? [] : [saving.middle])).sort((a, b) => b - a)[0];
  return best === undefined ? first : `${first} Single invocations cost ${best.toFixed(2)} times as much as batches.`;
}
