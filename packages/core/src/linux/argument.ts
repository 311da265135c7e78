/**
 * Arguments of system calls are words of 64 bits. In columns each is two numbers, both exact: its page (below 2^52) and
 * the bytes within the page. So what the kernel computes modulo 2^64 is computed in pages modulo 2^52.
 */

/** Bytes in a page of x86-64. */
export const PAGE_SIZE = 4096;
/** 2^64 bytes in pages. */
export const WORD_PAGES = 2 ** 52;

/** A length rounded up to pages, as `PAGE_ALIGN` does: modulo 2^64, so the last 4,095 lengths become 0. */
export const roundUp = (page: number, offset: number): number => {
  const pages = offset > 0 ? page + 1 : page;
  return pages === WORD_PAGES ? 0 : pages;
};

/** A sum of pages, modulo 2^64 bytes. */
export const addPages = (a: number, b: number): number => (a + b) % WORD_PAGES;
