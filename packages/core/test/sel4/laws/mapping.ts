import { expect } from 'vitest';
import { expectUnchanged } from '../state.ts';
import { masked, pageWords, type Rights } from '../words.ts';
import { type Invocation, invalidArgument, invalidCapability, missing, OK, type World } from '../world.ts';
import { address, eachSize, type Law, sizeOf, wordsAt } from './law.ts';

const ASKED = ['', 'r', 'w', 'rw', 'g', 'rg', 'rwgG', 'wG'];
const held: readonly Rights[] = ['none', 'r', 'rw'];

/** What a map, an unmap and a remap do to free places and to their own. */
export const MAPPING: readonly Law[] = [
  {
    name: 'map, then unmap leaves the page tables and the capability as they were',
    run: (w) =>
      eachSize(w, ({ kind, vspace, vaddr }) => {
        const frame = w.frame(kind.bits);
        const before = w.entries(vspace);
        expect(w.map(frame, vspace, vaddr)).toEqual(OK);
        expect(w.pages(vspace)).toHaveLength(kind.entries);
        expect(w.records(frame)).toEqual({ asid: w.asid(vspace), vaddr });
        expect(w.unmap(frame)).toEqual(OK);
        expect(w.kernel.cleared).toBe(1);
        expect(w.entries(vspace)).toEqual(before);
        expect(w.records(frame)).toBeNull();
      }),
  },
  {
    name: 'a map writes its own entries and no others',
    run: (w) =>
      eachSize(w, (place) => {
        const { kind, vspace, vaddr } = place;
        const frame = w.frame(kind.bits);
        const tables = w.entries(vspace);
        expect(w.map(frame, vspace, vaddr)).toEqual(OK);
        expect(wordsAt(w, place)).toEqual(pageWords(w.configuration, kind.bits, 'rw', 1, w.paddr(frame)));
        expect(w.entries(vspace)).toHaveLength(tables.length + kind.entries);
      }),
  },
  {
    name: 'a refused invocation changes nothing',
    run: (w) => {
      const invocations = refusedInvocations(w);
      for (const invocation of invocations) {
        const outcome = expectUnchanged(w.kernel, () => w.invoke(invocation));
        expect(
          outcome,
          JSON.stringify(invocation, (_, v: unknown) => (typeof v === 'bigint' ? `${v}` : v)),
        ).not.toEqual(OK);
      }
    },
  },
  {
    name: 'a check changes nothing and answers what the invocation then answers',
    run: (w) =>
      eachSize(w, ({ kind, vspace, vaddr }) => {
        const frame = w.frame(kind.bits);
        const copy = w.slot();
        const map: Invocation = { op: 'map', cap: frame, vspace, vaddr, rights: 'rw' };
        const refused: Invocation = { op: 'map', cap: frame, vspace: frame, vaddr };
        for (const v of [
          map,
          refused,
          map,
          { op: 'unmap', cap: frame },
          { op: 'copy', src: frame, cap: copy },
        ] as const) {
          const first = expectUnchanged(w.kernel, () => w.check(v));
          expect(expectUnchanged(w.kernel, () => w.check(v))).toEqual(first);
          expect(w.invoke(v)).toEqual(first);
        }
      }),
  },
  {
    name: 'an unmap of a frame never fails',
    run: (w) =>
      eachSize(w, ({ kind, vspace, vaddr, tables }) => {
        const frame = w.frame(kind.bits);
        expect(w.unmap(frame)).toEqual(OK);
        expect(w.kernel.cleared).toBe(-1);
        const table = tables[tables.length - 1];
        if (table !== undefined) {
          expect(w.map(frame, vspace, vaddr)).toEqual(OK);
          w.must({ op: 'unmap_table', cap: table });
          expect(w.unmap(frame)).toEqual(OK);
          expect(w.kernel.cleared).toBe(0);
          w.must({ op: 'map_table', cap: table, vspace, vaddr });
        }
        expect(w.map(frame, vspace, vaddr)).toEqual(OK);
        w.must({ op: 'delete', cap: vspace });
        expect(w.unmap(frame)).toEqual(OK);
        expect(w.kernel.cleared).toBe(0);
        expect(w.records(frame)).toBeNull();
      }),
  },
  {
    name: 'a remap is ok and changes rights and attributes to the bit',
    run: (w) =>
      eachSize(w, (place) => {
        const { kind, vspace, vaddr } = place;
        const frame = w.frame(kind.bits);
        expect(w.map(frame, vspace, vaddr, 'rw', 0)).toEqual(OK);
        for (const asked of ASKED)
          for (const attr of [0, 1, 4, 0xf8]) {
            if (w.configuration.family === 'riscv' && masked('rw', asked) === 'none' && (attr & 1) !== 0) continue;
            expect(w.map(frame, vspace, vaddr, asked, attr)).toEqual(OK);
            const words = pageWords(w.configuration, kind.bits, masked('rw', asked), attr, w.paddr(frame));
            expect(wordsAt(w, place), `${asked} ${attr}`).toEqual(words);
          }
      }),
  },
  {
    name: 'rights are those of the capability, reduced by those asked for',
    run: (w) =>
      eachSize(w, (place) => {
        const { kind, vspace, vaddr } = place;
        const frame = w.frame(kind.bits);
        for (const has of held)
          for (const asked of ASKED) {
            const copy = w.copy(frame, has === 'none' ? 'w' : has);
            expect(w.map(copy, vspace, vaddr, asked, 0)).toEqual(OK);
            expect(wordsAt(w, place)).toEqual(
              pageWords(w.configuration, kind.bits, masked(has, asked), 0, w.paddr(frame)),
            );
            expect(w.delete(copy)).toEqual(OK);
            expect(w.pages(vspace)).toEqual([]);
          }
      }),
  },
  {
    name: 'a map with tables missing names what an entry of that level covers',
    run: (w) => {
      for (const kind of w.configuration.pages) {
        const vspace = w.vspace();
        const frame = w.frame(kind.bits);
        const vaddr = address(w.configuration);
        w.configuration.shifts.forEach((shift, level) => {
          if (shift <= kind.shift) return;
          expect(w.map(frame, vspace, vaddr)).toEqual(missing(shift));
          w.must({ op: 'map_table', cap: w.retype(w.configuration.tables[level]), vspace, vaddr });
        });
        expect(w.map(frame, vspace, vaddr)).toEqual(OK);
      }
    },
  },
  {
    name: 'a mapped capability is refused at another address, and in another vspace',
    run: (w) =>
      eachSize(w, ({ kind, vspace, vaddr }) => {
        const frame = w.frame(kind.bits);
        const other = w.vspace();
        const beside = vaddr + sizeOf(kind);
        w.tablesFor(other, vaddr, kind);
        w.tablesFor(vspace, beside, kind);
        expect(w.map(frame, vspace, vaddr)).toEqual(OK);
        expect(w.map(frame, vspace, beside)).toEqual(invalidArgument(0));
        expect(w.map(frame, other, vaddr)).toEqual(invalidCapability(1));
      }),
  },
];

