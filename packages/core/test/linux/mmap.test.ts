import { describe, expect, it } from 'vitest';
import { BAD_FILE, vmFlagNames } from '../../src/linux/index.ts';
import { ANON, at, BASE, MapFlag, PAGE, Process, R, RW, RX } from './process.ts';

const TASK = 0x7fff_ffff_f000;
const FIXED = ANON | MapFlag.FIXED;
const NOREPLACE = ANON | MapFlag.FIXED_NOREPLACE;

describe('the order in which mmap looks', () => {
  // Each call breaks one rule and all that come after it.
  it.each<[string, { addr?: number; len: number | bigint; off?: bigint; file?: number; type?: number }, string]>([
    ['an offset within a page', { off: 1n, file: BAD_FILE, len: 0 }, 'EINVAL'],
    ['a bad descriptor', { file: BAD_FILE, len: 0 }, 'EBADF'],
    ['no length', { len: 0, addr: TASK + 1 }, 'EINVAL'],
    ['a length that wraps to 0', { len: 2n ** 64n - 4095n, addr: TASK + 1 }, 'ENOMEM'],
    ['a length beyond user space', { len: TASK + PAGE, addr: 1 }, 'ENOMEM'],
    ['an end beyond user space', { len: 2 * PAGE, addr: TASK - PAGE + 1 }, 'ENOMEM'],
    ['the same by a part of a page', { len: PAGE, addr: TASK - PAGE + 1 }, 'ENOMEM'],
    ['an address within a page', { len: PAGE, addr: at(0) + 1 }, 'EINVAL'],
    ['something mapped, without leave to replace', { len: PAGE, addr: at(0), type: 0 }, 'EEXIST'],
    ['no type', { len: PAGE, addr: at(9), type: 0 }, 'EINVAL'],
  ])('%s', (_, { type = MapFlag.PRIVATE, ...call }, answer) => {
    const process = new Process();
    process.map(0, 1);
    const kind = 'file' in call ? 0 : MapFlag.ANONYMOUS;
    expect(process.call({ op: 'mmap', addr: 0, prot: RW, flags: type | kind | MapFlag.FIXED_NOREPLACE, ...call })).toBe(
      answer,
    );
    expect(process.maps).toEqual(['0+1 rw-p ac']);
  });

  it('refuses shared mappings of files by what is special of them', () => {
    const process = new Process();
    const file = process.space.open({ name: 'rw', pages: 4 });
    const readOnly = process.space.open({ name: 'ro', pages: 4, writable: false });
    const { SHARED, SHARED_VALIDATE, PRIVATE, SYNC, FIXED_NOREPLACE, GROWSDOWN } = MapFlag;
    process.map(0, 1);
    // Whatever is in the way is seen first.
    expect(process.mapFile(0, 1, file, 0, RW, SHARED_VALIDATE | FIXED_NOREPLACE)).toBe('EEXIST');
    expect(process.mapFile(1, 1, file, 0, RW, SHARED_VALIDATE | FIXED_NOREPLACE)).toBe('EOPNOTSUPP');
    expect(process.mapFile(1, 1, readOnly, 0, RW, SHARED_VALIDATE | SYNC)).toBe('EOPNOTSUPP');
    expect(process.mapFile(1, 1, readOnly, 0, RW, SHARED_VALIDATE)).toBe('EACCES');
    expect(process.mapFile(1, 1, readOnly, 0, RW, SHARED)).toBe('EACCES');
    expect(process.mapFile(1, 1, file, 0, RW, 0)).toBe('EINVAL');
    expect(process.mapFile(1, 1, file, 0, RW, PRIVATE | GROWSDOWN)).toBe('EINVAL');
    expect(process.mapFile(1, 1, file, 2 ** 51 - 1, R)).toBe('EOVERFLOW');
    expect(process.mapFile(1, 1, file, 2 ** 51 - 2, R)).toBe(`0x${at(1).toString(16)}`);
    // A bit of the sizes of huge pages is an old one, FIXED_NOREPLACE alone implies FIXED, and PRIVATE takes any.
    expect(process.mapFile(2, 1, file, 0, RW, SHARED_VALIDATE | 0x800_0000)).toMatch(/^0x/);
    expect(process.mapFile(3, 1, readOnly, 0, RW, PRIVATE | SYNC)).toMatch(/^0x/);
    expect(process.mapFile(4, 1, readOnly, 0, R, SHARED)).toMatch(/^0x/);
    expect(process.maps).toEqual(['0+1 rw-p ac', '1+1 r--s', '2+1 rw-s', '3+1 rw-p ac sf', '4+1 r--s']);
    // SHARED is gone from what cannot be written, and so is the leave to make it writable.
    expect(vmFlagNames(process.space.attributes.flags[process.space.map.find(at(4) / PAGE)])).toBe('rd mr me ms');
    expect(process.protect(4, 1, RW)).toBe('EACCES');
  });

  it('takes SHARED or PRIVATE for anonymous memory, and only PRIVATE grows down', () => {
    const process = new Process();
    for (const type of [0, 3, 4, 8]) expect(process.map(0, 1, RW, type | MapFlag.ANONYMOUS)).toBe('EINVAL');
    expect(process.map(0, 1, RW, MapFlag.SHARED | MapFlag.ANONYMOUS | MapFlag.GROWSDOWN)).toBe('EINVAL');
    expect(process.map(0, 1, RW, FIXED | MapFlag.GROWSDOWN | MapFlag.STACK)).toMatch(/^0x/);
    expect(process.maps).toEqual(['0+1 rw-p gd ac nh']);
  });
});

