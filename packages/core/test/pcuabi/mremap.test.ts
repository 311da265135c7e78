import { describe, expect, it } from 'vitest';
import type { MremapCall } from '../../src/pcuabi/call.ts';
import { PERMISSION, PROT } from '../../src/pcuabi/permissions.ts';
import { drop, narrow, nullDerived, offset, untag, type UserCapability } from '../../src/pcuabi/user-capability.ts';
import { AT, PAGE, SpaceUnderTest } from './space-under-test.ts';

const { format } = new SpaceUnderTest().space.profile;
const TO = AT + 0x100000;
const { Store, StoreCap, StoreLocalCap } = PERMISSION;

/** mremap, lengths in pages. */
const mremap = (address: UserCapability, old: number, now: number, rest: Partial<MremapCall> = {}): MremapCall => ({
  call: 'mremap',
  address,
  oldLength: old * PAGE,
  newLength: now * PAGE,
  ...rest,
});
const to = (address: UserCapability): Partial<MremapCall> => ({ mayMove: true, fixed: true, to: address });

describe('the order of mremap', () => {
  it('arguments, the mapping, the capability, its reservation, the new address', () => {
    const space = new SpaceUnderTest();
    const p = space.map(AT, 4);
    const check = (call: MremapCall): string | undefined => space.run(call).refusal?.check;
    const bad = untag(nullDerived(AT + 64 * PAGE));
    expect(check(mremap(bad, 1, 1, { fixed: true }))).toBe('bad-arguments');
    expect(check(mremap(bad, 1, 1, { dontUnmap: true }))).toBe('bad-arguments');
    expect(check(mremap(bad, 1, 2, { dontUnmap: true, mayMove: true }))).toBe('bad-arguments');
    expect(check(mremap(bad, 1, 0))).toBe('bad-arguments');
    // Rounded up to pages it is 2^64, which is 0.
    expect(check(mremap(bad, 1, 2 ** 64 / PAGE))).toBe('bad-arguments');
    expect(check(mremap(offset(format, bad, 8), 1, 1))).toBe('unaligned');
    expect(check(mremap(bad, 1, 1))).toBe('not-mapped');
    expect(check(mremap(untag(p), 1, 1))).toBe('not-a-capability');
    expect(check(mremap(p, 5, 5))).toBe('out-of-bounds');
    expect(check(mremap(p, 0, 5))).toBe('out-of-bounds');
    // The new address is looked at even without MREMAP_FIXED.
    expect(check(mremap(p, 4, 2, { to: p }))).toBe('owning-without-fixed');
    expect(check(mremap(p, 4, 2, { to: nullDerived(AT) }))).toBe('inside-reservation');
    expect(check(mremap(p, 4, 2, { to: untag(p) }))).toBe('not-a-capability');
    expect(space.runs()).toEqual([[0, 4]]);
  });

  it('a destination may touch the old range, and may not overlap it', () => {
    for (const [page, error] of [
      [4, undefined],
      [3, 'bad-arguments'],
    ] as const) {
      const space = new SpaceUnderTest();
      const p = space.map(AT, 4);
      const q = space.map(AT + 4 * PAGE, 4);
      const destination = page === 4 ? q : space.at(p, page);
      expect(space.run(mremap(p, 4, 1, to(destination))).refusal?.check).toBe(error);
    }
  });

  it('a dead capability: EFAULT or ERESERVATION, by which tree', () => {
    for (const [mremapFirst, error] of [
      ['mapping', 'EFAULT'],
      ['capability', 'ERESERVATION'],
    ] as const) {
      const space = new SpaceUnderTest({ mremapFirst });
      const p = space.map(AT, 1);
      space.unmap(p, 0, 1);
      expect(space.result(mremap(p, 1, 1))).toBe(error);
    }
  });

  it('to a fixed place: permissions, alignment, user memory, overlap', () => {
    const space = new SpaceUnderTest();
    const p = space.map(AT, 4, { prot: PROT.read });
    const q = space.map(TO, 4);
    const check = (target: UserCapability): string | undefined => space.run(mremap(p, 4, 4, to(target))).refusal?.check;
    expect(check(q)).toBe('destination-permissions');
    expect(check(nullDerived(TO + 0x100008))).toBe('unaligned');
    expect(check(nullDerived(space.space.profile.end - PAGE))).toBe('bad-arguments');
    expect(check(nullDerived(AT + 2 * PAGE))).toBe('bad-arguments');
    expect(check(drop(q, Store | StoreCap | StoreLocalCap))).toBeUndefined();
  });

  it('a range over several mappings: EFAULT', () => {
    const space = new SpaceUnderTest();
    const p = space.map(AT, 4);
    space.result({ call: 'mprotect', address: p, length: PAGE, prot: PROT.read });
    expect(space.result(mremap(p, 4, 8, { mayMove: true }))).toBe('EFAULT');
    expect(space.result(mremap(p, 0, 1, { mayMove: true }))).toBe('EINVAL');
  });
});

