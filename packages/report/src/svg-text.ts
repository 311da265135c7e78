/**
 * Text in a picture whose fonts are not known when it is drawn. Widths are those of DejaVu Sans (and of Verdana, nearly),
 * the widest of the usual sans-serif fonts, so that in any other a text takes less room than was kept for it.
 */

/** Widths in thousandths of the font size, rounded up, and the characters that have them; others have `OTHER`. */
const WIDTHS: readonly (readonly [width: number, characters: string])[] = [
  [280, "'ijl"],
  [340, ' ,.IJ/:;\\|·'],
  [400, 'f-()[]t!'],
  [470, 'r"'],
  [560, '*_`szc?L–°²'],
  [615, 'FkvxyTYoae'],
  [640, 'PEhnuSbdgpq$0123456789{}µ'],
  [700, 'KAVXZBRC'],
  [790, 'UNHDG&OQ'],
  [865, 'w#+<=>^~M×−≥≤→∞'],
  [1000, '%mW@…'],
];
const OTHER = 1200;

const widthOf = new Map(WIDTHS.flatMap(([width, characters]) => [...characters].map((c) => [c, width / 1000])));

/** In font sizes: how far apart lines are, the base line below a line's top, and below the middle of its capitals. */
export const LINE = 1.35;
export const BASE = 1.02;
export const MIDDLE = 0.36;

/** How a text is drawn: `size` in pixels. */
export interface Font {
  readonly size: number;
  readonly bold?: boolean;
}

/** An upper bound of the width of a text, in pixels. */
export function textWidth(text: string, font: Font): number {
  let width = 0;
  for (const c of text) {
    const regular = widthOf.get(c) ?? OTHER / 1000;
    width += font.bold === true ? 1.1 * regular + 0.05 : regular;
  }
  return width * font.size;
}

/** The width of the widest of some texts, 0 if there are none. */
export const widest = (texts: readonly string[], font: Font): number =>
  Math.max(0, ...texts.map((text) => textWidth(text, font)));

/**
 * A text from a model as it may stand in XML: white space is single spaces; control, bidirectional and unassigned
 * characters and halves of surrogate pairs are left out; it is cut.
 *
 * @param most - characters that are kept; `…` at the end when there were more
 */
export function printable(text: string, most: number): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text;
  return cut
    .replace(/\s+/gu, ' ')
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
    .trim();
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A printable text as XML, also inside of an attribute. */
export const xml = (text: string): string => text.replace(/[&<>"']/g, (c) => ENTITIES[c] ?? '');

/**
 * Breaks a text into lines that are not wider than `width` pixels: at spaces, and a word that is wider than a line
 * anywhere.
 *
 * @returns at least one line, which is empty if the text is
 */
export function breakText(text: string, font: Font, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (textWidth(joined, font) <= width) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    line = '';
    for (const c of word) {
      if (line !== '' && textWidth(line + c, font) > width) {
        lines.push(line);
        line = '';
      }
      line += c;
    }
  }
  lines.push(line);
  return lines;
}
