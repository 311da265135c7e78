/** The command line is wrong; the message is a sentence or two that says how to put it right. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
