import { diffLines } from 'diff';

/**
 * Where the lines of a changed text were before.
 *
 * @returns the line before of a line now, both from 1; of a line that is new, the one that it was put in front of
 */
export function linesBefore(before: string, now: string): (line: number) => number {
  if (before === now) return (line) => line;
  const old: number[] = [];
  let at = 1;
  let gone = 0;
  for (const { added, removed, count } of diffLines(before, now)) {
    if (removed) {
      gone = count;
      continue;
    }
    // What took the place of lines stands for them, one by one.
    for (let i = 0; i < count; i++) old.push(added ? at + Math.min(i, Math.max(gone - 1, 0)) : at + gone + i);
    at += gone + (added ? 0 : count);
    gone = 0;
  }
  return (line) => old[line - 1] ?? at + gone;
}
