/** The exit codes of the program; scripts depend on them. */
export const Exit = {
  clean: 0,
  /** Findings at or above `--fail-on`, or divergences in `replay --check`. */
  findings: 1,
  usage: 2,
  /** An input is missing or cannot be read, also by the program that has to read it. */
  unreadable: 3,
  /** A self-check failed, or cannot be made. */
  selfCheck: 4,
  /** Worse than a baseline. */
  regression: 5,
  /** The output could not be written. */
  unwritable: 6,
  /** An input has malformed lines, or is not a trace at all. */
  malformed: 8,
  internal: 70,
  interrupted: 130,
} as const;
/** An exit code. */
export type ExitCode = (typeof Exit)[keyof typeof Exit];

/** Which code is told when several apply. A usage error ends the run before any other can. */
const PRECEDENCE: readonly ExitCode[] = [2, 130, 70, 6, 3, 8, 4, 5, 1, 0];

/** The code that a run ends with when each of these applies; none = clean. */
export function worst(codes: Iterable<ExitCode>): ExitCode {
  const all = new Set(codes);
  return PRECEDENCE.find((code) => all.has(code)) ?? Exit.clean;
}
