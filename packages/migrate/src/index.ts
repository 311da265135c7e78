export { auditTrace } from './audit.ts';
export type { AuditOptions, AuditRun, PolicyChoice, ReplayOptions, ReplayRun, RunOptions } from './audit-options.ts';
export { replayTrace } from './replay.ts';
export { MIGRATION_RULES, RULES } from './rules/index.ts';
export type { Rule } from './rules/rule.ts';
