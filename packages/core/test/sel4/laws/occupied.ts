import { expect } from 'vitest';
import type { Configuration } from '../configurations.ts';
import { pageWords } from '../words.ts';
import { DELETE_FIRST, missing, OK, type Outcome, type World } from '../world.ts';
import { eachSize, type Law, type Place, sizeOf, wordsAt } from './law.ts';

const holds = (w: World, place: Place, frame: number): void =>
  expect(wordsAt(w, place)).toEqual(pageWords(w.configuration, place.kind.bits, 'rw', 1, w.paddr(frame)));

/** Empty a place behind its capability's back: by its table, or where the root holds it by the vspace and its ASID. */
function makeStale(w: World, { vspace, vaddr, tables }: Place): number {
  const table = tables[tables.length - 1];
  if (table !== undefined) {
    w.must({ op: 'unmap_table', cap: table });
    w.must({ op: 'map_table', cap: table, vspace, vaddr });
    return vspace;
  }
  const asid = w.asid(vspace);
  w.must({ op: 'delete', cap: vspace });
  const again = w.vspace();
  expect(w.asid(again)).toBe(asid);
  return again;
}

/** Each size with a frame whose capability is stale at the place. */
function eachStale(w: World, run: (place: Place, stale: number) => void): void {
  eachSize(w, (place) => {
    const frame = w.frame(place.kind.bits);
    w.must({ op: 'map', cap: frame, vspace: place.vspace, vaddr: place.vaddr, rights: 'rw', attr: 1 });
    run({ ...place, vspace: makeStale(w, place) }, frame);
  });
}

/** What a page over a table answers under the kernel as shipped; `stops` = bits of the entry where a walk ends. */
const overTable = ({ family }: Configuration, stops: number): Outcome =>
  family === 'x86' || family === 'aarch32' ? DELETE_FIRST : missing(stops);

/** Pairs of sizes that lie in different levels, the smaller first. */
function eachPair(w: World, run: (small: Place, large: Place) => void): void {
  eachSize(w, (large) => {
    for (const kind of w.configuration.pages) if (kind.shift < large.kind.shift) run({ ...large, kind }, large);
  });
}

