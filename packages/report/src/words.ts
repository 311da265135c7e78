/** A count with thousands separators: 316,760. */
export const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ',');

/**
 * A count and its noun: "1 finding", "2 findings".
 *
 * @param many - the plural, where it does not end in s
 */
export const counted = (n: number, one: string, many: string = `${one}s`): string =>
  `${grouped(n)} ${n === 1 ? one : many}`;

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

/** 2^bits bytes in words: "4 KiB". */
export function pageSize(bits: number): string {
  const unit = UNITS[Math.floor(bits / 10)];
  return unit === undefined ? `2^${bits} bytes` : `${2 ** (bits % 10)} ${unit}`;
}

/** The first few of a list, and how many more there are: "a, b and 3 more". */
export function listed(texts: readonly string[], most: number): string {
  if (texts.length <= most) return texts.join(', ');
  return `${texts.slice(0, most).join(', ')} and ${grouped(texts.length - most)} more`;
}
