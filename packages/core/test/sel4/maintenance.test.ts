import { describe, expect, it } from 'vitest';
import { CONFIGURATIONS, type Configuration, configuration } from './configurations.ts';
import { address, eachSize, type Place } from './laws/law.ts';
import { RecordingSink } from './recording-sink.ts';
import { POOL, World } from './world.ts';

/** What each invocation does to TLBs and caches; `n` = entries of the page. */
interface Expected {
  readonly map: (n: number) => string[];
  readonly remap: (n: number) => string[];
  readonly unmap: (n: number) => string[];
  readonly mapTable: string[];
  /** After the entry of a last-level table with this many pages was cleared. */
  readonly unlinkLeaf: (pages: number) => string[];
  readonly unlinkUpper: string[];
  readonly zero: (bytes: number) => string[];
  readonly asid: string[];
}

const RISCV: Expected = {
  map: () => ['sfence 1'],
  remap: () => ['sfence 1'],
  unmap: () => ['sfence 1'],
  mapTable: ['sfence 1'],
  unlinkLeaf: () => ['sfence 1'],
  unlinkUpper: ['sfence 1'],
  zero: (bytes) => [`zeroedBytes ${bytes}`],
  asid: [],
};

const AARCH64: Expected = {
  map: (n) => [`cleanEntry ${n}`],
  remap: (n) => [`cleanEntry ${n}`, 'tlbiPage 1'],
  unmap: (n) => [`cleanEntry ${n}`, 'tlbiPage 1'],
  mapTable: ['cleanEntry 1'],
  unlinkLeaf: () => ['cleanEntry 1', 'tlbiAsid 1'],
  unlinkUpper: ['cleanEntry 1', 'tlbiAsid 1'],
  zero: (bytes) => [`zeroedBytes ${bytes}`, `cleanedBytes ${bytes}`],
  asid: ['tlbiAsid 1'],
};

const AARCH32: Expected = {
  ...AARCH64,
  remap: (n) => [`cleanEntry ${n}`, 'tlbiAsid 1'],
  unmap: (n) => [`cleanEntry ${n}`, 'vspaceSwitch 1', 'tlbiPage 1'],
};

const x86 = (flush: string): Expected => ({
  // Nothing more over a valid entry: the page itself is not invalidated.
  map: () => [flush],
  remap: () => [flush],
  unmap: () => ['invlpg 1'],
  mapTable: [flush],
  unlinkLeaf: (pages) => [...(pages > 0 ? [`invlpg ${pages}`] : []), flush],
  unlinkUpper: ['flushAsid 1'],
  zero: (bytes) => [`zeroedBytes ${bytes}`],
  asid: ['flushAsid 1'],
});

/** With several cores: RISC-V fences all, x86 interrupts others each time, Arm only where it invalidates a TLB. */
function onSeveralCores(
  family: Configuration['family'],
  { map, remap, unmap, mapTable, unlinkLeaf, unlinkUpper, zero, asid }: Expected,
): Expected {
  const other = family === 'riscv' ? 'remoteFence 1' : 'shootdown 1';
  const always = family === 'riscv' || family === 'x86';
  const plus = (some: string[]): string[] => (some.length > 0 ? [...some, other] : some);
  return {
    map: (n) => (always ? plus(map(n)) : map(n)),
    remap: (n) => plus(remap(n)),
    unmap: (n) => plus(unmap(n)),
    mapTable: always ? plus(mapTable) : mapTable,
    // x86 interrupts for each page, and once more for the structure cache.
    unlinkLeaf: (pages) =>
      family === 'x86' && pages > 0
        ? [`invlpg ${pages}`, `shootdown ${pages}`, ...plus(unlinkLeaf(0))]
        : plus(unlinkLeaf(pages)),
    unlinkUpper: plus(unlinkUpper),
    zero,
    asid: plus(asid),
  };
}

const byFamily = { riscv: RISCV, aarch64: AARCH64, aarch32: AARCH32, x86: x86('structureCacheFlush 1') };
const pcid = configuration('x86_64');

