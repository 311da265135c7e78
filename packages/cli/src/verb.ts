import type { Options } from 'yargs';
import type { ExitCode } from './exit-code.ts';
import type { Values } from './values.ts';

/** A verb of the command line: what it takes, and how to run it. */
export interface Verb {
  readonly name: string;
  /** Its arguments, as the help shows them. */
  readonly takes: string;
  /** What those are; files by default. */
  readonly taken?: string;
  /** One line. */
  readonly describe: string;
  readonly options: Readonly<Record<string, Options>>;
  readonly examples: readonly (readonly [command: string, what: string])[];
  /** Text below the options. */
  readonly epilogue?: string;
  /** Checks the values, then loads what does the work: nothing of that is loaded for another verb. */
  readonly run: (values: Values) => Promise<ExitCode>;
}
