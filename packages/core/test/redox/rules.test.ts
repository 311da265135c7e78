import { describe, expect, test } from 'vitest';
import { redox } from '../../src/index.ts';
import { done, error, ok, prot, SmallMachine } from './small-machine.ts';

const { MAP, MREMAP, PAGE_SIZE, PageInfos, UserGrants, USER_END_PAGE } = redox;

describe('placement', () => {
  const grant = (base: number, count: number): redox.Grant => ({
    base,
    count,
    flags: 0,
    mapped: true,
    provider: { kind: 'AllocatedShared', pinned: false },
  });

  test('the smallest hole that fits is taken, of equal ones the lowest, cut at the least page', () => {
    const grants = new UserGrants();
    for (const [base, count] of [
      [10, 2],
      [15, 1],
      [19, 1],
      [22, 5],
    ])
      grants.insert(grant(base, count));
    expect(grants.holes().slice(0, 4)).toEqual([
      { base: 0, count: 10 },
      { base: 12, count: 3 },
      { base: 16, count: 3 },
      { base: 20, count: 2 },
    ]);
    expect(grants.findFree(0, 2)).toBe(20);
    expect(grants.findFree(0, 3)).toBe(12);
    expect(grants.findFree(13, 3)).toBe(16);
    expect(grants.findFree(13, 2)).toBe(20);
    expect(grants.findFree(4, 4)).toBe(4);
    expect(grants.findFree(7, 4)).toBe(27);
    expect(grants.findFree(0, USER_END_PAGE)).toBe(-1);
  });

  test('a hint that is not fixed is not heard; bit 8 alone is none', () => {
    const m = new SmallMachine();
    expect(m.map(0, 20, 1, 'rw', { flags: 0 })).toEqual(ok(1));
    expect(m.map(0, 20, 1, 'rw', { flags: 8 })).toEqual(ok(2));
    expect(m.map(0, 20, 1, 'rw', { flags: MAP.fixedNoReplace })).toEqual(ok(20));
    expect(m.map(0, 20, 1, 'r', { flags: MAP.fixedNoReplace })).toEqual(error('EEXIST'));
    expect(m.map(0, 20, 1, 'r')).toEqual(ok(20));
  });

  test('page 0 is had by a fixed request, or when it is the least', () => {
    const m = new SmallMachine();
    expect(m.map(0, 0, 1)).toEqual(ok(0));
    m.unmap(0, 0, 1);
    m.do({ op: 'setLeastAddress', space: 0, address: 0 });
    expect(m.map(0, 0, 1, 'rw', { flags: 0 })).toEqual(ok(0));
  });

  test('page 0 may be had by a fixed borrow or file as well', () => {
    const m = new SmallMachine(undefined, 2);
    m.map(1, 10, 2);
    expect(m.borrow(0, 0, 1, 10, 1)).toEqual(ok(0));
    m.unmap(0, 0, 1);
    expect(m.file(0, 0, 1, 10, 1)).toEqual(ok(0));
    expect(m.file(0, 0, 1, 10, 1, 'rw', MAP.shared)).toEqual(ok(1));
  });

  test('a grant behind the user’s part leaves a hole there when it goes', () => {
    const m = new SmallMachine();
    m.map(0, 10, 1);
    expect(m.move(0, 10, 1, USER_END_PAGE + 5, 1, 'rw', MREMAP.fixedReplace)).toEqual(ok(USER_END_PAGE + 5));
    expect(m.space(0).grants.holes()).toEqual([{ base: 0, count: USER_END_PAGE }]);
    m.space(0).grants.removeContaining(USER_END_PAGE + 5);
    expect(m.space(0).grants.holes()).toContainEqual({ base: USER_END_PAGE + 5, count: 1 });
  });
});

describe('cutting a grant', () => {
  test('borrowers’ pins stay with the piece that is taken out', () => {
    const provider = { kind: 'FmapBorrowed', file: { file: 1, offset: 4 }, pins: 2 } as const;
    const { before, middle, after } = redox.extract(
      { base: 10, count: 5, flags: 0, mapped: true, provider },
      { base: 11, count: 2 },
      true,
    );
    expect([before, middle, after].map((part) => part?.provider)).toEqual([
      { ...provider, pins: 0 },
      { ...provider, file: { file: 1, offset: 5 } },
      { ...provider, file: { file: 1, offset: 7 }, pins: 0 },
    ]);
  });
});

