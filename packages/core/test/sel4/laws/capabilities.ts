import { expect } from 'vitest';
import { pageWords } from '../words.ts';
import { DELETE_FIRST, ILLEGAL_OPERATION, missing, OK, REVOKE_FIRST } from '../world.ts';
import { eachSize, type Law, wordsAt } from './law.ts';

/** Copying, moving, revoking and deleting capabilities. */
export const CAPABILITIES: readonly Law[] = [
  {
    name: 'a copy of a mapped frame is unmapped, and maps elsewhere',
    run: (w) =>
      eachSize(w, ({ kind, vspace, vaddr }) => {
        const frame = w.frame(kind.bits);
        const other = w.vspace();
        w.tablesFor(other, vaddr, kind);
        expect(w.map(frame, vspace, vaddr)).toEqual(OK);
        const copy = w.copy(frame);
        expect(w.records(copy)).toBeNull();
        expect(w.word(copy, 2) | w.word(copy, 3)).toBe(0);
        expect(w.map(copy, other, vaddr)).toEqual(OK);
        expect(w.records(copy)).toEqual({ asid: w.asid(other), vaddr });
        expect(w.records(frame)).toEqual({ asid: w.asid(vspace), vaddr });
        expect(w.pages(other)).toEqual(w.pages(vspace));
      }),
  },
  {
    name: 'copy and mint reduce rights alike, and a badge changes nothing',
    run: (w) =>
      eachSize(w, (place) => {
        const { kind, vspace, vaddr } = place;
        const frame = w.frame(kind.bits);
        for (const op of ['copy', 'mint'] as const) {
          const copy = w.slot();
          w.must({ op, src: frame, cap: copy, rights: 'rgG' });
          expect(w.map(copy, vspace, vaddr, 'rw')).toEqual(OK);
          expect(wordsAt(w, place)).toEqual(pageWords(w.configuration, kind.bits, 'r', 1, w.paddr(frame)));
          expect(w.unmap(copy)).toEqual(OK);
        }
      }),
  },
  {
    name: 'an occupied destination is found before an empty source, and that before what cannot be derived',
    run: (w) => {
      const { wordBits, root } = w.configuration;
      const [frame, table, bare] = [w.frame(), w.retype('table'), w.retype(root)];
      const [empty, spare] = [w.slot(), w.slot()];
      for (const op of ['copy', 'mint'] as const) {
        expect(w.invoke({ op, src: empty, cap: frame, rights: 'rw' })).toEqual(DELETE_FIRST);
        expect(w.invoke({ op, src: table, cap: frame, rights: 'rw' })).toEqual(DELETE_FIRST);
        expect(w.invoke({ op, src: empty, cap: spare, rights: 'rw' })).toEqual(missing(wordBits, true));
        expect(w.invoke({ op, src: table, cap: spare, rights: 'rw' })).toEqual(ILLEGAL_OPERATION);
        expect(w.invoke({ op, src: bare, cap: spare, rights: 'rw' })).toEqual(ILLEGAL_OPERATION);
      }
      expect(w.invoke({ op: 'move', src: empty, cap: frame })).toEqual(DELETE_FIRST);
      expect(w.invoke({ op: 'move', src: empty, cap: spare })).toEqual(missing(wordBits, true));
      expect(w.invoke({ op: 'move', src: table, cap: spare })).toEqual(OK);
      expect(w.invoke({ op: 'move', src: bare, cap: table })).toEqual(OK);
    },
  },
  {
    name: 'a move and a swap keep the mapping',
    run: (w) =>
      eachSize(w, ({ kind, vspace, vaddr }) => {
        const [frame, other, to] = [w.frame(kind.bits), w.frame(kind.bits), w.slot()];
        expect(w.map(frame, vspace, vaddr, 'r')).toEqual(OK);
        const before = w.entries(vspace);
        const records = w.records(frame);
        w.must({ op: 'move', src: frame, cap: to });
        expect(w.word(frame, 0)).toBe(0);
        expect(w.entries(vspace)).toEqual(before);
        expect(w.records(to)).toEqual(records);
        w.must({ op: 'swap', cap: other, src: to });
        expect(w.records(other)).toEqual(records);
        expect(w.records(to)).toBeNull();
        w.must({ op: 'swap', cap: frame, src: other });
        expect(w.records(frame)).toEqual(records);
        expect(w.word(other, 0)).toBe(0);
        w.must({ op: 'swap', cap: frame, src: other });
        expect(w.records(other)).toEqual(records);
        w.must({ op: 'swap', cap: other, src: other });
        expect(w.records(other)).toEqual(records);
        expect(w.entries(vspace)).toEqual(before);
        expect(w.map(other, vspace, vaddr, 'rw')).toEqual(OK);
        expect(w.delete(other)).toEqual(OK);
        expect(w.pages(vspace)).toEqual([]);
      }),
  },
  {
    name: 'a revoke deletes every copy with its mapping and keeps its own, wherever the original has moved',
    run: (w) =>
      eachSize(w, ({ kind, vspace, vaddr }) => {
        const [frame, moved, other] = [w.frame(kind.bits), w.slot(), w.vspace()];
        w.tablesFor(other, vaddr, kind);
        const copy = w.copy(frame);
        const copyOfCopy = w.copy(copy);
        expect(w.map(frame, vspace, vaddr)).toEqual(OK);
        expect(w.map(copyOfCopy, other, vaddr)).toEqual(OK);
        w.must({ op: 'move', src: frame, cap: moved });
        w.must({ op: 'revoke', cap: copy });
        expect(w.records(copyOfCopy)).not.toBeNull();
        w.must({ op: 'revoke', cap: moved });
        expect([w.word(copy, 0), w.word(copyOfCopy, 0)]).toEqual([0, 0]);
        expect(w.pages(other)).toEqual([]);
        expect(w.pages(vspace)).toHaveLength(kind.entries);
        expect(w.records(moved)).toEqual({ asid: w.asid(vspace), vaddr });
      }),
  },
  {
    name: 'revoke and delete of an empty slot are ok',
    run: (w) => {
      for (const op of ['revoke', 'delete'] as const) expect(w.invoke({ op, cap: w.slot() })).toEqual(OK);
    },
  },
  {
    name: 'a deleted frame capability takes its own mapping along, whether or not it is the last',
    run: (w) =>
      eachSize(w, ({ kind, vspace, vaddr }) => {
        const frame = w.frame(kind.bits);
        const copy = w.copy(frame);
        for (const cap of [copy, frame]) {
          expect(w.map(cap, vspace, vaddr)).toEqual(OK);
          expect(w.delete(cap)).toEqual(OK);
          expect(w.kernel.cleared).toBe(1);
          expect(w.pages(vspace)).toEqual([]);
        }
      }),
  },
  {
    name: 'a deleted copy of a table changes nothing; the last takes the entry, and frames below become stale',
    run: (w) => {
      const kind = w.configuration.pages[0];
      const [vspace, frame] = [w.vspace(), w.frame()];
      const tables = w.tablesFor(vspace, 0x40000000n, kind);
      const leaf = tables[tables.length - 1];
      expect(w.map(frame, vspace, 0x40000000n)).toEqual(OK);
      const copy = w.copy(leaf);
      const before = w.entries(vspace);
      expect(w.unmapTable(leaf)).toEqual(REVOKE_FIRST);
      expect(w.unmapTable(copy)).toEqual(REVOKE_FIRST);
      // The original may go first: the copy is the last then.
      expect(w.delete(leaf)).toEqual(OK);
      expect(w.kernel.cleared).toBe(-1);
      expect(w.entries(vspace)).toEqual(before);
      expect(w.delete(copy)).toEqual(OK);
      expect(w.kernel.cleared).toBe(1);
      expect(w.entries(vspace)).toHaveLength(tables.length - 1);
      expect(w.records(frame)).not.toBeNull();
      expect(w.map(w.frame(), vspace, 0x40000000n).ret).toBe('FailedLookup');
      expect(w.unmap(frame)).toEqual(OK);
    },
  },
  {
    name: 'a deleted copy of a vspace changes nothing; the last frees the ASID',
    run: (w) => {
      const vspace = w.vspace();
      const asid = w.asid(vspace);
      const copy = w.copy(vspace);
      expect(w.delete(vspace)).toEqual(OK);
      expect(w.kernel.rootOf(asid)).not.toBe(0);
      w.tablesFor(copy, 0x40000000n, w.configuration.pages[0]);
      expect(w.map(w.frame(), copy, 0x40000000n)).toEqual(OK);
      expect(w.delete(copy)).toEqual(OK);
      expect(w.kernel.rootOf(asid)).toBe(0);
    },
  },
  {
    name: 'a retype needs every destination empty, and 1 to 256 objects',
    run: (w) => {
      const frame = w.frame();
      const free = w.slot();
      const retype = { op: 'retype', obj: 'page', bits: 12, paddr: 0x20000000n } as const;
      for (const n of [0, 257])
        expect(w.invoke({ ...retype, cap: free, n })).toEqual({ ret: 'RangeError', min: 1, max: 256 });
      expect(w.invoke({ ...retype, cap: frame, n: 2 })).toEqual(DELETE_FIRST);
      expect(w.invoke({ ...retype, cap: free, n: 256 })).toEqual(OK);
      expect(w.paddr(free + 255)).toBe(0x200ff000n);
      expect(w.invoke({ ...retype, cap: free + 255, n: 2 })).toEqual(DELETE_FIRST);
      expect(w.invoke({ ...retype, cap: free + 256, n: 1, paddr: 0x30000000n })).toEqual(OK);
    },
  },
];
