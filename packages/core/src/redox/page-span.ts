/** Bytes of a page. */
export const PAGE_SIZE = 4096;
/** Pages of the user's part of an address space on 64-bit machines: addresses below 2^47. */
export const USER_END_PAGE = 2 ** 35;

/** `count` pages from page number `base` on. */
export interface PageSpan {
  readonly base: number;
  readonly count: number;
}

export const spanEnd = ({ base, count }: PageSpan): number => base + count;

/** The pages of [start, end); none where end lies below start. */
export const spanBetween = (start: number, end: number): PageSpan => ({
  base: start,
  count: Math.max(0, end - start),
});

/** What two spans share. An empty result keeps the higher of the two bases. */
export function intersection(a: PageSpan, b: PageSpan): PageSpan {
  return spanBetween(Math.max(a.base, b.base), Math.min(spanEnd(a), spanEnd(b)));
}

export const intersects = (a: PageSpan, b: PageSpan): boolean => intersection(a, b).count > 0;

export const isPageMultiple = (bytes: number): boolean => bytes % PAGE_SIZE === 0;

/**
 * The pages of a range of the user's addresses.
 *
 * @param address - in bytes
 * @param size - in bytes
 * @returns null: one of the two is no page multiple, or the range ends behind the user's part
 */
export function validate(address: number, size: number): PageSpan | null {
  if (!isPageMultiple(address) || !isPageMultiple(size) || address + size > USER_END_PAGE * PAGE_SIZE) return null;
  return { base: address / PAGE_SIZE, count: size / PAGE_SIZE };
}

/** As {@link validate}; a range without pages is refused, too. */
export function validateNonempty(address: number, size: number): PageSpan | null {
  const span = validate(address, size);
  return span === null || span.count === 0 ? null : span;
}
