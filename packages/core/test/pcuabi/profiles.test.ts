import { describe, expect, it } from 'vitest';
import { stackRange } from '../../src/pcuabi/lifecycle.ts';
import { PROT } from '../../src/pcuabi/permissions.ts';
import { PCUABI, PCUABI_PROFILES, type PcuabiProfile } from '../../src/pcuabi/profile.ts';
import { drop, narrow, nullDerived, offset } from '../../src/pcuabi/user-capability.ts';
import { PERMISSION } from '../../src/pcuabi/permissions.ts';
import { AT, mmap, PAGE, RW, SpaceUnderTest } from './space-under-test.ts';

const { format } = PCUABI;
const under = (profile: Partial<PcuabiProfile>) => new SpaceUnderTest(profile);

describe('the search for a hole', () => {
  const TOP = PCUABI.searchTop;
  /** Where a page goes when of eight pages below the top the first or the last four are unmapped. */
  const handedOut = (holeSearch: PcuabiProfile['holeSearch'], unmapped: number): number => {
    const space = under({ holeSearch });
    const p = space.map(TOP - 8 * PAGE, 8);
    space.unmap(p, unmapped, 4);
    const address = space.run(mmap(nullDerived(0))).returned?.address ?? 0;
    return (TOP - address) / PAGE;
  };

  it('by reservations hands out no part of a live one', () => {
    expect(handedOut('reservations', 0)).toBe(9);
    expect(handedOut('reservations', 4)).toBe(9);
  });

  it('with the reservation below only: the head is handed out', () => {
    expect(handedOut('previous', 0)).toBe(5);
    expect(handedOut('previous', 4)).toBe(9);
  });

  it('with the reservation above only: the tail is handed out', () => {
    expect(handedOut('next', 0)).toBe(9);
    expect(handedOut('next', 4)).toBe(1);
  });

  it('goes on right below the reservation that is in the way', () => {
    const space = under({ holeSearch: 'next', searchTop: AT + 4 * PAGE });
    const p = space.map(AT, 4);
    space.unmap(p, 0, 3);
    expect(space.run(mmap(nullDerived(0), { length: 2 * PAGE })).returned?.address).toBe(AT - 2 * PAGE);
  });

  it('among mappings, the first design: both, and two reservations overlap', () => {
    expect(handedOut('mappings', 0)).toBe(5);
    expect(handedOut('mappings', 4)).toBe(1);
    const space = under(PCUABI_PROFILES.rfc);
    const p = space.map(TOP - 8 * PAGE, 8);
    space.unmap(p, 4, 4);
    const q = space.run(mmap(nullDerived(0))).returned ?? nullDerived(0);
    expect([q.base >= p.base, q.top <= p.top]).toEqual([true, true]);
    expect(space.space.listReservations()).toHaveLength(2);
    expect(space.space.isUnreserved(q.base, q.top)).toBe(false);
    // Each dies with its own last page.
    expect(space.unmap(p, 0, 4)).toBe('ok');
    expect(space.space.listReservations()).toMatchObject([{ outer: { start: q.base, end: q.top } }]);
    expect(space.unmap(q, 0, 1)).toBe('ok');
    expect(space.space.listReservations()).toEqual([]);
  });
});

describe('switches', () => {
  it('a hole at the very front', () => {
    for (const [frontHole, answer] of [
      ['unseen', 'ok'],
      ['seen', 'ENOMEM'],
    ] as const) {
      const space = under({ frontHole });
      const p = space.map(AT, 4);
      space.unmap(p, 0, 1);
      expect(space.result(mmap(p, { fixed: true, length: 4 * PAGE }))).toBe(answer);
    }
    // The walk sees a hole that is all there is, and one behind.
    const space = under({});
    const p = space.map(AT, 4);
    space.unmap(p, 0, 2);
    expect(space.result(mmap(p, { fixed: true, length: 2 * PAGE }))).toBe('ENOMEM');
    space.unmap(p, 3, 1);
    expect(space.result(mmap(p, { fixed: true, length: 4 * PAGE }))).toBe('ENOMEM');
  });

  it('a hint inside of a reservation', () => {
    const space = under({ hintInside: 'searched' });
    space.map(AT, 4);
    expect(space.result(mmap(nullDerived(AT)))).toBe('ok');
    expect(space.result(mmap(nullDerived(AT), { fixed: true }))).toBe('ERESERVATION');
  });

  it('an unaligned fixed address', () => {
    expect(under({ unalignedFixed: 'refused' }).result(mmap(nullDerived(AT + 8), { fixed: true }))).toBe('EINVAL');
  });

  it('a protection above the permissions: in mmap, in mprotect', () => {
    const strict = under({ mmapAbovePermissions: 'refused' });
    const p = strict.map(AT, 1, { prot: PROT.read });
    expect(strict.result(mmap(p, { fixed: true, prot: PROT.write }))).toBe('EINVAL');
    expect(strict.result(mmap(p, { fixed: true, prot: PROT.read }))).toBe('ok');
    const old = under({ mprotectPermissions: 'ignored' });
    const q = old.map(AT, 1, { prot: PROT.read });
    expect(old.result({ call: 'mprotect', address: q, length: PAGE, prot: PROT.write })).toBe('ok');
  });

  it('belonging by bounds, or by the address too', () => {
    for (const [belongsBy, answer] of [
      ['bounds', 'EINVAL'],
      ['bounds-and-address', 'ERESERVATION'],
    ] as const) {
      const space = under({ belongsBy });
      const p = space.map(AT, 4);
      expect(space.result({ call: 'munmap', address: space.at(p, 4), length: 0 })).toBe(answer);
    }
  });

  it('shared anonymous memory that holds capabilities; permissions for everything', () => {
    const { LoadCap, Execute } = PERMISSION;
    const shared = under({ capabilitiesIn: 'private-and-shared-anonymous' });
    expect(shared.map(AT, 1, { shared: true }).permissions & LoadCap).toBe(LoadCap);
    expect(shared.map(AT + PAGE, 1, { shared: true, object: 5 }).permissions & LoadCap).toBe(0);
    const early = under({ permissionsFrom: 'everything' });
    expect(early.map(AT, 1, { prot: 0, shared: true }).permissions & (LoadCap | Execute)).toBe(LoadCap | Execute);
  });

  it('programs without Executive and SystemRegs, as on RISC-V', () => {
    const { Executive, SystemRegs, Execute } = PERMISSION;
    const space = under({ executive: false });
    expect(space.map(AT, 1, { prot: 7 }).permissions & (Executive | SystemRegs | Execute)).toBe(Execute);
  });
});

