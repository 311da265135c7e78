/** A label: where its middle should be, and how much room it takes. */
export interface Wanted {
  readonly at: number;
  readonly size: number;
}

/**
 * Moves labels apart along one direction, as little as possible (by the sum of squares) and without changing their
 * order, so that they do not overlap and lie between two ends. It is isotonic regression by pooling.
 *
 * @param labels - in any order; together not larger than what is between the ends
 * @param from - where the first may begin
 * @param to - where the last must end
 * @returns the middle of each label, in the order of `labels`
 */
export function moveApart(labels: readonly Wanted[], from: number, to: number): number[] {
  const order = labels.map((_, n) => n).toSorted((a, b) => (labels[a]?.at ?? 0) - (labels[b]?.at ?? 0) || a - b);
  // Where each would be if all before it had no size; these must not decrease.
  const offsets: number[] = [];
  const pools: { sum: number; count: number }[] = [];
  let before = 0;
  for (const n of order) {
    const { at, size } = labels[n] ?? { at: 0, size: 0 };
    offsets[n] = before + size / 2;
    let pool = { sum: at - before - size / 2, count: 1 };
    before += size;
    for (;;) {
      const last = pools.at(-1);
      if (last === undefined || last.sum / last.count <= pool.sum / pool.count) break;
      pool = { sum: pool.sum + last.sum, count: pool.count + last.count };
      pools.pop();
    }
    pools.push(pool);
  }
  const most = Math.max(from, to - before);
  const bases = pools.flatMap(({ sum, count }) =>
    Array.from({ length: count }, () => Math.min(most, Math.max(from, sum / count))),
  );
  const middles: number[] = [];
  order.forEach((n, place) => {
    middles[n] = (bases[place] ?? from) + (offsets[n] ?? 0);
  });
  return middles;
}
