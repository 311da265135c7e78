/** A count with thousands separators: 316,760. */
export const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ',');

/** "1 finding", "2 findings". */
export const counted = (n: number, one: string, many: string = `${one}s`): string =>
  `${grouped(n)} ${n === 1 ? one : many}`;

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

/** 2^bits bytes: "4 KiB". */
export const pageSize = (bits: number): string => `${2 ** (bits % 10)} ${UNITS[Math.floor(bits / 10)] ?? ''}`;

/** A number of bytes: "76 KiB", "1,000 bytes". */
export function bytes(n: number): string {
  let [value, unit] = [n, 0];
  while (value >= 1024 && value % 1024 === 0 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${grouped(value)} ${UNITS[unit] ?? ''}`;
}
