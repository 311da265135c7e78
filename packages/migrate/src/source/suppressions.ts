import { fencesOf, fileKind } from './languages.ts';
import type { TextRange } from './site.ts';

/** A comment `overmap-ignore OM101: reason`. */
export interface Suppression extends TextRange {
  readonly file: string;
  /** Of the comment, from 1. */
  readonly line: number;
  readonly rules: readonly string[];
  /** '' = none was given, and it is not accepted. */
  readonly reason: string;
  /** Lines, from 1, that it speaks of: the first and the last. */
  readonly covers: readonly [first: number, last: number];
}

/** A suppression that does not do what it looks like. */
export interface SuppressionProblem {
  readonly suppression: Suppression;
  readonly message: string;
}

/** A text holds a suppression only if this matches. */
export const MENTIONS_SUPPRESSION = /overmap-ignore/;
const FORM = /^overmap-ignore\b[ \t]*([^:\n]*?)[ \t]*(?::[ \t]*([^\n]*?))?[ \t]*$/;
const RULE = /^O[ML]\d{3}$/;
/** Comments, and strings, in which nothing is a comment. */
const PIECES = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\.)'/g;
const HTML = /<!--[\s\S]*?-->/g;

/**
 * The suppressions of a file. One speaks of its own line if code stands there, else of the next line that holds code
 * (further comments may stand in between); in Markdown, of the fence below.
 */
export function suppressionsIn(file: string, text: string): Suppression[] {
  if (!MENTIONS_SUPPRESSION.test(text)) return [];
  const found: Suppression[] = [];
  const lines = new Lines(text);
  if (fileKind(file) !== 'markdown') return inCode(file, text, { start: 0, end: text.length }, lines);
  const fences = fencesOf(text);
  for (const fence of fences) found.push(...inCode(file, text, fence, lines));
  for (const match of text.matchAll(HTML)) {
    const { index } = match;
    if (fences.some(({ start, end }) => start <= index && index < end)) continue;
    const said = read(match[0].slice(4, -3));
    if (said === null) continue;
    const end = index + match[0].length;
    // Nothing but white space and the line that opens the fence may stand in between.
    const next = fences.find(
      ({ start }) => start >= end && /^\s*[ \t>]*(?:`{3,}|~{3,})[^\n]*\n?$/.test(text.slice(end, start)),
    );
    const own = lines.at(index);
    const covers: [number, number] = next === undefined ? [own, own] : [lines.at(next.start), lines.at(next.end)];
    found.push({ file, line: own, start: index, end, ...said, covers });
  }
  return found.toSorted((a, b) => a.start - b.start);
}

/** Suppressions as one family of rules sees them: `OM`, or `OL`. Those that speak of other families only are left out. */
export const ofFamily = (suppressions: readonly Suppression[], family: 'OM' | 'OL'): Suppression[] =>
  suppressions.flatMap((each) => {
    const other = family === 'OM' ? 'OL' : 'OM';
    const rules = each.rules.filter((rule) => !rule.startsWith(other));
    return rules.length === 0 && each.rules.length > 0 ? [] : [{ ...each, rules }];
  });

function inCode(file: string, text: string, { start, end }: TextRange, lines: Lines): Suppression[] {
  const code = text.slice(start, end);
  const comments: TextRange[] = [];
  for (const match of code.matchAll(PIECES)) {
    if (match[0].startsWith('/'))
      comments.push({ start: match.index + start, end: match.index + match[0].length + start });
  }
  const found: Suppression[] = [];
  for (const comment of comments) {
    const inside = text.slice(comment.start, comment.end);
    const said = read(inside.startsWith('//') ? inside.replace(/^\/\/[/!]*/, '') : inside.slice(2, -2));
    if (said === null) continue;
    const line = lines.at(comment.start);
    const covered = lines.hasCode(line, comments) ? line : lines.nextCode(lines.at(comment.end - 1) + 1, comments);
    found.push({ file, line, ...comment, ...said, covers: [covered, covered] });
  }
  return found;
}

function read(comment: string): { readonly rules: readonly string[]; readonly reason: string } | null {
  const match = FORM.exec(comment.trim());
  if (match === null) return null;
  const rules = (match[1] ?? '').split(/[\s,]+/).filter((word) => word !== '');
  return { rules: rules.map((rule) => rule.toUpperCase()), reason: match[2] ?? '' };
}

/** Offsets of lines, and whether code stands in them. */
class Lines {
  private readonly text: string;
  private readonly starts: number[] = [0];

  constructor(text: string) {
    this.text = text;
    for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) this.starts.push(i + 1);
  }

  /** The line of an offset, from 1. */
  at(offset: number): number {
    let low = 0;
    let high = this.starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  }

  hasCode(line: number, comments: readonly TextRange[]): boolean {
    const start = this.starts[line - 1] ?? this.text.length;
    const end = this.starts[line] ?? this.text.length;
    let rest = this.text.slice(start, end);
    for (const comment of comments) {
      if (comment.end <= start || comment.start >= end) continue;
      const from = Math.max(comment.start, start) - start;
      const to = Math.min(comment.end, end) - start;
      rest = rest.slice(0, from) + ' '.repeat(to - from) + rest.slice(to);
    }
    return rest.trim() !== '';
  }

  nextCode(line: number, comments: readonly TextRange[]): number {
    for (let at = line; at <= this.starts.length; at++) if (this.hasCode(at, comments)) return at;
    return line;
  }
}

/** Something that can be suppressed. */
export interface Suppressible {
  readonly file: string;
  readonly rule: string;
  /** Lines from which it can be suppressed: where its statement begins, and its call. */
  readonly lines: readonly [first: number, last: number];
}

/**
 * Holds suppressions against what was found.
 *
 * @param rules - the ids that are known
 * @returns which of the found is suppressed, by whom; and the suppressions that have no reason, name an unknown rule, or
 *   suppress nothing
 */
export function suppress<T extends Suppressible>(
  found: readonly T[],
  suppressions: readonly Suppression[],
  rules: ReadonlySet<string>,
): {
  readonly kept: readonly T[];
  readonly suppressed: readonly { readonly what: T; readonly by: Suppression }[];
  readonly problems: readonly SuppressionProblem[];
} {
  const used = new Set<string>();
  const kept: T[] = [];
  const suppressed: { what: T; by: Suppression }[] = [];
  const good = suppressions.filter(({ reason }) => reason !== '');
  for (const what of found) {
    const by = good.find(
      (each) =>
        each.file === what.file &&
        each.rules.includes(what.rule) &&
        each.covers[0] <= what.lines[1] &&
        what.lines[0] <= each.covers[1],
    );
    if (by === undefined) kept.push(what);
    else {
      suppressed.push({ what, by });
      used.add(`${by.file}\0${by.start}\0${what.rule}`);
    }
  }
  const problems: SuppressionProblem[] = [];
  for (const suppression of suppressions) {
    const { file, start, rules: named, reason } = suppression;
    const say = (message: string): void => void problems.push({ suppression, message });
    if (named.length === 0)
      say('This suppression names no rule, and suppresses nothing: write overmap-ignore OM101: reason.');
    else if (reason === '')
      say(`This suppression of ${named.join(', ')} has no reason, and is not accepted: write one behind a colon.`);
    else {
      for (const rule of named) {
        if (!RULE.test(rule) || !rules.has(rule)) say(`This suppression names ${rule.slice(0, 20)}, which is no rule.`);
        else if (!used.has(`${file}\0${start}\0${rule}`))
          say(`This suppression of ${rule} suppresses nothing any more: take it out.`);
      }
    }
  }
  return { kept, suppressed, problems };
}
