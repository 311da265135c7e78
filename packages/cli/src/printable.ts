/**
 * Text made safe for a terminal, on one line, and cut. (As `escapeText` of the readers, which a wrong command line need
 * not load.)
 */
export function printable(text: string, most = 80): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text;
  return cut
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`)
    .replaceAll('##[', '##\\u{5b}')
    .replace(/(^|\s)::/g, '$1\\u{3a}:');
}

/** Text that the user typed, as a message quotes it. */
export const quoted = (text: string): string => `"${printable(text)}"`;
