import { describe, expect, it } from 'vitest';
import { CONFIGURATIONS, type Configuration, configuration } from './configurations.ts';
import { masked, pageWords, tableWord } from './words.ts';
import { OK, World } from './world.ts';

const smp = (name: string): Configuration => {
  const c = configuration(name);
  return { ...c, name: `${c.name} smp`, config: { ...c.config, smp: true } };
};

// Several cores change shareability bits on Arm, and nothing elsewhere.
const BUILDS = [...CONFIGURATIONS, ...CONFIGURATIONS.map(({ name }) => smp(name))];

/** Physical addresses that have their top bits set, aligned to every size. */
const paddrOf = (c: Configuration): bigint => {
  if (c.wordBits === 32) return 0xe6000000n;
  return c.family === 'riscv' || c.config.paBits === undefined
    ? 0x7dc5c0000000n
    : c.config.paBits === 40
      ? 0xa5c0000000n
      : 0xba5c0000000n;
};

const RIGHTS = ['', 'r', 'rw'];

describe.each(BUILDS)('entries of $name', (c) => {
  it.each(c.pages)(
    'a page of 2^$bits bytes has the bits of the manual, for all rights and attributes',
    ({ bits, shift }) => {
      const w = new World(c, 'permissive');
      const v = w.vspace();
      const vaddr = 0x40000000n;
      w.tablesFor(v, vaddr, { shift });
      const frame = w.slot();
      const paddr = paddrOf(c);
      w.must({ op: 'retype', obj: 'page', bits, cap: frame, paddr });
      for (const rights of RIGHTS)
        for (let attr = 0; attr < 8; attr++) {
          expect(w.map(frame, v, vaddr, rights, attr)).toEqual(OK);
          const expected = pageWords(c, bits, masked('rw', rights), attr, paddr).filter((word) => word !== 0n);
          expect(
            w.pages(v).map(({ word }) => word),
            `${rights} ${attr}`,
          ).toEqual(expected);
          // Bits of the attribute word above the third are ignored.
          expect(w.map(frame, v, vaddr, rights, attr | 0x7ffffff8)).toEqual(OK);
          expect(w.pages(v).map(({ word }) => word)).toEqual(expected);
        }
      // Whatever flags it has, the entry still counts as this frame's.
      expect(w.unmap(frame)).toEqual(OK);
      expect(w.pages(v)).toEqual([]);
    },
  );

  it('a frame that differs in any address bit is another one', () => {
    for (const { bits, shift } of c.pages) {
      for (let bit = bits; bit < Math.min(c.wordBits === 32 ? 32 : 44, c.config.paBits ?? 64); bit++) {
        const w = new World(c, 'legacy');
        const v = w.vspace();
        const vaddr = 0x40000000n;
        const tables = w.tablesFor(v, vaddr, { shift });
        const [a, b] = [w.slot(), w.slot()];
        w.must({ op: 'retype', obj: 'page', bits, cap: a, paddr: 0n });
        w.must({ op: 'retype', obj: 'page', bits, cap: b, paddr: 1n << BigInt(bit) });
        w.must({ op: 'map', cap: a, vspace: v, vaddr, rights: 'rw' });
        const table = tables[tables.length - 1];
        const next = table === undefined ? renewed(w, v) : v;
        if (table !== undefined)
          for (const op of ['unmap_table', 'map_table'] as const) w.must({ op, cap: table, vspace: v, vaddr });
        w.must({ op: 'map', cap: b, vspace: next, vaddr, rights: 'rw' });
        w.must({ op: 'unmap', cap: a });
        expect(w.kernel.cleared, `bit ${bit} of a page of 2^${bits} bytes`).toBe(0);
      }
    }
  });

  it.each(c.tables.map((obj, level) => ({ obj, level })))(
    'a $obj in level $level has the bits of the manual',
    ({ obj, level }) => {
      for (let attr = 0; attr < 8; attr++) {
        const w = new World(c, 'legacy');
        const v = w.vspace();
        w.tablesFor(v, 0n, { shift: c.shifts[level] });
        const table = w.slot();
        w.must({ op: 'retype', obj, cap: table, paddr: paddrOf(c) + 0x3000n });
        expect(w.mapTable(table, v, 0n, attr)).toEqual(OK);
        expect(w.entries(v)[level]?.word).toBe(tableWord(c, attr, paddrOf(c) + 0x3000n));
      }
    },
  );
});

/** Another vspace with the same ASID. */
function renewed(w: World, vspace: number): number {
  w.must({ op: 'delete', cap: vspace });
  return w.vspace();
}

describe('examples from recordings and manuals', () => {
  const examples: [string, number, string, number, bigint, bigint][] = [
    ['x86_64', 12, 'rw', 0, 0x1000n, 0x1007n],
    ['x86_64', 21, 'r', 4, 0x200000n, 0x201085n],
    ['x86_64', 30, '', 7, 0x40000000n, 0x4000009bn],
    ['ia32', 22, 'rw', 0, 0x400000n, 0x400087n],
    ['aarch64', 12, 'rw', 1, 0x1000n, 0x0400000000001c53n],
    ['aarch64', 21, 'r', 5, 0x200000n, 0x0040000000200cd1n],
    ['aarch64 hyp 40', 12, 'rw', 1, 0x1000n, 0x04000000000014ffn],
    ['aarch32', 12, 'rw', 1, 0x1000n, 0x1976n],
    ['aarch32', 20, 'r', 0, 0x100000n, 0x130802n],
    ['riscv64', 12, 'rw', 0, 0x1000n, 0x41fn],
    ['riscv64', 12, '', 0, 0x1000n, 0x419n],
  ];

  it.each(examples)(
    '%s: a page of 2^%i bytes, %j, attributes %i, at %s is %s',
    (name, bits, rights, attr, paddr, word) => {
      const c = configuration(name);
      const w = new World(c, 'legacy');
      const v = w.vspace();
      w.tablesFor(v, 0x40000000n, { shift: c.pages.find((p) => p.bits === bits)?.shift ?? 0 });
      const frame = w.slot();
      w.must({ op: 'retype', obj: 'page', bits, cap: frame, paddr });
      expect(w.map(frame, v, 0x40000000n, rights, attr)).toEqual(OK);
      expect(w.pages(v)[0]?.word).toBe(word);
    },
  );
});
