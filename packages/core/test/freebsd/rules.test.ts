import { describe, expect, it } from 'vitest';
import { freebsd } from '../../src/index.ts';
import {
  BTI,
  entriesOf,
  KEY_FLAGS,
  KEY_POLICIES,
  keysOf,
  Machine,
  MAP,
  mapping,
  PAGE,
  pages,
  perform,
  Pmap,
  presentOf,
  PROT,
  RW,
  setKey,
  touch,
} from './machine-under-test.ts';

const machineOf = (policy: freebsd.KeyPolicyName = 'pmap_map_delete', elsewhere = 1) =>
  new Machine({ policy: KEY_POLICIES[policy], elsewhere });

describe('mmap', () => {
  it.each([
    ['unknown protection', { prot: 8 }, 'EINVAL'],
    ['more than PROT_MAX, before an empty length', { prot: RW | freebsd.protMax(PROT.read), length: 0 }, 'EOPNOTSUPP'],
    ['an empty length', { length: 0 }, 'EINVAL'],
    ['anonymous with a file', { flags: MAP.ANON | MAP.FIXED, file: 3 }, 'EINVAL'],
    ['anonymous with a position', { position: PAGE }, 'EINVAL'],
    ['a stack that cannot be written', { flags: MAP.STACK, prot: PROT.read }, 'EINVAL'],
    ['unknown flags', { flags: MAP.ANON | 0x8000 }, 'EINVAL'],
    ['exclusive without a place', { flags: MAP.ANON | MAP.EXCL }, 'EINVAL'],
    ['shared and private', { flags: MAP.ANON | MAP.SHARED | MAP.PRIVATE }, 'EINVAL'],
    ['a guard with rights', { flags: MAP.GUARD }, 'EINVAL'],
    ['a guard with a position', { flags: MAP.GUARD, prot: 0, position: PAGE }, 'EINVAL'],
    ['a private guard', { flags: MAP.GUARD | MAP.PRIVATE, prot: 0 }, 'EINVAL'],
    ['an alignment below a page', { flags: MAP.ANON | (11 << 24) }, 'EINVAL'],
    ['a place that is not aligned', { address: 0x10001 }, 'EINVAL'],
    ['a place outside', { address: freebsd.MAX_USER - PAGE, length: 2 * PAGE }, 'EINVAL'],
    ['a file that is not open', { flags: MAP.PRIVATE }, 'EBADF'],
    ['a file, neither shared nor private', { flags: 0, file: 3 }, 'EINVAL'],
  ])('refuses %s', (_what, change, error) => {
    expect(perform(machineOf(), { ...mapping(0, 4), ...change })).toBe(error);
  });

  it('takes a position that is not aligned, and memory neither shared nor private', () => {
    const machine = machineOf();
    const call = { ...mapping(0, 2, 0, { file: 3, position: PAGE + 100 }), address: 0x10064 };
    expect(perform(machine, call)).toBe(0x10064);
    expect(entriesOf(machine)).toEqual(['0-3 3 A+1 needs-copy']);
    expect(perform(machine, mapping(8, 9))).toBe(0x18000);
  });

  it('exclusively: refused where anything is, guards too; nothing is deleted', () => {
    const machine = machineOf();
    perform(machine, mapping(0, 1));
    perform(machine, { ...mapping(2, 3), flags: MAP.FIXED | MAP.GUARD, prot: 0 });
    expect(perform(machine, mapping(1, 3, MAP.EXCL))).toBe('ENOMEM');
    expect(entriesOf(machine)).toEqual(['0-1 3 -', '2-3 0 - guard']);
    expect(perform(machine, mapping(1, 2, MAP.EXCL))).toBe(0x11000);
  });

  it('finds a place itself, aligned where asked', () => {
    const machine = machineOf();
    perform(machine, mapping(0, 4));
    const free = { ...mapping(2, 4), flags: MAP.ANON };
    expect(perform(machine, free)).toBe(0x14000);
    expect(Number(perform(machine, { ...free, flags: MAP.ANON | (1 << 24) })) % (2 << 20)).toBe(0);
  });

  it('looks below a hint that has no room above it, and leaves a gap that holds no aligned place', () => {
    const high = machineOf();
    const hint = { ...mapping(0, 4), flags: MAP.ANON, address: freebsd.MAX_USER - PAGE };
    expect(Number(perform(high, hint))).toBeLessThan(freebsd.MAX_USER - 4 * PAGE);
    const machine = machineOf();
    const from = Number(perform(machine, { ...mapping(0, 1), flags: MAP.ANON, address: 0 }));
    perform(machine, { ...mapping(0, 1), address: from + 7 * PAGE });
    // Six pages are free in between: the one multiple of 16 KiB in them has three behind it.
    const aligned = { ...mapping(0, 4), flags: MAP.ANON | (14 << 24), address: 0 };
    expect(perform(machine, aligned)).toBe(from + 8 * PAGE);
  });

  it('extends the memory below; with other rights it goes on in its object', () => {
    const machine = machineOf();
    perform(machine, mapping(0, 2));
    perform(machine, mapping(2, 4));
    expect(entriesOf(machine)).toEqual(['0-4 3 -']);
    perform(machine, touch(0, 1));
    perform(machine, mapping(4, 5, 0, { prot: PROT.read }));
    expect(entriesOf(machine)).toEqual(['0-4 3 A+0', '4-5 1 A+4']);
    // Two entries refer to the object now: it is not grown any more.
    perform(machine, mapping(5, 6, 0, { prot: PROT.read }));
    expect(entriesOf(machine)).toEqual(['0-4 3 A+0', '4-5 1 A+4', '5-6 1 -']);
  });
});

