/** A replacement in a text: what stands in [start, end) becomes `text`. In UTF-16 units; start = end inserts. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Whether no two of the edits touch the same text, nor insert at the same place. */
export function disjoint(edits: readonly TextEdit[]): boolean {
  const ordered = edits.toSorted((a, b) => a.start - b.start || a.end - b.end);
  return ordered.every((edit, i) => {
    const before = ordered[i - 1];
    return before === undefined || (before.end <= edit.start && before.start < edit.start);
  });
}

/**
 * The text with the edits; all else stays as it is.
 *
 * @throws RangeError - when two edits overlap, or one stands outside of the text
 */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  if (!disjoint(edits)) throw new RangeError('Two edits change the same text.');
  let done = '';
  let at = 0;
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    if (edit.start > edit.end || edit.end > text.length) throw new RangeError('An edit stands outside of the text.');
    done += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return done + text.slice(at);
}

/** How the line around a place ends: CRLF stays CRLF. The last line ends as the one before it. */
export function lineEnd(text: string, at: number): string {
  const next = text.indexOf('\n', at);
  const end = next < 0 ? text.lastIndexOf('\n') : next;
  return end > 0 && text[end - 1] === '\r' ? '\r\n' : '\n';
}

/** Where the line around a place begins. */
export const lineStart = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1;

/** The white space that the line around a place begins with. */
export const indentAt = (text: string, at: number): string =>
  /^[ \t]*/.exec(text.slice(lineStart(text, at), at))?.[0] ?? '';

/** Whether only white space stands before this place in its line. */
export const startsLine = (text: string, at: number): boolean => text.slice(lineStart(text, at), at).trim() === '';

/** One level of indentation, as the file has it around a block: the difference between a line and what is around it. */
export function indentStep(outer: string, inner: string): string {
  if (inner.startsWith(outer) && inner.length > outer.length) return inner.slice(outer.length);
  return outer.includes('\t') ? '\t' : '    ';
}
