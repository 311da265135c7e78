import type { AddressSpace } from './address-space.ts';
import { NO_ANON } from './attributes.ts';
import { Errno } from './errno.ts';
import { ACCESS, VmFlag } from './vm-flags.ts';

/**
 * Whether a program can write to a page: its VMA is writable, and in a file (or shared memory) the page is not behind the
 * end. EFAULT stands for the signal, too. Pure.
 */
export function checkTouch(space: AddressSpace, page: number): Errno {
  const { near, attributes } = space;
  if (!near.seek(page) || near.start > page) return Errno.EFAULT;
  const { id } = near;
  if ((attributes.flags[id] & VmFlag.WRITE) === 0) return Errno.EFAULT;
  return insideFile(space, page, id) ? Errno.OK : Errno.EFAULT;
}

/** Whether a mapped page has something behind it: it is anonymous, or not behind its file's last page. */
export function insideFile(space: AddressSpace, page: number, attributes: number): boolean {
  if (space.isAnonymous(attributes)) return true;
  const file = space.files.get(space.attributes.file[attributes]);
  return file === undefined || page + space.attributes.delta[attributes] < file.pages;
}

/**
 * The first write to private memory gives its VMA an anon_vma (`mm/rmap.c: __anon_vma_prepare`): that of the next VMA, or
 * of the one before, if they may come to be one; else a new one.
 */
export function performTouch(space: AddressSpace, page: number): void {
  const { map, walk, near, attributes } = space;
  if (!walk.seek(page)) return;
  const { start, end, id } = walk;
  if (attributes.flags[id] & VmFlag.SHARED || attributes.anon[id] !== NO_ANON) return;
  let anon = NO_ANON;
  if (near.seek(end) && near.start === end && reusable(space, id, near.id)) anon = attributes.anon[near.id];
  if (anon === NO_ANON && near.seekBelow(start) && near.end === start && reusable(space, near.id, id)) {
    anon = attributes.anon[near.id];
  }
  if (anon === NO_ANON) anon = ++space.lastAnon;
  map.setId(start, attributes.withAnon(id, anon));
}

/** `mm/vma.c: anon_vma_compatible`: what they may be used for does not matter, the rest must be equal. */
function reusable(space: AddressSpace, lower: number, upper: number): boolean {
  const { flags, file, delta } = space.attributes;
  return (
    ((flags[lower] ^ flags[upper]) & ~ACCESS) === 0 && file[lower] === file[upper] && delta[lower] === delta[upper]
  );
}
