import type { StraceThread } from './strace-threads.ts';

/** A line that a message of strace's broke in the middle of a call: `clone(…|SIGCHLDstrace: Process 12 attached`. */
export class BrokenLine {
  private thread: StraceThread | null | undefined;
  /** The line of the message, or of the last one of several. */
  private at = 0;

  /** A call was broken. @param thread - whose; null = the call does not matter */
  begin(thread: StraceThread | null, line: number): void {
    this.thread = thread;
    this.at = line;
  }

  /** A line is a message and no more: another one may stand between the halves. */
  message(line: number): void {
    if (this.at + 1 === line) this.at++;
  }

  /** Whose call goes on with a line that has nothing in front; null = one that does not matter, undefined = none. */
  take(line: number): StraceThread | null | undefined {
    const { thread } = this;
    this.thread = undefined;
    return this.at + 1 === line ? thread : undefined;
  }
}
