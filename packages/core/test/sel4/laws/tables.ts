import { expect } from 'vitest';
import { tableWord } from '../words.ts';
import {
  DELETE_FIRST,
  INVALID_ROOT,
  invalidArgument,
  invalidCapability,
  missing,
  OK,
  POOL,
  REVOKE_FIRST,
  wide,
  type World,
} from '../world.ts';
import { address, eachSize, type Law } from './law.ts';

const IC0 = invalidCapability(0);

const tablePaddr = (w: World, cap: number): bigint => {
  const handle = w.word(cap, 4);
  return wide(w.kernel.tableHiPaddr[handle], w.kernel.tableLoPaddr[handle]);
};

/** Page tables, and what is below them. */
export const TABLES: readonly Law[] = [
  {
    name: 'each table fills the entry of its level, whatever low bits and attributes are asked for',
    run: (w) => {
      const { shifts, tables } = w.configuration;
      const vaddr = address(w.configuration) + 0x123456n;
      tables.forEach((obj, level) => {
        for (let attr = 0; attr < 8; attr++) {
          const vspace = w.vspace();
          w.tablesFor(vspace, vaddr, { shift: shifts[level] });
          const before = w.entries(vspace);
          const cap = w.retype(obj);
          expect(w.mapTable(cap, vspace, vaddr, attr)).toEqual(OK);
          const added = w
            .entries(vspace)
            .filter((e) => !before.some((b) => b.vaddr === e.vaddr && b.shift === e.shift));
          const rounded = (vaddr >> BigInt(shifts[level])) << BigInt(shifts[level]);
          const word = tableWord(w.configuration, attr, tablePaddr(w, cap));
          expect(added).toEqual([{ vaddr: rounded, shift: shifts[level], word, kind: 'table' }]);
          // The capability remembers the rounded address.
          expect(wide(w.word(cap, 3), w.word(cap, 2))).toBe(rounded);
          expect(w.unmapTable(cap)).toEqual(OK);
          expect(w.kernel.cleared).toBe(1);
          expect(w.entries(vspace)).toEqual(before);
        }
      });
    },
  },
  {
    name: 'a table is refused where one is, and where a page of its size is',
    run: (w) => {
      eachSize(w, ({ kind, vspace, vaddr }) => {
        const level = w.configuration.shifts.indexOf(kind.shift);
        const obj = w.configuration.tables[level] ?? 'table';
        const frame = w.frame(kind.bits);
        const cap = w.retype(obj);
        w.must({ op: 'map', cap: frame, vspace, vaddr, rights: 'rw' });
        // Below the last level there is nothing: x86 and aarch32 meet the table above, the others end at the page.
        expect(w.mapTable(cap, vspace, vaddr)).toEqual(DELETE_FIRST);
        w.must({ op: 'unmap', cap: frame });
        if (level === w.configuration.shifts.length - 1) {
          expect(w.mapTable(cap, vspace, vaddr)).toEqual(DELETE_FIRST);
          return;
        }
        expect(w.mapTable(cap, vspace, vaddr)).toEqual(OK);
        expect(w.mapTable(cap, vspace, vaddr)).toEqual(IC0);
        for (const deeper of w.configuration.tables.slice(level + 1))
          w.must({ op: 'map_table', cap: w.retype(deeper), vspace, vaddr });
        expect(w.mapTable(w.retype(obj), vspace, vaddr)).toEqual(DELETE_FIRST);
      });
    },
  },
  {
    name: 'a table without the one above names what an entry of that level covers',
    applies: ({ arch }) => arch === 'x86_64',
    run: (w) => {
      const vspace = w.vspace();
      const [pdpt, pd, table] = [w.retype('pdpt'), w.retype('pd'), w.retype('table')];
      const vaddr = address(w.configuration);
      expect(w.mapTable(table, vspace, vaddr)).toEqual(missing(39));
      expect(w.mapTable(pd, vspace, vaddr)).toEqual(missing(39));
      expect(w.mapTable(pdpt, vspace, vaddr)).toEqual(OK);
      expect(w.mapTable(table, vspace, vaddr)).toEqual(missing(30));
      expect(w.mapTable(pd, vspace, vaddr)).toEqual(OK);
      expect(w.mapTable(table, vspace, vaddr)).toEqual(OK);
      expect(w.mapTable(w.retype('pd'), vspace, vaddr)).toEqual(DELETE_FIRST);
      expect(w.mapTable(w.retype('pdpt'), vspace, vaddr)).toEqual(DELETE_FIRST);
      const huge = w.frame(30);
      expect(w.map(huge, vspace, vaddr + (1n << 30n))).toEqual(OK);
      expect(w.mapTable(w.retype('table'), vspace, vaddr + (1n << 30n))).toEqual(missing(30));
    },
  },
  {
    name: 'an unmapped upper table leaves lower ones mapped in their capabilities, until their own unmap clears them',
    applies: ({ shifts }) => shifts.length > 2,
    run: (w) => {
      const [vspace, frame] = [w.vspace(), w.frame()];
      const vaddr = address(w.configuration);
      const tables = w.tablesFor(vspace, vaddr, w.configuration.pages[0]);
      const [upper, lower] = tables.slice(-2);
      w.must({ op: 'map', cap: frame, vspace, vaddr, rights: 'rw' });
      expect(w.unmapTable(upper)).toEqual(OK);
      expect(w.entries(vspace)).toHaveLength(tables.length - 2);
      expect(w.mapTable(upper, vspace, vaddr)).toEqual(OK);
      expect(w.mapTable(lower, vspace, vaddr)).toEqual(IC0);
      // Its page is still in it, but nothing points there.
      expect(w.pages(lower)).toHaveLength(1);
      expect(w.map(frame, vspace, vaddr).ret).toBe('FailedLookup');
      expect(w.unmapTable(lower)).toEqual(OK);
      expect(w.kernel.cleared).toBe(0);
      expect(w.pages(lower)).toEqual([]);
      expect(w.mapTable(lower, vspace, vaddr)).toEqual(OK);
      expect(w.pages(vspace)).toEqual([]);
    },
  },
  {
    name: 'a table that another has replaced is left alone by the unmap and the deletion of the first',
    run: (w) => {
      const vaddr = address(w.configuration);
      for (const remove of ['unmap_table', 'delete'] as const) {
        const first = w.vspace();
        const asid = w.asid(first);
        const tables = w.tablesFor(first, vaddr, w.configuration.pages[0]);
        const leaf = tables[tables.length - 1];
        w.must({ op: 'delete', cap: first });
        const second = w.vspace();
        expect(w.asid(second)).toBe(asid);
        w.tablesFor(second, vaddr, w.configuration.pages[0]);
        const before = w.entries(second);
        expect(w.invoke({ op: remove, cap: leaf })).toEqual(OK);
        expect(w.kernel.cleared).toBe(0);
        expect(w.entries(second)).toEqual(before);
      }
    },
  },
  {
    name: 'an unmapped table can be unmapped, which clears nothing, unless it has two capabilities',
    run: (w) => {
      const [vspace, table] = [w.vspace(), w.retype('table')];
      expect(w.unmapTable(table)).toEqual(OK);
      expect(w.kernel.cleared).toBe(-1);
      w.tablesFor(vspace, address(w.configuration), {
        shift: w.configuration.shifts[w.configuration.shifts.length - 2],
      });
      expect(w.mapTable(table, vspace, address(w.configuration))).toEqual(OK);
      const copy = w.copy(table);
      expect(w.mapTable(copy, vspace, address(w.configuration))).toEqual(IC0);
      expect(w.unmapTable(copy)).toEqual(REVOKE_FIRST);
      expect(w.invoke({ op: 'revoke', cap: table })).toEqual(OK);
      expect(w.unmapTable(table)).toEqual(OK);
      expect(w.kernel.cleared).toBe(1);
      // Deleted, it has nothing to clear: whether it once was mapped, or never.
      for (const cap of [table, w.retype('table')]) {
        w.must({ op: 'delete', cap });
        expect(w.kernel.cleared).toBe(-1);
      }
    },
  },
  {
    name: 'a table that once was mapped can become a root, which records address 0',
    applies: ({ family }) => family === 'riscv',
    run: (w) => {
      const [vspace, table] = [w.vspace(), w.retype('table')];
      w.must({ op: 'map_table', cap: table, vspace, vaddr: address(w.configuration) });
      w.must({ op: 'unmap_table', cap: table });
      w.must({ op: 'assign', src: POOL, vspace: table });
      expect(wide(w.word(table, 3), w.word(table, 2))).toBe(0n);
      w.tablesFor(table, 0n, w.configuration.pages[0]);
      expect(w.map(w.frame(), table, 0n)).toEqual(OK);
    },
  },
  {
    name: 'tables end where user addresses end',
    run: (w) => {
      const { lastTable, pastTable, tables, shifts } = w.configuration;
      const vspace = w.vspace();
      const top = w.retype(tables[0]);
      for (const vaddr of [pastTable, pastTable + 0x1000n])
        expect(w.mapTable(top, vspace, vaddr)).toEqual(invalidArgument(0));
      expect(w.mapTable(top, vspace, lastTable)).toEqual(OK);
      expect(w.entries(vspace)).toHaveLength(1);
      expect(w.entries(vspace)[0]?.vaddr).toBe((lastTable >> BigInt(shifts[0])) << BigInt(shifts[0]));
    },
  },
  {
    name: 'between the limit of ia32 and the next table, a kernel entry is in the way',
    applies: ({ arch }) => arch === 'ia32',
    run: (w) => {
      const [vspace, table] = [w.vspace(), w.retype('table')];
      for (const vaddr of [0xe0000000n, 0xe03fffffn]) expect(w.mapTable(table, vspace, vaddr)).toEqual(DELETE_FIRST);
      for (const vaddr of [0xe0400000n, 0xffffffffn])
        expect(w.mapTable(table, vspace, vaddr)).toEqual(invalidArgument(0));
    },
  },
  {
    name: 'only an unmapped root without an ASID can be unmapped as a table',
    applies: ({ family }) => family === 'riscv',
    run: (w) => {
      const root = w.vspace();
      expect(w.unmapTable(root)).toEqual(REVOKE_FIRST);
      w.must({ op: 'delete', cap: POOL });
      // Its ASID is dead: it may be unmapped, which clears it, and be put to use again.
      expect(w.unmapTable(root)).toEqual(OK);
      expect(w.kernel.cleared).toBe(0);
      w.must({ op: 'make_pool', cap: POOL });
      expect(w.invoke({ op: 'assign', src: POOL, vspace: root })).toEqual(OK);
      expect(w.mapTable(w.retype('table'), root, address(w.configuration))).toEqual(OK);
    },
  },
  {
    name: 'after its pool is gone a table leaves its parent entry, and can stand in two trees',
    run: (w) => {
      const vaddr = address(w.configuration);
      const first = w.vspace();
      const tables = w.tablesFor(first, vaddr, w.configuration.pages[0]);
      const leaf = tables[tables.length - 1];
      w.must({ op: 'delete', cap: POOL });
      const before = w.entries(first);
      expect(w.unmapTable(leaf)).toEqual(OK);
      expect(w.kernel.cleared).toBe(0);
      expect(w.entries(first)).toEqual(before);
      w.must({ op: 'make_pool', cap: POOL });
      const second = w.vspace();
      w.tablesFor(second, vaddr, { shift: w.configuration.shifts[w.configuration.shifts.length - 2] });
      expect(w.mapTable(leaf, second, vaddr)).toEqual(OK);
      expect(w.map(w.frame(), second, vaddr)).toEqual(OK);
      expect(w.pages(first)).toEqual(w.pages(second));
      expect(w.map(w.frame(), first, vaddr + 0x1000n)).toEqual(INVALID_ROOT);
      w.must({ op: 'delete', cap: leaf });
      // The first tree still points to it, so its memory stays.
      expect(w.pages(second)).toEqual([]);
      expect(w.pages(first)).toHaveLength(1);
    },
  },
];
