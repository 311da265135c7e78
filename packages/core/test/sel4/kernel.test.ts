import { describe, expect, it } from 'vitest';
import { ARCH_NAMES, architecture } from '../../src/sel4/arch/index.ts';
import { CapType, RIGHTS_OF, TYPE_MASK } from '../../src/sel4/capability.ts';
import { Columns, Why, WHY_NAMES } from '../../src/sel4/columns.ts';
import { MAINTENANCE_NAMES } from '../../src/sel4/effects.ts';
import { invoke } from '../../src/sel4/invoke.ts';
import { EXTERNAL_ROOT, Kernel } from '../../src/sel4/kernel.ts';
import { isStale } from '../../src/sel4/occupied.ts';
import { OBJ_NAMES, Obj, OP_NAMES, Op } from '../../src/sel4/operation.ts';
import { writesInvalidEntry } from '../../src/sel4/page.ts';
import { Policy } from '../../src/sel4/policy.ts';
import { CONFIGURATIONS, configuration } from './configurations.ts';
import { checkInvariants, checkNothingLeft } from './invariants.ts';
import { masked, type Rights } from './words.ts';
import { fill, invalidArgument, letters, OK, POOL, World } from './world.ts';

describe('names and numbers', () => {
  it('of operations, objects, reasons and maintenance agree with their lists', () => {
    for (const [name, code] of Object.entries(Op)) expect(OP_NAMES[code]).toBe(name);
    for (const [name, code] of Object.entries(Obj)) expect(OBJ_NAMES[code]).toBe(name);
    for (const [name, code] of Object.entries(Why)) expect(WHY_NAMES[code]).toBe(name);
    expect(new Set(MAINTENANCE_NAMES).size).toBe(13);
  });

  it('of rights: the mask of the kernel, for every letter', () => {
    const held: Rights[] = ['none', 'r', 'rw'];
    held.forEach((has, h) => {
      for (const asked of ['', 'r', 'w', 'g', 'G', 'rw', 'rg', 'wg', 'rwg', 'rwgG', 'gG'])
        expect(RIGHTS_OF[h * 16 + letters(asked)], `${has} & ${asked}`).toBe(held.indexOf(masked(has, asked)));
    });
  });
});

describe('an architecture', () => {
  it('is what its manual says', () => {
    for (const c of CONFIGURATIONS) {
      const arch = architecture(c.arch, c.config);
      expect(arch.levels).toEqual(c.shifts.map((shift, i) => ({ shift, indexBits: c.indexBits[i] })));
      expect(arch.sizes.map(({ bits }) => bits)).toEqual(c.pages.map(({ bits }) => bits));
      expect(arch).toMatchObject({ name: c.arch, wordBits: c.wordBits, vspaceBits: c.rootBits });
      expect([2 ** arch.asidLowBits, 2 ** arch.asidHighBits]).toEqual([c.asidsOfPool, c.pools]);
      for (const table of arch.tables) expect(table.objectBits).toBe(c.tableBits);
    }
  });

  it('has a default configuration under each name', () => {
    for (const name of ARCH_NAMES) expect(architecture(name).name).toBe(name);
    expect(architecture('aarch64', { hyp: true }).variant).toBe('aarch64 hyp, 40-bit PA');
  });

  it('can end at another address where a platform does, in the middle of a large page too', () => {
    // The limit of ia32 is the edge of a directory entry, so its large pages end there too.
    for (const c of CONFIGURATIONS.filter(({ arch }) => arch !== 'ia32')) {
      const w = new World({ ...c, config: { ...c.config, userTop: { hi: 0, lo: 0x60001000 } } }, 'legacy');
      const v = w.vspace();
      const [small, ...larger] = c.pages;
      w.tablesFor(v, 0x60000000n, small);
      expect(w.map(w.frame(), v, 0x60002000n)).toEqual(invalidArgument(0));
      expect(w.map(w.frame(), v, 0x60000000n)).toEqual(OK);
      for (const { bits } of larger)
        expect(w.map(w.frame(bits), v, 0x60000000n & -(1n << BigInt(bits)))).toEqual(invalidArgument(0));
    }
  });

  it('refuses a configuration that it does not have', () => {
    expect(() => architecture('riscv32', { ptLevels: 3 })).toThrow('riscv32 has 2 page-table levels (sv32), not 3');
    expect(() => architecture('riscv64', { ptLevels: 4 })).toThrow('modelled with 3 page-table levels (sv39), not 4');
    expect(() => architecture('aarch64', { hyp: true, paBits: 48 })).toThrow('40 or 44 physical address bits, not 48');
    expect(architecture('riscv32', { ptLevels: 2 }).name).toBe('riscv32');
    expect(architecture('riscv64', { ptLevels: 3 }).name).toBe('riscv64');
  });
});

