import { escapeText } from '@overmap/trace';

declare const safe: unique symbol;

/** Markup that is safe to stand in a page. Only this file makes it: from templates, and from a chart's own writer. */
export interface Html {
  readonly [safe]: true;
  readonly markup: string;
}

/** What a template takes. Texts and numbers are escaped; `false`, null and undefined give nothing. */
export type HtmlPart = Html | string | number | false | null | undefined | readonly HtmlPart[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Characters of one text that are shown; what is longer ends in "…". */
const MOST = 4000;

/** @param markup - what is safe already */
const made = (markup: string): Html => ({ markup }) as Html;

/**
 * A text as markup, also inside of a quoted attribute. Control, bidirectional and invisible characters are shown as
 * `\u{…}`; line breaks stay.
 *
 * @param most - characters that are shown
 */
export function htmlText(text: string, most: number = MOST): Html {
  const shown = text.split('\n', 2).length === 1 ? escapeText(text, most) : linesOf(text, most);
  return made(shown.replace(/[&<>"']/g, (c) => ENTITIES[c] ?? ''));
}

function linesOf(text: string, most: number): string {
  const lines = text.slice(0, most).split('\n');
  const shown = lines.map((line) => escapeText(line, most)).join('\n');
  return text.length > most ? `${shown}…` : shown;
}

/**
 * Markup with parts put in, each escaped unless it is markup itself. Attributes must be quoted, as their parts may have
 * spaces; names of tags and attributes are never parts.
 */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  let markup = strings[0] ?? '';
  parts.forEach((part, n) => {
    markup += markupOf(part) + (strings[n + 1] ?? '');
  });
  return made(markup);
}

function markupOf(part: HtmlPart): string {
  if (part === null || part === undefined || part === false) return '';
  if (typeof part === 'string') return htmlText(part).markup;
  if (typeof part === 'number') return String(part);
  if (isParts(part)) return part.map(markupOf).join('');
  return part.markup;
}

const isParts = (part: Html | readonly HtmlPart[]): part is readonly HtmlPart[] => Array.isArray(part);

/** A picture of this package's own chart writer, which escapes what it is given, for use inside of a page. */
export const svgHtml = (svg: string): Html => made(svg);
