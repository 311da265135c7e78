import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { performance } from 'node:perf_hooks';
import { isatty } from 'node:tty';
import type { RunOptions } from '@overmap/migrate';
import { counted, type Output, openOutput, writeFully } from '@overmap/report';
import { escapeText, InputUnreadableError, MalformedInputError, OutputError } from '@overmap/trace';
import { Exit, type ExitCode, worst } from '../exit-code.ts';
import { UsageError } from '../usage-error.ts';
import { Interrupt } from './interrupt.ts';
import { Progress } from './progress.ts';
import { BadLines, Talk } from './talk.ts';

/** What every run over inputs is asked. */
export interface SessionRequest {
  readonly inputs: readonly string[];
  /** Other files that are read, which the output must not replace either. */
  readonly reads?: readonly string[];
  readonly output: string | undefined;
  readonly strictInput: boolean;
  readonly verbose: boolean;
  /** Data is written while inputs are read: on a terminal it would run into the progress bar. */
  readonly streams: boolean;
}

/** How the run over one input ended. */
interface InputRun {
  readonly badLines: number;
  readonly interrupted: boolean;
}

/** Does the work on one input. */
type RunInput = (input: string, options: RunOptions) => Promise<InputRun>;

/** A run over several inputs: where its data and its talk go, how it can be stopped, and what code it ends with. */
export class Session {
  readonly output: Output;
  readonly talk: Talk;
  private readonly request: SessionRequest;
  private readonly progress: Progress | undefined;
  private readonly controller: AbortController = new AbortController();
  private readonly interrupt = new Interrupt(() => this.wake());
  private waitsForInput = false;
  private readonly codes = new Set<ExitCode>();
  private firstUnreadable: string | undefined;
  private unreadable = 0;

  /** @throws OutputError - when the output cannot be opened: nothing has been done yet */
  constructor(request: SessionRequest) {
    this.request = request;
    refuseOverwriting(request);
    this.output = openOutput(request.output);
    process.once('exit', () => this.output.abort());
    const bar = isatty(2) && !(request.streams && request.output === undefined && isatty(1));
    this.progress = bar
      ? new Progress({
          write: (text) => void writeFully(2, text),
          now: () => performance.now(),
          columns: process.stderr.columns ?? 80,
        })
      : undefined;
    this.talk = new Talk(this.progress);
  }

  /** Something that the exit code has to tell. */
  note(code: ExitCode): void {
    this.codes.add(code);
  }

  /**
   * Runs over the inputs, in their order. One that cannot be read or is no trace does not keep the others.
   *
   * @param failed - called when an input fails, before the next one begins
   */
  async each(run: RunInput, failed: (message: string) => void = () => {}): Promise<void> {
    const { inputs } = this.request;
    for (const [i, input] of inputs.entries()) {
      if (this.stopped()) {
        if (!this.output.readerGone)
          this.talk.say(`${counted(inputs.length - i, 'input was', 'inputs were')} not read.`);
        return;
      }
      const name = input === '-' ? 'standard input' : escapeText(input, 400);
      this.progress?.input(
        `${inputs.length > 1 ? `${i + 1}/${inputs.length} ` : ''}${escapeText(basename(input), 40)}`,
      );
      const bad = new BadLines(this.talk, name);
      this.waitsForInput = input === '-';
      try {
        const { badLines, interrupted } = await run(input, this.options(name, bad));
        if (badLines > 0) this.note(Exit.malformed);
        if (interrupted) this.note(Exit.interrupted);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        failed(message);
        if (error instanceof InputUnreadableError) this.missing(message);
        else if (error instanceof MalformedInputError) this.malformed(error);
        else throw error;
      } finally {
        this.waitsForInput = false;
        bad.finish();
        this.progress?.erase();
      }
    }
    if (this.interrupt.requested) this.note(Exit.interrupted);
  }

