/** Most characters of a text that {@link escapeText} shows. */
const SHOWN = 80;

/**
 * Text from an input, made safe for a terminal: control characters, ANSI sequences, bidirectional and invisible
 * characters, lone surrogates and line separators are written as `\u{…}`, and it is cut.
 *
 * @param text - anything
 * @param most - characters of the text to show, before escaping
 * @returns printable text on one line; `…` at the end when it was cut
 */
export function escapeText(text: string, most: number = SHOWN): string {
  const cut = text.length > most ? text.slice(0, most) : text;
  const safe = cut.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
  return cut === text ? safe : `${safe}…`;
}
