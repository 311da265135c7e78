import { describe, expect, it } from 'vitest';
import { ANON, at, MapFlag, Process, R, RW, RX } from './process.ts';

describe('neighbours', () => {
  it('become one when all is equal, on both sides of what is new', () => {
    const process = new Process();
    process.map(0, 1);
    process.map(2, 1);
    process.map(1, 1);
    expect(process.maps).toEqual(['0+3 rw-p ac']);
  });

  it.each([
    ['protection', R, ANON],
    ['the charge', RW, ANON | MapFlag.NORESERVE],
    ['huge pages', RW, ANON | MapFlag.STACK],
    ['growing down', RW, ANON | MapFlag.GROWSDOWN],
    ['sharing', RW, MapFlag.SHARED | MapFlag.ANONYMOUS],
  ])('stay apart where they differ in %s', (_, prot, flags) => {
    const process = new Process();
    process.map(0, 1);
    process.map(1, 1, prot, flags | MapFlag.FIXED);
    expect(process.maps.length).toBe(2);
  });

  it('of a file must be contiguous in it; two mmaps of shared memory are two files', () => {
    const process = new Process();
    const file = process.space.open({ name: 'rw', pages: 9 });
    const again = process.space.open({ name: 'rw', pages: 9 });
    process.mapFile(0, 1, file, 3);
    process.mapFile(1, 1, file, 4);
    process.mapFile(2, 1, file, 4);
    process.mapFile(3, 1, again, 5);
    expect(process.maps).toEqual(['0+2 rw-s', '2+1 rw-s', '3+1 rw-s']);
    const shared = MapFlag.SHARED | MapFlag.ANONYMOUS | MapFlag.FIXED;
    process.map(6, 1, RW, shared);
    process.map(7, 1, RW, shared);
    expect(process.maps.slice(3)).toEqual(['6+1 rw-s', '7+1 rw-s']);
  });

  it('with different anon_vmas stay apart, and what is new goes to the lower one', () => {
    const process = new Process();
    for (const page of [0, 2]) {
      process.map(page, 1);
      process.touch(page);
    }
    expect(process.anonAt(0)).not.toBe(process.anonAt(2));
    process.map(1, 1);
    expect(process.maps).toEqual(['0+2 rw-p ac', '2+1 rw-p ac']);
    expect(process.anonAt(1)).toBe(process.anonAt(0));
  });

  it('merge under mprotect from the left, the right and both, and keep the anon_vma that is one', () => {
    const process = new Process();
    process.map(0, 6);
    process.touch(0);
    process.map(2, 2, R);
    process.protect(2, 1, RW);
    expect(process.maps).toEqual(['0+3 rw-p ac', '3+1 r--p', '4+2 rw-p ac']);
    process.protect(3, 1, RW);
    expect(process.maps).toEqual(['0+6 rw-p ac']);
    expect(process.anonAt(5)).toBe(process.anonAt(0));
    process.map(10, 4, RX);
    process.map(14, 1);
    process.touch(14);
    process.protect(12, 2, RW);
    expect(process.maps.slice(1)).toEqual(['10+2 r-xp', '12+3 rw-p ac']);
    expect(process.anonAt(12)).toBe(process.anonAt(14));
  });

  it('that were not written take the anon_vma of the one that was, wherever it lies', () => {
    const process = new Process();
    process.map(0, 1);
    process.map(2, 1);
    process.touch(2);
    process.map(1, 1);
    expect(process.maps).toEqual(['0+3 rw-p ac']);
    expect(process.anonAt(0)).toBeGreaterThan(0);
    // Of the three that mprotect joins, only the middle was written.
    process.map(10, 1);
    process.map(11, 1, RX);
    process.map(12, 1);
    process.protect(11, 1, RW | RX);
    process.touch(11);
    process.protect(11, 1, RW);
    expect(process.maps.slice(1)).toEqual(['10+3 rw-p ac']);
    expect(process.anonAt(12)).toBeGreaterThan(0);
  });

  it('of which one is not mergeable as a whole are left to the lower, in mprotect too', () => {
    const process = new Process();
    process.map(0, 1);
    process.map(1, 1, R);
    process.map(2, 1);
    process.touch(0);
    process.touch(2);
    process.protect(1, 1, RW);
    expect(process.maps).toEqual(['0+2 rw-p ac', '2+1 rw-p ac']);
  });
});

describe('the first write', () => {
  it('takes the anon_vma of a neighbour with which the VMA may come to be one: the next first', () => {
    const process = new Process();
    process.map(0, 3);
    process.touch(0);
    // Splitting shares it.
    process.protect(1, 1, R);
    expect(process.anonAt(2)).toBe(process.anonAt(0));
    process.map(4, 1, RX | RW);
    process.map(5, 1, RW);
    process.touch(5);
    process.touch(4);
    expect(process.anonAt(4)).toBe(process.anonAt(5));
    process.map(10, 1, RX | RW);
    process.map(9, 1, RW);
    process.touch(9);
    process.touch(10);
    expect(process.anonAt(10)).toBe(process.anonAt(9));
  });

  it('takes a new one beside others flags, another place or a hole', () => {
    const process = new Process();
    process.map(0, 1);
    process.touch(0);
    process.map(1, 1, RW, ANON | MapFlag.FIXED | MapFlag.NORESERVE);
    process.touch(1);
    expect(process.anonAt(1)).not.toBe(process.anonAt(0));
    process.map(3, 1);
    process.touch(3);
    expect(new Set([0, 1, 3].map((page) => process.anonAt(page))).size).toBe(3);
    // Moved once it was written, memory keeps its place in the "file", and is contiguous with nothing here.
    process.remap(3, 1, 1, 3, 8);
    process.map(9, 1);
    process.touch(9);
    expect(process.anonAt(9)).not.toBe(process.anonAt(8));
    expect(process.maps.slice(-2)).toEqual(['8+1 rw-p ac', '9+1 rw-p ac']);
  });

  it('leaves shared memory without one, and fails where nothing can be written', () => {
    const process = new Process();
    process.map(0, 2, RW, MapFlag.SHARED | MapFlag.ANONYMOUS | MapFlag.FIXED);
    expect(process.touch(1)).toBe('ok');
    expect(process.anonAt(1)).toBe(0);
    process.map(4, 1, R);
    expect([process.touch(4), process.touch(5), process.touch(3)]).toEqual(['EFAULT', 'EFAULT', 'EFAULT']);
    // Grown shared memory has nothing behind its first size; nor has a file behind its last page.
    expect(process.remap(0, 2, 3)).toBe(`0x${at(0).toString(16)}`);
    expect([process.touch(1), process.touch(2)]).toEqual(['ok', 'EFAULT']);
    const file = process.space.open({ name: 'rw', pages: 2 });
    process.mapFile(10, 3, file, 0, RW, MapFlag.PRIVATE);
    expect([process.touch(11), process.touch(12)]).toEqual(['ok', 'EFAULT']);
    expect(process.anonAt(11)).toBeGreaterThan(0);
  });
});
