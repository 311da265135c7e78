/**
 * One number for a page's place: exact for every user address of a kernel (48 bits) and ASID (17 bits at most where
 * addresses have 32). Other addresses may share a key.
 */
export const placeKey = (asid: number, hi: number, lo: number): number =>
  ((hi & 0xffff) * 2 ** 20 + (lo >>> 12)) * 2 ** 17 + asid;
