import { statSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { BatchedTraceError, type MigratedTrace, migrateTrace } from '@overmap/migrate';
import { counted, type MigrationReport, migrationJson, migrationTable } from '@overmap/report';
import { escapeText, type InputKind, InputUnreadableError, MalformedInputError } from '@overmap/trace';
import type { MigrateTraceRequest } from '../commands/migrate.ts';
import { Exit, type ExitCode } from '../exit-code.ts';
import { UsageError } from '../usage-error.ts';
import { kindOfFile } from './kind-of-file.ts';
import { policyNamed } from './policy.ts';
import { refuseReplacing, refuseUnrepeatable } from './rewritten-file.ts';
import { runMigrateStrace } from './run-migrate-strace.ts';
import { screen } from './screen.ts';
import { inSession } from './session.ts';

/** Runs `overmap migrate trace --to`. */
export async function runMigrateTrace(request: MigrateTraceRequest): Promise<ExitCode> {
  const { input, output, to } = request;
  refuseReplacing(input, output);
  refuseUnrepeatable(input);
  const name = escapeText(input, 400);
  if (statSync(input, { throwIfNoEntry: false })?.isDirectory() === true)
    throw new UsageError(
      `${name} is a directory; migrate trace rewrites one file. Files of strace -ff are merged by strace-log-merge.`,
    );
  const kind = await kindIfReadable(input);
  if (kind === 'strace' && to !== 'noreplace')
    throw new UsageError(`${name} is an strace log of Linux, which has no policies of seL4: use --to noreplace.`);
  if (to !== 'noreplace') return migrateOf(request, to);
  if (kind !== 'strace' && kind !== null)
    throw new UsageError(`${name} is no strace log: --to noreplace is about Linux programs.`);
  return runMigrateStrace(request);
}

/** @returns null where an input cannot be read: who reads it says why */
async function kindIfReadable(input: string): Promise<InputKind | null> {
  try {
    return await kindOfFile(input);
  } catch (error) {
    if (error instanceof InputUnreadableError || error instanceof MalformedInputError) return null;
    throw error;
  }
}

/** A trace of seL4. */
async function migrateOf(request: MigrateTraceRequest, to: 'strict' | 'exact'): Promise<ExitCode> {
  const { input, output, format, strictInput, verbose } = request;
  const from = request.policy === undefined ? {} : { from: policyNamed(request.policy) };
  // The output is the trace; what is said about it goes to standard output.
  const asked = { inputs: [input], output: undefined, strictInput, verbose, streams: false };
  return inSession(asked, async (session) => {
    await session.each(async (name, run) => {
      const start = performance.now();
      const ended = await migrated(name, output, { ...run, ...from, to });
      const shown = escapeText(name, 400);
      if (ended.misbehaviour !== null) {
        const { line, expected, recorded } = ended.misbehaviour;
        session.note(Exit.selfCheck);
        session.talk.about(
          `${shown}:${line}`,
          `the recording says ${recorded} where ${ended.from} answers ${expected}, so nothing was written: name the policy of the recorded kernel with --from, or see what "overmap replay --check" says.`,
        );
        return ended;
      }
      if (ended.interrupted) return ended;
      if (ended.failure !== null) session.note(Exit.selfCheck);
      const report = reportOf(ended, name, output);
      if (report.unmigratedCount > 0) session.note(Exit.findings);
      if (report.assumed > 0) {
        const uses = counted(report.assumed, 'capability', 'capabilities');
        session.talk.about(shown, `the trace uses ${uses} that it never created; what is not known stays as it is.`);
      }
      session.output.write(
        format === 'json' ? migrationJson(report) : migrationTable(report, { ...screen(undefined), verbose }),
      );
      if (verbose) {
        const seconds = ((performance.now() - start) / 1000).toFixed(2);
        session.talk.about(shown, `${counted(report.events.in, 'event')} in ${seconds} s`);
      }
      return ended;
    });
  });
}

async function migrated(...args: Parameters<typeof migrateTrace>): Promise<MigratedTrace> {
  try {
    return await migrateTrace(...args);
  } catch (error) {
    if (error instanceof BatchedTraceError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

function reportOf(ended: MigratedTrace, input: string, output: string): MigrationReport {
  const { planner, from, to, compared, failure } = ended;
  const { script, notes, mappingInvocations } = planner;
  const { inserted, moved, dropped, fates } = script;
  const deleted = dropped;
  const extra = inserted - script.insertedByRebuilding;
  const share = (n: number): number => (mappingInvocations === 0 ? 0 : n / mappingInvocations);
  return {
    kind: 'migration',
    input,
    output,
    from,
    to,
    events: { in: ended.eventsIn, out: ended.eventsOut },
    edits: { inserted, moved, deleted, cost: inserted + 2 * moved + deleted },
    answersChanged: notes.answersChanged,
    windows: notes.windows,
    windowCount: notes.windowCount,
    unmigrated: notes.unmigratedMaps,
    unmigratedCount: notes.reasons['no-holder'] + notes.reasons.refused,
    reasons: notes.reasons,
    unknown: notes.unknown,
    assumed: planner.assumed,
    strictness: {
      mappingInvocations,
      extra,
      deferred: moved,
      ...fates,
      share: { extra: share(extra), deferred: share(moved), leaked: share(fates.leaked) },
    },
    proof: { compared, failure },
  };
}
