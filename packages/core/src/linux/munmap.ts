import type { AddressSpace } from './address-space.ts';
import { roundUp } from './argument.ts';
import { Errno } from './errno.ts';

/**
 * Whether munmap takes a range (`mm/vma.c: do_vmi_munmap`). Pure.
 *
 * @param page - page of the address
 * @param offset - bytes of the address behind the page's start
 * @param lenPage - whole pages of the length
 * @param lenOffset - bytes of the length beyond them
 */
export function checkMunmap(
  space: AddressSpace,
  page: number,
  offset: number,
  lenPage: number,
  lenOffset: number,
): Errno {
  const { taskPages } = space;
  if (offset !== 0 || page > taskPages) return Errno.EINVAL;
  const room = taskPages - page;
  if (lenPage > room || (lenPage === room && lenOffset > 0)) return Errno.EINVAL;
  const pages = roundUp(lenPage, lenOffset);
  if (pages === 0) return Errno.EINVAL;
  return checkRemoval(space, page, page + pages);
}

/** ENOMEM when removing a range would split a VMA, and there are as many as are allowed. Pure. */
export function checkRemoval(space: AddressSpace, start: number, end: number): Errno {
  const { map, near } = space;
  const splits = map.count >= space.maxMapCount && near.seek(start) && near.start < start && end < near.end;
  return splits ? Errno.ENOMEM : Errno.OK;
}

/** How a removed mapping is told of: it vanished, or something replaces it. */
export type Removal = 'vanished' | 'replaced';

/** Remove what is mapped in [start, end), pages; holes are no matter. */
export function removeMappings(space: AddressSpace, start: number, end: number, how: Removal): void {
  const { sink } = space;
  if (sink === null) space.map.clear(start, end);
  else if (how === 'vanished') space.map.clear(start, end, (from, to, id) => sink.vanished(from, to, id));
  else space.map.clear(start, end, (from, to, id) => sink.replaced(from, to, id));
}
