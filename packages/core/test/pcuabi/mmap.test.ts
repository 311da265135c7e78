import { describe, expect, it } from 'vitest';
import { PERMISSION, permissionNames, PROT } from '../../src/pcuabi/permissions.ts';
import { drop, narrow, nullDerived, offset, seal, untag } from '../../src/pcuabi/user-capability.ts';
import { AT, mmap, PAGE, RW, SpaceUnderTest } from './space-under-test.ts';

const { format } = new SpaceUnderTest().space.profile;

describe('the order of mmap', () => {
  it('says whether it chose the place', () => {
    const space = new SpaceUnderTest();
    const chosen = (address: number, fixed: boolean): boolean =>
      space.run(mmap(nullDerived(address), { fixed })).chosen;
    expect([chosen(AT, true), chosen(0, false), chosen(AT + 2 * PAGE, false)]).toEqual([false, true, false]);
  });

  it('PROT_MAX, GROWSDOWN, the capability, then the rest', () => {
    const space = new SpaceUnderTest();
    const p = untag(space.map(AT, 4));
    const both = { growsDown: true, prot: 7, maxProt: 3, fixed: true };
    expect(space.result(mmap(p, both))).toBe('EINVAL');
    expect(space.run(mmap(p, both)).refusal?.check).toBe('above-prot-max');
    expect(space.run(mmap(p, { growsDown: true })).refusal?.check).toBe('grows-down');
    expect(space.run(mmap(p, { fixed: true })).refusal?.check).toBe('not-a-capability');
  });

  it('an owning capability: MAP_FIXED first, then its reservation, then holes, then length 0', () => {
    const space = new SpaceUnderTest();
    const p = space.map(AT, 4);
    expect(space.run(mmap(p)).refusal?.check).toBe('owning-without-fixed');
    expect(space.run(mmap(p, { noReplace: true })).refusal?.check).toBe('owning-without-fixed');
    expect(space.result(mmap(p, { fixed: true, length: 0 }))).toBe('ENOMEM');
    expect(space.result(mmap(nullDerived(AT + 16 * PAGE), { fixed: true, length: 0 }))).toBe('EINVAL');
    expect(space.result(mmap(nullDerived(AT + PAGE), { fixed: true, length: 0 }))).toBe('ERESERVATION');
    expect(space.unmap(p, 1, 1)).toBe('ok');
    expect(space.result(mmap(p, { fixed: true, length: 4 * PAGE }))).toBe('ENOMEM');
    expect(space.unmap(p, 0, 4)).toBe('ok');
    expect(space.result(mmap(p, { fixed: true }))).toBe('ERESERVATION');
    // Not fixed comes before the dead reservation.
    expect(space.result(mmap(p))).toBe('EINVAL');
  });

  it('asks for a valid, unsealed capability with VMem and Global, and its bounds around all pages', () => {
    const space = new SpaceUnderTest();
    const p = space.map(AT, 4);
    const fixed = { fixed: true };
    for (const wrong of [untag(p), seal(p)])
      expect(space.run(mmap(wrong, fixed)).refusal).toMatchObject({ check: 'not-a-capability', error: 'EINVAL' });
    for (const bit of [PERMISSION.VMem, PERMISSION.Global])
      expect(space.run(mmap(drop(p, bit), fixed)).refusal).toMatchObject({ check: 'without-vmem', error: 'EINVAL' });
    expect(space.run(mmap(p, { fixed: true, length: 4 * PAGE + 1 })).refusal?.check).toBe('out-of-bounds');
    expect(space.run(mmap(narrow(format, p, PAGE + 8), { fixed: true, length: 2 * PAGE })).refusal?.check).toBe(
      'out-of-bounds',
    );
    const inner = narrow(format, offset(format, p, 8), 2 * PAGE);
    expect(space.run(mmap(inner, fixed)).refusal?.check).toBe('out-of-bounds');
    expect(space.result(mmap(narrow(format, p, PAGE), fixed))).toBe('ok');
  });

  it('takes only what an integer becomes for null-derived', () => {
    const space = new SpaceUnderTest();
    const p = space.map(AT, 4);
    expect(space.result(mmap(untag(p)))).toBe('EINVAL');
    expect(space.result(mmap(narrow(format, nullDerived(AT), PAGE)))).toBe('EINVAL');
    expect(space.result(mmap(offset(format, nullDerived(AT), 64 * PAGE)))).toBe('ok');
  });

  it('lengths that cannot be', () => {
    const space = new SpaceUnderTest();
    expect(space.result(mmap(nullDerived(0), { length: 2 ** 64 }))).toBe('ENOMEM');
    expect(space.result(mmap(nullDerived(0), { length: 2 ** 48 }))).toBe('ENOMEM');
    expect(space.result(mmap(nullDerived(AT), { length: 2 ** 48, fixed: true }))).toBe('ENOMEM');
  });
});

