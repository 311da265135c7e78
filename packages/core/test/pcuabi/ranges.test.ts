import { describe, expect, it } from 'vitest';
import type { PcuabiCall } from '../../src/pcuabi/call.ts';
import { PERMISSION, PROT } from '../../src/pcuabi/permissions.ts';
import {
  drop,
  narrow,
  nullDerived,
  offset,
  seal,
  untag,
  type UserCapability,
} from '../../src/pcuabi/user-capability.ts';
import { AT, mmap, PAGE, RW, SpaceUnderTest } from './space-under-test.ts';

const { format } = new SpaceUnderTest().space.profile;
const { Global, VMem, Load, LoadCap, MutableLoad, Store, Execute } = PERMISSION;

type Range = (address: UserCapability, length: number) => PcuabiCall;
const CALLS: Readonly<Record<string, Range>> = {
  munmap: (address, length) => ({ call: 'munmap', address, length }),
  mprotect: (address, length) => ({ call: 'mprotect', address, length, prot: PROT.read }),
  madvise: (address, length) => ({ call: 'madvise', address, length, advice: 'other' }),
  mlock: (address, length) => ({ call: 'mlock', address, length }),
  munlock: (address, length) => ({ call: 'munlock', address, length }),
  msync: (address, length) => ({ call: 'msync', address, length }),
};

describe.each(Object.entries(CALLS))('%s', (_name, call) => {
  it('asks for an owning capability', () => {
    const space = new SpaceUnderTest();
    const p = space.map(AT, 4);
    const wrong = [untag(p), seal(p), drop(p, VMem), drop(p, Global), nullDerived(AT), narrow(format, p, PAGE)];
    for (const pointer of wrong) expect(space.result(call(pointer, 2 * PAGE))).toBe('EINVAL');
    expect(space.runs()).toEqual([[0, 4]]);
    expect(space.result(call(p, 2 * PAGE))).toBe('ok');
  });

  it('then for a live reservation', () => {
    const space = new SpaceUnderTest();
    const p = space.map(AT, 4);
    space.unmap(p, 0, 4);
    expect(space.result(call(p, PAGE))).toBe('ERESERVATION');
    expect(space.result(call(untag(p), PAGE))).toBe('EINVAL');
    // A new reservation that holds the old bounds takes the old capability again.
    space.map(AT, 4);
    expect(space.result(call(p, PAGE))).toBe('ok');
  });
});

describe('alignment, length 0 and holes', () => {
  const answers = (name: string): string[] => {
    const space = new SpaceUnderTest();
    const p = space.map(AT, 4);
    const call = CALLS[name];
    const zero = [space.result(call(p, 0)), space.result(call(untag(p), 0))];
    const dead = new SpaceUnderTest();
    const gone = dead.map(AT, 1);
    dead.unmap(gone, 0, 1);
    const unaligned = [
      space.result(call(offset(format, p, 8), PAGE)),
      dead.result(call(offset(format, gone, 8), PAGE - 8)),
    ];
    space.unmap(p, 1, 1);
    return [...zero, ...unaligned, space.result(call(p, 3 * PAGE)), space.result(call(space.at(p, 1), PAGE))];
  };

  it('are answered by each in its own order', () => {
    // owned with length 0; untagged with length 0; unaligned; unaligned in a dead reservation; over a hole; in a hole
    expect(answers('munmap')).toEqual(['EINVAL', 'EINVAL', 'EINVAL', 'ERESERVATION', 'ok', 'ok']);
    expect(answers('mprotect')).toEqual(['ok', 'ok', 'EINVAL', 'EINVAL', 'ENOMEM', 'ENOMEM']);
    expect(answers('madvise')).toEqual(['ok', 'ok', 'EINVAL', 'EINVAL', 'ENOMEM', 'ENOMEM']);
    expect(answers('mlock')).toEqual(['ok', 'EINVAL', 'ok', 'ERESERVATION', 'ENOMEM', 'ENOMEM']);
    expect(answers('munlock')).toEqual(['ok', 'EINVAL', 'ok', 'ERESERVATION', 'ENOMEM', 'ENOMEM']);
    expect(answers('msync')).toEqual(['ok', 'EINVAL', 'EINVAL', 'EINVAL', 'ENOMEM', 'ENOMEM']);
  });

  it('mlock rounds the range to pages before it looks at the capability', () => {
    const space = new SpaceUnderTest();
    const p = offset(format, space.map(AT, 1), 8);
    expect(space.result({ call: 'mlock', address: p, length: PAGE - 8 })).toBe('ok');
    expect(space.result({ call: 'mlock', address: p, length: PAGE })).toBe('EINVAL');
  });

  it('overflow', () => {
    const space = new SpaceUnderTest();
    const p = untag(space.map(AT, 1));
    expect(space.result({ call: 'mprotect', address: p, length: 2 ** 64, prot: 0 })).toBe('ENOMEM');
    expect(space.result({ call: 'madvise', address: p, length: 2 ** 64, advice: 'other' })).toBe('EINVAL');
    expect(space.result({ call: 'munmap', address: p, length: 2 ** 64 })).toBe('EINVAL');
  });
});

