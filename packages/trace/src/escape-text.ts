/** Most characters of a text that {@link escapeText} shows. */
const SHOWN = 80;

/** Where a workflow command could begin, once a writer has broken the line. */
const COMMAND = /(^|\s)::/g;

/**
 * Text from an input, made safe for a terminal: control characters, ANSI sequences, bidirectional and invisible
 * characters, lone surrogates and line separators are written as `\u{…}`, and it is cut. So are the beginnings of
 * what a CI service would take for a command in the log of a job: `##[`, and `::` at the beginning of a word.
 *
 * @param text - anything
 * @param most - characters of the text to show, before escaping
 * @returns printable text on one line; `…` at the end when it was cut
 */
export function escapeText(text: string, most: number = SHOWN): string {
  const cut = text.length > most ? text.slice(0, most) : text;
  const safe = cut.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
  const idle = safe.replaceAll('##[', '##\\u{5b}').replace(COMMAND, '$1\\u{3a}:');
  return cut === text ? idle : `${idle}…`;
}