describe('where a mapping goes', () => {
  it('a null-derived fixed address: free, or refused whatever it touches of a reservation', () => {
    const space = new SpaceUnderTest();
    const p = space.map(AT, 8);
    space.unmap(p, 0, 2);
    space.unmap(p, 4, 1);
    const fixed = (page: number, pages: number): string =>
      space.result(mmap(nullDerived(AT + page * PAGE), { fixed: true, length: pages * PAGE }));
    for (const [page, pages] of [
      [0, 1],
      [4, 1],
      [2, 1],
      [7, 2],
      [-1, 2],
      [-1, 10],
    ])
      expect(fixed(page, pages)).toBe('ERESERVATION');
    expect(fixed(8, 1)).toBe('ok');
    expect(fixed(-1, 1)).toBe('ok');
  });

  it('says which reservation, and where', () => {
    const space = new SpaceUnderTest();
    space.map(AT, 8);
    const inside = space.run(mmap(nullDerived(AT + PAGE), { fixed: true }));
    expect(inside.refusal).toEqual({
      check: 'inside-reservation',
      error: 'ERESERVATION',
      reservation: 1,
      address: AT + PAGE,
    });
    const across = space.run(mmap(nullDerived(AT - PAGE), { fixed: true, length: 4 * PAGE }));
    expect(across.refusal).toEqual({
      check: 'place-reserved',
      error: 'ERESERVATION',
      reservation: 1,
      address: AT - PAGE,
    });
    expect(across.edits).toEqual([]);
  });

  it('outside of user memory: ERESERVATION, where plain Linux says EPERM', () => {
    const space = new SpaceUnderTest();
    expect(space.result(mmap(nullDerived(PAGE), { fixed: true }))).toBe('ERESERVATION');
    expect(space.result(mmap(nullDerived(0xf000), { fixed: true, length: 2 * PAGE }))).toBe('ERESERVATION');
    expect(space.result(mmap(nullDerived(0x10000), { fixed: true }))).toBe('ok');
    const { end } = space.space.profile;
    expect(space.result(mmap(nullDerived(end - PAGE), { fixed: true, length: 2 * PAGE }))).toBe('ERESERVATION');
  });

  it('a hint is rounded down, raised to the lowest address, and only a hint', () => {
    const space = new SpaceUnderTest();
    expect(space.run(mmap(nullDerived(AT + 8))).returned?.address).toBe(AT);
    expect(space.run(mmap(nullDerived(PAGE))).returned?.address).toBe(0x10000);
    const elsewhere = space.run(mmap(nullDerived(AT - PAGE), { length: 2 * PAGE }));
    expect(elsewhere).toMatchObject({ refusal: null, chosen: true });
    expect(space.result(mmap(nullDerived(AT)))).toBe('ERESERVATION');
  });

  it('an unaligned fixed address is rounded up', () => {
    const space = new SpaceUnderTest();
    expect(space.run(mmap(nullDerived(AT + 8), { fixed: true })).returned).toMatchObject({
      address: AT + PAGE,
      base: AT + PAGE,
    });
    const p = space.map(AT + 16 * PAGE, 4);
    const unaligned = offset(format, p, 8);
    expect(space.run(mmap(unaligned, { fixed: true, prot: PROT.read })).returned).toBe(unaligned);
    expect(space.space.mappingAt(AT + 17 * PAGE)?.prot).toBe(PROT.read);
    expect(space.space.mappingAt(AT + 16 * PAGE)?.prot).toBe(RW);
  });

  it('EEXIST needs an owning capability, MAP_FIXED and MAP_FIXED_NOREPLACE', () => {
    const space = new SpaceUnderTest();
    const p = space.map(AT, 4);
    expect(space.result(mmap(p, { fixed: true, noReplace: true }))).toBe('EEXIST');
    expect(space.result(mmap(nullDerived(AT), { fixed: true, noReplace: true }))).toBe('ERESERVATION');
    expect(space.result(mmap(nullDerived(AT + 3 * PAGE), { noReplace: true, length: 2 * PAGE }))).toBe('ERESERVATION');
  });

  it('large mappings reserve what bounds can say, and nobody gets the padding', () => {
    const space = new SpaceUnderTest();
    const p = space.map(AT, 0x1001);
    expect(p).toMatchObject({ base: AT, top: AT + 0x1002000 });
    const padding = AT + 0x1001000;
    expect(space.result(mmap(nullDerived(padding), { fixed: true }))).toBe('ERESERVATION');
    expect(space.result(mmap(offset(format, p, 0x1001000), { fixed: true }))).toBe('ENOMEM');
    // Padding is part of no range that was asked for: a hint there is only passed over.
    expect(space.run(mmap(nullDerived(padding)))).toMatchObject({ refusal: null, chosen: true });
    const chosen = space.run(mmap(nullDerived(0), { length: 0x1001000 })).returned;
    expect(chosen?.address).toBe(chosen?.base);
    expect((chosen?.base ?? 1) % 0x2000).toBe(0);
  });

  it('what a place would reserve must be free, not only its pages', () => {
    const space = new SpaceUnderTest();
    space.map(AT, 1);
    expect(space.result(mmap(nullDerived(AT + PAGE), { fixed: true, length: 0x1002 * PAGE }))).toBe('ERESERVATION');
    expect(space.result(mmap(nullDerived(AT + 2 * PAGE), { fixed: true, length: 0x1002 * PAGE }))).toBe('ok');
  });

  it('a search aligns what is large', () => {
    const space = new SpaceUnderTest();
    space.run(mmap(nullDerived(0)));
    const { returned } = space.run(mmap(nullDerived(0), { length: 0x1002 * PAGE }));
    expect((returned?.base ?? 1) % 0x2000).toBe(0);
    expect(returned?.address).toBe(returned?.base);
  });

  it('a large hint lies inside of a reservation only if its aligned range does', () => {
    const space = new SpaceUnderTest();
    space.map(AT + PAGE, 0x2001);
    expect(space.run(mmap(nullDerived(AT + PAGE), { length: 0x1001 * PAGE }))).toMatchObject({
      refusal: null,
      chosen: true,
    });
    expect(space.result(mmap(nullDerived(AT + 2 * PAGE), { length: 0x1001 * PAGE }))).toBe('ERESERVATION');
  });

  it('a recorded choice is taken where a search could have made it', () => {
    const space = new SpaceUnderTest();
    space.map(AT, 4);
    const placed = (at: number): number | undefined =>
      space.run(mmap(nullDerived(0), { placed: at })).returned?.address;
    expect(placed(AT + 64 * PAGE)).toBe(AT + 64 * PAGE);
    expect(placed(AT)).not.toBe(AT);
    expect(placed(AT + 65 * PAGE + 8)).not.toBe(AT + 65 * PAGE + 8);
    expect(placed(PAGE)).not.toBe(PAGE);
  });

  it('fails when nothing is free', () => {
    const space = new SpaceUnderTest({ searchTop: 0x20000 });
    expect(space.result(mmap(nullDerived(0), { length: 0x10000 }))).toBe('ok');
    expect(space.result(mmap(nullDerived(0)))).toBe('ENOMEM');
  });
});

