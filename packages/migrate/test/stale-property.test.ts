import { CAP_WORDS, CapType, Columns, isStale, Kernel, POLICIES, Policy, TYPE_MASK } from '@overmap/core';
import { fillColumns, makeTables, type TraceEvent, validateEvent } from '@overmap/trace';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FindingEmitter } from '../src/finding-emitter.ts';
import { Provenance } from '../src/provenance.ts';
import { Sel4Audit } from '../src/sel4-audit.ts';
import type { Line } from './small-trace.ts';

type Arch = 'aarch64' | 'riscv64' | 'aarch32' | 'x86_64' | 'ia32';
interface World {
  /** Object kinds of the tables below the root that one address needs, from the top. */
  readonly tables: readonly string[];
  readonly large: number;
  readonly root: string;
}
const WORLDS: Readonly<Record<Arch, World>> = {
  aarch64: { tables: ['table', 'table', 'table'], large: 21, root: 'vspace' },
  riscv64: { tables: ['table', 'table'], large: 21, root: 'vspace' },
  x86_64: { tables: ['pdpt', 'pd', 'table'], large: 21, root: 'vspace' },
  aarch32: { tables: ['table'], large: 16, root: 'vspace' },
  ia32: { tables: ['table'], large: 22, root: 'vspace' },
};
const ARCHS = Object.keys(WORLDS) as Arch[];
const ADDRESSES = ['0x400000', '0x401000', '0x410000', '0x400000'];
const FRAMES = [20, 21, 22, 23, 24];
const SLOTS = [...FRAMES, 30, 31, 32, 33, 34, 35];
/** One frame, its copy, one address: what needs many steps in a row happens more often. */
const NARROW = [20, 30];
const VSPACES = [2, 3];

/** The tables of vspace 2 are in slots 10, 11, …, those of vspace 3 in 40, 41, …; 50 and 51 are for copies of them. */
const tableSlot = (vspace: number, n: number): number => (vspace === 2 ? 10 : 40) + n;

function begin({ tables, large, root }: World): Line[] {
  const lines: Line[] = [
    { op: 'retype', obj: 'page', bits: 12, cap: 20, n: 4, paddr: '0x10100000' },
    { op: 'retype', obj: 'page', bits: large, cap: 24, n: 1, paddr: '0x10800000' },
  ];
  for (const [v, vspace] of VSPACES.entries()) {
    lines.push({ op: 'retype', obj: root, cap: vspace, n: 1, paddr: `0x1000${v + 1}000` }, assign(vspace));
    for (const [n, obj] of tables.entries())
      lines.push({ op: 'retype', obj, cap: tableSlot(vspace, n), n: 1, paddr: `0x1001${v * 4 + n}000` });
    for (const [n] of tables.entries()) lines.push(mapTable(vspace, n));
  }
  return lines;
}

const assign = (vspace: number): Line => ({ op: 'assign', pool: 1, vspace });
const mapTable = (vspace: number, n: number): Line => ({
  op: 'map_table',
  cap: tableSlot(vspace, n),
  vspace,
  vaddr: '0x400000',
  attr: 0,
});

/** What four numbers stand for: some records. The first of them is weighted so that most are about pages. */
function records([what, a, b, c]: readonly number[], world: World, narrow: boolean): Line[] {
  const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;
  const slots = narrow ? NARROW : SLOTS;
  const cap = pick(slots, a);
  const vspace = narrow ? 2 : pick(VSPACES, c);
  const level = narrow ? world.tables.length - 1 : a % world.tables.length;
  const table = tableSlot(vspace, level);
  switch (what) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
      return [
        {
          op: 'map',
          cap,
          vspace,
          vaddr: pick(narrow ? ['0x400000'] : ADDRESSES, b),
          rights: c % 7 === 0 ? '' : 'rw',
          attr: c % 5 === 0 ? 1 : 0,
        },
      ];
    case 5:
      return [{ op: 'unmap', cap }];
    case 6:
    case 7:
      return [{ op: 'copy', src: pick(slots, b), cap, rights: 'rw' }];
    case 8:
      return [{ op: 'delete', cap }];
    case 9:
      return [{ op: 'revoke', cap: pick(FRAMES, a) }];
    case 10:
      return [{ op: 'move', src: pick(slots, b), cap }];
    case 11:
      return [{ op: 'swap', cap, with: pick(slots, b) }];
    case 12:
      return [{ op: 'unmap_table', cap: table }];
    case 13:
      return [mapTable(vspace, level)];
    case 14:
      return [
        { op: 'copy', src: table, cap: 50 + (b % 2), rights: 'rw' },
        { op: 'delete', cap: b % 3 === 0 ? 50 : table },
      ];
    case 15:
      // The ASID is given out again, to another vspace.
      return [
        { op: 'delete', cap: vspace },
        { op: 'retype', obj: world.root, cap: vspace, n: 1, paddr: '0x10200000' },
        assign(vspace),
        ...(b % 2 === 0 ? world.tables.map((_, n) => mapTable(vspace, n)) : []),
      ];
    default:
      return [{ op: 'mark', name: `T${a % 3}`, at: b % 2 === 0 ? 'start' : 'end' }];
  }
}