describe('clip and merge', () => {
  it('memory gets an object before it is cut, guards do not', () => {
    const machine = machineOf();
    perform(machine, mapping(0, 4));
    perform(machine, { op: 'munmap', ...pages(1, 2) });
    expect(entriesOf(machine)).toEqual(['0-1 3 A+0', '2-4 3 A+2']);
    perform(machine, { ...mapping(8, 12), flags: MAP.FIXED | MAP.GUARD, prot: 0 });
    perform(machine, { op: 'munmap', ...pages(9, 10) });
    expect(entriesOf(machine).slice(2)).toEqual(['8-9 0 - guard', '10-12 0 - guard']);
  });

  it('what says the same becomes one again, whatever its keys', () => {
    const machine = machineOf();
    perform(machine, mapping(0, 4));
    perform(machine, setKey(0, 2, 3));
    perform(machine, { op: 'mprotect', ...pages(1, 2), prot: PROT.read });
    expect(entriesOf(machine)).toEqual(['0-1 3 A+0', '1-2 1 A+1', '2-4 3 A+2']);
    perform(machine, { op: 'mprotect', ...pages(1, 2), prot: RW });
    expect(entriesOf(machine)).toEqual(['0-4 3 A+0']);
    perform(machine, { op: 'madvise', ...pages(2, 3), advice: 'nosync' });
    expect(entriesOf(machine)).toHaveLength(3);
    perform(machine, { op: 'madvise', ...pages(2, 3), advice: 'autosync' });
    expect(entriesOf(machine)).toHaveLength(1);
  });
});

