const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** An address or another word, lower-case hex. */
export const hex = (n: number): string => `0x${n.toString(16)}`;

/** Two signed halves as a number; exact below 2^53. */
export const wide = (hi: number, lo: number): number => (hi >>> 0) * 2 ** 32 + (lo >>> 0);

/** A count with commas. */
export const grouped = (n: number): string => n.toString().replace(/\B(?=(?:\d{3})+$)/g, ',');

/** "1 record", "2 records". */
export const counted = (n: number, one: string, many: string = `${one}s`): string =>
  `${grouped(n)} ${n === 1 ? one : many}`;

/** Bytes in the largest unit that divides them: "16 KiB". */
export function bytesText(bytes: number): string {
  let n = bytes;
  let unit = 0;
  while (n >= 1024 && n % 1024 === 0 && unit < UNITS.length - 1) {
    n /= 1024;
    unit++;
  }
  return `${grouped(n)} ${UNITS[unit]}`;
}

/** Bytes, about: "1.5 GiB". */
export function aboutBytes(bytes: number): string {
  let n = bytes;
  let unit = 0;
  while (n >= 1024 && unit < UNITS.length - 1) {
    n /= 1024;
    unit++;
  }
  return `${n < 10 && unit > 0 && !Number.isInteger(n) ? n.toFixed(1) : Math.round(n)} ${UNITS[unit]}`;
}