describe('what is charged', () => {
  it.each([
    ['private and writable', RW, ANON, '0+1 rw-p ac'],
    ['not writable', RX, ANON, '0+1 r-xp'],
    ['NORESERVE', RW, ANON | MapFlag.NORESERVE, '0+1 rw-p nr'],
    ['shared', RW, MapFlag.SHARED | MapFlag.ANONYMOUS, '0+1 rw-s'],
  ])('%s', (_, prot, flags, row) => {
    const process = new Process();
    process.map(0, 1, prot, flags | MapFlag.FIXED);
    expect(process.maps).toEqual([row]);
  });

  it('is all of it where the kernel never overcommits', () => {
    const process = new Process({ neverOvercommit: true });
    process.map(0, 1, RW, FIXED | MapFlag.NORESERVE);
    expect(process.maps).toEqual(['0+1 rw-p ac']);
  });
});

describe('a place that is asked for', () => {
  it('is replaced, with the edges of what was there cut off', () => {
    const process = new Process();
    process.map(0, 10);
    process.map(12, 2, R);
    const told: unknown[] = [];
    process.space.sink = {
      appeared: (start, end) => told.push(['appeared', start - BASE / PAGE, end - start]),
      vanished: () => told.push('vanished'),
      replaced: (start, end) => told.push(['replaced', start - BASE / PAGE, end - start]),
      changed: () => told.push('changed'),
      moved: () => told.push('moved'),
    };
    process.map(8, 5, RX);
    expect(process.maps).toEqual(['0+8 rw-p ac', '8+5 r-xp', '13+1 r--p']);
    expect(told).toEqual([
      ['replaced', 8, 2],
      ['replaced', 12, 1],
      ['appeared', 8, 5],
    ]);
  });

  it('is not replaced with FIXED_NOREPLACE, not even in part', () => {
    const process = new Process();
    process.map(4, 1);
    expect(process.map(0, 5, RW, NOREPLACE)).toBe('EEXIST');
    expect(process.map(0, 4, RW, NOREPLACE)).toBe(`0x${BASE.toString(16)}`);
    expect(process.map(5, 1, RW, NOREPLACE | MapFlag.FIXED)).toMatch(/^0x/);
    expect(process.maps).toEqual(['0+6 rw-p ac']);
  });

  it('is a hint without FIXED: rounded down, taken where it is free, and never replaces', () => {
    const process = new Process();
    expect(process.anywhere(2, ANON, at(4) + 5)).toBe(`0x${at(4).toString(16)}`);
    expect(process.anywhere(1, ANON, at(3))).toBe(`0x${at(3).toString(16)}`);
    expect(process.anywhere(2, ANON, at(2))).not.toBe(`0x${at(2).toString(16)}`);
    // Behind user space it is none at all.
    expect(process.anywhere(2, ANON, TASK - PAGE)).toMatch(/^0x7ffff7/);
    expect(process.anywhere(1, ANON, 2n ** 64n - 4096n)).toMatch(/^0x7ffff7/);
  });

  it('is lifted to what may be mapped, unless the hint is 0', () => {
    expect(new Process({ lsmMinAddr: 0 }).anywhere(1, ANON, PAGE - 1)).toBe('0x7ffff7ffe000');
    expect(new Process({ lsmMinAddr: 0, mmapMinAddr: 8192 }).anywhere(1, ANON, PAGE)).toBe('0x2000');
    expect(new Process().anywhere(1, ANON, PAGE)).toBe('0x10000');
  });

  it('below mmap_min_addr takes a capability', () => {
    const low = { op: 'mmap', addr: 0, len: PAGE, flags: FIXED } as const;
    expect(new Process().call(low)).toBe('0x0');
    expect(new Process({ rawIo: false }).call(low)).toBe('EPERM');
    expect(new Process({ rawIo: false }).call({ ...low, addr: PAGE })).toBe('0x1000');
  });
});