/** One of every kind of mistake. */
function refusedInvocations(w: World): Invocation[] {
  const vaddr = 0x40000000n;
  const v = w.vspace();
  const kind = w.configuration.pages[0];
  const tables = w.tablesFor(v, vaddr, kind);
  const leaf = tables[tables.length - 1];
  const [a, b, c] = [w.frame(), w.frame(), w.frame()];
  const loose = w.retype('table');
  const bare = w.retype(w.configuration.root);
  const spare = w.slot();
  w.must({ op: 'map', cap: a, vspace: v, vaddr, rights: 'rw' });
  w.copy(leaf);
  // On RISC-V a root is a table too; there, copying one that has no ASID is refused for the same reason.
  return [
    { op: 'map', cap: spare, vspace: v, vaddr },
    { op: 'map', cap: leaf, vspace: v, vaddr },
    { op: 'map', cap: b, vspace: bare, vaddr },
    { op: 'map', cap: b, vspace: b, vaddr },
    { op: 'map', cap: a, vspace: v, vaddr: vaddr + 0x1000n },
    { op: 'map', cap: b, vspace: v, vaddr: vaddr + 0x1001n },
    { op: 'map', cap: b, vspace: v, vaddr: w.configuration.pastTable },
    { op: 'map', cap: b, vspace: v, vaddr: vaddr / 2n },
    { op: 'map', cap: w.frame(w.configuration.pages[1].bits), vspace: v, vaddr: vaddr + 0x10n },
    { op: 'map_table', cap: leaf, vspace: v, vaddr },
    { op: 'map_table', cap: a, vspace: v, vaddr },
    { op: 'map_table', cap: spare, vspace: v, vaddr },
    { op: 'map_table', cap: loose, vspace: bare, vaddr },
    { op: 'map_table', cap: loose, vspace: v, vaddr },
    { op: 'map_table', cap: loose, vspace: v, vaddr: w.configuration.pastTable },
    { op: 'unmap_table', cap: leaf },
    { op: 'unmap_table', cap: a },
    { op: 'unmap_table', cap: spare },
    { op: 'unmap', cap: spare },
    { op: 'unmap', cap: leaf },
    { op: 'address', cap: spare },
    { op: 'address', cap: v },
    { op: 'copy', src: a, cap: b },
    { op: 'copy', src: spare, cap: w.slot() },
    { op: 'copy', src: loose, cap: spare },
    { op: 'mint', src: bare, cap: spare },
    { op: 'move', src: a, cap: a },
    { op: 'move', src: spare, cap: w.slot() },
    { op: 'retype', cap: c, obj: 'page', bits: 12 },
    { op: 'retype', cap: spare, obj: 'page', bits: 12, n: 0 },
    { op: 'retype', cap: spare, obj: 'page', bits: 12, n: 257 },
    { op: 'assign', src: 1, vspace: v },
    { op: 'assign', src: 1, vspace: a },
    { op: 'assign', src: a, vspace: bare },
    { op: 'assign', src: spare, vspace: bare },
    { op: 'make_pool', cap: a },
  ];
}
