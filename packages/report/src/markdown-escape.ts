import { escapeText } from '@overmap/trace';

/**
 * Text from outside as code in Markdown, in a table or not: everything that any dialect could act on (emphasis, cells,
 * tags, links, mentions, references) is written as a character reference, and nothing is looked for inside of `code`.
 *
 * @param text - anything
 * @param most - characters of it to show
 */
export function markdownCode(text: string, most: number): string {
  return text === '' ? '' : `<code>${markdownText(text, most)}</code>`;
}

/** The same as running text; not for the beginning of a line. */
export const markdownText = (text: string, most: number): string =>
  escapeText(text, most)
    // A colon before a space ends neither a scheme nor an emoji's name.
    .replace(/(?!: )[^\p{L}\p{N} .,;'"()/=+-]/gu, (c) => `&#${c.codePointAt(0) ?? 0};`)
    .replace(/\bwww\./gi, (www) => www.replace('.', '&#46;'));
