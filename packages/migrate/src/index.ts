export { auditTrace } from './audit.ts';
export type { AuditOptions, AuditRun, PolicyChoice, ReplayOptions, ReplayRun, RunOptions } from './audit-options.ts';
export { LINUX_RULES } from './linux/rules/index.ts';
export { WrongTargetError } from './linux/wrong-target.ts';
export { type MigratedTrace, migrateTrace } from './migrate-trace.ts';
export { BatchedTraceError, type MigrateTraceOptions } from './migrate-trace-options.ts';
export { replayTrace } from './replay.ts';
export { MIGRATION_RULES, RULES } from './rules/index.ts';
export type { Rule } from './rules/rule.ts';