describe('references', () => {
  const withWord = (word: bigint): redox.PageInfos => {
    const infos = new PageInfos(1);
    infos.setWord(0, word);
    return infos;
  };

  test('a count of 2^61 takes no further one; the halves carry', () => {
    const full = withWord(redox.REFERENCE_BITS.used | redox.REFERENCE_BITS.most);
    expect(full.addRef(0, 'Cow')).toBe('RcOverflow');
    expect(full.word(0)).toBe(redox.REFERENCE_BITS.used | redox.REFERENCE_BITS.most);
    const carry = withWord(redox.REFERENCE_BITS.used | 0xffff_ffffn);
    expect(carry.addRef(0, 'Cow')).toBe('Ok');
    expect(carry.word(0)).toBe(redox.REFERENCE_BITS.used | 0x1_0000_0000n);
    expect(carry.removeRef(0)).toBe(true);
    expect(carry.word(0)).toBe(redox.REFERENCE_BITS.used | 0xffff_ffffn);
  });
});

describe('anonymous memory', () => {
  test('sixteen pages show the zeroed frame, the others nothing; reading an absent page gives it a frame at once', () => {
    const m = new SmallMachine();
    m.map(0, 10, 20);
    expect([m.entry(0, 25), m.entry(0, 26)]).toEqual(['r--', null]);
    expect(m.read(0, 26)).toEqual({ kind: 'accessed', word: 0, faults: 1 });
    expect(m.entry(0, 26)).toBe('rw-');
    expect(m.write(0, 26, 3)).toEqual({ kind: 'accessed', word: 3, faults: 0 });
  });

  test('memory without a right is readable, and neither written nor run', () => {
    const m = new SmallMachine();
    m.map(0, 10, 1, '');
    expect(m.read(0, 10).kind).toBe('accessed');
    expect(m.write(0, 10, 1)).toEqual({ kind: 'fault', fault: 'Segv', faults: 1 });
    expect(m.fetch(0, 10)).toEqual({ kind: 'fault', fault: 'Segv', faults: 1 });
  });

  test('contiguous memory: all at once, 1,024 pages at most, not shared', () => {
    const m = new SmallMachine();
    expect(m.map(0, 10, 1024, 'rw', { contiguous: true })).toEqual(ok(10));
    expect(m.frame(0, 11) - m.frame(0, 10)).toBe(1);
    expect(m.entry(0, 1033)).toBe('rw-');
    expect(m.map(0, 2000, 1025, 'rw', { contiguous: true })).toEqual(error('ENOMEM'));
    expect(m.map(0, 2000, 1, 'rw', { contiguous: true, shared: true })).toEqual(error('EOPNOTSUPP'));
  });

  test('an address or size that is wrong is refused before what cannot be', () => {
    const m = new SmallMachine();
    const mapFlags = prot('rw') | MAP.shared;
    const request = { op: 'mmap', space: 0, mapFlags, memory: 'wb', contiguous: true } as const;
    expect(m.do({ ...request, address: 8, size: PAGE_SIZE })).toEqual(error('EINVAL'));
    expect(m.do({ ...request, address: 0, size: 0 })).toEqual(error('EINVAL'));
    expect(m.do({ ...request, address: PAGE_SIZE, size: USER_END_PAGE * PAGE_SIZE })).toEqual(error('EINVAL'));
    expect(m.do({ ...request, address: 0, size: PAGE_SIZE })).toEqual(error('EOPNOTSUPP'));
  });

  test('neighbours merge only where flags, provider and all else are the same', () => {
    const m = new SmallMachine();
    m.map(0, 10, 1);
    m.map(0, 11, 1, 'r');
    m.map(0, 12, 1);
    m.map(0, 13, 1, 'rw', { contiguous: true });
    m.map(0, 14, 1, 'rw', { shared: true });
    m.map(0, 15, 1, 'rw', { shared: true });
    expect(m.grants(0)).toHaveLength(6);
    m.protect(0, 11, 1, 'rw');
    expect(m.grants(0)[0]).toBe('10+3 rw- Allocated');
  });
});

