import { escapeText } from '@overmap/trace';

/** Characters of a text that a page shows, and of a message. */
const TEXT = 1000;

/** A text as a page shows it. */
export const shownText = (text: string, most: number = TEXT): string =>
  text.length <= most && PLAIN.test(text) ? text : escapeText(text, most);

/** What needs no escaping, by far the most. */
const PLAIN = /^[\w .,;()/+=-]*$/;

/** A value of a record with every text in it as a page shows it; what is nested deeper than eight levels is cut. */
export function shownValue(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return shownText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 8) return '…';
  if (Array.isArray(value)) return value.slice(0, 64).map((one) => shownValue(one, depth + 1));
  const entries = Object.entries(value).slice(0, 64);
  return Object.fromEntries(entries.map(([key, one]) => [shownText(key, 60), shownValue(one, depth + 1)]));
}
