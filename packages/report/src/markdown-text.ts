import { escapeText } from '@overmap/trace';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/**
 * A text as Markdown (CommonMark and GitHub's tables) that shows it as it is, on one line: nothing in it is markup, HTML
 * or the end of a cell. White space and line ends become single spaces, other control characters `\u{…}`.
 *
 * @param text - anything
 */
export function markdownText(text: string): string {
  const line = escapeText(text.replace(/\s+/gu, ' ').trim(), Number.POSITIVE_INFINITY);
  return (
    line
      .replace(/[\\`*_{}[\]|~$#!]/g, '\\$&')
      .replace(/[&<>]/g, (c) => ENTITIES[c] ?? '')
      // At the start of a line these would make a list or a heading of it.
      .replace(/^[-+=]/, '\\$&')
      .replace(/^(\d+)([.)])/, '$1\\$2')
  );
}