describe('a place that is looked for', () => {
  it('is the top of the highest gap below the base that is large enough', () => {
    const process = new Process({ mmapBase: at(100) });
    expect(process.anywhere(10)).toBe(`0x${at(90).toString(16)}`);
    expect(process.anywhere(10)).toBe(`0x${at(80).toString(16)}`);
    process.unmap(85, 3);
    expect(process.anywhere(4)).toBe(`0x${at(76).toString(16)}`);
    expect(process.anywhere(2)).toBe(`0x${at(86).toString(16)}`);
    expect(process.anywhere(1)).toBe(`0x${at(85).toString(16)}`);
  });

  it('keeps 256 pages below a stack free, and so must a hint', () => {
    const process = new Process({ mmapBase: at(1000) });
    process.map(900, 100, RW, FIXED | MapFlag.GROWSDOWN);
    expect(process.anywhere(4)).toBe(`0x${at(640).toString(16)}`);
    expect(process.anywhere(4, ANON, at(641))).toBe(`0x${at(636).toString(16)}`);
    process.unmap(636, 8);
    expect(process.anywhere(4, ANON, at(640))).toBe(`0x${at(640).toString(16)}`);
    // With FIXED, nobody asks.
    expect(process.map(899, 1)).toBe(`0x${at(899).toString(16)}`);
  });

  it('is aligned for huge pages: private anonymous multiples of 2 MiB, without a hint', () => {
    const huge = (config: object, flags: number, addr = 0) => new Process(config).anywhere(512, flags, addr);
    expect(huge({}, ANON)).toBe('0x7ffff7c00000');
    expect(huge({ hugePages: false }, ANON)).toBe('0x7ffff7dff000');
    expect(huge({}, MapFlag.SHARED | MapFlag.ANONYMOUS)).toBe('0x7ffff7dff000');
    expect(huge({}, ANON, 0x1_0001_0000)).toBe('0x100010000');
    expect(new Process().anywhere(513)).toBe('0x7ffff7dfe000');
    // Where what was found is aligned already, the kernel takes the next: the room was there for both.
    expect(new Process({ mmapBase: 0x7fff_f800_0000 }).anywhere(512)).toBe('0x7ffff7e00000');
  });

  it('begins again from below once nothing is free below the base', () => {
    const process = new Process({ taskSize: 300 * 2 ** 20, mmapBase: 200 * 2 ** 20, lsmMinAddr: 0 });
    process.call({ op: 'mmap', addr: PAGE, len: 200 * 2 ** 20 - PAGE, flags: FIXED });
    expect(process.anywhere(10)).toBe('0xc800000');
    expect(process.anywhere(25_600)).toBe('ENOMEM');
  });
});