describe('munmap, mprotect, mlock, msync', () => {
  it('guards take neither advice nor zeroing on fork: they still merge with their neighbours', () => {
    const machine = machineOf();
    const guard = (first: number, last: number) =>
      perform(machine, { ...mapping(first, last), flags: MAP.FIXED | MAP.GUARD, prot: 0 });
    guard(0, 3);
    perform(machine, { op: 'minherit', ...pages(1, 2), inheritance: 'zero' });
    perform(machine, { op: 'madvise', ...pages(1, 2), advice: 'nocore' });
    expect(entriesOf(machine)).toEqual(['0-3 0 - guard']);
    perform(machine, { op: 'minherit', ...pages(1, 2), inheritance: 'share' });
    expect(entriesOf(machine)).toHaveLength(3);
  });

  it('mprotect makes wired pages writable at once, and copies them', () => {
    const machine = machineOf();
    perform(machine, mapping(0, 2, 0, { file: 3, prot: PROT.read }));
    perform(machine, { op: 'mlock', ...pages(0, 1) });
    perform(machine, touch(1, 2, false));
    perform(machine, { op: 'mprotect', ...pages(0, 2), prot: RW });
    expect(presentOf(machine)).toEqual(['0-1 0w wired', '1-2 0']);
    expect(entriesOf(machine)).toEqual(['0-1 3 A+0 wired', '1-2 3 B+1 needs-copy']);
  });

  it('mlock wants memory that can be read, and brings a process back', () => {
    const machine = machineOf();
    perform(machine, mapping(0, 2, 0, { prot: 0 }));
    expect(perform(machine, { op: 'mlock', ...pages(0, 2) })).toBe('ENOMEM');
    perform(machine, { op: 'mprotect', ...pages(0, 1), prot: PROT.read });
    perform(machine, { op: 'swapout' });
    expect(perform(machine, { op: 'mlock', ...pages(0, 1) })).toBe(0);
    expect(machine.processes.get(0)?.inMemory).toBe(true);
    expect(presentOf(machine)).toEqual(['0-1 0 wired']);
  });

  it('munmap takes holes and addresses that are not aligned, not an empty or outer range', () => {
    const machine = machineOf();
    perform(machine, mapping(1, 2));
    expect(perform(machine, { op: 'munmap', address: 0x10fff, length: 0 })).toBe('EINVAL');
    expect(perform(machine, { op: 'munmap', address: 0x10fff, length: 2 })).toBe(0);
    expect(entriesOf(machine)).toEqual([]);
    expect(perform(machine, { op: 'munmap', address: freebsd.MAX_USER, length: 1 })).toBe('EINVAL');
  });

  it('mprotect changes all or nothing; holes and guards are passed over', () => {
    const machine = machineOf();
    perform(machine, mapping(0, 1));
    perform(machine, mapping(2, 3, 0, { prot: PROT.read | freebsd.protMax(PROT.read) }));
    perform(machine, { ...mapping(4, 5), flags: MAP.FIXED | MAP.GUARD, prot: 0 });
    expect(perform(machine, { op: 'mprotect', ...pages(0, 6), prot: RW | PROT.execute })).toBe('EACCES');
    expect(perform(machine, { op: 'mprotect', ...pages(0, 6), prot: PROT.read })).toBe(0);
    expect(entriesOf(machine)).toEqual(['0-1 1 -', '2-3 1 -', '4-5 0 - guard']);
  });

  it('mprotect takes rights from present pages at once, and gives none; keys stay', () => {
    const machine = machineOf();
    perform(machine, mapping(0, 2));
    perform(machine, touch(0, 2));
    perform(machine, setKey(0, 2));
    perform(machine, { op: 'mprotect', ...pages(0, 1), prot: PROT.read });
    expect(presentOf(machine)).toEqual(['0-1 5', '1-2 5w']);
    perform(machine, { op: 'mprotect', ...pages(0, 1), prot: RW });
    expect(presentOf(machine)).toEqual(['0-1 5', '1-2 5w']);
    perform(machine, { op: 'mprotect', ...pages(0, 2), prot: 0 });
    expect([presentOf(machine), keysOf(machine)]).toEqual([[], ['0-2 5']]);
  });

  it('only a permission that goes away reaches the pmap', () => {
    const machine = machineOf('every_pmap_remove');
    perform(machine, mapping(0, 1, 0, { prot: 0 }));
    perform(machine, setKey(0, 1));
    perform(machine, { op: 'mprotect', ...pages(0, 1), prot: 0 });
    expect(keysOf(machine)).toEqual(['0-1 5']);
  });

  it('copy on write counts as not writable: write alone is none, but only where a permission goes', () => {
    const machine = machineOf('every_pmap_remove');
    perform(machine, mapping(0, 2, 0, { file: 3, prot: 0 }));
    perform(machine, setKey(0, 2));
    perform(machine, { op: 'mprotect', ...pages(0, 2), prot: PROT.write });
    expect(keysOf(machine)).toEqual(['0-2 5']);
    perform(machine, { op: 'mprotect', ...pages(0, 2), prot: RW });
    perform(machine, { op: 'mprotect', ...pages(0, 1), prot: PROT.write });
    expect(keysOf(machine)).toEqual(['1-2 5']);
  });

  it('mlock wants readable pages without a hole', () => {
    const machine = machineOf();
    perform(machine, mapping(0, 2));
    expect(perform(machine, { op: 'mlock', ...pages(0, 3) })).toBe('ENOMEM');
    expect(perform(machine, { op: 'mlock', ...pages(1, 2) })).toBe(0);
    expect(presentOf(machine)).toEqual(['1-2 0w wired']);
    expect(perform(machine, { op: 'munlock', ...pages(1, 2) })).toBe(0);
    expect([entriesOf(machine), presentOf(machine)]).toEqual([['0-2 3 A+0'], ['1-2 0w']]);
  });

  it('msync: invalidate and async, a wired page, a hole; no length means the entry', () => {
    const machine = machineOf('every_pmap_remove');
    perform(machine, mapping(0, 2, 0, { file: 3 }));
    perform(machine, setKey(0, 2));
    const sync = (first: number, last: number, async = false) =>
      perform(machine, { op: 'msync', ...pages(first, last), invalidate: true, async });
    expect(sync(0, 2, true)).toBe('EINVAL');
    expect(sync(0, 3)).toBe('ENOMEM');
    expect(sync(4, 5)).toBe('ENOMEM');
    perform(machine, { op: 'mlock', ...pages(1, 2) });
    expect(sync(0, 2)).toBe('EBUSY');
    perform(machine, { op: 'munlock', ...pages(1, 2) });
    perform(machine, { op: 'munmap', ...pages(0, 2) });
    perform(machine, mapping(0, 2, 0, { file: 3 }));
    perform(machine, setKey(0, 2));
    expect(sync(1, 1)).toBe(0);
    expect(keysOf(machine)).toEqual([]);
  });
});

