import { grouped } from './words.ts';

/** From here on numbers are written with a power of ten, and below the other one, too. */
const HUGE = 1e15;
const TINY = 1e-6;

/**
 * A number for people: 1,234.50.
 *
 * @param n - any number
 * @param digits - fraction digits; without them a whole number is whole, and any other has three significant digits
 *   and no zeros at its end
 */
export function numberText(n: number, digits?: number): string {
  if (Number.isNaN(n)) return 'not a number';
  if (!Number.isFinite(n)) return n < 0 ? '-∞' : '∞';
  const size = Math.abs(n);
  if (size >= HUGE || (digits === undefined && size > 0 && size < TINY)) return exponentText(n, 2);
  const fixed = n.toFixed(digits ?? usefulDigits(n));
  const [whole = '', fraction = ''] = fixed.replace('-', '').split('.');
  const kept = digits === undefined ? fraction.replace(/0+$/, '') : fraction;
  const text = `${grouped(Number(whole))}${kept === '' ? '' : `.${kept}`}`;
  return n < 0 && /[1-9]/.test(text) ? `-${text}` : text;
}

/** An interval for people: "612 (540–730)", and "612" when both ends look the same. */
export function intervalText(low: number, middle: number, high: number, digits?: number): string {
  const shown = numberText(middle, digits);
  const from = numberText(low, digits);
  const to = numberText(high, digits);
  if (from === to) return shown;
  return `${shown} (${from}${to.startsWith('-') ? ' to ' : '–'}${to})`;
}

/** Fraction digits that show three significant digits. */
function usefulDigits(n: number): number {
  return Number.isInteger(n) ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(n))));
}

/** A number with a power of ten, without zeros at the end of its fraction: 1.5e21. */
export const exponentText = (n: number, digits: number): string =>
  n
    .toExponential(digits)
    .replace(/\.?0+(?=e)/, '')
    .replace('e+', 'e');
