export { ALL_RULES, RULE_TABLES } from './all-rules.ts';
export type { AuditObserver, CalledIn } from './audit-observer.ts';
export { auditTrace } from './audit.ts';
export type { AuditOptions, AuditRun, PolicyChoice, ReplayOptions, ReplayRun, RunOptions } from './audit-options.ts';
export {
  type AnswerDifference,
  auditKeys,
  KeyAudit,
  type KeyDifference,
  type KeyStepResult,
  lostUnder,
} from './freebsd/audit-keys.ts';
export { FREEBSD_RULES } from './freebsd/rules/index.ts';
export { type MigratedStrace, migrateStrace } from './linux/noreplace/migrate-strace.ts';
export { LINUX_RULES } from './linux/rules/index.ts';
export { WrongTargetError } from './linux/wrong-target.ts';
export { type MigratedTrace, migrateTrace } from './migrate-trace.ts';
export { BatchedTraceError, type MigrateTraceOptions } from './migrate-trace-options.ts';
export { PCUABI_RULES } from './pcuabi/rules/index.ts';
export { type KeyScenario, readKeyScenario } from './recordings/freebsd/key-scenario.ts';
export { REDOX_RULES } from './redox/rules/index.ts';
export { replayTrace } from './replay.ts';
export { MIGRATION_RULES, RULES, SOURCE_RULES } from './rules/index.ts';
export type { Rule, SourceRule } from './rules/rule.ts';
export { type Evidence, EvidenceError, readEvidence, type SiteEvidence } from './source/evidence.ts';
export { ParserMissingError } from './source/grammar.ts';
export {
  type MigratedSource,
  migrateSource,
  type MigrateSourceOptions,
  writeRewritten,
} from './source/migrate-source.ts';
export { treeState, type TreeState } from './source/rewrite/git-tree.ts';
export { semanticPatches } from './source/rewrite/semantic-patch.ts';
export { unifiedDiff } from './source/rewrite/unified-diff.ts';
export { auditSource, type SourceRun } from './source/audit-source.ts';
export { fileKind } from './source/languages.ts';
export { LINUX_SOURCE_RULES } from './source-linux/rules/index.ts';
export { type HardenedSource, hardenSource } from './source-linux/harden/migrate-noreplace.ts';