/** One audit that is held, at each mark, against a look at every capability there is. */
class Audited {
  readonly kernel: Kernel;
  /** At each mark: how many were counted, which the audit knows, and which there are. */
  readonly marks: { counted: number; slots: number[]; all: number[] }[] = [];
  private readonly audit: Sel4Audit;
  private readonly columns = new Columns(1);
  private readonly tables = makeTables();
  private event = 0;

  constructor(arch: Arch) {
    const asidPoolSlot = this.tables.slots.dense(1, 0);
    this.kernel = new Kernel({ arch, config: {}, asidPoolSlot, rootTaskAssigned: true });
    const emitter = new FindingEmitter({ begin() {}, finding() {}, end() {} }, {});
    const names = {
      slot: String,
      name: (index: number): string => String(this.tables.names.values[index]),
      site: (): null => null,
    };
    const context = { emitter, names, from: 'legacy', to: 'strict' };
    this.audit = new Sel4Audit(this.kernel, POLICIES.legacy, Policy.strict, context, null, undefined);
  }

  /** @param recorded - what the recording says; undefined = nothing, the model decides */
  run(line: Line, recorded?: string): void {
    const isMark = line['op'] === 'mark';
    const event = validateEvent(isMark ? line : { ...line, ret: recorded ?? 'ok' }, false);
    if ('expected' in event) throw new Error(event.expected);
    fillColumns(this.columns, 0, event as TraceEvent, this.tables);
    this.columns.event[0] = this.event;
    this.columns.line[0] = this.event++ + 2;
    this.columns.count = 1;
    if (recorded === undefined) this.columns.outcome[0] = -1;
    if (!isMark) {
      this.audit.batch(this.columns);
      return;
    }
    const before = this.counted();
    const stale = this.staleNow();
    this.audit.batch(this.columns);
    const counted = this.counted() - before;
    const provenance: unknown = Reflect.get(this.audit, 'provenance');
    if (!(provenance instanceof Provenance)) throw new Error('the audit has no provenance');
    this.marks.push({ counted, slots: [...provenance.staleSlots()], all: stale });
  }

  private counted(): number {
    const { all } = this.audit.marks.totals();
    return all.staleAtTestEnd + all.staleAtNextStart;
  }

  private staleNow(): number[] {
    const k = this.kernel;
    const stale: number[] = [];
    for (let slot = 1; slot < k.slotLimit; slot++) {
      const c = slot * CAP_WORDS;
      if ((k.caps[c] & TYPE_MASK) === CapType.frame && isStale(k, c)) stale.push(slot);
    }
    return stale;
  }
}

const steps = fc.array(
  fc.tuple(fc.nat({ max: 19 }), fc.nat({ max: 63 }), fc.nat({ max: 63 }), fc.nat({ max: 63 }), fc.nat({ max: 60 })),
  { minLength: 20, maxLength: 120, size: 'max' },
);
/** Now and then the recording says something that the model does not, and the state follows it. */
const RECORDED: Readonly<Record<number, string>> = { 0: 'ok', 1: 'DeleteFirst', 2: 'ok' };

describe('the stale capabilities of an audit', () => {
  it.each(ARCHS)('are those that a look at all capabilities finds, whatever happened: %s', (arch) => {
    const world = WORLDS[arch];
    let marks = 0;
    let most = 0;
    fc.assert(
      fc.property(steps, fc.boolean(), fc.boolean(), (list, diverges, narrow) => {
        const audited = new Audited(arch);
        for (const line of begin(world)) audited.run(line, 'ok');
        for (const [what, a, b, c, odd] of list) {
          const [first, ...rest] = records([what, a, b, c], world, narrow);
          if (first !== undefined) audited.run(first, diverges ? RECORDED[odd] : undefined);
          for (const line of rest) audited.run(line);
        }
        audited.run({ op: 'mark', name: 'last', at: 'start' });
        for (const { counted, slots, all } of audited.marks) {
          expect(slots).toEqual(all);
          expect(counted).toBe(all.length);
          marks++;
          most = Math.max(most, counted);
        }
      }),
      { numRuns: 100 },
    );
    // The sequences reach what they are for.
    expect(marks).toBeGreaterThan(300);
    expect(most).toBeGreaterThan(2);
  });
});