describe('device memory', () => {
  test('pages begin read-only, 4,096 of them; the first write makes one writable', () => {
    const m = new SmallMachine();
    m.device(0, 0xf0000, 4097);
    expect([m.entry(0, 1), m.entry(0, 4096), m.entry(0, 4097)]).toEqual(['r--', 'r--', null]);
    expect(m.write(0, 1, 9)).toEqual({ kind: 'accessed', word: 9, faults: 1 });
    expect(m.write(0, 4097, 9)).toEqual({ kind: 'accessed', word: 9, faults: 1 });
    m.device(0, 0xf0000, 1);
    expect(m.read(0, 4098)).toEqual({ kind: 'accessed', word: 9, faults: 0 });
  });

  test('memory of the allocator is refused, as is what lies behind 2^52; physical 0 panics', () => {
    const m = new SmallMachine();
    expect(m.device(0, 0x3fff, 2)).toEqual(error('EPERM'));
    expect(m.device(0, 2 ** 40 - 1, 1)).toEqual(ok(1));
    expect(m.device(0, 2 ** 40 - 1, 2)).toEqual(error('EINVAL'));
    expect(m.device(0, 0, 1).kind).toBe('panic');
  });
});

describe('calls that stop half-way', () => {
  /** Pages 10 and 12 private, 11 a pinned borrow. */
  function pinnedMiddle(): SmallMachine {
    const m = new SmallMachine(undefined, 2);
    m.map(1, 30, 1, 'rw');
    m.map(0, 1, 10);
    m.do({ op: 'pinBorrow', space: 0, source: 1, sourceAddress: 30 * PAGE_SIZE, size: PAGE_SIZE, mapFlags: MAP.read });
    m.map(0, 12, 1);
    return m;
  }

  test('munmap and mprotect change what lies below a pinned grant; unpinned it goes', () => {
    const m = pinnedMiddle();
    expect(m.protect(0, 10, 3, 'r')).toEqual(error('EBUSY'));
    expect(m.grants(0)).toEqual(['1+9 rw- Allocated', '10+1 r-- Allocated', '11+1 r-- External', '12+1 rw- Allocated']);
    expect(m.unmap(0, 10, 3)).toEqual(error('EBUSY'));
    expect(m.grants(0)).toEqual(['1+9 rw- Allocated', '11+1 r-- External', '12+1 rw- Allocated']);
    expect(m.unmapUnpin(0, 11, 1)).toEqual(done);
    expect(m.grants(0)).toHaveLength(2);
  });

  test('a fixed map that fails later has unmapped what was there', () => {
    const m = new SmallMachine();
    m.map(0, 10, 2000);
    expect(m.map(0, 10, 1025, 'rw', { contiguous: true })).toEqual(error('ENOMEM'));
    expect(m.grants(0)).toEqual(['1035+975 rw- Allocated']);
  });

  test('mprotect leaves a grant that may not have the right as it was, cut', () => {
    const m = new SmallMachine();
    m.map(0, 10, 3, 'r', { shared: true });
    expect(m.protect(0, 11, 1, 'rw')).toEqual(error('EACCES'));
    expect(m.grants(0)).toEqual(['10+1 r-- AllocatedShared', '11+1 r-- AllocatedShared', '12+1 r-- AllocatedShared']);
  });
});

describe('mremap', () => {
  test('holes of the source and the added tail become zeroed memory; a source without grants is fine', () => {
    const m = new SmallMachine();
    m.map(0, 11, 1, 'r');
    expect(m.move(0, 10, 3, 20, 5, 'rw', MREMAP.fixedReplace)).toEqual(ok(20));
    expect(m.grants(0)).toEqual(['20+1 rw- Allocated', '21+1 r-- Allocated', '22+3 rw- Allocated']);
    expect(m.move(0, 40, 1, 50, 1, 'r', MREMAP.fixed)).toEqual(ok(50));
  });

  test('map flags among its protection ask for nothing', () => {
    const m = new SmallMachine();
    m.map(0, 10, 1);
    const moved = { oldAddress: 10 * PAGE_SIZE, oldSize: PAGE_SIZE, newAddress: 20 * PAGE_SIZE, newSize: PAGE_SIZE };
    expect(m.do({ op: 'mremap', space: 0, ...moved, remapFlags: 0, mapFlags: MAP.read | MAP.fixed })).toEqual(ok(1));
  });

  test('the destination is unmapped before the source is refused', () => {
    const m = new SmallMachine();
    m.map(0, 10, 1, 'r', { shared: true });
    m.map(0, 20, 1);
    expect(m.move(0, 10, 1, 20, 1, 'rw', MREMAP.fixedReplace)).toEqual(error('EPERM'));
    expect(m.grants(0)).toEqual(['10+1 r-- AllocatedShared']);
  });

  test('what lies behind a shorter new size is unmapped', () => {
    const m = new SmallMachine();
    m.map(0, 10, 4);
    expect(m.move(0, 10, 4, 30, 2, 'rw', MREMAP.fixed)).toEqual(ok(30));
    expect(m.grants(0)).toEqual(['30+2 rw- Allocated']);
  });

  test('an old page that is kept: one frame, shared, and a copy for a fork', () => {
    const m = new SmallMachine();
    m.map(0, 10, 1);
    m.write(0, 10, 5);
    expect(m.move(0, 10, 1, 20, 1, 'rw', MREMAP.keepOld | MREMAP.fixed)).toEqual(ok(20));
    expect([m.references(0, 10), m.frame(0, 10) === m.frame(0, 20)]).toEqual(['S2', true]);
    m.fork(0, 1);
    m.write(0, 20, 6);
    expect([m.read(0, 10), m.read(1, 10)]).toMatchObject([{ word: 6 }, { word: 5 }]);
    expect(m.references(1, 10)).toBe('1');
  });

  test('an old page that is kept: the source is made writable even when the destination is taken', () => {
    const m = new SmallMachine();
    m.map(0, 10, 1);
    m.map(0, 20, 1);
    expect(m.move(0, 10, 1, 20, 1, 'rw', MREMAP.keepOld | MREMAP.fixed)).toEqual(error('EEXIST'));
    expect([m.entry(0, 10), m.references(0, 10)]).toEqual(['rw-', '1']);
  });
});