describe('the limit of VMAs', () => {
  /** Single pages with holes between them, so many as may be. */
  const full = (count: number): Process => {
    const process = new Process({ maxMapCount: 20 });
    for (let i = 0; i < count; i++) expect(process.map(4 * i, 3)).toMatch(/^0x/);
    return process;
  };

  it('lets mmap go one beyond it, and then refuses every one', () => {
    const process = full(21);
    expect(process.map(1000, 1)).toBe('ENOMEM');
    expect(process.map(3, 1)).toBe('ENOMEM');
    expect(process.map(0, 3)).toBe('ENOMEM');
  });

  it('refuses to split at it: munmap, mprotect, and mmap into the middle', () => {
    const process = full(20);
    expect(process.unmap(1, 1)).toBe('ENOMEM');
    expect(process.map(1, 1, R)).toBe('ENOMEM');
    expect(process.protect(1, 1, R)).toBe('ENOMEM');
    expect(process.protect(0, 1, R)).toBe('ENOMEM');
    expect(process.protect(0, 3, R)).toBe('ok');
    expect(process.unmap(0, 1)).toBe('ok');
    expect(process.unmap(2, 3)).toBe('ok');
    expect(process.unmap(4, 4)).toBe('ok');
  });

  it('leaves the first of two cuts made when mprotect fails at the second', () => {
    const process = full(19);
    expect(process.protect(1, 1, 0)).toBe('ENOMEM');
    expect(process.maps.slice(0, 3)).toEqual(['0+1 rw-p ac', '1+2 rw-p ac', '4+3 rw-p ac']);
  });

  it('counts five below it for mremap to a place, three for one that looks for it', () => {
    expect(full(14).remap(0, 1, 1, 3, 500)).toBe(`0x${at(500).toString(16)}`);
    expect(full(15).remap(0, 1, 1, 3, 500)).toBe('ENOMEM');
    expect(full(16).remap(0, 3, 5, 1)).toMatch(/^0x7ff/);
    expect(full(17).remap(0, 3, 5, 1)).toBe('ENOMEM');
    expect(full(17).remap(0, 3, 2)).toBe(`0x${BASE.toString(16)}`);
  });
});

describe('munmap', () => {
  it.each([
    ['an address within a page', at(0) + 1, PAGE],
    ['no length', at(0), 0],
    ['an address behind user space', TASK + PAGE, PAGE],
    ['an end behind user space', at(0), TASK - at(0) + 1],
    ['a length that wraps', at(0), 2n ** 64n - 1n],
  ])('refuses %s', (_, addr, len) => {
    const process = new Process();
    process.map(0, 1);
    expect(process.call({ op: 'munmap', addr, len })).toBe('EINVAL');
    expect(process.maps).toEqual(['0+1 rw-p ac']);
  });

  it('takes holes, splits, and rounds up', () => {
    const process = new Process();
    process.map(0, 5);
    process.map(7, 5, R);
    expect(process.call({ op: 'munmap', addr: at(3), len: 6 * PAGE + 1 })).toBe('ok');
    expect(process.maps).toEqual(['0+3 rw-p ac', '10+2 r--p']);
    expect(process.unmap(1, 1)).toBe('ok');
    expect(process.unmap(20, 5)).toBe('ok');
    expect(process.maps).toEqual(['0+1 rw-p ac', '2+1 rw-p ac', '10+2 r--p']);
  });
});
