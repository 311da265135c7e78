export type { BadLine, Problem } from './bad-line.ts';
export { CallSites } from './call-sites.ts';
export { InputUnreadableError, MalformedInputError, OutputError, ToolError } from './errors.ts';
export { escapeText } from './escape-text.ts';
export type {
  Answer,
  BatchEvent,
  ClearedTruth,
  CommonKeys,
  MapTruth,
  MarkEvent,
  OtherEvent,
  Site,
  StateEntry,
  StateEvent,
  TraceEvent,
} from './event.ts';
export { eventAt } from './event-at.ts';
export { fillColumns } from './fill-columns.ts';
export { formatEvent } from './format-event.ts';
export { isHeader, parseHeader, TRACE_VERSION, type TraceConfig, type TraceHeader } from './header.ts';
export { type InputKind, inputKind } from './input-kind.ts';
export type { InternTable } from './intern-table.ts';
export { type LineObject, type LogLine, readLogLine } from './log-line.ts';
export { type InputOptions, type InputReader, inputName, readInput } from './read-input.ts';
export { type ReadOptions, readSummary, type ReadSummary, readTrace } from './read-trace.ts';
export { type LineRecord, RecordLines, type RecordLinesOptions } from './record-lines.ts';
export { LONGEST_LINE, TraceScanner } from './scanner.ts';
export type { ScannerOptions, TraceWarning } from './scanner-options.ts';
export type { SlotName, Slots } from './slots.ts';
export { type SymbolizeOptions, type SymbolizeSummary, symbolizeLog } from './symbolize-log.ts';
export { makeTables, type TraceTables } from './tables.ts';
export { validateEvent } from './validate-event.ts';
export { TraceWriter, type TraceWriterOptions } from './writer.ts';
export {
  Advice,
  Call,
  type CallKind,
  CloneFlag,
  emptyCall,
  MapFlag,
  MremapFlag,
  type PendingClone,
  Prot,
  type StraceCall,
  type StraceSink,
} from './strace/strace-call.ts';
export type { StackSite } from './strace/stack-sites.ts';
export { StraceLog } from './strace/strace-log.ts';
export { StraceScanner } from './strace/strace-scanner.ts';
export type { StraceScannerOptions } from './strace/strace-scanner-options.ts';
export { StraceThread } from './strace/strace-threads.ts';
export { holdsThreadFiles, readThreadFiles, type ThreadFile, threadFiles } from './strace/strace-folder.ts';