describe('munmap', () => {
  it('of some pages leaves the reservation whole; of the last one, in any order, ends it', () => {
    const space = new SpaceUnderTest();
    const p = space.map(AT, 4);
    for (const page of [2, 0, 3]) {
      expect(space.unmap(p, page, 1)).toBe('ok');
      expect(space.space.listReservations()).toMatchObject([{ outer: { start: AT, end: AT + 4 * PAGE } }]);
    }
    expect(space.unmap(p, 1, 1)).toBe('ok');
    expect(space.space.listReservations()).toEqual([]);
    expect(space.result(mmap(nullDerived(AT), { fixed: true, length: 8 * PAGE }))).toBe('ok');
  });
});

describe('mprotect', () => {
  it('compares with the capability passed, not with the reservation', () => {
    const space = new SpaceUnderTest();
    const p = space.map(AT, 4);
    const to = (address: UserCapability, prot: number): string =>
      space.result({ call: 'mprotect', address, length: PAGE, prot });
    expect(to(p, PROT.execute)).toBe('EINVAL');
    expect(to(drop(p, Store), PROT.write)).toBe('EINVAL');
    expect(to(drop(p, Load), PROT.read)).toBe('EINVAL');
    expect(to(drop(p, Load | Store), 0)).toBe('ok');
    expect(to(p, RW)).toBe('ok');
    expect(to(drop(p, LoadCap | MutableLoad), PROT.read)).toBe('ok');
    const x = space.map(AT + 8 * PAGE, 1, { prot: PROT.read, maxProt: 7 });
    expect(to(x, PROT.execute)).toBe('ok');
    expect(to(drop(x, Execute), PROT.execute)).toBe('EINVAL');
  });

  it('knows no bits of PROT_MAX; these come before the reservation', () => {
    const space = new SpaceUnderTest();
    const p = space.map(AT, 4);
    const call: PcuabiCall = { call: 'mprotect', address: p, length: PAGE, prot: 0, unknownBits: true };
    expect(space.result(call)).toBe('EINVAL');
    space.unmap(p, 0, 4);
    expect(space.result(call)).toBe('EINVAL');
  });

  it('has changed the pages before a hole', () => {
    const space = new SpaceUnderTest();
    const p = space.map(AT, 4);
    space.unmap(p, 2, 1);
    expect(space.result({ call: 'mprotect', address: p, length: 4 * PAGE, prot: PROT.read })).toBe('ENOMEM');
    expect(space.space.listMappings().map(({ prot }) => prot)).toEqual([PROT.read, RW]);
    space.unmap(p, 0, 1);
    expect(space.run({ call: 'mprotect', address: p, length: 4 * PAGE, prot: 0 }).edits).toEqual([]);
  });
});

describe('mincore', () => {
  const core = (address: UserCapability, length: number): PcuabiCall => ({ call: 'mincore', address, length });

  it('wants less: no VMem and no reservation, but Global and an access', () => {
    const space = new SpaceUnderTest();
    const p = space.map(AT, 4);
    expect(space.result(core(drop(p, VMem), PAGE))).toBe('ok');
    expect(space.result(core(drop(p, Global), PAGE))).toBe('EINVAL');
    expect(space.result(core(drop(p, Load | Store | Execute), PAGE))).toBe('EINVAL');
    for (const one of [Load, Store]) expect(space.result(core(drop(p, one), PAGE))).toBe('ok');
    for (const wrong of [untag(p), seal(p), nullDerived(AT)]) expect(space.result(core(wrong, PAGE))).toBe('EINVAL');
    space.unmap(p, 0, 4);
    expect(space.result(core(p, PAGE))).toBe('ENOMEM');
  });

  it('wants a byte of the first and of the last page', () => {
    const space = new SpaceUnderTest();
    const p = space.map(AT, 4);
    const middle = { ...narrow(format, offset(format, p, PAGE - 1), 2), address: AT };
    expect(space.result(core(middle, 2 * PAGE))).toBe('ok');
    expect(space.result(core(middle, PAGE))).toBe('ok');
    expect(space.result(core(middle, 3 * PAGE))).toBe('EINVAL');
    expect(space.result(core({ ...middle, address: AT + 2 * PAGE }, PAGE))).toBe('EINVAL');
    expect(space.result(core(middle, 0))).toBe('ok');
  });
});

