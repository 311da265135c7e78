import type * as benchPackage from '@overmap/bench';
import type { ModelledDocument, TimedDocument, TraceDocument } from '@overmap/bench';
import { type DataTable, svgChart, tableCsv, tableMarkdown, tableText, type TextSink } from '@overmap/report';
import type { BenchRequest } from '../commands/bench.ts';
import { UsageError } from '../usage-error.ts';
import { screen } from './screen.ts';

type Bench = typeof benchPackage;

/** What a run came to, each of one measure. */
export type BenchDocuments = readonly (ModelledDocument | TimedDocument | TraceDocument)[];

/** Write what a run came to, in the format that was asked for. */
export function writeDocuments(
  bench: Bench,
  request: Pick<BenchRequest, 'format' | 'chart' | 'output' | 'verbose'>,
  documents: BenchDocuments,
  output: TextSink,
): void {
  const { format, chart } = request;
  switch (format) {
    case 'json':
      for (const document of documents) output.write(`${JSON.stringify(document)}\n`);
      return;
    case 'svg':
      for (const document of documents)
        if ('breakEven' in document) output.write(svgChart(bench.modelledChart(document, chart)));
      return;
    case 'sel4bench':
      for (const document of documents) if ('breakEven' in document) output.write(sel4benchText(bench, document));
      return;
    case 'csv':
      output.write(tableCsv(documents.flatMap((document) => tablesOf(bench, document, true))));
      return;
    case 'md':
      output.write(
        documents.flatMap((document) => tablesOf(bench, document, request.verbose).map(tableMarkdown)).join('\n'),
      );
      return;
    default: {
      const { style, width } = screen(request.output);
      const tables = documents.flatMap((document) => tablesOf(bench, document, request.verbose));
      output.write(tables.map((table) => tableText(table, { style, width })).join('\n'));
    }
  }
}

/** @param every - a row for each case, not a line for each workload */
function tablesOf(bench: Bench, document: BenchDocuments[number], every: boolean): DataTable[] {
  if (document.measure === 'timed') return [bench.timedTable(document)];
  if ('trace' in document) return bench.traceTables(document);
  return every ? [bench.caseTable(document)] : bench.modelledTables(document);
}

/** @throws UsageError when nothing that was run has a place in that form */
function sel4benchText(bench: Bench, document: ModelledDocument): string {
  try {
    return bench.sel4benchJson(bench.sel4benchSamples(document));
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`${error.message}.`);
    throw error;
  }
}
