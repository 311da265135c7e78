import { expect } from 'vitest';
import { DELETE_FIRST, ILLEGAL_OPERATION, INVALID_ROOT, invalidCapability, OK, POOL } from '../world.ts';
import { address, eachSize, type Law } from './law.ts';

/** ASIDs and their pools. */
export const ASIDS: readonly Law[] = [
  {
    name: "the lowest free ASID is given out: 0 never, 1 is the initial thread's",
    run: (w) => {
      const [a, b, c] = [w.vspace(), w.vspace(), w.vspace()];
      expect([a, b, c].map((v) => w.asid(v))).toEqual([2, 3, 4]);
      w.must({ op: 'delete', cap: c });
      w.must({ op: 'delete', cap: a });
      expect(w.asid(w.vspace())).toBe(2);
      expect(w.asid(w.vspace())).toBe(4);
      expect(w.asid(w.vspace())).toBe(5);
    },
  },
  {
    name: 'a pool that is full answers DeleteFirst, after the vspace has been looked at',
    run: (w) => {
      const { asidsOfPool, root } = w.configuration;
      for (let i = 2; i < asidsOfPool; i++) expect(w.asid(w.vspace())).toBe(i);
      const last = w.retype(root);
      expect(w.invoke({ op: 'assign', src: POOL, vspace: last })).toEqual(DELETE_FIRST);
      expect(w.invoke({ op: 'assign', src: POOL, vspace: POOL })).toEqual(invalidCapability(1));
      const pool = w.slot();
      w.must({ op: 'make_pool', cap: pool });
      // The next pool's ASIDs are not its own.
      expect(w.invoke({ op: 'assign', src: POOL, vspace: last })).toEqual(DELETE_FIRST);
      // The first ASID of a pool is taboo only in the first one.
      w.must({ op: 'assign', src: pool, vspace: last });
      expect(w.asid(last)).toBe(asidsOfPool);
    },
  },
  {
    name: 'pools take the lowest free index until there is none',
    run: (w) => {
      const { pools, root, asidsOfPool } = w.configuration;
      const made: number[] = [];
      for (let i = 1; i < pools; i++) made.push(w.slot());
      for (const cap of made) expect(w.invoke({ op: 'make_pool', cap })).toEqual(OK);
      const spare = w.slot();
      expect(w.invoke({ op: 'make_pool', cap: spare })).toEqual(DELETE_FIRST);
      const third = made[2];
      w.must({ op: 'delete', cap: third });
      expect(w.invoke({ op: 'make_pool', cap: made[0] })).toEqual(DELETE_FIRST);
      w.must({ op: 'make_pool', cap: spare });
      const v = w.retype(root);
      w.must({ op: 'assign', src: spare, vspace: v });
      expect(w.asid(v)).toBe(3 * asidsOfPool);
    },
  },
  {
    name: 'an assign looks at the pool, then at the vspace',
    run: (w) => {
      const { root } = w.configuration;
      const [v, bare, frame, pool] = [w.vspace(), w.retype(root), w.frame(), w.slot()];
      const assign = (src: number, vspace: number) => w.invoke({ op: 'assign', src, vspace });
      expect(assign(pool, frame)).toEqual(invalidCapability(0));
      expect(assign(frame, frame)).toEqual(ILLEGAL_OPERATION);
      for (const wrong of [frame, v, pool, POOL]) expect(assign(POOL, wrong)).toEqual(invalidCapability(1));
      w.must({ op: 'make_pool', cap: pool });
      const orphan = w.copy(pool);
      w.must({ op: 'revoke', cap: pool });
      // MakePool's own capability is no origin: the copy stays.
      expect(w.word(orphan, 0)).not.toBe(0);
      expect(assign(orphan, bare)).toEqual(OK);
      expect(w.asid(bare)).toBe(w.configuration.asidsOfPool);
    },
  },
  {
    name: 'a deleted pool takes every ASID along, and leaves page tables as they are',
    run: (w) =>
      eachSize(w, ({ kind, vspace, vaddr }) => {
        const [frame, other] = [w.frame(kind.bits), w.frame(kind.bits)];
        w.must({ op: 'map', cap: frame, vspace, vaddr, rights: 'rw' });
        const before = w.entries(vspace);
        const asid = w.asid(vspace);
        w.must({ op: 'delete', cap: POOL });
        expect(w.kernel.rootOf(asid)).toBe(0);
        expect(w.entries(vspace)).toEqual(before);
        expect(w.map(other, vspace, vaddr)).toEqual(INVALID_ROOT);
        expect(w.map(frame, vspace, vaddr)).toEqual(INVALID_ROOT);
        expect(w.mapTable(w.retype('table'), vspace, vaddr)).toEqual(INVALID_ROOT);
        expect(w.unmap(frame)).toEqual(OK);
        expect(w.entries(vspace)).toEqual(before);
        w.must({ op: 'make_pool', cap: POOL });
        // Still marked as assigned.
        expect(w.invoke({ op: 'assign', src: POOL, vspace })).toEqual(invalidCapability(1));
        while (w.kernel.rootOf(asid) === 0) w.vspace();
        expect(w.map(other, vspace, vaddr)).toEqual(invalidCapability(1));
        expect(w.mapTable(w.retype('table'), vspace, vaddr)).toEqual(invalidCapability(1));
        // Not its ASID any more: its deletion leaves the new owner alone.
        w.must({ op: 'delete', cap: vspace });
        expect(w.kernel.rootOf(asid)).not.toBe(0);
      }),
  },
  {
    name: 'a pool lives as long as any capability of it',
    run: (w) => {
      const { root } = w.configuration;
      const [pool, bare] = [w.slot(), w.retype(root)];
      w.must({ op: 'make_pool', cap: pool });
      const copy = w.copy(pool);
      w.must({ op: 'delete', cap: pool });
      expect(w.invoke({ op: 'assign', src: copy, vspace: bare })).toEqual(OK);
      w.must({ op: 'delete', cap: copy });
      expect(w.kernel.rootOf(w.asid(bare))).toBe(0);
      expect(w.mapTable(w.retype('table'), bare, address(w.configuration))).toEqual(INVALID_ROOT);
    },
  },
  {
    name: 'revoke of the initial pool deletes its copies and keeps it',
    run: (w) => {
      const copy = w.copy(POOL);
      const vspace = w.vspace();
      w.must({ op: 'revoke', cap: copy });
      expect(w.word(POOL, 0)).not.toBe(0);
      w.must({ op: 'revoke', cap: POOL });
      expect(w.word(copy, 0)).toBe(0);
      expect(w.kernel.rootOf(w.asid(vspace))).not.toBe(0);
    },
  },
  {
    name: 'a capability left from a deleted vspace acts on the one that has its ASID now',
    run: (w) =>
      eachSize(w, ({ kind, vspace, vaddr }) => {
        const frame = w.frame(kind.bits);
        w.must({ op: 'map', cap: frame, vspace, vaddr, rights: 'rw' });
        const asid = w.asid(vspace);
        w.must({ op: 'delete', cap: vspace });
        const next = w.vspace();
        expect(w.asid(next)).toBe(asid);
        w.tablesFor(next, vaddr, kind);
        expect(w.map(frame, next, vaddr)).toEqual(OK);
        expect(w.pages(next)).toHaveLength(kind.entries);
        // The same again, removed through what it still records.
        w.must({ op: 'unmap', cap: frame });
        expect(w.pages(next)).toEqual([]);
      }),
  },
];
