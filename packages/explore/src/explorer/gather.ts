import type { PolicyName } from '@overmap/core';
import { type AuditOptions, auditTrace, type RunOptions } from '@overmap/migrate';
import type { Finding } from '@overmap/report';
import { chooseWindows, type EventOfInterest, type WindowChoice } from './choose-windows.ts';
import { TraceRecorder } from './trace-recorder.ts';

/** What is gathered of an input. */
export interface GatherOptions extends RunOptions {
  /** The policy that findings are about; strict by default. Of an strace log there is none. */
  readonly to?: PolicyName;
  readonly from?: PolicyName;
  /** Records that a page shows at most. */
  readonly most: number;
  readonly version: string;
  /** Told when a phase is over: its name, and milliseconds. */
  readonly onPhase?: (name: string, milliseconds: number) => void;
}

/** What a page is made of. */
export interface Gathered {
  readonly recorder: TraceRecorder;
  readonly choice: WindowChoice;
  readonly badLines: number;
  readonly interrupted: boolean;
}

/** Findings by what they weigh when not all can be shown. */
const WEIGHTS = { error: 3, warning: 2, note: 1 } as const;

/**
 * Audit an input, and keep what a page shows. One that is larger than that is read twice: to learn what is of interest,
 * and to keep what is around it.
 *
 * @param path - a file
 * @throws as `auditTrace`
 */
export async function gather(path: string, options: GatherOptions): Promise<Gathered> {
  const { most, onPhase } = options;
  let start = performance.now();
  const phase = (name: string): void => {
    const now = performance.now();
    onPhase?.(name, now - start);
    start = now;
  };
  const first = new TraceRecorder(null, most);
  const run = await auditTrace(path, auditOptions(options, first), first);
  phase('audit');
  const { badLines, interrupted } = run;
  if (first.whole) return { recorder: first, choice: chooseWindows(first.events, [], most), badLines, interrupted };
  if (interrupted) return { recorder: first, choice: chooseWindows(most, [], most), badLines, interrupted };
  const choice = chooseWindows(first.events, first.findings.flatMap(ofInterest), most);
  const second = new TraceRecorder(choice.windows, most);
  // What is bad in it has been told.
  const { onBadLine: _told, onWarning: _said, ...again } = options;
  await auditTrace(path, auditOptions(again, second), second);
  phase('windows');
  return { recorder: second, choice, badLines, interrupted };
}

function auditOptions(options: GatherOptions, recorder: TraceRecorder): AuditOptions {
  const { most: _most, onPhase: _onPhase, ...audit } = options;
  return { ...audit, observer: recorder };
}

/** A finding, and the events that it refers to. */
function ofInterest({ event, rule, severity, related }: Finding): EventOfInterest[] {
  const weight = WEIGHTS[severity];
  return [
    { event, what: rule, weight },
    ...related.map((other) => ({ event: other.event, what: '', weight: weight - 0.5 })),
  ];
}
