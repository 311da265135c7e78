/** What can be timed. Its times are host nanoseconds of this program, never anything of a kernel. */
export interface TimedTask {
  readonly name: string;
  /** Pages that one iteration works on; times are divided by it. */
  readonly pages: number;
  /** Once before the first iteration. Not timed. */
  prepare(): void;
  /** Before every iteration, where iterations do not leave things as they found them. Not timed. */
  reset?(): void;
  /**
   * One iteration: so many operations that they take 20 µs or more, beside which the timer does not matter.
   *
   * @throws Error when an operation did not do what it should: a time of something else is worth nothing
   */
  run(): void;
}

/**
 * A task as plain data, so that another isolate can make it: `module` exports a function by the name `export`, which
 * makes the task out of `argument`.
 */
export interface TaskSource {
  /** URL of the module, as `import()` takes it. */
  readonly module: string;
  readonly export: string;
  /** Anything that the structured clone algorithm copies, such as a `BenchCase`. */
  readonly argument: unknown;
}

/** A task failed while it was prepared or timed. The message begins with the task's name. */
export class TimedTaskError extends Error {
  constructor(task: string, cause: unknown) {
    super(`${task}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'TimedTaskError';
  }
}