const cases: [string, Configuration, Expected][] = [
  ...CONFIGURATIONS.map((c): [string, Configuration, Expected] => [c.name, c, byFamily[c.family]]),
  ['x86_64 pcid', { ...pcid, config: { ...pcid.config, pcid: true } }, x86('cr3Write 2')],
];
const smp = cases.map(([name, c, expected]): [string, Configuration, Expected] => [
  `${name} smp`,
  { ...c, config: { ...c.config, smp: true } },
  onSeveralCores(c.family, expected),
]);

describe.each([...cases, ...smp])('maintenance on %s', (_, c, expected) => {
  const start = (): { w: World; during: (run: () => void) => string[] } => {
    const w = new World(c, 'permissive');
    const sink = new RecordingSink(w.kernel);
    const during = (run: () => void): string[] => {
      sink.forget();
      run();
      return sink.maintenance;
    };
    return { w, during };
  };
  const leafOf = ({ tables }: Place): number | undefined => tables[tables.length - 1];

  it('of pages', () => {
    const { w, during } = start();
    eachSize(w, (place) => {
      const { kind, vspace, vaddr } = place;
      const [a, b] = [w.frame(kind.bits), w.frame(kind.bits)];
      const n = kind.entries;
      expect(during(() => w.map(a, vspace, vaddr))).toEqual(expected.map(n));
      expect(during(() => w.map(a, vspace, vaddr, 'r'))).toEqual(expected.remap(n));
      expect(during(() => w.map(b, vspace, vaddr))).toEqual(expected.remap(n));
      // A dead unmap finds nothing to maintain, a refusal does nothing.
      expect(during(() => w.unmap(a))).toEqual([]);
      expect(during(() => w.map(b, vspace, vaddr + 1n))).toEqual([]);
      expect(during(() => w.unmap(b))).toEqual(expected.unmap(n));
      expect(during(() => w.unmap(b))).toEqual([]);
      expect(during(() => w.map(b, vspace, vaddr))).toEqual(expected.map(n));
      expect(during(() => w.delete(b))).toEqual(expected.unmap(n));
      expect(during(() => w.delete(a))).toEqual([]);
    });
  });

  it('of tables and their memory', () => {
    const { w, during } = start();
    const [small] = c.pages;
    for (const pages of [0, 1, 3]) {
      const vspace = w.vspace();
      const vaddr = address(c);
      const tables = w.tablesFor(vspace, vaddr, small);
      const leaf = leafOf({ kind: small, vspace, vaddr, tables }) ?? 0;
      for (let i = 0; i < pages; i++)
        w.must({ op: 'map', cap: w.frame(), vspace, vaddr: vaddr + BigInt(i) * 0x1000n, rights: 'rw' });
      // Nothing was ever written to the table without pages, and it is zeroed all the same.
      expect(during(() => w.unmapTable(leaf))).toEqual([
        ...expected.unlinkLeaf(pages),
        ...expected.zero(2 ** c.tableBits),
      ]);
      expect(during(() => w.unmapTable(leaf))).toEqual([]);
      expect(during(() => w.mapTable(leaf, vspace, vaddr))).toEqual(expected.mapTable);
      expect(during(() => w.delete(leaf))).toEqual(expected.unlinkLeaf(0));
      const [upper] = tables;
      if (upper === undefined || upper === leaf) continue;
      expect(during(() => w.unmapTable(upper))).toEqual([...expected.unlinkUpper, ...expected.zero(2 ** c.tableBits)]);
    }
  });

  it('of a table that is in no tree any more: its memory only', () => {
    const { w, during } = start();
    const vspace = w.vspace();
    const tables = w.tablesFor(vspace, address(c), c.pages[0]);
    w.must({ op: 'delete', cap: vspace });
    expect(during(() => w.unmapTable(tables[0]))).toEqual(expected.zero(2 ** c.tableBits));
  });

  it('of ASIDs', () => {
    const { w, during } = start();
    const [a, b, bare] = [w.vspace(), w.vspace(), w.retype(c.root)];
    expect(during(() => w.delete(bare))).toEqual([]);
    const copy = w.copy(a);
    expect(during(() => w.delete(a))).toEqual([]);
    expect(during(() => w.delete(copy))).toEqual(expected.asid);
    // The initial thread's and b's.
    expect(during(() => w.delete(POOL))).toEqual([...expected.asid, ...expected.asid]);
    expect(during(() => w.delete(b))).toEqual([]);
  });
});
