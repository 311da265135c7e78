import { performance } from 'node:perf_hooks';
import { type BatchTraceOptions, type BatchTraceSummary, batchTrace } from '@overmap/batch';
import { MAINTENANCE_NAMES } from '@overmap/core';
import { type BatchedCost, type BatchReport, batchJson, batchTable, counted } from '@overmap/report';
import { escapeText } from '@overmap/trace';
import type { BatchTraceRequest } from '../commands/migrate.ts';
import { Exit, type ExitCode } from '../exit-code.ts';
import { policyNamed } from './policy.ts';
import { refuseReplacing } from './rewritten-file.ts';
import { screen } from './screen.ts';
import { inSession } from './session.ts';

/** Runs `overmap migrate trace --batch`. */
export async function runBatchTrace(request: BatchTraceRequest): Promise<ExitCode> {
  const { input, output, format, reorder, strictInput, verbose } = request;
  const policy: Pick<BatchTraceOptions, 'policy'> =
    request.policy === undefined ? {} : { policy: policyNamed(request.policy) };
  refuseReplacing(input, output);
  // The output is the trace; what is said about it goes to standard output.
  const asked = { inputs: [input], output: undefined, strictInput, verbose, streams: false };
  return inSession(asked, async (session) => {
    await session.each(async (name, run) => {
      const start = performance.now();
      const summary = await batchTrace(name, output, {
        ...run,
        ...policy,
        reorder,
        onWarning: ({ message }) => run.onWarning?.(message),
      });
      if (summary.difference !== null) session.note(Exit.selfCheck);
      if (summary.assumed > 0) {
        const uses = counted(summary.assumed, 'capability', 'capabilities');
        session.talk.about(
          escapeText(name, 400),
          `the trace uses ${uses} that it never created; what is not known stays as it is.`,
        );
      }
      const report = reportOf(summary, name, output);
      session.output.write(format === 'json' ? batchJson(report) : batchTable(report, screen(undefined)));
      if (verbose) {
        const seconds = ((performance.now() - start) / 1000).toFixed(2);
        session.talk.about(escapeText(name, 400), `${counted(report.events, 'event')} in ${seconds} s`);
      }
      return summary;
    });
  });
}

function reportOf(summary: BatchTraceSummary, input: string, output: string): BatchReport {
  const { events, operations, batched, batches, sizes, cuts, single, together, difference } = summary;
  const costs: BatchedCost[] = [
    { what: 'kernel entries', single: single.kernelEntries, batched: together.kernelEntries },
    { what: 'capability lookups', single: single.lookups, batched: together.lookups },
    { what: 'walks', single: single.walks, batched: together.walks },
    { what: 'entries written', single: single.entryWrites, batched: together.entryWrites },
  ];
  MAINTENANCE_NAMES.forEach((what, kind) => {
    if (single.maintenance[kind] + together.maintenance[kind] > 0)
      costs.push({ what, single: single.maintenance[kind], batched: together.maintenance[kind] });
  });
  return { input, output, events, operations, batched, batches, sizes, cuts, costs, difference };
}