describe('fork', () => {
  test('private pages are copied when written, by the parent as by the child', () => {
    const m = new SmallMachine();
    m.map(0, 10, 1);
    m.write(0, 10, 5);
    expect(m.fork(0, 1)).toEqual({ kind: 'done', value: 1 });
    expect([m.entry(0, 10), m.entry(1, 10), m.references(0, 10)]).toEqual(['r--', 'r--', 'C2']);
    m.write(1, 10, 6);
    expect(m.read(0, 10)).toMatchObject({ word: 5 });
    const before = m.frame(0, 10);
    m.write(0, 10, 7);
    expect(m.frame(0, 10)).toBe(before);
  });

  test('shared pages are all present afterwards, and the same', () => {
    const m = new SmallMachine();
    m.map(0, 10, 18, 'rw', { shared: true });
    m.fork(0, 1);
    expect([m.entry(0, 27), m.entry(1, 27)]).toEqual(['rw-', 'rw-']);
    m.write(0, 27, 8);
    m.write(1, 10, 9);
    expect([m.read(1, 27), m.read(0, 10)]).toMatchObject([{ word: 8 }, { word: 9 }]);
    expect(m.references(0, 10)).toBe('S2');
  });

  test('without memory, or references to be had, there is no child', () => {
    const m = new SmallMachine(undefined, 1, [{ base: 0x1000, count: 32 }]);
    m.map(0, 10, 64, 'rw', { shared: true });
    expect(m.fork(0, 1)).toEqual(error('ENOMEM'));
    expect([...m.machine.spaces.keys()]).toEqual([0]);
    const full = new SmallMachine();
    full.map(0, 10, 1);
    full.write(0, 10, 5);
    const { allocator } = full.machine.frames;
    allocator.infos.setWord(allocator.index(full.frame(0, 10)), (1n << 63n) | (1n << 61n));
    expect(full.fork(0, 1)).toEqual(error('ENOMEM'));
    expect([...full.machine.spaces.keys()]).toEqual([0]);
  });

  test('not inherited: contiguous memory, pinned grants, scheme mappings, the least address', () => {
    const m = new SmallMachine(undefined, 3);
    m.map(1, 10, 1);
    m.map(0, 10, 1, 'rw', { contiguous: true });
    m.file(0, 20, 1, 10, 1);
    m.do({ op: 'setLeastAddress', space: 0, address: 8 * PAGE_SIZE });
    m.do({ op: 'pinBorrow', space: 0, source: 1, sourceAddress: 10 * PAGE_SIZE, size: PAGE_SIZE, mapFlags: MAP.read });
    m.borrow(0, 30, 1, 10, 1);
    m.device(0, 0xf0000, 1);
    m.fork(0, 5);
    expect(m.grants(5)).toEqual(['12+1 rw- PhysBorrowed', '30+1 r-- External']);
    expect(m.space(5).minPage).toBe(1);
  });
});

