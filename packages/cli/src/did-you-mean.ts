/** Edits (insert, delete, replace, swap of neighbours) between two words. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (same ? 0 : 1));
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, (before[j - 2] ?? 0) + 1);
      next.push(least);
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}

/**
 * The known word that was probably meant.
 *
 * @returns ` Did you mean "strict"?`, or nothing when none is near
 */
export function didYouMean(
  word: string,
  known: readonly string[],
  show: (word: string) => string = (w) => `"${w}"`,
): string {
  if (word.length === 0 || word.length > 40) return '';
  const lower = word.toLowerCase();
  const near = known
    .map((name) => ({
      name,
      edits: distance(lower, name.toLowerCase()),
      begins: name.startsWith(lower) && lower.length > 2,
    }))
    .filter(({ name, edits, begins }) => begins || edits <= Math.max(1, Math.floor(name.length / 3)))
    .sort((a, b) => a.edits - b.edits)[0];
  return near === undefined ? '' : ` Did you mean ${show(near.name)}?`;
}
