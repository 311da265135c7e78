import { describe, expect, it } from 'vitest';
import { ANON, at, MapFlag, PAGE, Process, R, RemapFlag, RW } from './process.ts';

const { MAYMOVE, FIXED, DONTUNMAP } = RemapFlag;
const TO = MAYMOVE | FIXED;
const TASK = 0x7fff_ffff_f000;
const hex = (page: number): string => `0x${at(page).toString(16)}`;
const LOW = 0x1_0000;

/** Two pages at 0, one at 2 with another protection. */
function small(config = {}): Process {
  const process = new Process(config);
  process.map(0, 2);
  process.map(2, 1, R);
  return process;
}

describe('the order in which mremap looks', () => {
  it.each([
    ['an unknown flag', { flags: 8 }, 'EINVAL', 'EINVAL'],
    ['an address within a page', { addr: at(0) + 1 }, 'EINVAL', 'EINVAL'],
    ['no new length', { newLen: 0 }, 'EINVAL', 'EINVAL'],
    ['a new length that wraps to 0', { newLen: 2n ** 64n - 1n }, 'EINVAL', 'EINVAL'],
    ['a new length beyond user space, of nothing', { addr: at(50), newLen: TASK + 1 }, 'EINVAL', 'EFAULT'],
    ['FIXED without MAYMOVE, of nothing', { addr: at(50), flags: FIXED }, 'EINVAL', 'EINVAL'],
    ['DONTUNMAP with another length', { addr: at(50), flags: MAYMOVE | DONTUNMAP, newLen: 1 }, 'EINVAL', 'EINVAL'],
    ['a target within a page, of nothing', { addr: at(50), flags: TO, newAddr: at(9) + 1 }, 'EINVAL', 'EFAULT'],
    ['a target behind user space', { flags: TO, newAddr: TASK - PAGE }, 'EINVAL', 'EINVAL'],
    ['a target that overlaps, of nothing', { addr: at(50), flags: TO, newAddr: at(51) }, 'EINVAL', 'EFAULT'],
    // The end of the source wraps below the target, so they have nothing in common, and there is no source.
    [
      'a source that wraps',
      { addr: at(50), oldLen: 2n ** 64n - 8192n, flags: TO, newAddr: at(60) },
      'EFAULT',
      'EFAULT',
    ],
    ['a hint within a page', { flags: MAYMOVE | DONTUNMAP, newAddr: at(9) + 1 }, 'EINVAL', 'EINVAL'],
    ['nothing there', { addr: at(50), newLen: PAGE }, 'EFAULT', 'EFAULT'],
    ['private memory, a second time', { flags: MAYMOVE, oldLen: 0 }, 'EINVAL', 'EINVAL'],
    ['growing across VMAs', { flags: MAYMOVE, oldLen: 3 * PAGE, newLen: 4 * PAGE }, 'EFAULT', 'EFAULT'],
  ])('%s', (_, call, answer, before) => {
    for (const [mremap, expected] of [
      ['6.17', answer],
      ['before', before],
    ] as const) {
      const process = small({ mremap });
      const full = { op: 'mremap', addr: at(0), oldLen: 2 * PAGE, newLen: 2 * PAGE, flags: 0, ...call } as const;
      expect(process.call(full)).toBe(expected);
      expect(process.maps).toEqual(['0+2 rw-p ac', '2+1 r--p']);
    }
  });
});

describe.each(['6.17', 'before'] as const)('mremap (%s) without a new place', (mremap) => {
  it('does nothing at the same length, even past the VMA', () => {
    expect(small({ mremap }).remap(0, 9, 9)).toBe(hex(0));
  });

  it('shrinks over VMAs and holes, but not behind user space', () => {
    const process = small({ mremap });
    process.map(5, 2);
    expect(process.remap(0, 6, 1)).toBe(hex(0));
    expect(process.maps).toEqual(['0+1 rw-p ac', '6+1 rw-p ac']);
    const all = { op: 'mremap', addr: at(0), newLen: PAGE, flags: 0 } as const;
    expect(process.call({ ...all, oldLen: TASK })).toBe('EINVAL');
    expect(process.call({ ...all, oldLen: 2n ** 64n - 8192n })).toBe('EINVAL');
  });

  it('grows in place where there is room, and becomes one with what comes next', () => {
    const process = new Process({ mremap });
    process.map(0, 1);
    process.map(3, 1);
    expect(process.remap(0, 1, 3)).toBe(hex(0));
    expect(process.maps).toEqual(['0+4 rw-p ac']);
    expect(process.remap(0, 3, 5)).toBe('ENOMEM');
    expect(process.remap(0, 3, 5, MAYMOVE)).toBe('0x7ffff7ffa000');
    expect(process.maps[0]).toBe('3+1 rw-p ac');
  });

  it('maps shared memory a second time when it has no length', () => {
    const process = new Process({ mremap });
    process.map(0, 2, RW, MapFlag.SHARED | MapFlag.ANONYMOUS | MapFlag.FIXED);
    expect(process.remap(0, 0, 2)).toBe('ENOMEM');
    expect(process.remap(0, 0, 2, MAYMOVE)).toBe('0x7ffff7ffd000');
    expect(process.remap(0, 0, 2, TO, 8)).toBe(hex(8));
    expect(process.maps.slice(0, 2)).toEqual(['0+2 rw-s', '8+2 rw-s']);
    // Onto its own start: no overlap is seen, and the target goes first.
    expect(process.remap(8, 0, 2, TO, 8)).toBe('EFAULT');
    expect(process.maps[0]).toBe('0+2 rw-s');
    expect(process.maps[1]).not.toBe('8+2 rw-s');
  });
});