describe('memory of another space', () => {
  test('both see one page, whichever writes it', () => {
    const m = new SmallMachine(undefined, 2);
    m.map(1, 10, 1);
    expect(m.borrow(0, 20, 1, 10, 1, 'rw')).toEqual(ok(20));
    m.write(0, 20, 5);
    expect(m.read(1, 10)).toMatchObject({ word: 5 });
    m.write(1, 10, 6);
    expect(m.read(0, 20)).toMatchObject({ word: 6 });
    expect(m.references(1, 10)).toBe('S2');
  });

  test('a chain of borrows is followed fifteen times', () => {
    const m = new SmallMachine(undefined, 17);
    m.map(0, 10, 20);
    for (let id = 1; id < 17; id++) m.borrow(id, 10, id - 1, 10, 20);
    expect(m.read(16, 29)).toEqual({ kind: 'fault', fault: 'RecursionLimitExceeded', faults: 1 });
    expect(m.read(15, 29).kind).toBe('accessed');
  });

  test('a source that does not reach, has gaps, or is one’s own', () => {
    const m = new SmallMachine(undefined, 2);
    m.map(1, 10, 1, 'r', { shared: true });
    m.map(1, 12, 1);
    expect(m.borrow(0, 20, 1, 10, 3)).toEqual(error('EINVAL'));
    expect(m.borrow(0, 20, 1, 9, 2)).toEqual(error('EINVAL'));
    expect(m.borrow(0, 20, 1, 12, 2)).toEqual(error('EINVAL'));
    expect(m.borrow(0, 20, 1, 10, 1, 'rw')).toEqual(error('EPERM'));
    expect(m.borrow(0, 20, 0, 10, 1)).toEqual(error('EBUSY'));
    expect(m.borrow(0, USER_END_PAGE, 1, 10, 1)).toEqual(error('EFAULT'));
  });

  test('a space without an owner lives as long as somebody borrows from it', () => {
    const m = new SmallMachine(undefined, 2);
    m.map(1, 10, 1);
    m.write(1, 10, 5);
    m.borrow(0, 20, 1, 10, 1);
    expect(m.do({ op: 'drop', space: 1 })).toEqual({ kind: 'done', value: 1 });
    expect(m.read(0, 20)).toMatchObject({ word: 5 });
    expect(m.machine.orphans.size).toBe(1);
    m.unmap(0, 20, 1);
    expect(m.machine.orphans.size).toBe(0);
  });
});

describe('files of schemes', () => {
  test('the scheme is told of the map with the caller’s size, of the unmap with whole pages and the offset of the part', () => {
    const m = new SmallMachine(undefined, 2);
    m.map(1, 10, 3);
    const request = {
      op: 'mapScheme',
      space: 0,
      scheme: 1,
      file: 7,
      offset: PAGE_SIZE,
      reply: 10 * PAGE_SIZE,
    } as const;
    expect(
      m.do({ ...request, size: 8193, address: 20 * PAGE_SIZE, mapFlags: prot('r') | MAP.shared | MAP.fixed }),
    ).toEqual(ok(20));
    m.unmap(0, 21, 1);
    m.protect(0, 20, 1, 'rw');
    m.unmap(0, 20, 3);
    expect(m.messages).toEqual(['prep 7 4096 8193', 'munmap 7 8192 4096', 'munmap 7 4096 4096', 'munmap 7 12288 4096']);
  });

  test('no unmap is sent for a map that fails after the scheme has answered', () => {
    const m = new SmallMachine(undefined, 2);
    m.map(1, 10, 1);
    m.map(0, 20, 1);
    expect(m.file(0, 20, 1, 10, 1, 'rw', MAP.shared | MAP.fixedNoReplace)).toEqual(error('EEXIST'));
    expect(m.messages).toEqual(['prep 7 0 4096']);
  });

  test('the scheme’s error is the caller’s', () => {
    const m = new SmallMachine(undefined, 2);
    const request = { op: 'mapScheme', space: 0, scheme: 1, file: 7, offset: 0, size: PAGE_SIZE, address: 0 } as const;
    expect(m.do({ ...request, reply: -redox.ERRNO.EACCES, mapFlags: MAP.read })).toEqual(error('EACCES'));
  });

  test('a private mapping sees what the scheme writes', () => {
    const m = new SmallMachine(undefined, 2);
    m.map(1, 10, 1);
    m.write(1, 10, 5);
    m.file(0, 20, 1, 10, 1, 'rw', MAP.private | MAP.fixed);
    expect([m.entry(0, 20), m.entry(1, 10), m.references(0, 20)]).toEqual(['r--', 'r--', 'S2']);
    m.write(1, 10, 6);
    expect(m.read(0, 20)).toMatchObject({ word: 6 });
  });

  test('one that is lent on is not unmapped until the borrower is done', () => {
    const m = new SmallMachine(undefined, 3);
    m.map(1, 10, 1);
    m.file(0, 20, 1, 10, 1);
    m.borrow(2, 5, 0, 20, 1);
    expect(m.unmap(0, 20, 1)).toEqual(error('EBUSY'));
    m.unmap(2, 5, 1);
    expect(m.unmap(0, 20, 1)).toEqual(done);
  });
});

