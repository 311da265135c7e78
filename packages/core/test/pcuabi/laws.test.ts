import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PCUABI_PROFILES, type PcuabiProfile } from '../../src/pcuabi/profile.ts';
import { plainBounds } from '../../src/cheri/plain-bounds.ts';
import type { PcuabiSpace } from '../../src/pcuabi/address-space.ts';
import { nullDerived, type UserCapability } from '../../src/pcuabi/user-capability.ts';
import { made, runs } from './random-calls.ts';
import { AT, PAGE, SpaceUnderTest } from './space-under-test.ts';

/** What can be seen of a space. */
const view = (space: PcuabiSpace): unknown => [
  space.listMappings(),
  space.listReservations().map(({ outer, inner, permissions, mapped }) => [outer, inner, permissions, mapped]),
];

/** What holds after every call. */
function checkInvariants(space: PcuabiSpace): void {
  const mappings = space.listMappings();
  const reservations = space.listReservations();
  let end = 0;
  for (const mapping of mappings) {
    expect(mapping.start, 'no two mappings of one address').toBeGreaterThanOrEqual(end);
    expect(mapping.end).toBeGreaterThan(mapping.start);
    end = mapping.end;
    const own = space.reservations.get(mapping.reservation);
    expect(own, 'each page has a reservation').toBeDefined();
    expect(own !== undefined && own.inner.start <= mapping.start && own.inner.end >= mapping.end).toBe(true);
  }
  const mapped = new Map<number, number>();
  for (const { start, end: to, reservation } of mappings)
    mapped.set(reservation, (mapped.get(reservation) ?? 0) + to - start);
  end = 0;
  for (const { outer, inner, number, mapped: bytes } of reservations) {
    expect(outer.start, 'reservations are disjoint').toBeGreaterThanOrEqual(end);
    end = outer.end;
    expect(plainBounds(space.profile.format, inner.start, inner.end - inner.start)).toEqual({
      base: outer.start,
      top: outer.end,
    });
    expect(bytes, 'a reservation without a page does not exist').toBeGreaterThan(0);
    expect(bytes).toBe(mapped.get(number));
  }
  expect(space.overlapping.size).toBe(0);
}

/** Those whose search hands parts of reservations out are apart: that two overlap is what they are there to show. */
const SOUND: readonly (readonly [string, PcuabiProfile])[] = Object.entries(PCUABI_PROFILES).filter(
  ([, { holeSearch }]) => holeSearch === 'reservations',
);

describe.each(SOUND)('under %s', (_name, profile) => {
  it('every sequence of calls keeps the invariants, and a refusal changes only what it says', () => {
    fc.assert(
      fc.property(runs, (choices) => {
        const space = new SpaceUnderTest(profile);
        const known: UserCapability[] = [];
        const seen = new Map<number, string>();
        for (const choice of choices) {
          const before = view(space.space);
          const { refusal, returned, edits } = space.run(made(choice, known, space.space));
          const changes = refusal !== null && edits.length > 0;
          expect(refusal === null || changes ? before : view(space.space)).toEqual(before);
          // Only these fail after a first step.
          const may = ['mprotect', 'madvise', ...(profile.mremapPlace === 'checked-first' ? [] : ['mremap'])];
          expect(changes ? may : [choice.call]).toContain(choice.call);
          if (returned !== null) known.push(returned);
          checkInvariants(space.space);
          for (const { number, inner, outer, permissions } of space.space.listReservations()) {
            const text = JSON.stringify([inner, outer, permissions]);
            expect(seen.get(number) ?? text, 'a reservation never changes').toBe(text);
            seen.set(number, text);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});

it('replay is deterministic, from a snapshot as from the start', () => {
  fc.assert(
    fc.property(runs, fc.nat({ max: 40 }), (choices, at) => {
      const first = new SpaceUnderTest();
      const second = new SpaceUnderTest();
      const known: UserCapability[] = [];
      for (const [i, choice] of choices.entries()) {
        if (i === at) second.space.restore(first.space.snapshot());
        const call = made(choice, known, first.space);
        const one = first.run(call);
        const two = second.run(call);
        expect(two).toEqual(one);
        expect(view(second.space)).toEqual(view(first.space));
        if (one.returned !== null) known.push(one.returned);
      }
    }),
    { numRuns: 300 },
  );
});

it('effects tell the whole change: a listener that knows nothing else has the same mappings', () => {
  fc.assert(
    fc.property(runs, (choices) => {
      const space = new SpaceUnderTest();
      const pages = new Map<number, number>();
      const set = (start: number, end: number, object: number | null): void => {
        for (let page = start; page < end; page += PAGE)
          if (object !== null) pages.set(page, object);
          else if (!pages.delete(page)) throw new Error(`nothing was mapped at ${page}`);
      };
      let live = 0;
      space.sink = {
        appeared: (object, start, end) => {
          for (let page = start; page < end; page += PAGE) expect(pages.has(page)).toBe(false);
          set(start, end, object);
        },
        vanished: (_, start, end) => set(start, end, null),
        replaced: (object, start, end, by) => {
          for (let page = start; page < end; page += PAGE) expect(pages.get(page)).toBe(object);
          set(start, end, by);
        },
        protectionChanged: (object, start) => expect(pages.get(start)).toBe(object),
        reserved: () => live++,
        released: () => live--,
      };
      const known: UserCapability[] = [];
      // A mapping of 4097 pages would be told page by page.
      for (const choice of choices.filter(({ pages: count }) => count < 0x1000)) {
        const { returned } = space.run(made(choice, known, space.space));
        if (returned !== null) known.push(returned);
      }
      const told = new Map<number, number>();
      for (const { start, end, object } of space.space.listMappings())
        for (let page = start; page < end; page += PAGE) told.set(page, object);
      expect(new Map([...pages].sort(([a], [b]) => a - b))).toEqual(told);
      expect(live).toBe(space.space.listReservations().length);
    }),
    { numRuns: 300 },
  );
});

it('a searched place is the same when it is asked for again, and the highest there is', () => {
  fc.assert(
    fc.property(runs, fc.integer({ min: 1, max: 9000 }), (choices, count) => {
      const space = new SpaceUnderTest({ minAddress: AT, searchTop: AT + 0x4000 * PAGE });
      const known: UserCapability[] = [];
      for (const choice of choices) {
        const { returned } = space.run(made(choice, known, space.space));
        if (returned !== null) known.push(returned);
      }
      const { refusal, returned } = space.run({ call: 'mmap', address: nullDerived(0), length: count * PAGE, prot: 0 });
      space.space.restore(space.space.snapshot());
      const found = returned === null ? -1 : returned.base;
      if (returned !== null) space.unmap(returned, 0, count);
      const { base, top } = plainBounds(space.space.profile.format, AT, count * PAGE);
      const length = top - base;
      const align =
        count * PAGE > 0x1000000 ? 0x1000 * 2 ** Math.max(1, Math.ceil(Math.log2((count * PAGE) / 0x1000000))) : PAGE;
      let highest = -1;
      for (let at = AT + 0x4000 * PAGE - PAGE; at >= AT && highest < 0; at -= PAGE)
        if (at % align === 0 && at + length <= AT + 0x4000 * PAGE && space.space.isUnreserved(at, at + length))
          highest = at;
      expect(found).toBe(highest);
      expect(refusal?.error).toBe(highest < 0 ? 'ENOMEM' : undefined);
    }),
    { numRuns: 150 },
  );
});
