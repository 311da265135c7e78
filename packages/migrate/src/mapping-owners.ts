import type { Columns, Kernel } from '@overmap/core';

/** Which thread made a mapping, as far as the trace says: by arena position, and nothing while no thread is named. */
export class MappingOwners {
  private readonly kernel: Kernel;
  private threads: Int32Array = new Int32Array(0);
  private named = false;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** A map has been performed that wrote `entries` entries from the kernel's `at` on. */
  mapped(columns: Columns, i: number, entries: number): void {
    const thread = columns.thread[i];
    if (thread === 0 && !this.named) return;
    this.named = true;
    const k = this.kernel;
    if (this.threads.length < k.links.length) {
      const grown = new Int32Array(k.links.length);
      grown.set(this.threads);
      this.threads = grown;
    }
    this.threads.fill(thread, k.at, k.at + entries);
  }

  /** The thread that mapped the page at the kernel's `at`: an index into the trace's names; 0 = not known. */
  ofPlace(): number {
    return this.threads[this.kernel.at] ?? 0;
  }
}