describe('the zeroed frame', () => {
  test('once written, it is not what a copy of it shows', () => {
    const m = new SmallMachine(undefined, 2);
    m.map(0, 10, 1);
    m.move(0, 10, 1, 20, 1, 'rw', MREMAP.fixedReplace);
    m.write(0, 20, 77);
    m.map(1, 10, 1);
    expect(m.read(1, 10)).toMatchObject({ word: 77 });
    m.borrow(0, 30, 1, 10, 1);
    expect(m.read(0, 30)).toMatchObject({ word: 0 });
  });
});

describe('range trees', () => {
  test('an empty range inside of a range meets it, at its end it does not', () => {
    const tree = new redox.RangeTree<number>();
    tree.insert(10, 5, 1);
    expect(tree.conflicts(12, 12)).toHaveLength(1);
    expect(tree.conflicts(10, 10)).toEqual([]);
    expect(tree.conflicts(15, 15)).toEqual([]);
  });
});

describe('flushes', () => {
  test('32 entries are one flush', () => {
    const m = new SmallMachine();
    m.map(0, 100, 32, 'rw', { contiguous: true });
    expect(m.machine.costs.full).toBe(1);
  });

  test('one for each 32 entries, to each other processor, and one here', () => {
    const m = new SmallMachine();
    m.space(0).remoteProcessors = 2;
    m.map(0, 100, 33, 'rw', { contiguous: true });
    expect({ ...m.machine.costs }).toEqual({ interrupts: 4, full: 2, single: 0 });
    m.unmap(0, 100, 33);
    expect({ ...m.machine.costs }).toEqual({ interrupts: 8, full: 4, single: 0 });
    m.protect(0, 100, 33, 'r');
    expect(m.machine.costs.full).toBe(4);
  });
});

describe('effects', () => {
  test('appeared, vanished, replaced, protected', () => {
    const m = new SmallMachine();
    const seen: string[] = [];
    const text = ({ base, count }: redox.PageSpan): string => `${base}+${count}`;
    m.machine.sink = {
      appeared: (_space, grant) => seen.push(`appeared ${text(grant)}`),
      vanished: (_space, grant, replaced) => seen.push(`${replaced ? 'replaced' : 'vanished'} ${text(grant)}`),
      protectionChanged: (_space, span, before, after) => seen.push(`protected ${text(span)} ${before} ${after}`),
    };
    m.map(0, 10, 3);
    m.map(0, 11, 1);
    m.protect(0, 12, 1, 'r');
    m.unmap(0, 10, 1);
    m.move(0, 11, 1, 30, 1, 'rw', MREMAP.fixed);
    expect(seen).toEqual([
      'appeared 10+3',
      'replaced 11+1',
      'appeared 11+1',
      'protected 12+1 1 0',
      'vanished 10+1',
      'vanished 11+1',
      'appeared 30+1',
    ]);
  });
});

describe('the semantics', () => {
  test('a check changes nothing, a snapshot is what it was, mappings are records', () => {
    const system = new redox.RedoxSemantics();
    const mapFlags = prot('rw') | MAP.private | MAP.fixed;
    const map = {
      op: 'mmap',
      space: 0,
      address: 0x5000,
      size: 0x2000,
      mapFlags,
      memory: 'wb',
      contiguous: false,
    } as const;
    const operations: redox.RedoxOperation[] = [map, { ...map, size: 0 }];
    expect([system.check(operations, 0), system.check(operations, 1)]).toEqual([0, redox.ERRNO.EINVAL]);
    expect(system.mappings(0)).toEqual([]);
    system.perform(operations, 0);
    const snapshot = system.snapshot();
    expect(system.mappings(0)).toEqual([{ object: 1n << 60n, start: 0x5000n, end: 0x7000n, protection: 1n }]);
    system.reset();
    expect(system.mappings(0)).toEqual([]);
    system.restore(snapshot);
    expect(system.mappings(0)).toHaveLength(1);
    expect(() => system.mappings(7)).toThrow(RangeError);
  });
});