describe.each(['6.17', 'before'] as const)('mremap (%s) to a place', (mremap) => {
  it('replaces what is there, and moves', () => {
    const process = small({ mremap });
    process.map(9, 3, R);
    expect(process.remap(0, 1, 2, TO, 10)).toBe(hex(10));
    expect(process.maps).toEqual(['1+1 rw-p ac', '2+1 r--p', '9+1 r--p', '10+2 rw-p ac']);
  });

  it('cuts the tail before it moves', () => {
    const process = small({ mremap });
    expect(process.remap(0, 3, 1, TO, 10)).toBe(hex(10));
    expect(process.maps).toEqual(['10+1 rw-p ac']);
  });

  it('has removed the target when the place turns out to be forbidden', () => {
    const process = small({ mremap, rawIo: false, mmapMinAddr: LOW });
    const call = { op: 'mremap', addr: at(0), oldLen: 2 * PAGE, newLen: PAGE, flags: TO, newAddr: 0 } as const;
    expect(process.call(call)).toBe('EPERM');
    // The tail as well.
    expect(process.maps).toEqual(['0+1 rw-p ac', '2+1 r--p']);
  });

  it('leaves the source mapped with DONTUNMAP, its anon_vma gone only if all of it went', () => {
    const process = new Process({ mremap });
    process.map(0, 2);
    process.touch(0);
    const anon = process.anonAt(0);
    expect(process.remap(0, 1, 1, TO | DONTUNMAP, 10)).toBe(hex(10));
    expect([process.anonAt(0), process.anonAt(10)]).toEqual([anon, anon]);
    expect(process.remap(0, 2, 2, TO | DONTUNMAP, 20)).toBe(hex(20));
    expect([process.anonAt(0), process.anonAt(20)]).toEqual([0, anon]);
    expect(process.maps).toEqual(['0+2 rw-p ac', '10+1 rw-p ac', '20+2 rw-p ac']);
  });

  it('takes the address for a hint with DONTUNMAP alone', () => {
    const process = small({ mremap });
    expect(process.remap(0, 2, 2, MAYMOVE | DONTUNMAP, 10)).toBe(hex(10));
    expect(process.remap(0, 1, 1, MAYMOVE | DONTUNMAP, 10)).toBe('0x7ffff7ffe000');
  });

  it('gives unwritten memory the place of its new address; what was written keeps its own', () => {
    const process = new Process({ mremap });
    process.map(0, 1);
    process.map(10, 1);
    process.remap(0, 1, 1, TO, 11);
    expect(process.maps).toEqual(['10+2 rw-p ac']);
    process.map(0, 1);
    process.touch(0);
    process.remap(0, 1, 1, TO, 12);
    expect(process.maps).toEqual(['10+2 rw-p ac', '12+1 rw-p ac']);
    // Back at its first place it would fit again.
    process.map(1, 1);
    process.remap(12, 1, 1, TO, 0);
    expect(process.maps).toEqual(['0+2 rw-p ac', '10+2 rw-p ac']);
  });

  it('does not move what a driver mapped for itself', () => {
    const process = new Process({ mremap });
    const { space } = process;
    space.map.insert(at(0) / PAGE, at(2) / PAGE, space.attributes.intern(0x4_0411, -1, 0, 0));
    expect(process.remap(0, 2, 2, MAYMOVE | DONTUNMAP, 10)).toBe('EINVAL');
    expect(process.remap(0, 2, 3, MAYMOVE)).toBe('EFAULT');
    expect(process.maps).toEqual(['0+2 r--p pf de']);
    // Nor does it merge, with its like or by a change of protection.
    process.protect(0, 1, 0);
    process.protect(0, 1, R);
    expect(process.maps).toEqual(['0+1 r--p pf de', '1+1 r--p pf de']);
  });
});

describe('a move across several VMAs', () => {
  const gaps = (mremap: '6.17' | 'before'): Process => {
    const process = new Process({ mremap });
    process.map(0, 2);
    process.map(3, 1, R);
    process.map(20, 6, R, ANON | MapFlag.FIXED | MapFlag.NORESERVE);
    return process;
  };

  it('keeps the holes since 6.17, and what lies opposite to them', () => {
    const process = gaps('6.17');
    expect(process.remap(1, 4, 4, TO, 21)).toBe(hex(21));
    expect(process.maps).toEqual([
      '0+1 rw-p ac',
      '20+1 r--p nr',
      '21+1 rw-p ac',
      '22+1 r--p nr',
      '23+1 r--p',
      '24+2 r--p nr',
    ]);
    expect(process.remap(2, 4, 4, TO, 40)).toBe('EFAULT');
  });

  it('was refused before, with the target removed', () => {
    const process = gaps('before');
    expect(process.remap(1, 4, 4, TO, 21)).toBe('EFAULT');
    expect(process.maps).toEqual(['0+2 rw-p ac', '3+1 r--p', '20+1 r--p nr', '25+1 r--p nr']);
  });

  it('that fails on the way leaves the first pieces moved', () => {
    const tight = new Process({ maxMapCount: 9 + 3 });
    tight.map(0, 1);
    tight.map(2, 1, R);
    tight.map(4, 1);
    tight.map(20, 9, R, ANON | MapFlag.FIXED | MapFlag.NORESERVE);
    tight.map(100, 1);
    tight.map(102, 1);
    expect(tight.space.map.count).toBe(6);
    // 6 → 7 with the first piece, 8 with the second; then clearing makes 9, and a move needs 3 more than there are.
    expect(tight.remap(0, 5, 5, TO, 22)).toBe('ENOMEM');
    expect(tight.maps.slice(0, 1)).toEqual(['4+1 rw-p ac']);
    expect(tight.maps).toContain('22+1 rw-p ac');
    expect(tight.maps).toContain('24+1 r--p');
  });
});
