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

/** Words in capitals that stand in front of a type and its name: `IN PVOID Base`, `UNUSED int error`. */
const ANNOTATED =
  /([(,;{}]\s*)((?:[A-Z][A-Z\d_]+\s+)+)(?=(?:(?:const|volatile|static|register|extern|struct|union|enum|unsigned|signed|long)\s+)*[A-Za-z_]\w*[\s*&]+[A-Za-z_]\w*\s*[,)=;[])/g;
/** The same between the type of a function and its name: `NTSTATUS NTAPI f(`. */
const ANNOTATED_FUNCTION =
  /^((?!(?:static|inline|extern|const|return|else)\b)[A-Za-z_]\w*[ \t*]+)((?:[A-Z][A-Z\d_]+\s+)+)(?=[A-Za-z_]\w*\s*\()/gm;

/**
 * The text of C without macros that say something of a declaration and have no grammar: `IN`, `OUT`, `UNUSED`, `NTAPI`.
 * Lengths and lines stay the same.
 *
 * @param code - the same text without comments and strings
 */
export function withoutAnnotations(text: string, code: string): string {
  let out = text;
  for (const pattern of [ANNOTATED, ANNOTATED_FUNCTION]) {
    for (const match of code.matchAll(pattern)) {
      const [, before = '', words = ''] = match;
      const at = match.index + before.length;
      out = out.slice(0, at) + blank(words) + out.slice(at + words.length);
    }
  }
  return out;
}

const NO_CODE = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\.)'/g;
