/** A 64-bit word of two halves as lower-case hex with 0x, as traces write it. */
export function hex(hi: number, lo: number): string {
  const low = (lo >>> 0).toString(16);
  return hi === 0 ? `0x${low}` : `0x${(hi >>> 0).toString(16)}${low.padStart(8, '0')}`;
}

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];

/** 2^bits bytes in words: "4 KiB". */
export function sayBytes(bits: number): string {
  return `${2 ** (bits % 10)} ${UNITS[Math.floor(bits / 10)] ?? 'PiB'}`;
}
