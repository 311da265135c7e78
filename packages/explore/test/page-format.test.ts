import fc from 'fast-check';
import { Columns, Flag } from '@overmap/core';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../src/page-format/explore/bytes.ts';
import { KeptRows, readRows, writeRows } from '../src/page-format/explore/event-columns.ts';
import { type FollowerState, readChange, writeChange } from '../src/page-format/explore/follower-state.ts';
import { joinSections, splitSections } from '../src/page-format/explore/sections.ts';

const LARGE = 2 ** 51;

describe('numbers as bytes', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -LARGE, max: LARGE })), fc.nat(LARGE), (column, one) => {
        const out = new ByteWriter();
        // Differences are twice as large as values may be.
        out.column(column.map((n) => Math.floor(n / 4)));
        out.unsigned(one);
        for (const n of column) out.signed(n);
        const input = new ByteReader(out.done());
        expect(input.column((length) => Array.from<number>({ length }))).toEqual(column.map((n) => Math.floor(n / 4)));
        expect(input.unsigned()).toBe(one);
        for (const n of column) expect(input.signed()).toBe(n);
        expect(input.done).toBe(true);
      }),
    );
  });

  it('that end within a number are refused, and so is what is none', () => {
    expect(() => new ByteReader(Uint8Array.of(0x80)).unsigned()).toThrow(/ends too early/);
    for (const wrong of [-1, Number.NaN, 2 ** 53]) expect(() => new ByteWriter().unsigned(wrong)).toThrow(RangeError);
  });
});

it('a head and sections come back as they were, empty ones too', () => {
  const head = { text: '\u202e</script>', list: [1, 2] };
  const sections = [new Uint8Array(0), Uint8Array.of(1, 2, 3), new Uint8Array(300).fill(7)];
  expect(splitSections(joinSections(head, sections))).toEqual({ head, sections });
});

it('rows come back as they were, without the ground truth', () => {
  const batch = new Columns(4);
  batch.count = 4;
  for (let i = 0; i < 4; i++) {
    batch.op[i] = i + 1;
    batch.vaddrLo[i] = i === 2 ? -1 : 0x1000 * i;
    batch.outcome[i] = i - 1;
    batch.event[i] = 2 ** 40 + i;
    batch.flags[i] = Flag.paddr | Flag.entry;
  }
  batch.slotLists.set(1, Int32Array.of(9, 4, 12));
  const kept = new KeptRows();
  for (let round = 0; round < 400; round++) for (const i of [0, 1, 2, 3]) kept.add(batch, i);
  const out = new ByteWriter();
  writeRows(out, kept.columns);
  const read = readRows(new ByteReader(out.done()));
  expect(read.count).toBe(1600);
  expect([...read.op.subarray(1596, 1600)]).toEqual([1, 2, 3, 4]);
  expect([...read.vaddrLo.subarray(0, 4)]).toEqual([0, 0x1000, -1, 0x3000]);
  expect([...read.outcome.subarray(0, 4)]).toEqual([-1, 0, 1, 2]);
  expect(read.event[3]).toBe(2 ** 40 + 3);
  expect(read.flags[0]).toBe(Flag.paddr);
  expect(read.slotLists.get(1)).toEqual(Int32Array.of(9, 4, 12));
  expect(read.slotLists.size).toBe(400);
});

it('a change leads from one state to another, whatever their sizes', () => {
  const words = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })), {
    maxLength: 60,
  });
  const state = fc
    .record({
      arrays: fc.array(words, { minLength: 3, maxLength: 3 }),
      list: fc.array(fc.nat()),
      bases: fc.array(fc.tuple(fc.nat(), fc.array(fc.nat()))),
    })
    .map(
      ({ arrays, list, bases }): FollowerState => ({
        kernel: {
          arrays: arrays.map((array) => Int32Array.from(array)),
          numbers: list,
          freeBases: new Map(bases),
          freeHandles: list,
          freePools: [],
        },
        assumptions: { count: list.length, tables: list, nextAddress: 2 ** 45 + list.length },
      }),
    );
  fc.assert(
    fc.property(state, state, (from, to) => {
      const out = new ByteWriter();
      writeChange(out, from, to);
      expect(readChange(new ByteReader(out.done()), from)).toEqual(to);
    }),
  );
});
