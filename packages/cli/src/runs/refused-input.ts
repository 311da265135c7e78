import { InputUnreadableError, MalformedInputError } from '@overmap/trace';
import { Exit, type ExitCode } from '../exit-code.ts';
import { Talk } from './talk.ts';

/**
 * Tells of a baseline or of evidence that cannot be used: without it nothing of the result would mean what was asked.
 *
 * @returns the exit code of the run
 * @throws every other error, as it is
 */
export function refusedInput(error: unknown): ExitCode {
  if (!(error instanceof InputUnreadableError) && !(error instanceof MalformedInputError)) throw error;
  new Talk(undefined).say(error.message);
  return error instanceof InputUnreadableError ? Exit.unreadable : Exit.malformed;
}