describe('a kernel', () => {
  it('starts empty, or with the initial pool and the initial thread', () => {
    const empty = new Kernel({ arch: 'aarch64' });
    expect(empty.caps.every((word) => word === 0)).toBe(true);
    expect(empty.asidTable.every((pool) => pool === 0)).toBe(true);
    const pool = new Kernel({ arch: 'aarch64', asidPoolSlot: 3 });
    expect(pool.caps[3 * 8] & TYPE_MASK).toBe(CapType.pool);
    expect(pool.rootOf(1)).toBe(0);
    const thread = new Kernel({ arch: 'aarch64', asidPoolSlot: 2000, rootTaskAssigned: true });
    expect(thread.caps[2000 * 8] & TYPE_MASK).toBe(CapType.pool);
    expect(thread.rootOf(1)).toBe(EXTERNAL_ROOT);
    for (const k of [empty, pool, thread]) checkInvariants(k);
  });

  it('gives the first ASID to the first vspace where the trace assigns the initial thread itself', () => {
    for (const { arch, config, root } of CONFIGURATIONS) {
      const k = new Kernel({ arch, config, asidPoolSlot: POOL });
      const columns = new Columns(2);
      fill(columns, 0, { op: 'retype', obj: root, cap: 2, paddr: 0x10000n });
      fill(columns, 1, { op: 'assign', src: POOL, vspace: 2 });
      expect([0, 1].map((i) => invoke(k, columns, i, Policy.legacy))).toEqual([0, 0]);
      expect(k.rootOf(1)).toBe(k.caps[2 * 8 + 4]);
    }
  });

  it('grows with its slots, tables, entries and pools, and shrinks its use again', () => {
    const w = new World(configuration('riscv32'), 'legacy');
    const vspaces: number[] = [w.vspace()];
    const pools = Array.from({ length: 24 }, () => w.slot());
    for (const cap of pools) w.must({ op: 'make_pool', cap });
    expect(w.kernel.rootOf(w.asid(vspaces[0]))).toBe(w.word(vspaces[0], 4));
    for (const pool of pools)
      for (let i = 0; i < 16; i++) {
        const v = w.retype('vspace');
        w.must({ op: 'assign', src: pool, vspace: v });
        vspaces.push(v);
      }
    const tables = vspaces.map((v) => w.tablesFor(v, 0x40000000n, { shift: 12 })[0]);
    const frame = w.frame();
    const copies = vspaces.map((v) => {
      const copy = w.copy(frame);
      expect(w.map(copy, v, 0x40000000n)).toEqual(OK);
      return copy;
    });
    expect(w.slot()).toBeGreaterThan(1024);
    expect(w.kernel.tableCount).toBeGreaterThan(512);
    checkInvariants(w.kernel);
    for (const v of vspaces) expect(w.pages(v)).toHaveLength(1);
    w.must({ op: 'revoke', cap: frame });
    for (const v of vspaces) expect(w.pages(v)).toEqual([]);
    for (const copy of copies) expect(w.word(copy, 0)).toBe(0);
    for (const cap of [...tables, ...vspaces, ...pools, frame]) w.must({ op: 'delete', cap });
    checkNothingLeft(w.kernel);
    const end = w.kernel.arenaEnd;
    // What is free is used again.
    const v = w.vspace();
    w.tablesFor(v, 0n, { shift: 12 });
    expect(w.map(w.frame(), v, 0n)).toEqual(OK);
    expect(w.kernel.arenaEnd).toBe(end);
  });

  it('takes slots that no invocation has named before', () => {
    const w = new World(configuration('ia32'), 'legacy');
    w.retype('page', 12, 5000);
    for (const invocation of [
      { op: 'copy', src: 5000, cap: 9000, rights: 'rw' },
      { op: 'move', src: 9000, cap: 20_000 },
      { op: 'swap', cap: 40_000, src: 20_000 },
      { op: 'delete', cap: 90_000 },
      { op: 'revoke', cap: 200_000 },
      { op: 'make_pool', cap: 300_000 },
    ] as const)
      expect(w.invoke(invocation)).toEqual(OK);
    expect(w.invoke({ op: 'map', cap: 40_000, vspace: 600_000 }).ret).toBe('InvalidCapability');
    expect(w.invoke({ op: 'assign', src: 1_000_000, vspace: 2_000_000 }).ret).toBe('InvalidCapability');
    checkInvariants(w.kernel);
  });

  it('retypes several objects behind each other in memory, past 4 GiB too', () => {
    const w = new World(configuration('x86_64'), 'legacy');
    expect(w.invoke({ op: 'retype', obj: 'page', bits: 30, cap: 10, n: 5, paddr: 0x80000000n })).toEqual(OK);
    expect([10, 11, 12, 13, 14].map((slot) => w.paddr(slot))).toEqual(
      [0n, 1n, 2n, 3n, 4n].map((i) => 0x80000000n + (i << 30n)),
    );
    const roots = new World(configuration('aarch64 hyp 40'), 'legacy');
    expect(roots.invoke({ op: 'retype', obj: 'vspace', cap: 10, n: 2, paddr: 0xffffe000n })).toEqual(OK);
    const handles = [10, 11].map((slot) => roots.word(slot, 4));
    expect(handles.map((t) => [roots.kernel.tableHiPaddr[t], roots.kernel.tableLoPaddr[t]])).toEqual([
      [0, 0xffffe000 | 0],
      [1, 0],
    ]);
  });

  it('retypes into the slots that a list names', () => {
    const k = new Kernel({ arch: 'aarch32' });
    const columns = new Columns(1);
    fill(columns, 0, { op: 'retype', obj: 'page', bits: 12, cap: 7, n: 3, paddr: 0x4000n });
    columns.slotLists.set(0, Int32Array.of(7, 3000, 5));
    expect(invoke(k, columns, 0, Policy.legacy)).toBe(0);
    expect([7, 3000, 5].map((slot) => k.caps[slot * 8 + 4])).toEqual([0x4000, 0x5000, 0x6000]);
    expect(k.caps[8 * 8]).toBe(0);
    checkInvariants(k);
    columns.slotLists.set(0, Int32Array.of(8, 9, 3000));
    expect(invoke(k, columns, 0, Policy.legacy)).toBe(8);
  });

  it('has only the objects of its architecture', () => {
    const w = new World(configuration('riscv64'), 'legacy');
    const retype = (obj: 'page' | 'pdpt' | 'none', bits: number) => w.invoke({ op: 'retype', obj, bits, cap: 9 });
    const refused = { ret: 'InvalidArgument', arg: 0 };
    expect(retype('page', 22)).toEqual(refused);
    expect(retype('pdpt', 0)).toEqual(refused);
    expect(retype('none', 0)).toEqual(refused);
  });

  it('says why an unmap cleared nothing, and what is there instead', () => {
    for (const c of CONFIGURATIONS) {
      const w = new World(c, 'permissive');
      const vspace = w.vspace();
      const tables = w.tablesFor(vspace, 0x40000000n, c.pages[0]);
      const [a, b] = [w.frame(), w.frame()];
      const k = w.kernel;
      const stale = (): void => w.must({ op: 'map', cap: a, vspace, vaddr: 0x40000000n, rights: 'rw' });
      stale();
      w.must({ op: 'map', cap: b, vspace, vaddr: 0x40000000n, rights: 'rw' });
      const found = w.pages(vspace)[0]?.word ?? 0n;
      expect(isStale(k, a * 8)).toBe(true);
      expect(isStale(k, b * 8)).toBe(false);
      w.unmap(a);
      expect([k.cleared, k.clearedWhy]).toEqual([0, Why.other_entry]);
      expect([k.foundHi, k.foundLo]).toEqual([
        Number(BigInt.asIntN(32, found >> 32n)),
        Number(BigInt.asIntN(32, found)),
      ]);
      expect(isStale(k, a * 8)).toBe(false);
      stale();
      w.must({ op: 'unmap_table', cap: tables[tables.length - 1] });
      expect(isStale(k, a * 8)).toBe(true);
      w.unmap(a);
      expect([k.cleared, k.clearedWhy]).toEqual([0, Why.no_entry]);
      w.must({ op: 'map_table', cap: tables[tables.length - 1], vspace, vaddr: 0x40000000n });
      stale();
      w.must({ op: 'delete', cap: vspace });
      expect(isStale(k, a * 8)).toBe(true);
      w.unmap(a);
      expect([k.cleared, k.clearedWhy]).toEqual([0, Why.no_vspace]);
      w.must({ op: 'unmap_table', cap: tables[0] });
      expect([k.cleared, k.clearedWhy]).toEqual([0, Why.no_vspace]);
    }
  });

  it('knows which maps write an invalid entry: on RISC-V, without rights and execute-never', () => {
    for (const c of CONFIGURATIONS) {
      const w = new World(c, 'legacy');
      const [frame, attrs] = [w.frame(), [0, 1, 2, 3, 4, 5, 6, 7, 0xff8]];
      const readOnly = w.copy(frame, 'r');
      const nothing = w.copy(frame, '');
      for (const [cap, asked] of [
        [frame, 'rw'],
        [frame, 'r'],
        [frame, 'w'],
        [frame, ''],
        [readOnly, 'rw'],
        [nothing, 'rw'],
      ] as const)
        for (const attr of attrs) {
          const none = cap === nothing || !asked.includes('r');
          const invalid = c.family === 'riscv' && none && (attr & 1) === 1;
          expect(writesInvalidEntry(w.kernel, cap * 8, letters(asked), attr), `${c.name} ${asked} ${attr}`).toBe(
            invalid,
          );
        }
    }
  });
});
