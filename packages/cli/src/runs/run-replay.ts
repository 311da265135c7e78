import { performance } from 'node:perf_hooks';
import { type ReplayOptions, replayTrace } from '@overmap/migrate';
import { counted, type Divergence, replayJson, replayTable } from '@overmap/report';
import { escapeText } from '@overmap/trace';
import type { ReplayRequest } from '../commands/replay.ts';
import { Exit, type ExitCode } from '../exit-code.ts';
import { expandInputs } from './expand-inputs.ts';
import { policyNamed } from './policy.ts';
import { screen } from './screen.ts';
import { inSession, type Session } from './session.ts';

/** Divergences that are listed, of all inputs together: for people, for people who asked for more, for scripts. */
const LISTED = { table: 20, verbose: 1000, json: 10_000 } as const;

/** Runs `overmap replay`. */
export async function runReplay(request: ReplayRequest): Promise<ExitCode> {
  const { check, partial, format, verbose } = request;
  const options: ReplayOptions = {
    check,
    partial,
    ...(request.policy === undefined ? {} : { policy: policyNamed(request.policy) }),
  };
  const listed = format === 'json' ? LISTED.json : verbose ? LISTED.verbose : LISTED.table;
  const inputs = await expandInputs(request.inputs);
  return inSession({ ...request, inputs, streams: false }, async (session) => {
    const total = new Total();
    await session.each(async (input, run) => {
      const start = performance.now();
      const ended = await replayTrace(input, { ...options, ...run, keep: listed - total.divergences.length });
      total.add(ended);
      if (check && ended.divergenceCount > 0) session.note(Exit.findings);
      if (check && !partial && ended.assumed > 0) incomplete(session, input, ended.assumed);
      if (verbose) {
        const seconds = ((performance.now() - start) / 1000).toFixed(2);
        session.talk.about(escapeText(input, 400), `${counted(ended.report.events, 'event')} in ${seconds} s`);
      }
      return ended;
    });
    if (total.inputs === 0) return;
    const { divergenceCount } = total;
    const hint = verbose ? '--format json lists more' : '--verbose shows more';
    session.output.write(
      format === 'json'
        ? replayJson(total, divergenceCount)
        : replayTable(total, { ...screen(request.output), divergenceCount, hint }),
    );
  });
}

/** The replays of all inputs together. */
class Total {
  inputs = 0;
  events = 0;
  states = 0;
  divergenceCount = 0;
  readonly skipped: Record<string, number> = {};
  readonly divergences: Divergence[] = [];

  add({ report, divergenceCount }: Awaited<ReturnType<typeof replayTrace>>): void {
    this.inputs++;
    this.events += report.events;
    this.states += report.states;
    this.divergenceCount += divergenceCount;
    for (const [kind, n] of Object.entries(report.skipped)) this.skipped[kind] = (this.skipped[kind] ?? 0) + n;
    this.divergences.push(...report.divergences);
  }
}

function incomplete(session: Session, input: string, assumed: number): void {
  session.note(Exit.selfCheck);
  const uses = counted(assumed, 'capability', 'capabilities');
  session.talk.about(
    input === '-' ? 'standard input' : escapeText(input, 400),
    `the trace uses ${uses} that it never created, so agreement proves little; --partial accepts that.`,
  );
}