describe('fork', () => {
  it('shares, copies, zeroes and leaves out; all keys are inherited', () => {
    const machine = machineOf();
    for (const [i, inheritance] of (['copy', 'share', 'zero', 'none'] as const).entries()) {
      perform(machine, mapping(2 * i, 2 * i + 1));
      perform(machine, { op: 'minherit', ...pages(2 * i, 2 * i + 1), inheritance });
    }
    perform(machine, setKey(0, 9));
    perform(machine, touch(0, 9));
    perform(machine, { op: 'fork', child: 1 });
    expect(entriesOf(machine, 1)).toEqual(['0-1 3 A+0 needs-copy', '2-3 3 B+0', '4-5 3 -']);
    expect(presentOf(machine, 1)).toEqual(['0-1 5', '2-3 5w']);
    expect(presentOf(machine)).toEqual(['0-1 5', '2-3 5w', '4-5 5w', '6-7 5w']);
    expect(keysOf(machine, 1)).toEqual(['0-9 5']);
    perform(machine, touch(0, 1), 1);
    expect(presentOf(machine, 1)[0]).toBe('0-1 5w');
  });

  it('a guard is inherited as it is, even as zeroed memory', () => {
    const machine = machineOf();
    perform(machine, { ...mapping(0, 1), flags: MAP.FIXED | MAP.GUARD, prot: 0 });
    perform(machine, { op: 'minherit', ...pages(0, 1), inheritance: 'zero' });
    perform(machine, { op: 'minherit', ...pages(0, 1), inheritance: 'share' });
    perform(machine, { op: 'fork', child: 1 });
    expect(entriesOf(machine, 1)).toEqual(['0-1 0 - guard']);
  });

  it('the first that writes gets an object of its own, the last one keeps what there was', () => {
    const machine = machineOf();
    const objects = () => [...machine.processes.values()].map(({ map }) => map.list()[0].entry.object);
    perform(machine, mapping(0, 1));
    perform(machine, touch(0, 1));
    perform(machine, { op: 'fork', child: 1 });
    const [before] = objects();
    perform(machine, touch(0, 1));
    expect(objects()[0]).not.toBe(before);
    perform(machine, touch(0, 1), 1);
    expect(objects()[1]).toBe(before);
  });

  it('shared pages are not wired in the child', () => {
    const machine = machineOf();
    perform(machine, mapping(0, 1, MAP.SHARED));
    perform(machine, { op: 'mlock', ...pages(0, 1) });
    perform(machine, { op: 'fork', child: 1 });
    expect([presentOf(machine), presentOf(machine, 1)]).toEqual([['0-1 0w wired'], ['0-1 0w']]);
  });

  it('a wired copy is made at once', () => {
    const machine = machineOf();
    perform(machine, mapping(0, 1));
    perform(machine, setKey(0, 1));
    perform(machine, { op: 'mlock', ...pages(0, 1) });
    perform(machine, { op: 'fork', child: 1 });
    expect([entriesOf(machine, 1), presentOf(machine, 1)]).toEqual([['0-1 3 A+0'], ['0-1 5w']]);
    expect(presentOf(machine)).toEqual(['0-1 5w wired']);
  });

  it('a wired copy that cannot be written waits for a write, unwired', () => {
    const machine = machineOf();
    perform(machine, mapping(0, 1, 0, { prot: PROT.read }));
    perform(machine, { op: 'mlock', ...pages(0, 1) });
    perform(machine, { op: 'fork', child: 1 });
    expect([entriesOf(machine), presentOf(machine)]).toEqual([['0-1 1 A+0 wired needs-copy'], ['0-1 0 wired']]);
    expect([entriesOf(machine, 1), presentOf(machine, 1)]).toEqual([['0-1 1 A+0 needs-copy'], ['0-1 0']]);
    expect(machine.processes.get(1)?.map.wired).toBe(0);
  });

  it('what is inherited shared is shared from then on, private file mappings too', () => {
    const machine = machineOf();
    perform(machine, mapping(0, 1, 0, { file: 3 }));
    perform(machine, { op: 'minherit', ...pages(0, 1), inheritance: 'share' });
    perform(machine, { op: 'fork', child: 1 });
    perform(machine, touch(0, 1));
    perform(machine, touch(0, 1), 1);
    const [ours, theirs] = [0, 1].map((id) => machine.processes.get(id)?.map.list()[0].entry.object);
    expect(ours).toBe(theirs);
    expect(entriesOf(machine, 1)).toEqual(['0-1 3 A+0']);
  });

  it('zeroed memory keeps what madvise said of it', () => {
    const machine = machineOf();
    perform(machine, mapping(0, 1));
    perform(machine, { op: 'madvise', ...pages(0, 1), advice: 'nocore' });
    perform(machine, { op: 'minherit', ...pages(0, 1), inheritance: 'zero' });
    perform(machine, { op: 'fork', child: 1 });
    expect(machine.processes.get(1)?.map.list()[0].entry).toMatchObject({ noCore: true, inheritance: 'zero' });
  });
});

