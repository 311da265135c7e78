export * from './all-cases.ts';
export * from './baseline.ts';
export * from './bench-case.ts';
export * from './compare-baseline.ts';
export * from './compare.ts';
export * from './costs/assumptions.ts';
export * from './costs/calibrate.ts';
export * from './costs/draft-operations.ts';
export * from './costs/drafts.ts';
export {
  errorOf,
  type Fit,
  type FitRow,
  type FittedPrices,
  fitPrices,
  type LeaveOut,
  leaveOut,
  parametersOf,
  type PriceModel,
} from './costs/fit.ts';
export * from './costs/read-price-tables.ts';
export * from './costs/recorded-costs.ts';
export * from './costs/sel4bench-json.ts';
export * from './costs/shipped-table.ts';
export * from './machine.ts';
export * from './price-table.ts';
export { referenceLoop } from './reference-loop.ts';
export { type ModelledCase, runModelled } from './run-modelled.ts';
export { buildOf, runTrace, type TracePlan, type TraceResult, type TraceRunOptions } from './run-trace.ts';
export * from './select-cases.ts';
export type { CostOfStrictness } from './strictness.ts';
export { OUTLIER_SCORE, type Summary, type SummaryOptions, summarize, summarizeRounds } from './summary.ts';
export { measureRound, type RoundOptions, type TimedRound, type Warmup } from './timed-round.ts';
export { type IsolateOptions, measureInIsolates, QUICK_ROUNDS, ROUNDS, type TimedEnd } from './timed-rounds.ts';
export * from './timed-task.ts';
export { measure, type TimedResult, timedResult } from './timed.ts';
export { type Clock, type TimerQuality, timerQuality } from './timer.ts';
export * from './work-counts.ts';
export * from './work.ts';
export { timedTask } from './workload-task.ts';
export { WORKLOAD_BY_NAME } from './workloads/registry.ts';
export { WorkloadError } from './workloads/workload-error.ts';
export * from './break-even.ts';
export { type CaseEnd, type CasePoolOptions, runCases } from './case-pool.ts';
export * from './modelled-charts.ts';
export * from './modelled-document.ts';
export * from './modelled-run.ts';
export { type CaseGroup, caseTable, modelledTables } from './modelled-tables.ts';
export * from './phases.ts';
export { sel4benchSamples } from './sel4bench-samples.ts';
export * from './timed-cases.ts';
export * from './timed-document.ts';
export * from './trace-document.ts';
