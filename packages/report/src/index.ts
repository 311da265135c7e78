export { AUDIT_FORMATS, type AuditFormat, type AuditSinkOptions, auditSink } from './audit-formats.ts';
export type { AuditSink } from './audit-sink.ts';
export { AuditTableWriter, type TableOptions } from './audit-table.ts';
export { type BatchedCost, type BatchReport, batchJson, batchTable } from './batch-table.ts';
export { Baseline, BaselineError, type KnownFindings } from './baseline.ts';
export { cardHelp, cardMarkdown } from './card-markdown.ts';
export { type CardTextOptions, cardList, cardText } from './card-text.ts';
export type {
  Axis,
  BarPart,
  Chart,
  LineChart,
  LinePanel,
  LinePoint,
  LineSeries,
  RangeChart,
  RangeGroup,
  RangeRow,
  StackBar,
  StackChart,
  StackPanel,
} from './chart.ts';
export { svgChart } from './chart-svg.ts';
export { type Compared, comparisonByTest, comparisonTable, withoutZeroColumns } from './comparison-table.ts';
export { COMPARISON_TABLES, type ComparisonOptions, ComparisonWriter } from './comparison-writer.ts';
export { countPairs } from './count-rows.ts';
export type { Cell, DataColumn, DataTable, Range } from './data-table.ts';
export { tableCsv } from './data-table-csv.ts';
export { tableMarkdown } from './data-table-markdown.ts';
export { tableText } from './data-table-text.ts';
export { type TargetCounts, type TargetSummary, zeroTargetCounts } from './target-counts.ts';
export * from './finding.ts';
export { Fingerprints } from './fingerprint.ts';
export { JsonAuditWriter } from './json.ts';
export { JsonlAuditWriter } from './jsonl.ts';
export type { LinuxSourceSummary } from './linux-source-summary.ts';
export type { LinuxProcess, LinuxSite, LinuxSummary, ReplacedKinds, ReplacedOrigin } from './linux-summary.ts';
export type { FreebsdSummary } from './freebsd-summary.ts';
export type { RedoxSummary } from './redox-summary.ts';
export type { PcuabiSummary } from './pcuabi-summary.ts';
export { markdownText } from './markdown-text.ts';
export type { Mapping, MappingEnd, MappingWriter } from './mapping-writer.ts';
export { type Output, openOutput, type TextSink } from './output.ts';
export {
  migrationJson,
  type MigrationReport,
  migrationTable,
  type UnmigratedMap,
  type UnmigratedReason,
} from './migration-table.ts';
export { noReplaceJson, type NoReplaceReport, noReplaceTable, type UnmigratedCall } from './noreplace-table.ts';
export type { RangeEnd, RangeLife, RangeWriter } from './range-writer.ts';
export { cardHtml } from './page/card-html.ts';
export { tableHtml } from './page/data-table-html.ts';
export { type Html, type HtmlPart, html, htmlText, svgHtml } from './page/html.ts';
export { severityHtml } from './page/severity-html.ts';
export { type PageParts, pageDocument } from './page/page-document.ts';
export { themeSwitch } from './page/theme-switch.ts';
export { type ReplayTableOptions, replayJson, replayTable } from './replay.ts';
export type { CardSequence, CardTable, RuleCard } from './rule-card.ts';
export type { Style } from './style.ts';
export { type Verdict, verdict } from './verdict.ts';
export { counted, grouped, pageSize } from './words.ts';
export { writeFully } from './write-fully.ts';
