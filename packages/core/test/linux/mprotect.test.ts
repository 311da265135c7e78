import { describe, expect, it } from 'vitest';
import { ANON, at, MapFlag, PAGE, Process, Prot, R, RW, RX } from './process.ts';

const mprotect = (process: Process, addr: number | bigint, len: number | bigint, prot: number): string =>
  process.call({ op: 'mprotect', addr, len, prot });

describe('the order in which mprotect looks', () => {
  // Each call breaks one rule and all that come after it.
  it.each([
    ['both directions to grow', at(50), 0, Prot.GROWSDOWN | Prot.GROWSUP, 'EINVAL'],
    ['an address within a page', at(0) + 1, 0, 0x100, 'EINVAL'],
    ['no length, whatever the protection', at(50), 0, 0x100, 'ok'],
    ['a length that wraps to 0', at(50), 2n ** 64n - 1n, 0x100, 'ENOMEM'],
    ['an end that wraps', 2n ** 64n - 4096n, 2 * PAGE, 0x100, 'ENOMEM'],
    ['an unknown protection', at(50), PAGE, 0x100, 'EINVAL'],
    ['nothing there', at(50), PAGE, R, 'ENOMEM'],
    ['nothing at the start', at(9), 2 * PAGE, R, 'ENOMEM'],
    ['nothing at the start, to grow up', at(9), 2 * PAGE, R | Prot.GROWSUP, 'ENOMEM'],
    ['growing up, which nothing does', at(10), PAGE, R | Prot.GROWSUP, 'EINVAL'],
    ['growing down what does not', at(9), 2 * PAGE, R | Prot.GROWSDOWN, 'EINVAL'],
    ['a bit without effect', at(10), PAGE, RW | 8, 'ok'],
  ])('%s', (_, addr, len, prot, answer) => {
    const process = new Process();
    process.map(10, 2);
    expect(mprotect(process, addr, len, prot)).toBe(answer);
    expect(process.maps).toEqual(['10+2 rw-p ac']);
  });

  it('begins at the start of a VMA that grows down, wherever it was asked to', () => {
    const process = new Process();
    process.map(10, 4, RW, ANON | MapFlag.FIXED | MapFlag.GROWSDOWN);
    expect(process.protect(12, 1, R | Prot.GROWSDOWN)).toBe('ok');
    expect(process.maps).toEqual(['10+3 r--p gd', '13+1 rw-p gd ac']);
    expect(process.protect(8, 3, RW | Prot.GROWSDOWN)).toBe('ok');
    expect(process.maps).toEqual(['10+1 rw-p gd ac', '11+2 r--p gd', '13+1 rw-p gd ac']);
  });
});

describe('mprotect over several VMAs', () => {
  it('stops at a hole, and what lies below stays changed', () => {
    const process = new Process();
    process.map(0, 2);
    process.map(2, 2, RX);
    process.map(5, 2);
    expect(process.protect(1, 6, R)).toBe('ENOMEM');
    expect(process.maps).toEqual(['0+1 rw-p ac', '1+3 r--p', '5+2 rw-p ac']);
  });

  it('stops where the protection may not be had', () => {
    const process = new Process();
    const readOnly = process.space.open({ name: 'ro', pages: 9, writable: false });
    process.map(0, 1, R);
    process.mapFile(1, 1, readOnly, 0, R);
    process.map(2, 1, R);
    expect(process.protect(0, 3, RW)).toBe('EACCES');
    expect(process.maps).toEqual(['0+1 rw-p ac', '1+1 r--s', '2+1 r--p']);
  });

  it('reports a hole at the end, after the change', () => {
    const process = new Process();
    process.map(0, 2);
    expect(process.protect(1, 2, R)).toBe('ENOMEM');
    expect(process.maps).toEqual(['0+1 rw-p ac', '1+1 r--p']);
  });

  it('does not even merge where nothing changes', () => {
    const process = new Process();
    // Written and unwritten memory apart: one anon_vma each, then both have the same flags but cannot be one.
    process.map(0, 1);
    process.map(1, 1, R);
    process.protect(1, 1, RW);
    expect(process.maps).toEqual(['0+2 rw-p ac']);
    process.map(4, 1);
    process.touch(4);
    process.map(6, 1);
    process.touch(6);
    process.map(5, 1);
    expect(process.maps.slice(1)).toEqual(['4+2 rw-p ac', '6+1 rw-p ac']);
    process.protect(4, 3, RW);
    expect(process.maps.slice(1)).toEqual(['4+2 rw-p ac', '6+1 rw-p ac']);
  });
});

describe('the commit charge', () => {
  it('comes with the right to write, and goes with it while nothing was written', () => {
    const process = new Process();
    process.map(0, 1, R);
    process.protect(0, 1, RW);
    expect(process.maps).toEqual(['0+1 rw-p ac']);
    process.protect(0, 1, R);
    expect(process.maps).toEqual(['0+1 r--p']);
    process.protect(0, 1, RW);
    process.touch(0);
    process.protect(0, 1, R);
    expect(process.maps).toEqual(['0+1 r--p ac']);
  });

  it('stays with private pages of files, and never comes to shared or unreserved memory', () => {
    const process = new Process();
    const file = process.space.open({ name: 'rw', pages: 9 });
    process.mapFile(0, 1, file, 0, RW, MapFlag.PRIVATE);
    process.protect(0, 1, R);
    process.mapFile(2, 1, file, 0, R);
    process.protect(2, 1, RW);
    process.map(4, 1, R, ANON | MapFlag.FIXED | MapFlag.NORESERVE);
    process.protect(4, 1, RW);
    expect(process.maps).toEqual(['0+1 r--p ac', '2+1 rw-s', '4+1 rw-p nr']);
  });
});