describe('CheriBSD', () => {
  const bsd = (): SpaceUnderTest => under(PCUABI_PROFILES.cheribsd);

  it('answers the same checks with other errors', () => {
    const space = bsd();
    const p = space.map(AT, 4);
    const fixed = { fixed: true };
    expect(space.result(mmap(nullDerived(AT), fixed))).toBe('ENOMEM');
    expect(space.result(mmap(p))).toBe('EPROT');
    expect(space.result(mmap(drop(p, PERMISSION.VMem), fixed))).toBe('EACCES');
    expect(space.result(mmap(p, { ...fixed, length: 8 * PAGE }))).toBe('EPROT');
    expect(space.result(mmap(p, { ...fixed, prot: PROT.execute }))).toBe('EPROT');
    expect(space.result(mmap({ ...p, tag: false }, fixed))).toBe('EINVAL');
    expect(space.result(mmap(nullDerived(0), { prot: 7, maxProt: 1 }))).toBe('ENOTSUP');
    space.unmap(p, 1, 1);
    expect(space.result(mmap(space.at(p, 1), fixed))).toBe('EPROT');
    expect(space.result({ call: 'brk' })).toBe('EOPNOTSUPP');
    expect(space.result({ call: 'mremap', address: p, oldLength: PAGE, newLength: PAGE })).toBe('ENOSYS');
  });

  it('mprotect looks at all of a range before it changes any of it', () => {
    const mixed = (space: SpaceUnderTest): [string, number[]] => {
      const p = space.map(AT, 4);
      space.unmap(p, 2, 1);
      const answer = space.result({ call: 'mprotect', address: p, length: 4 * PAGE, prot: PROT.read });
      return [answer, space.space.listMappings().map(({ prot }) => prot)];
    };
    expect(mixed(bsd())).toEqual(['EPROT', [RW, RW]]);
    expect(mixed(under({}))).toEqual(['ENOMEM', [PROT.read, RW]]);
  });

  it('munmap and mprotect without cover or VMem: EPROT', () => {
    const space = bsd();
    const p = space.map(AT, 4);
    for (const wrong of [drop(p, PERMISSION.VMem), narrow(format, p, PAGE)]) {
      expect(space.result({ call: 'munmap', address: wrong, length: 2 * PAGE })).toBe('EPROT');
      expect(space.result({ call: 'mprotect', address: wrong, length: 2 * PAGE, prot: 0 })).toBe('EPROT');
    }
  });

  it('asks less of madvise, mlock, msync and mincore', () => {
    const space = bsd();
    const p = drop(space.map(AT, 4), PERMISSION.VMem);
    const advise = (advice: 'free' | 'other'): string =>
      space.result({ call: 'madvise', address: p, length: PAGE, advice });
    expect(advise('other')).toBe('ok');
    expect(advise('free')).toBe('EPROT');
    expect(space.result({ call: 'mlock', address: p, length: PAGE })).toBe('ok');
    expect(space.result({ call: 'msync', address: p, length: PAGE })).toBe('ok');
    const one = { ...narrow(format, offset(format, p, PAGE), 1), address: AT };
    expect(space.result({ call: 'mincore', address: one, length: 4 * PAGE })).toBe('ok');
  });

  it('quarantines a range until revocation', () => {
    const space = bsd();
    const p = space.map(AT, 4);
    expect(space.unmap(p, 0, 4)).toBe('ok');
    expect(space.space.listReservations()).toEqual([]);
    expect(space.result(mmap(nullDerived(AT), { fixed: true }))).toBe('ENOMEM');
    expect(space.unmap(p, 0, 1)).toBe('EPROT');
    space.space.revoke();
    expect(space.result(mmap(nullDerived(AT), { fixed: true }))).toBe('ok');
  });
});

describe('the main stack', () => {
  const MIB = 2 ** 20;
  const end = 0x7ffffff00000;
  const length = (limit: number, most?: number): number => {
    const { start } = stackRange(PCUABI, end, limit, most);
    return end - start;
  };

  it('reserves its limit, between 256 KiB and what may be reserved, its start aligned', () => {
    expect(length(8 * MIB)).toBe(8 * MIB);
    expect(length(4096)).toBe(MIB / 4);
    expect(length(Infinity)).toBe(128 * MIB);
    expect(length(Infinity, Infinity)).toBe(1024 * MIB + (end % 0x80000));
    expect(stackRange(PCUABI, end + PAGE, 128 * MIB).start % 0x10000).toBe(0);
  });
});