/** What a map does where something is already. */
export const OCCUPIED: readonly Law[] = [
  {
    name: 'an over-map replaces the other frame, whose capability becomes stale',
    run: (w) =>
      eachSize(w, (place) => {
        const { kind, vspace, vaddr } = place;
        const [a, b] = [w.frame(kind.bits), w.frame(kind.bits)];
        expect(w.map(a, vspace, vaddr)).toEqual(OK);
        expect(w.map(b, vspace, vaddr)).toEqual(OK);
        holds(w, place, b);
        expect(w.records(a)).toEqual(w.records(b));
        expect(w.unmap(a)).toEqual(OK);
        expect(w.kernel.cleared).toBe(0);
        holds(w, place, b);
      }),
  },
  {
    name: 'after an over-map the first capability takes the place back',
    run: (w) =>
      eachSize(w, (place) => {
        const [a, b] = [w.frame(place.kind.bits), w.frame(place.kind.bits)];
        for (const frame of [a, b, a, b]) expect(w.map(frame, place.vspace, place.vaddr)).toEqual(OK);
        holds(w, place, b);
      }),
  },
  {
    name: 'an unmapped copy maps over its own frame',
    run: (w) =>
      eachSize(w, (place) => {
        const a = w.frame(place.kind.bits);
        expect(w.map(a, place.vspace, place.vaddr)).toEqual(OK);
        const copy = w.copy(a);
        expect(w.map(copy, place.vspace, place.vaddr)).toEqual(OK);
        holds(w, place, a);
        // Either capability now removes the one mapping.
        expect(w.unmap(a)).toEqual(OK);
        expect(w.kernel.cleared).toBe(1);
        expect(w.pages(place.vspace)).toEqual([]);
      }),
  },
  {
    name: 'a stale remap displaces the other frame',
    run: (w) =>
      eachStale(w, (place, stale) => {
        const b = w.frame(place.kind.bits);
        expect(w.map(b, place.vspace, place.vaddr)).toEqual(OK);
        expect(w.map(stale, place.vspace, place.vaddr)).toEqual(OK);
        holds(w, place, stale);
        expect(w.unmap(b)).toEqual(OK);
        expect(w.kernel.cleared).toBe(0);
        holds(w, place, stale);
      }),
  },
  {
    name: 'a stale capability maps its empty place again',
    run: (w) =>
      eachStale(w, (place, stale) => {
        expect(w.pages(place.vspace)).toEqual([]);
        expect(w.map(stale, place.vspace, place.vaddr)).toEqual(OK);
        holds(w, place, stale);
        expect(w.map(stale, place.vspace, place.vaddr, 'r')).toEqual(OK);
      }),
  },
  {
    name: 'a stale capability is refused elsewhere until it is unmapped',
    run: (w) =>
      eachStale(w, ({ kind, vspace, vaddr }, stale) => {
        const beside = vaddr + sizeOf(kind);
        w.tablesFor(vspace, beside, kind);
        expect(w.map(stale, vspace, beside)).not.toEqual(OK);
        expect(w.unmap(stale)).toEqual(OK);
        expect(w.map(stale, vspace, beside)).toEqual(OK);
      }),
  },
  {
    name: 'an unmap by a stale capability leaves another frame alone',
    run: (w) =>
      eachStale(w, (place, stale) => {
        const b = w.frame(place.kind.bits);
        expect(w.map(b, place.vspace, place.vaddr)).toEqual(OK);
        expect(w.unmap(stale)).toEqual(OK);
        expect(w.kernel.cleared).toBe(0);
        expect(w.records(stale)).toBeNull();
        holds(w, place, b);
      }),
  },
  {
    name: 'an unmap by a stale capability removes the mapping that another one made of the same frame',
    run: (w) =>
      eachStale(w, (place, stale) => {
        const copy = w.copy(stale);
        for (const remove of [w.unmap.bind(w, stale), w.delete.bind(w, copy)]) {
          expect(w.map(copy, place.vspace, place.vaddr)).toEqual(OK);
          holds(w, place, stale);
          expect(remove()).toEqual(OK);
          expect(w.kernel.cleared).toBe(1);
          expect(w.pages(place.vspace)).toEqual([]);
          expect(w.records(stale)).toBeNull();
          if (w.records(copy) !== null) expect(w.unmap(copy)).toEqual(OK);
        }
      }),
  },
  {
    name: 'a map without rights leaves a page behind',
    run: (w) =>
      eachSize(w, (place) => {
        const frame = w.frame(place.kind.bits);
        expect(w.map(frame, place.vspace, place.vaddr, '', 5)).toEqual(OK);
        expect(w.records(frame)).not.toBeNull();
        expect(wordsAt(w, place)).toEqual(pageWords(w.configuration, place.kind.bits, 'none', 5, w.paddr(frame)));
      }),
  },
  {
    name: 'a remembered place that holds nothing is free for others, and is taken back from them',
    applies: ({ family }) => family === 'riscv',
    run: (w) =>
      eachSize(w, (place) => {
        const { kind, vspace, vaddr } = place;
        const [a, b] = [w.frame(kind.bits), w.frame(kind.bits)];
        expect(w.map(a, vspace, vaddr)).toEqual(OK);
        // Execute-never without rights: an existing own entry disappears, and the capability counts as mapped.
        expect(w.map(a, vspace, vaddr, '', 1)).toEqual(OK);
        expect(w.pages(vspace)).toEqual([]);
        expect(w.records(a)).toEqual({ asid: w.asid(vspace), vaddr });
        expect(w.map(b, vspace, vaddr)).toEqual(OK);
        holds(w, place, b);
        expect(w.map(a, vspace, vaddr)).toEqual(OK);
        holds(w, place, a);
      }),
  },
  {
    name: 'a small page under a large one of a higher level is refused as where a table is missing',
    run: (w) =>
      eachPair(w, (small, large) => {
        const { vspace, vaddr } = large;
        const [a, b] = [w.frame(large.kind.bits), w.frame(small.kind.bits)];
        w.must({ op: 'map', cap: a, vspace, vaddr, rights: 'rw' });
        expect(w.map(b, vspace, vaddr)).toEqual(missing(large.kind.shift));
        w.must({ op: 'unmap', cap: a });
      }),
  },
  {
    name: 'a large page over an empty table is refused: x86 and aarch32 DeleteFirst, others FailedLookup',
    run: (w) =>
      eachPair(w, (small, large) => {
        const { vspace, vaddr } = large;
        const tables = w.tablesFor(vspace, vaddr, small.kind);
        const expected = overTable(w.configuration, small.kind.shift);
        expect(w.map(w.frame(large.kind.bits), vspace, vaddr)).toEqual(expected);
        for (const t of tables) w.must({ op: 'unmap_table', cap: t });
      }),
  },
  {
    name: 'a large page over a table is refused in the same way whatever the table holds',
    run: (w) =>
      eachPair(w, (small, large) => {
        const { vspace, vaddr } = large;
        const tables = w.tablesFor(vspace, vaddr, small.kind);
        const frame = w.frame(small.kind.bits);
        w.must({ op: 'map', cap: frame, vspace, vaddr, rights: 'rw' });
        const expected = overTable(w.configuration, small.kind.shift);
        expect(w.map(w.frame(large.kind.bits), vspace, vaddr)).toEqual(expected);
        w.must({ op: 'unmap', cap: frame });
        for (const t of tables) w.must({ op: 'unmap_table', cap: t });
      }),
  },
  {
    name: 'pages of two sizes in one level refuse each other with DeleteFirst, wherever they meet',
    applies: ({ family }) => family === 'aarch32',
    run: (w) => {
      const { pages } = w.configuration;
      for (const [single, sixteen] of [pages.slice(0, 2), pages.slice(2)]) {
        eachSize(w, ({ vspace, vaddr, kind }) => {
          if (kind !== single) return;
          const [a, b] = [w.frame(single.bits), w.frame(sixteen.bits)];
          for (const i of [0n, 7n, 15n]) {
            const inside = vaddr + i * sizeOf(single);
            for (const [first, at, second, there] of [
              [a, inside, b, vaddr],
              [b, vaddr, a, inside],
            ] as const) {
              expect(w.map(first, vspace, at)).toEqual(OK);
              expect(w.map(second, vspace, there)).toEqual(DELETE_FIRST);
              expect(w.unmap(first)).toEqual(OK);
              expect(w.pages(vspace)).toEqual([]);
            }
          }
        });
      }
    },
  },
  {
    name: 'a stale capability of another size leaves a page of the same level alone, at the same physical address even',
    applies: ({ family }) => family === 'aarch32',
    run: (w) =>
      eachSize(w, ({ kind, vspace, vaddr, tables }) => {
        const paddr = 0x60000000n;
        const other = w.configuration.pages.find((p) => p.shift === kind.shift && p.bits !== kind.bits);
        if (other === undefined) return;
        const [stale, page] = [w.slot(), w.slot()];
        w.must({ op: 'retype', obj: 'page', bits: kind.bits, cap: stale, paddr });
        w.must({ op: 'retype', obj: 'page', bits: other.bits, cap: page, paddr });
        w.must({ op: 'map', cap: stale, vspace, vaddr, rights: 'rw' });
        const now = makeStale(w, { kind, vspace, vaddr, tables });
        w.must({ op: 'map', cap: page, vspace: now, vaddr, rights: 'rw' });
        expect(w.unmap(stale)).toEqual(OK);
        expect(w.kernel.cleared).toBe(0);
        expect(w.pages(now)).toHaveLength(other.entries);
        w.must({ op: 'delete', cap: page });
      }),
  },
  {
    name: 'a supersection over a table in any of its 16 entries is refused with DeleteFirst',
    applies: ({ family }) => family === 'aarch32',
    run: (w) => {
      const [small, , , large] = w.configuration.pages;
      eachSize(w, ({ vspace, vaddr, kind }) => {
        if (kind !== large) return;
        for (const i of [0, 1, 15]) {
          const [table] = w.tablesFor(vspace, vaddr + (BigInt(i) << BigInt(large.shift)), small);
          expect(w.map(w.frame(large.bits), vspace, vaddr)).toEqual(DELETE_FIRST);
          w.must({ op: 'unmap_table', cap: table });
        }
      });
    },
  },
  {
    name: 'a stale capability at a place that a table now holds is refused',
    run: (w) =>
      eachPair(w, (small, large) => {
        if (large.tables.length === 0) return;
        const { vspace, vaddr } = large;
        const stale = w.frame(large.kind.bits);
        w.must({ op: 'map', cap: stale, vspace, vaddr, rights: 'rw' });
        makeStale(w, large);
        const tables = w.tablesFor(vspace, vaddr, small.kind);
        const expected = overTable(w.configuration, small.kind.shift);
        expect(w.map(stale, vspace, vaddr)).toEqual(expected);
        expect(w.unmap(stale)).toEqual(OK);
        expect(w.kernel.cleared).toBe(0);
        for (const t of tables.reverse()) w.must({ op: 'unmap_table', cap: t });
      }),
  },
];