describe('System V segments', () => {
  const attach = (address: UserCapability, rest = {}): PcuabiCall => ({
    call: 'shmat',
    address,
    size: 2 * PAGE,
    object: -1,
    ...rest,
  });

  it('at a mapped address need SHM_REMAP before the capability is looked at', () => {
    const space = new SpaceUnderTest();
    const p = space.map(AT, 4);
    expect(space.run(attach(nullDerived(AT))).refusal?.check).toBe('already-mapped');
    expect(space.run(attach(untag(p), { remap: true })).refusal?.check).toBe('not-a-capability');
    expect(space.run(attach(nullDerived(AT), { remap: true })).refusal?.error).toBe('ERESERVATION');
    expect(space.run(attach(nullDerived(0), { remap: true })).refusal?.check).toBe('bad-arguments');
    expect(space.run(attach(offset(format, p, 8), { remap: true })).refusal?.check).toBe('unaligned');
    expect(space.run(attach(p, { remap: true })).returned).toBe(p);
    expect(space.space.mappingAt(AT)).toMatchObject({ shared: true, object: -1 });
  });

  it('an address of a hole is fixed: owned memory must be mapped', () => {
    const space = new SpaceUnderTest();
    const p = space.map(AT, 4);
    space.unmap(p, 0, 2);
    expect(space.result(attach(p))).toBe('ENOMEM');
    expect(space.result(attach(nullDerived(AT + 8 * PAGE)))).toBe('ok');
  });

  it('are detached by a capability to where they were attached, in what is left of them', () => {
    const space = new SpaceUnderTest();
    const { returned } = space.run(attach(nullDerived(AT)));
    const p = returned ?? nullDerived(0);
    expect(p.permissions).toBe(Global | VMem | Load | Store);
    expect(space.result({ call: 'shmdt', address: untag(p) })).toBe('EINVAL');
    expect(space.run({ call: 'shmdt', address: space.at(p, 1) }).refusal?.check).toBe('not-attached');
    space.unmap(p, 0, 1);
    expect(space.result({ call: 'shmdt', address: p })).toBe('ok');
    expect(space.result({ call: 'shmdt', address: p })).toBe('ERESERVATION');
  });

  it('shmdt takes the segment that it finds first, and leaves another attached at the same address', () => {
    const space = new SpaceUnderTest();
    const attach = (address: UserCapability, pages: number, object: number): UserCapability =>
      space.run({ call: 'shmat', address, size: pages * PAGE, object, remap: address.tag }).returned ?? nullDerived(0);
    const p = attach(nullDerived(AT), 3, -1);
    attach(p, 1, -2);
    expect(space.result({ call: 'shmdt', address: p })).toBe('ok');
    expect(space.runs()).toEqual([[1, 2]]);
    expect(space.result({ call: 'shmdt', address: p })).toBe('ok');
    expect(space.runs()).toEqual([]);
  });
});

describe('processes', () => {
  it('have no brk', () => {
    expect(new SpaceUnderTest().result({ call: 'brk' })).toBe('ENOSYS');
  });

  it('fork: all but DONTFORK, by madvise until it is taken back', () => {
    const space = new SpaceUnderTest();
    const p = space.map(AT, 4);
    const advise = (page: number, advice: 'dontfork' | 'dofork'): string =>
      space.result({ call: 'madvise', address: space.at(p, page), length: PAGE, advice });
    advise(1, 'dontfork');
    advise(2, 'dontfork');
    advise(2, 'dofork');
    expect(space.result({ call: 'fork' })).toBe('ok');
    expect(space.runs()).toEqual([
      [0, 1],
      [2, 2],
    ]);
    expect(space.unmap(p, 0, 1)).toBe('ok');
  });

  it('exec: nothing is left', () => {
    const space = new SpaceUnderTest();
    const p = space.map(AT, 4);
    expect(space.result({ call: 'exec' })).toBe('ok');
    expect(space.space.listReservations()).toEqual([]);
    expect(space.unmap(p, 0, 1)).toBe('ERESERVATION');
  });
});
