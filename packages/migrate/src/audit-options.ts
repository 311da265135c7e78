import type { freebsd, PolicyName, SlotRule } from '@overmap/core';
import type { Baseline, ReplayReport } from '@overmap/report';
import type { BadLine } from '@overmap/trace';
import type { AuditObserver } from './audit-observer.ts';
import type { Evidence } from './source/evidence.ts';

/** A policy by name, or a user's own rule with the name under which it is reported. */
export type PolicyChoice = PolicyName | { readonly name: string; readonly rule: SlotRule };

/** What every run over a trace can be asked. */
export interface RunOptions {
  /** Stop at the first malformed line (a `MalformedInputError` is thrown). */
  readonly strictInput?: boolean;
  /** One call for each malformed line; the run goes on. */
  readonly onBadLine?: (bad: BadLine) => void;
  /** Remarks about the input as a whole: an unknown configuration key, other output that was skipped. */
  readonly onWarning?: (text: string) => void;
  /** Bytes read so far, and how many there are (undefined for a stream). */
  readonly onProgress?: (done: number, total: number | undefined) => void;
  /** Polled now and then; true ends the run, and what was found so far is reported. */
  readonly stop?: () => boolean;
}

/** How a trace is audited. */
export interface AuditOptions extends RunOptions {
  /** The policy that drives the state; the trace's own by default. */
  readonly from?: PolicyName;
  /** The policy that is checked against it; strict by default. */
  readonly to?: PolicyChoice;
  /** Others beside `to`, each under a name of its own: every map is held against each of them on that same state. */
  readonly also?: readonly PolicyChoice[];
  /**
   * Of an strace log: hold each MAP_FIXED against MAP_FIXED_NOREPLACE, or make all calls again on PCuABI. By default it
   * is told what was replaced.
   */
  readonly linuxTo?: 'noreplace' | 'pcuabi';
  /** Of a recording of FreeBSD's protection keys: what is audited (before the fix), and against what (the fix, as adopted). */
  readonly freebsd?: { readonly from?: freebsd.KeyPolicyName; readonly to?: freebsd.KeyPolicyName };
  /** Of a recording of Redox: the defects that the target has repaired, and how they were asked for. Default: all. */
  readonly redox?: { readonly name: string; readonly repaired: number };
  /** Run the target (one only) alone from the first difference; later differences are notes that name their cause. */
  readonly drift?: boolean;
  /** Report these rules only, or not these. */
  readonly only?: ReadonlySet<string>;
  readonly off?: ReadonlySet<string>;
  /** Give each finding the records around it, 64 at most. */
  readonly context?: boolean;
  /** What an earlier run has found is counted, and not reported; and its name, for the head of the output. */
  readonly baseline?: { readonly name: string; readonly findings: Baseline };
  /** For source: what recorded runs say of its calls. */
  readonly evidence?: Evidence;
  /** Sees each record go by, with the state that the audit follows. */
  readonly observer?: AuditObserver;
  /** Version of the program, for the head of the output. */
  readonly version: string;
}

/** How an audit ended. */
export interface AuditRun {
  /** Findings by severity, suppressed rules and known findings left out. */
  readonly severities: Readonly<Record<'note' | 'warning' | 'error', number>>;
  readonly badLines: number;
  readonly interrupted: boolean;
  /** Records that took the reader's slow path, and all records: for `--verbose`. */
  readonly slowLines: number;
  readonly records: number;
}

/** How a trace is replayed. */
export interface ReplayOptions extends RunOptions {
  /** The policy that the model runs; the trace's own by default. */
  readonly policy?: PolicyName;
  /** Compare every recorded result, detail and state. */
  readonly check?: boolean;
  /** Accept a trace that uses capabilities which it never created. */
  readonly partial?: boolean;
  /** Divergences that are kept as objects; all are counted. */
  readonly keep?: number;
}

/** How a replay ended. */
export interface ReplayRun {
  readonly report: ReplayReport;
  /** All divergences; `report.divergences` holds the first `keep`. */
  readonly divergenceCount: number;
  /** Capabilities that the trace used but never created. */
  readonly assumed: number;
  readonly badLines: number;
  readonly interrupted: boolean;
}
