import { createHash } from 'node:crypto';
import { BASE_STYLES } from './base-styles.ts';
import { type Html, htmlText } from './html.ts';

/** What a page is made of. All of it ends up in the one file. */
export interface PageParts {
  readonly title: string;
  /** The content of `<body>`. */
  readonly body: Html;
  /** Style sheets behind the base styles, in this order. */
  readonly styles?: readonly string[];
  /** Programs that run when the body is there, in this order. */
  readonly scripts?: readonly string[];
  /** What the programs read, by the id of its element; anything that JSON can hold. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/**
 * A self-contained HTML document: nothing is loaded, opened from a disk it works as from a server. Its
 * Content-Security-Policy allows exactly these styles and scripts (by their hashes) and pictures inside of the page;
 * no style attributes, no handlers in markup, no requests.
 *
 * @throws {RangeError} when a style sheet or a program could end its own element
 */
export function pageDocument({ title, body, styles = [], scripts = [], data = {} }: PageParts): string {
  const sheets = [BASE_STYLES, ...styles];
  for (const text of [...sheets, ...scripts])
    if (/<\/(?:style|script)|<!--/i.test(text)) throw new RangeError('A style sheet or program has an end tag in it.');
  const policy = [
    "default-src 'none'",
    `style-src ${sheets.map(hashOf).join(' ')}`,
    `script-src ${scripts.length === 0 ? "'none'" : scripts.map(hashOf).join(' ')}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  // The policy stands before everything that it is about.
  return [
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${htmlText(title, 300).markup}</title>`,
    ...sheets.map((text) => `<style>${text}</style>`),
    '</head>',
    `<body>\n${body.markup}`,
    ...Object.entries(data).map(([id, value]) => dataElement(id, value)),
    ...scripts.map((text) => `<script>${text}</script>`),
    '</body>\n</html>\n',
  ].join('\n');
}

/** The hash source of a Content-Security-Policy, of the text between the tags. */
const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`;

/** JSON in an element that is never run: `<` cannot end it, and the two line separators are written as escapes. */
function dataElement(id: string, value: unknown): string {
  if (!/^[a-z][a-z0-9-]*$/.test(id)) throw new RangeError('The id of page data is lower-case letters, digits and "-".');
  const json = JSON.stringify(value).replace(
    /[<\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `<script type="application/json" id="${id}">${json}</script>`;
}
