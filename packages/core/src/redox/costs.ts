/** What operations did to translation look-aside buffers. */
export class FlushCosts {
  /** Interrupts sent to other processors. */
  interrupts = 0;
  /** Full flushes on this processor. */
  full = 0;
  /** Flushes of single pages on this processor. */
  single = 0;

  /** One shootdown: each other processor that has the space loaded is interrupted. */
  flush(remote: number, loadedHere: boolean): void {
    this.interrupts += remote;
    if (loadedHere) this.full++;
  }
}
