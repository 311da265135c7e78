export { type PageProgram, pageProgram } from './page-program.ts';
export { RunFileError } from './report/json-shape.ts';
export { type Report, type ReportOptions, reportPage } from './report/report-page.ts';
export { type NamedResult, readRunFile, type RunResult } from './report/run-file.ts';
export { type ExplorerOptions, type ExplorerPage, explorerPage } from './explorer/explorer-page.ts';