describe('permissions', () => {
  const names = (rest: Parameters<typeof mmap>[1]): string =>
    permissionNames(
      new SpaceUnderTest().run(mmap(nullDerived(AT), { fixed: true, ...rest })).returned?.permissions ?? 0,
    ).join(' ');

  it('follow PROT, or PROT_MAX where it is given', () => {
    expect(names({ prot: 0 })).toBe('Global VMem');
    expect(names({ prot: PROT.read })).toBe('Global Load LoadCap MutableLoad VMem');
    expect(names({ prot: PROT.write })).toBe('Global Store StoreCap StoreLocalCap VMem');
    expect(names({ prot: PROT.execute })).toBe('Execute Executive Global SystemRegs VMem');
    expect(names({ prot: 0, maxProt: PROT.read })).toBe('Global Load LoadCap MutableLoad VMem');
  });

  it('shared memory holds no capabilities; CAP_INVOKE is lost with PROT_MAX', () => {
    expect(names({ shared: true })).toBe('Global Load Store VMem');
    expect(names({ prot: PROT.read, capInvoke: true })).toContain('BranchSealedPair');
    expect(names({ prot: PROT.read, maxProt: PROT.read, capInvoke: true })).not.toContain('BranchSealedPair');
  });

  it('stay when pages are mapped over, whatever these are for', () => {
    const space = new SpaceUnderTest();
    const p = space.map(AT, 2, { prot: PROT.read });
    const over = space.run(mmap(p, { fixed: true, prot: 7 }));
    expect(over.returned).toBe(p);
    expect(space.space.listReservations()).toHaveLength(1);
    expect(space.space.mappingAt(AT)?.prot).toBe(7);
  });
});