describe('keys', () => {
  it('a large page goes over ranges of one key, persistent or not', () => {
    const pmap = new Pmap();
    const [start, middle, end] = [2 << 20, 3 << 20, 4 << 20];
    pmap.set(start, middle, 5, 0);
    pmap.set(middle, end, 5, KEY_FLAGS.PERSIST);
    expect(pmap.enterLarge(start)).toBe(true);
    pmap.set(middle, end, 6, 0);
    expect(pmap.enterLarge(start)).toBe(false);
  });

  it('a partial munmap of memory that nobody touched drops its keys: the cut made an object', () => {
    const machine = machineOf();
    perform(machine, mapping(0, 4));
    perform(machine, setKey(0, 4));
    perform(machine, { op: 'munmap', ...pages(1, 2) });
    expect(keysOf(machine)).toEqual(['0-1 5', '2-4 5']);
    perform(machine, mapping(8, 10));
    perform(machine, setKey(8, 10));
    perform(machine, { op: 'munmap', ...pages(8, 10) });
    expect(keysOf(machine)).toEqual(['0-1 5', '2-4 5', '8-10 5']);
  });

  it('nothing resident: munmap keeps them', () => {
    const machine = machineOf('pmap_map_delete', 0);
    perform(machine, mapping(0, 1, 0, { file: 3 }));
    perform(machine, setKey(0, 1));
    perform(machine, { op: 'munmap', ...pages(0, 1) });
    expect(keysOf(machine)).toEqual(['0-1 5']);
  });

  it('entries own them: holes in a range that is unmapped keep theirs, persistent keys stay', () => {
    const machine = machineOf('entry_owned');
    perform(machine, mapping(1, 2));
    perform(machine, mapping(4, 5));
    perform(machine, setKey(0, 4));
    perform(machine, setKey(4, 5, 6, KEY_FLAGS.PERSIST));
    perform(machine, { op: 'munmap', ...pages(0, 6) });
    expect(keysOf(machine)).toEqual(['0-1 5', '2-4 5', '4-5 6!']);
  });

  it('the pager takes single pages: they come back with their keys', () => {
    const machine = machineOf('every_pmap_remove');
    perform(machine, mapping(0, 2));
    perform(machine, setKey(0, 2));
    perform(machine, touch(0, 2));
    perform(machine, { op: 'reclaim', ...pages(0, 1) });
    expect(presentOf(machine)).toEqual(['1-2 5w']);
    perform(machine, touch(0, 1));
    expect(presentOf(machine)).toEqual(['0-1 5w', '1-2 5w']);
  });

  it('the swapout bug: the page comes back with key 0', () => {
    const after = (policy: freebsd.KeyPolicyName, flags = 0) => {
      const machine = machineOf(policy);
      perform(machine, mapping(0, 1));
      perform(machine, touch(0, 1));
      perform(machine, setKey(0, 1, 5, flags));
      perform(machine, { op: 'swapout' });
      perform(machine, { op: 'swapin' });
      perform(machine, touch(0, 1));
      return presentOf(machine);
    };
    expect(after('every_pmap_remove')).toEqual(['0-1 0w']);
    expect(after('pmap_remove_swapout')).toEqual(['0-1 5w']);
    expect(after('every_pmap_remove', KEY_FLAGS.PERSIST)).toEqual(['0-1 5w']);
  });

  it('a page without a length: refused where the address is aligned', () => {
    const machine = machineOf();
    expect(perform(machine, { ...setKey(0, 0), length: 0 })).toBe('EFAULT');
    expect(perform(machine, { ...setKey(0, 0), address: 0x10001, length: 0 })).toBe(0);
    expect(keysOf(machine)).toEqual(['0-1 5']);
  });

  it('an exclusive range may follow another, but not end where one begins', () => {
    const machine = machineOf();
    perform(machine, setKey(4, 6, 0));
    expect(perform(machine, setKey(2, 4, 1, KEY_FLAGS.EXCL))).toBe('EBUSY');
    expect(perform(machine, setKey(2, 3, 1, KEY_FLAGS.EXCL))).toBe(0);
    expect(perform(machine, setKey(6, 7, 1, KEY_FLAGS.EXCL))).toBe(0);
    expect(keysOf(machine)).toEqual(['2-3 1', '4-6 0', '6-7 1']);
  });
});

