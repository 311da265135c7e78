import type { PolicyName } from '@overmap/core';
import { type AuditOptions, auditTrace, type RunOptions } from '@overmap/migrate';
import type { Finding } from '@overmap/report';
import { AuditScout } from './audit-scout.ts';
import { chooseWindows, EDIT, type EventOfInterest, type WindowChoice } from './choose-windows.ts';
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
/** What a migration has changed: before warnings and notes, which a migrated trace has of other things. */
const EDIT_WEIGHT = 2.5;

/**
 * Audit an input, and keep what a page shows. It is read twice: to learn how long it is and what is of interest, and to
 * keep that.
 *
 * @param path - a file
 * @throws as `auditTrace`
 */
export async function gather(path: string, options: GatherOptions): Promise<Gathered> {
  const { most, onPhase, onBadLine: _told, onWarning: _said, stop: _stop, ...again } = options;
  let start = performance.now();
  const phase = (name: string): void => {
    const now = performance.now();
    onPhase?.(name, now - start);
    start = now;
  };
  const scout = new AuditScout();
  const { badLines, interrupted } = await auditTrace(path, { ...audited(options), observer: scout }, scout);
  phase('audit');
  const edits = scout.edits.map((event) => ({ event, what: EDIT, weight: EDIT_WEIGHT }));
  const choice = chooseWindows(scout.events, [...scout.findings.flatMap(ofInterest), ...edits], most);
  const recorder = new TraceRecorder(choice.windows);
  // What is bad in it has been told. An interrupted audit is followed as far as it came.
  const until = interrupted ? { stop: () => recorder.events >= scout.events } : {};
  await auditTrace(path, { ...audited({ ...again, most }), ...until, observer: recorder }, recorder);
  phase('events');
  return { recorder, choice, badLines, interrupted };
}

function audited({ most: _most, onPhase: _onPhase, ...audit }: GatherOptions): AuditOptions {
  return audit;
}

/** A finding, and the events that it refers to. */
function ofInterest({ event, rule, severity, related }: Finding): EventOfInterest[] {
  const weight = WEIGHTS[severity];
  return [
    { event, what: rule, weight },
    ...related.map((other) => ({ event: other.event, what: '', weight: weight - 0.5 })),
  ];
}
