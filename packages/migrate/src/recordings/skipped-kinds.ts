/** Different kinds that are counted one by one; a hostile recording may name as many as it has lines. */
const COUNTED = 100;

/** Counts what a model does not cover, by kind and reason. */
export class SkippedKinds {
  private readonly counts = new Map<string, number>();

  /** @param reason - the kind and why, in a few words: `mremap: unknown key "x"` */
  add(reason: string, count = 1): void {
    const key = this.counts.has(reason) || this.counts.size < COUNTED ? reason : 'other kinds';
    this.counts.set(key, (this.counts.get(key) ?? 0) + count);
  }

  /** The counts so far. */
  get byKind(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.counts);
  }
}
