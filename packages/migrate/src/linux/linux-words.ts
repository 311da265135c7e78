import { grouped } from '@overmap/report';

const KIB = 1024;
const UNITS = ['KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Bytes in the largest unit that divides them: "16 KiB", "1 GiB", "2,555,904 bytes" only below a KiB. */
export function bytesText(bytes: number): string {
  if (bytes % KIB !== 0) return `${grouped(bytes)} bytes`;
  let n = bytes / KIB;
  let unit = 0;
  while (n >= KIB && n % KIB === 0 && unit < UNITS.length - 1) {
    n /= KIB;
    unit++;
  }
  return `${grouped(n)} ${UNITS[unit]}`;
}

/** An address, lower-case hex. */
export const hex = (address: number): string => `0x${address.toString(16)}`;

/** "rw-", and "rw-s" for shared memory. */
export const accessText = (prot: number, shared: boolean): string =>
  `${(prot & 1) !== 0 ? 'r' : '-'}${(prot & 2) !== 0 ? 'w' : '-'}${(prot & 4) !== 0 ? 'x' : '-'}${shared ? 's' : ''}`;
