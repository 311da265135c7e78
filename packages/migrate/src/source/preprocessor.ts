/** Branches of one `#if` that are looked at; the last one stands for those beyond. */
const MOST_BRANCHES = 4;

const blank = (line: string): string => line.replace(/[^\r\n]/g, ' ');

/**
 * The text with one branch of each `#if` kept and everything else of it blanked out, for code that is a whole only with
 * one of them. Lengths and lines stay the same, so that offsets hold.
 *
 * @param pick - number of the branch that is kept, from 0; groups with fewer keep their last
 */
export function withBranch(text: string, pick: number): string {
  // First pass: how many branches each group has.
  const lines = text.split(/(?<=\n)/);
  const counts: number[] = [];
  const stack: number[] = [];
  const groupOf: number[] = [];
  lines.forEach((line, i) => {
    const word = directive(line);
    if (word === 'if') {
      stack.push(counts.length);
      counts.push(1);
    }
    const top = stack.at(-1);
    if (word === 'else' && top !== undefined) counts[top] = (counts[top] ?? 0) + 1;
    groupOf[i] = top ?? -1;
    if (word === 'end') stack.pop();
  });
  const open: { at: number; chosen: number }[] = [];
  let continued = false;
  const out = lines.map((line, i) => {
    const word = directive(line);
    const isDirective = word !== null || continued;
    continued = isDirective && /\\\r?\n?$/.test(line);
    if (word === 'if') {
      const branches = counts[groupOf[i] ?? 0] ?? 1;
      // Without an #else, to leave the code out is one more choice; it is never taken.
      open.push({ at: 0, chosen: Math.min(pick, branches - 1) });
    } else if (word === 'else') {
      const top = open.at(-1);
      if (top !== undefined) top.at++;
    } else if (word === 'end') open.pop();
    if (isDirective) return blank(line);
    return open.every(({ at, chosen }) => at === chosen) ? line : blank(line);
  });
  return out.join('');
}

/** How many ways of `withBranch` are worth a try. */
export function branchWays(text: string): number {
  if (!/^[ \t]*#[ \t]*if/m.test(text)) return 0;
  let most = 1;
  const stack: number[] = [];
  for (const match of text.matchAll(/^[ \t]*#[ \t]*(if|el|endif)/gm)) {
    if (match[1] === 'if') stack.push(1);
    else if (match[1] === 'el') stack.push((stack.pop() ?? 0) + 1);
    else most = Math.max(most, stack.pop() ?? 1);
  }
  return Math.min(most, MOST_BRANCHES);
}

function directive(line: string): 'if' | 'else' | 'end' | null {
  const match = /^[ \t]*#[ \t]*(if|ifdef|ifndef|elif|elifdef|elifndef|else|endif)\b/.exec(line);
  if (match === null) return null;
  const word = match[1] ?? '';
  return word === 'endif' ? 'end' : word.startsWith('el') ? 'else' : 'if';
}

/** The text of C or Rust with comments and strings blanked out; lengths stay the same. */
export function withoutComments(text: string): string {
  const parts: string[] = [];
  let from = 0;
  for (let match = NO_CODE.exec(text); match !== null; match = NO_CODE.exec(text)) {
    const [found] = match;
    parts.push(text.slice(from, match.index), /[\r\n]/.test(found) ? blank(found) : ' '.repeat(found.length));
    from = match.index + found.length;
  }
  parts.push(text.slice(from));
  return parts.join('');
}

const NO_CODE = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\.)'/g;