describe('a large page', () => {
  const LARGE = 2 << 20;
  it.each([
    ['no key at all', [], true],
    ['one key', [[0, LARGE, 3]], true],
    [
      'one key in two ranges',
      [
        [0, PAGE, 3],
        [PAGE, LARGE, 3],
      ],
      true,
    ],
    [
      'two keys',
      [
        [0, PAGE, 3],
        [PAGE, LARGE, 4],
      ],
      false,
    ],
    ['a key that begins inside', [[PAGE, LARGE, 3]], false],
    ['a key that ends inside', [[0, PAGE, 3]], false],
    [
      'a hole between',
      [
        [0, PAGE, 3],
        [2 * PAGE, LARGE, 3],
      ],
      false,
    ],
  ] as [string, [number, number, number][], boolean][])('%s', (_what, ranges, fits) => {
    const pmap = new Pmap();
    for (const [start, end, key] of ranges) pmap.set(LARGE + start, LARGE + end, key, 0);
    expect(pmap.enterLarge(LARGE)).toBe(fits);
    expect(pmap.entries.resident).toBe(fits ? 512 : 0);
  });
});

describe('guarded pages of arm64', () => {
  it('are the same ranges, without keys, persistence or exclusion', () => {
    const machine = new Machine({ kind: BTI });
    perform(machine, mapping(0, 2));
    perform(machine, touch(0, 2));
    expect(perform(machine, setKey(0, 2, 2))).toBe('EINVAL');
    expect(perform(machine, setKey(0, 2, 1, KEY_FLAGS.PERSIST))).toBe('EINVAL');
    expect(perform(machine, setKey(0, 2, 1, KEY_FLAGS.EXCL))).toBe('EINVAL');
    expect(perform(machine, setKey(0, 2, 1))).toBe(0);
    perform(machine, { op: 'fork', child: 1 });
    perform(machine, { op: 'munmap', ...pages(0, 1) });
    expect([keysOf(machine), keysOf(machine, 1)]).toEqual([['1-2 1'], ['0-2 1']]);
  });
});
