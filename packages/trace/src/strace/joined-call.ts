import { NEWLINE } from '../ascii.ts';
import { copyBytes } from './call-text.ts';
import type { StraceThread } from './strace-threads.ts';

const FEW = 4096;

/** A call that was interrupted, put together on one line: the beginning that its thread has kept, and its end. */
export class JoinedCall {
  bytes: Uint8Array = new Uint8Array(FEW);
  /** Of the same bytes. */
  view: DataView = new DataView(this.bytes.buffer);

  /** Put the beginning of a thread's call in front of [tail, end), and a newline behind. The thread keeps none of it. */
  put(thread: StraceThread, tail: Uint8Array, from: number, end: number): void {
    const { headLength, head } = thread;
    const length = headLength + end - from;
    if (length + 1 > this.bytes.length) {
      this.bytes = new Uint8Array(length * 2);
      this.view = new DataView(this.bytes.buffer);
    }
    const { bytes } = this;
    copyBytes(head, 0, headLength, bytes, 0);
    copyBytes(tail, from, end, bytes, headLength);
    bytes[length] = NEWLINE;
    thread.headLength = 0;
  }
}