describe('in place', () => {
  it('shrinks by unmapping; the same capability, the same reservation', () => {
    const space = new SpaceUnderTest();
    const p = space.map(AT, 4);
    expect(space.run(mremap(p, 4, 1)).returned).toBe(p);
    expect(space.runs()).toEqual([[0, 1]]);
    expect(space.space.listReservations()[0].outer.end).toBe(AT + 4 * PAGE);
  });

  it('grows over unmapped pages of its own reservation, and never beyond', () => {
    const space = new SpaceUnderTest();
    const p = space.map(AT, 4);
    space.unmap(p, 2, 2);
    expect(space.run(mremap(p, 2, 4)).returned).toBe(p);
    expect(space.runs()).toEqual([[0, 4]]);
    expect(space.result(mremap(p, 4, 5))).toBe('ENOMEM');
    space.unmap(p, 1, 1);
    expect(space.result(mremap(p, 1, 3))).toBe('ENOMEM');
    expect(space.result(mremap(p, 1, 2))).toBe('ok');
    // Only the end of a mapping can grow.
    expect(space.result(mremap(p, 1, 2))).toBe('ENOMEM');
  });

  it('does not grow into padding', () => {
    const space = new SpaceUnderTest();
    const p = space.map(AT, 0x1001);
    expect(p.top).toBe(AT + 0x1002000);
    expect(space.result(mremap(p, 0x1001, 0x1002))).toBe('ENOMEM');
  });

  it('one tree gives the root capability anew', () => {
    const space = new SpaceUnderTest({ mremapInPlace: 'root' });
    const p = space.map(AT, 4);
    const part = narrow(format, p, 2 * PAGE);
    expect(space.run(mremap(part, 2, 1)).returned).toEqual(p);
  });
});

describe('moving', () => {
  it('makes a reservation with the old permissions; the capability gets those of the one passed', () => {
    const space = new SpaceUnderTest();
    const p = space.map(AT, 4);
    const { returned, chosen } = space.run(mremap(drop(p, Store), 4, 8, { mayMove: true }));
    expect(chosen).toBe(true);
    expect(returned?.permissions).toBe(p.permissions & ~Store);
    expect(space.space.listReservations()).toMatchObject([{ permissions: p.permissions }]);
    expect(returned).toMatchObject({ tag: true, base: returned?.address, top: (returned?.base ?? 0) + 8 * PAGE });
  });

  it('of a part leaves the rest, and the hole reserved', () => {
    const space = new SpaceUnderTest();
    const p = space.map(AT, 4);
    expect(space.result(mremap(space.at(p, 1), 1, 2, { mayMove: true }))).toBe('ok');
    expect(space.space.listReservations()).toHaveLength(2);
    expect(space.result({ call: 'mmap', address: nullDerived(AT + PAGE), length: PAGE, prot: 0, fixed: true })).toBe(
      'ERESERVATION',
    );
  });

  it('DONTUNMAP leaves the old pages', () => {
    const space = new SpaceUnderTest();
    const p = space.map(AT, 2);
    const rest = { mayMove: true, dontUnmap: true };
    const { returned } = space.run(mremap(p, 2, 2, { ...rest, to: nullDerived(TO) }));
    expect(returned?.address).toBe(TO);
    expect(space.runs()).toEqual([
      [0, 2],
      [0x100, 2],
    ]);
  });

  it('to a place that is owned: its capability comes back, its reservation stays', () => {
    const space = new SpaceUnderTest();
    const p = space.map(AT, 4);
    const q = space.map(TO, 4);
    expect(space.run(mremap(p, 4, 4, to(q))).returned).toBe(q);
    expect(space.space.listReservations()).toMatchObject([{ outer: { start: TO } }]);
    expect(space.runs()).toEqual([[0x100, 4]]);
  });

  it('carries an object with its place in it', () => {
    const space = new SpaceUnderTest();
    const p = space.map(AT, 4, { object: 7 });
    space.run(mremap(space.at(p, 1), 1, 1, to(nullDerived(TO))));
    expect(space.space.mappingAt(TO)).toMatchObject({ object: 7, origin: TO - PAGE });
  });

  it('a shared mapping of length 0 is had twice', () => {
    const space = new SpaceUnderTest();
    const p = space.map(AT, 2, { shared: true, object: 3 });
    expect(space.result(mremap(p, 0, 1, to(nullDerived(TO))))).toBe('ok');
    expect(space.runs()).toEqual([
      [0, 2],
      [0x100, 1],
    ]);
  });
});

describe('a null-derived fixed destination over a foreign reservation', () => {
  const start = (mremapPlace: 'checked-first' | 'unmapped-first', page: number, pages: number) => {
    const space = new SpaceUnderTest({ mremapPlace });
    const p = space.map(AT, 4);
    space.map(TO + page * PAGE, pages);
    return { space, answer: space.result(mremap(p, 4, 4, to(nullDerived(TO)))) };
  };

  it('in part: refused; as coded, after its pages are gone', () => {
    const coded = start('unmapped-first', 2, 4);
    expect(coded.answer).toBe('ERESERVATION');
    expect(coded.space.runs()).toEqual([
      [0, 4],
      [0x104, 2],
    ]);
    const strict = start('checked-first', 2, 4);
    expect(strict.answer).toBe('ERESERVATION');
    expect(strict.space.runs()).toEqual([
      [0, 4],
      [0x102, 4],
    ]);
  });

  it('whole: as coded it is unmapped, and the move succeeds', () => {
    const coded = start('unmapped-first', 1, 2);
    expect(coded.answer).toBe('ok');
    expect(coded.space.space.listReservations()).toMatchObject([{ outer: { start: TO } }]);
    expect(start('checked-first', 1, 2).answer).toBe('ERESERVATION');
  });

  it('a late EFAULT leaves the destination gone, too', () => {
    for (const [mremapPlace, left] of [
      ['unmapped-first', 0],
      ['checked-first', 4],
    ] as const) {
      const space = new SpaceUnderTest({ mremapPlace });
      const p = space.map(AT, 4);
      const q = space.map(TO, 4);
      space.unmap(p, 2, 1);
      expect(space.result(mremap(p, 4, 4, to(q)))).toBe('EFAULT');
      expect(space.space.listReservations().map(({ mapped }) => mapped / PAGE)).toEqual([3, left].filter((n) => n > 0));
    }
  });
});
