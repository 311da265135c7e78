import { performance } from 'node:perf_hooks';
import { type MigratedStrace, migrateStrace } from '@overmap/migrate';
import { counted, type NoReplaceReport, noReplaceJson, noReplaceTable } from '@overmap/report';
import { escapeText } from '@overmap/trace';
import type { MigrateTraceRequest } from '../commands/migrate.ts';
import { Exit, type ExitCode } from '../exit-code.ts';
import { screen } from './screen.ts';
import { inSession } from './session.ts';

/** Runs `overmap migrate trace --to noreplace` of an strace log. */
export async function runMigrateStrace(request: MigrateTraceRequest): Promise<ExitCode> {
  const { input, output, format, strictInput, verbose } = request;
  // The output is the log; what is said about it goes to standard output.
  const asked = { inputs: [input], output: undefined, strictInput, verbose, streams: false };
  return inSession(asked, async (session) => {
    await session.each(async (name, run) => {
      const start = performance.now();
      const ended = await migrateStrace(name, output, run);
      if (ended.interrupted) return ended;
      if (ended.failure !== null) session.note(Exit.selfCheck);
      const report = reportOf(ended, name, output);
      if (report.unmigratedCount > 0) session.note(Exit.findings);
      session.output.write(
        format === 'json' ? noReplaceJson(report) : noReplaceTable(report, { ...screen(undefined), verbose }),
      );
      if (verbose) {
        const seconds = ((performance.now() - start) / 1000).toFixed(2);
        session.talk.about(escapeText(name, 400), `${counted(ended.calls, 'call')} in ${seconds} s`);
      }
      return ended;
    });
  });
}

function reportOf(ended: MigratedStrace, input: string, output: string): NoReplaceReport {
  const { plan, calls, compared, failure } = ended;
  const { counts, kinds, windows, unmigrated } = plan;
  const { munmaps, noReplace, mremaps, keptFlag } = counts;
  return {
    kind: 'linux-migration',
    input,
    output,
    from: 'linux',
    to: 'noreplace',
    calls: { in: calls, out: calls + munmaps },
    edits: { munmaps, noReplace, mremaps, keptFlag },
    kinds,
    bytesReplaced: counts.bytes,
    windows,
    windowCount: munmaps,
    sharedWindows: counts.sharedWindows,
    unmigrated,
    unmigratedCount: counts.unmigrated,
    proof: { compared, failure },
  };
}
