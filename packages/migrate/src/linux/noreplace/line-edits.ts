/** What is done to the line on which a call was entered. */
export interface LineEdit {
  /** Of the input, from 1. */
  readonly line: number;
  /** Ranges that are unmapped in front of it, upward: start, end, start, end… */
  readonly bounds: readonly number[];
  /** Its MAP_FIXED becomes MAP_FIXED_NOREPLACE. */
  readonly noReplace: boolean;
}

/** The edits of a log, as columns: large logs have millions. */
export class LineEdits {
  private readonly lines: number[] = [];
  private readonly noReplace: boolean[] = [];
  /** Where the bounds of each begin, and the bounds of all. */
  private readonly firsts: number[] = [0];
  private readonly bounds: number[] = [];

  get count(): number {
    return this.lines.length;
  }

  /** @param bounds - start, end, start, end… */
  add(line: number, bounds: readonly number[], noReplace: boolean): void {
    this.lines.push(line);
    this.noReplace.push(noReplace);
    this.bounds.push(...bounds);
    this.firsts.push(this.bounds.length);
  }

  /** In the order of the lines. A call that was interrupted is known after others that were entered behind it. */
  *inOrder(): Generator<LineEdit> {
    const { lines } = this;
    const order = Uint32Array.from(lines.keys()).sort((a, b) => lines[a] - lines[b]);
    for (const i of order)
      yield {
        line: lines[i],
        bounds: this.bounds.slice(this.firsts[i], this.firsts[i + 1]),
        noReplace: this.noReplace[i],
      };
  }
}