  /** Aborted at the first signal that asks the run to end. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Work begins that reads no input. Returns what is to be told how far it is. */
  working(label: string): (done: number, total: number) => void {
    this.progress?.input(label);
    return (done, total) => {
      this.progress?.update(done, total);
      if (done >= total) this.progress?.erase();
    };
  }

  /** Standard input may be silent for ever, and whether to stop is asked only when something arrives: let it arrive. */
  private wake(): void {
    this.controller.abort();
    if (!this.waitsForInput) return;
    process.stdin.emit('data', Buffer.alloc(0));
    process.stdin.push(null);
  }

  private options(name: string, bad: BadLines): RunOptions {
    const { strictInput } = this.request;
    const { progress } = this;
    return {
      strictInput,
      onBadLine: (line) => bad.add(line),
      onWarning: (text) => this.talk.about(name, escapeText(text, 400)),
      ...(progress === undefined ? {} : { onProgress: (done, total) => progress.update(done, total) }),
      stop: () => this.stopped(),
    };
  }

  private stopped(): boolean {
    return this.interrupt.requested || this.output.readerGone;
  }

  private missing(message: string): void {
    this.note(Exit.unreadable);
    this.unreadable++;
    this.firstUnreadable ??= message;
    this.talk.say(message);
  }

  private malformed(error: MalformedInputError): void {
    this.note(Exit.malformed);
    this.talk.say(error.message);
    const { badLine } = error;
    if (badLine === undefined) return;
    this.talk.about('   ', `byte ${badLine.offset + (badLine.column ?? 0)}, in ${badLine.text}`);
  }

  /**
   * Completes the output.
   *
   * @returns the code that the program ends with
   */
  finish(): ExitCode {
    this.interrupt.release();
    // What was there before stays, if not one input could be read.
    if (this.output.used) this.output.close();
    else this.output.abort();
    if (this.output.readerGone) {
      this.talk.silent = true;
      return Exit.clean;
    }
    if (this.unreadable > 0 && this.request.inputs.length > 1) {
      const of = counted(this.request.inputs.length, 'input');
      this.talk.say(`${this.unreadable} of ${of} could not be read; the first error: ${this.firstUnreadable}`);
    }
    if (this.codes.has(Exit.interrupted)) this.talk.say('interrupted; what was found until then is written.');
    return worst(this.codes);
  }

  /** Gives the output up after an error that ends the run. */
  abandon(): void {
    this.interrupt.release();
    this.progress?.erase();
    if (this.request.output === undefined) this.output.flush();
    this.output.abort();
  }

  /** The code of a run that ends with an error of the output. */
  get codesSoFar(): ReadonlySet<ExitCode> {
    return this.codes;
  }
}

/**
 * Runs a verb: opens the session, and turns the errors of its output into a sentence and a code.
 *
 * @param body - does the work; what it notes in the session makes the code
 */
export async function inSession(request: SessionRequest, body: (session: Session) => Promise<void>): Promise<ExitCode> {
  let session: Session | undefined;
  try {
    session = new Session(request);
    await body(session);
    return session.finish();
  } catch (error) {
    const unwritable = error instanceof OutputError;
    try {
      session?.abandon();
    } catch {
      // The output is broken anyway.
    }
    if (!unwritable) throw error;
    (session?.talk ?? new Talk(undefined)).say(error.message);
    return worst([...(session?.codesSoFar ?? []), Exit.unwritable]);
  }
}

/** Writing to a file that is also read would replace the recording by its audit. */
function refuseOverwriting({ inputs, reads = [], output }: SessionRequest): void {
  if (output === undefined) return;
  const real = (path: string): string => {
    try {
      return realpathSync(path);
    } catch {
      return path;
    }
  };
  const target = real(output);
  const same = [...inputs, ...reads].find((input) => input !== '-' && real(input) === target);
  if (same !== undefined)
    throw new UsageError('The output is also an input, which it would replace: name another file.');
}
