/** The known word that takes fewest edits, if a third of its letters suffices. */
export function nearestWord(word: string, known: readonly string[]): string | null {
  if (word.length > 40) return null;
  const lower = word.toLowerCase();
  const [near] = known
    .map((name) => ({ name, edits: edits(lower, name.toLowerCase()) }))
    .filter(({ name, edits: n }) => n <= Math.max(1, Math.floor(name.length / 3)))
    .toSorted((a, b) => a.edits - b.edits);
  return near?.name ?? null;
}

/** Letters to insert, delete or replace, and neighbours to swap. */
function edits(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? before[j - 2] + 1 : replaced;
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, replaced, swapped));
    }
    before = row;
    row = next;
  }
  return row[b.length];
}
