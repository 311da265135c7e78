import type { AddressSpace } from '../address-space.ts';

/** Changes that are remembered: an interrupted call that outlasts more of them is taken for disturbed. */
const KEPT = 4096;

/** The last changes of address spaces: was one disturbed while a call was interrupted? */
export class RecentChanges {
  private readonly spaces: (AddressSpace | null)[] = Array.from({ length: KEPT }, () => null);
  private readonly lines = new Float64Array(KEPT);
  private readonly starts = new Float64Array(KEPT);
  private readonly ends = new Float64Array(KEPT);
  private next = 0;
  private total = 0;

  /** [start, end) of a space changed on a line, or was copied. */
  add(space: AddressSpace, line: number, start: number, end: number): void {
    const i = this.next;
    this.spaces[i] = space;
    this.lines[i] = line;
    this.starts[i] = start;
    this.ends[i] = end;
    this.next = (i + 1) % KEPT;
    this.total++;
  }

  /** Whether anything in [start, end) of a space changed after a line, or nobody remembers. */
  since(space: AddressSpace, line: number, start: number, end: number): boolean {
    // The one that is to be overwritten next is the oldest.
    if (this.total >= KEPT && this.lines[this.next] > line) return true;
    return this.spaces.some(
      (changed, i) => changed === space && this.lines[i] > line && this.starts[i] < end && start < this.ends[i],
    );
  }
}
