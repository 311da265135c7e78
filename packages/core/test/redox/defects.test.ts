import { describe, expect, test } from 'vitest';
import { redox } from '../../src/index.ts';
import { done, error, ok, SmallMachine } from './small-machine.ts';

const { DEFECTS, MAP, MREMAP } = redox;
const { asIs, intended } = redox.REDOX_POLICIES;

/** The kernel with one defect repaired, and all others kept. */
const repaired = (name: redox.DefectName): number => asIs & ~DEFECTS[name];

/** Run the same on the kernel as it is, and with one defect repaired. */
function both<Result>(name: redox.DefectName, spaces: number, run: (m: SmallMachine) => Result): [Result, Result] {
  return [run(new SmallMachine(asIs, spaces)), run(new SmallMachine(repaired(name), spaces))];
}

describe('each defect, as it is and repaired', () => {
  test('B1: the parts of a split External grant name the same source page', () => {
    const [kept, mended] = both('externalSplit', 2, (m) => {
      m.map(1, 10, 3);
      for (const i of [0, 1, 2]) m.write(1, 10 + i, 100 + i);
      m.borrow(0, 20, 1, 10, 3);
      m.unmap(0, 21, 1);
      m.fork(0, 2);
      return m.read(2, 22);
    });
    expect(kept).toEqual({ kind: 'accessed', word: 100, faults: 1 });
    expect(mended).toEqual({ kind: 'accessed', word: 102, faults: 1 });
  });

  test('B2: contiguous memory loses what rounding adds', () => {
    const [kept, mended] = both('contiguousSurplus', 1, (m) => {
      const { allocator } = m.machine.frames;
      const before = allocator.used;
      m.map(0, 10, 5, 'rw', { contiguous: true });
      m.unmap(0, 10, 5);
      return allocator.used - before;
    });
    expect([kept, mended]).toEqual([3, 0]);
  });

  test('B3: mprotect to writable leaves the execute bit in entries', () => {
    const [kept, mended] = both('staleExec', 1, (m) => {
      m.map(0, 10, 1, 'rx');
      m.protect(0, 10, 1, 'rw');
      return m.entry(0, 10);
    });
    expect([kept, mended]).toEqual(['r-x', 'r--']);
  });

  test('B4: a move makes the zeroed frame writable, and what is written shows elsewhere', () => {
    const [kept, mended] = both('movedWritable', 1, (m) => {
      m.map(0, 10, 1);
      m.map(0, 30, 1);
      m.move(0, 10, 1, 20, 1, 'rw', MREMAP.fixedReplace);
      m.write(0, 20, 77);
      return m.read(0, 30);
    });
    expect(kept).toEqual({ kind: 'accessed', word: 77, faults: 0 });
    expect(mended).toEqual({ kind: 'accessed', word: 0, faults: 0 });
  });

  test('B5: a moved grant keeps its old flags', () => {
    const [kept, mended] = both('movedFlags', 1, (m) => {
      m.map(0, 10, 1, 'r');
      m.move(0, 10, 1, 20, 1, 'rx', MREMAP.fixedReplace);
      return m.grants(0);
    });
    expect([kept, mended]).toEqual([['20+1 r-- Allocated'], ['20+1 r-x Allocated']]);
  });

  test('B6: a borrow that fails leaves its pins', () => {
    const [kept, mended] = both('borrowPins', 3, (m) => {
      m.map(1, 10, 1);
      m.file(0, 20, 1, 10, 1);
      expect(m.borrow(2, 5, 0, 20, 2)).toEqual(error('EINVAL'));
      return m.pins(0, 20);
    });
    expect([kept, mended]).toEqual([1, 0]);
  });

  test('B7: a scheme mapping that fails leaves its entries', () => {
    const [kept, mended] = both('schemeMapEntries', 2, (m) => {
      m.map(1, 10, 1);
      expect(m.file(0, 20, 1, 10, 2)).toEqual(error('EIO'));
      return [m.grants(0), m.entry(0, 20), m.references(1, 10)];
    });
    expect([kept, mended]).toEqual([
      [[], 'rw-', 'S2'],
      [[], null, '1'],
    ]);
  });

  test('B8: munmap that stops at a pinned grant does not tell the schemes', () => {
    const [kept, mended] = both('lostNotifications', 3, (m) => {
      m.map(1, 10, 1);
      m.map(2, 10, 1);
      m.file(0, 1, 1, 10, 1);
      m.do({ op: 'pinBorrow', space: 0, source: 2, sourceAddress: 10 * 4096, size: 4096, mapFlags: MAP.read });
      expect(m.grants(0)).toEqual(['1+1 rw- FmapBorrowed', '2+1 r-- External']);
      m.messages.length = 0;
      expect(m.unmap(0, 1, 2)).toEqual(error('EBUSY'));
      expect(m.grants(0)).toEqual(['2+1 r-- External']);
      return [...m.messages];
    });
    expect([kept, mended]).toEqual([[], ['munmap 7 0 4096 sync']]);
  });

  test('B9: munmap on behalf of a scheme panics at a scheme mapping that is lent on', () => {
    const [kept, mended] = both('unpinPanic', 3, (m) => {
      m.map(1, 10, 1);
      m.file(0, 20, 1, 10, 1);
      m.borrow(2, 5, 0, 20, 1);
      return m.unmapUnpin(0, 20, 1);
    });
    expect(kept.kind).toBe('panic');
    expect(mended).toEqual(error('EBUSY'));
  });

  test('B10: where the source is gone, one frame is in two spaces with one reference', () => {
    const [kept, mended] = both('goneSource', 2, (m) => {
      m.map(1, 10, 1);
      m.borrow(0, 20, 1, 10, 1);
      m.unmap(1, 10, 1);
      const outcome = m.read(0, 20);
      return [outcome.kind, m.entry(1, 10), outcome.kind === 'accessed' ? m.references(0, 20) : null];
    });
    expect([kept, mended]).toEqual([
      ['accessed', 'r--', '1'],
      ['fault', null, null],
    ]);
  });

  test('B11: a write to a private file mapping waits for ever', () => {
    const [kept, mended] = both('privateWrite', 2, (m) => {
      m.map(1, 10, 1);
      m.write(1, 10, 5);
      m.file(0, 20, 1, 10, 1, 'rw', MAP.private | MAP.fixed);
      return [m.write(0, 20, 6), m.read(1, 10)];
    });
    expect(kept[0]).toEqual({ kind: 'fault', fault: 'NonfatalInternalError', faults: 1 });
    expect(mended).toEqual([
      { kind: 'accessed', word: 6, faults: 1 },
      { kind: 'accessed', word: 5, faults: 0 },
    ]);
  });

  test('B12: fmap loses references to copy-on-write frames of the scheme', () => {
    const [kept, mended] = both('lostFlusher', 2, (m) => {
      m.map(1, 10, 1);
      m.write(1, 10, 5);
      m.fork(1, 2);
      m.file(0, 20, 1, 10, 1);
      return m.references(2, 10);
    });
    expect([kept, mended]).toEqual(['C2', '1']);
  });

  test('B13: a space that is locked is locked again', () => {
    const [kept, mended] = both('deadlock', 2, (m) => {
      m.map(1, 10, 2);
      m.borrow(0, 20, 1, 10, 1);
      return m.borrow(0, 20, 1, 11, 1);
    });
    expect(kept.kind).toBe('panic');
    expect(mended).toEqual(ok(20));
  });

  test('B13: a scheme page that is the caller’s own absent page, lent', () => {
    const [kept, mended] = both('deadlock', 2, (m) => {
      m.map(0, 10, 1);
      m.borrow(1, 20, 0, 10, 1);
      return m.file(0, 30, 1, 20, 1);
    });
    expect(kept.kind).toBe('panic');
    expect(mended).toEqual(ok(30));
  });

  test('B14: an inherited External grant takes away a pin that it never had', () => {
    const [kept, mended] = both('uncountedPins', 3, (m) => {
      m.map(1, 10, 1);
      m.file(0, 20, 1, 10, 1);
      m.borrow(2, 5, 0, 20, 1);
      m.fork(2, 3);
      return [2, 3].map((space) => [m.unmap(space, 5, 1), m.pins(0, 20)] as const);
    });
    expect(kept[1][0].kind).toBe('panic');
    // The child still borrows it when the parent does no more.
    expect(mended).toEqual([
      [done, 1],
      [done, 0],
    ]);
  });

  test('B14: so do the parts of a split one', () => {
    const [kept, mended] = both('uncountedPins', 3, (m) => {
      m.map(1, 10, 3);
      m.file(0, 20, 1, 10, 3);
      m.borrow(2, 5, 0, 20, 3);
      return [6, 5, 7].map((page) => [m.unmap(2, page, 1), m.pins(0, 20)] as const);
    });
    expect(kept[1][0].kind).toBe('panic');
    // What is still lent stays pinned.
    expect(mended).toEqual([
      [done, 2],
      [done, 1],
      [done, 0],
    ]);
  });

  test('B15: keeping the old page panics once a move has made a copy-on-write page writable', () => {
    const [kept, mended] = both('keepOldPanic', 1, (m) => {
      m.map(0, 10, 1);
      m.move(0, 10, 1, 20, 1, 'rw', MREMAP.fixedReplace);
      return m.move(0, 20, 1, 0, 1, 'r', MREMAP.keepOld);
    });
    expect(kept.kind).toBe('panic');
    expect(mended).toEqual(ok(1));
  });

  test('B16: freeing the block of order 9 at 2 MiB looks at frame 0', () => {
    // The first frame of memory holds the root table; 511 more leave the block at 2 MiB without a buddy.
    const run = (panics: boolean) => {
      const allocator = new redox.FrameAllocator([{ base: 1, count: 0x3ff }], panics);
      const frames: number[] = [];
      for (let frame = allocator.allocate(9); frame >= 0; frame = allocator.allocate(9)) frames.push(frame);
      expect(frames).toEqual([512]);
      allocator.free(512, 9);
      return allocator.freeCounts()[9];
    };
    expect(() => run(true)).toThrow(redox.KernelPanic);
    expect(run(false)).toBe(1);
  });

  test('there are sixteen, and `intended` repairs all', () => {
    expect(redox.DEFECT_NAMES).toHaveLength(16);
    expect(redox.DEFECT_NAMES.reduce((bits, name) => bits | DEFECTS[name], 0)).toBe(asIs);
    expect(intended).toBe(0);
  });
});
