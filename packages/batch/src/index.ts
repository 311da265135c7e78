export type { Batch, BatchResult, ListBatch, RunOptions, WindowBatch } from './batch.ts';
export { Batcher, type BatchPolicy } from './batcher.ts';
export { countSingle } from './count-single.ts';
export { EffectCounts, Single, SINGLE_NAMES } from './effect-counts.ts';
export { type BatchKind, FIXED_WORDS, listLimit, MESSAGE_WORDS, OPERATION_WORDS } from './layout.ts';
export { checkProtect, protect } from './protect.ts';
export type { InvalidationListener } from './shared-maintenance.ts';
export { type BatchTraceOptions, type BatchTraceSummary, batchTrace } from './batch-trace.ts';
export {
  type Cut,
  CUTS,
  type PlannedBatch,
  Planner,
  type PlannerOptions,
  type PlanReceiver,
  type RowKnowledge,
} from './planner.ts';
export { batchOfRows, isWindow } from './row-batch.ts';
export { copyRow } from './rows.ts';
export { stateDifference } from './same-state.ts';
