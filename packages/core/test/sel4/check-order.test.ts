import { describe, expect, it } from 'vitest';
import { CONFIGURATIONS, type Configuration } from './configurations.ts';
import { address } from './laws/law.ts';
import {
  ALIGNMENT_ERROR,
  DELETE_FIRST,
  ILLEGAL_OPERATION,
  INVALID_ROOT,
  invalidArgument,
  invalidCapability,
  missing,
  type Outcome,
  POOL,
  World,
} from './world.ts';

/*
 * Two faults at once: the one that a kernel looks for first is the answer. Every pair that can be staged is.
 */

const FAULTS = [
  'empty',
  'type',
  'mapped',
  'vspace',
  'asid',
  'vaddr',
  'limit',
  'dead',
  'foreign',
  'align',
  'table',
  'occupied',
] as const;
type Fault = (typeof FAULTS)[number];

/** Faults that cannot meet. */
const APART: readonly (readonly [Fault, Fault])[] = [
  ['empty', 'type'],
  ['dead', 'foreign'],
  ['limit', 'table'],
  ['limit', 'occupied'],
  ['table', 'occupied'],
  // The address that the capability records was below the limit: the two are one fault.
  ['vaddr', 'limit'],
];

/** The order of Page_Map's checks under the strict policy, by family. */
const MAP_ORDER: Readonly<Record<Configuration['family'], readonly Fault[]>> = {
  x86: ['empty', 'type', 'vspace', 'asid', 'vaddr', 'limit', 'dead', 'foreign', 'align', 'table', 'occupied'],
  aarch64: ['empty', 'type', 'vspace', 'dead', 'foreign', 'align', 'asid', 'vaddr', 'limit', 'occupied', 'table'],
  aarch32: ['empty', 'type', 'vspace', 'asid', 'vaddr', 'limit', 'dead', 'foreign', 'align', 'table', 'occupied'],
  riscv: ['empty', 'type', 'vspace', 'dead', 'foreign', 'limit', 'align', 'table', 'asid', 'vaddr', 'occupied'],
};

/** The order of PageTable_Map's checks, the same everywhere. */
const TABLE_ORDER: readonly Fault[] = ['empty', 'type', 'mapped', 'vspace', 'limit', 'dead', 'foreign', 'occupied'];

const answers = (c: Configuration): Readonly<Record<Fault, Outcome>> => ({
  empty: invalidCapability(0),
  type: ILLEGAL_OPERATION,
  mapped: invalidCapability(0),
  vspace: invalidCapability(1),
  asid: invalidCapability(1),
  vaddr: invalidArgument(0),
  limit: invalidArgument(0),
  dead: INVALID_ROOT,
  foreign: invalidCapability(1),
  align: ALIGNMENT_ERROR,
  table: missing(c.shifts[c.shifts.length - 2]),
  occupied: DELETE_FIRST,
});

/** Take a vspace's ASID away with its pool, and give the number to another if `foreign`. */
function loseAsid(w: World, vspace: number, foreign: boolean): void {
  const asid = w.asid(vspace);
  w.must({ op: 'delete', cap: POOL });
  if (!foreign) return;
  w.must({ op: 'make_pool', cap: POOL });
  while (w.kernel.rootOf(asid) === 0) w.vspace();
}

/** Map a small page with exactly these things wrong. */
function mapWith(w: World, faults: ReadonlySet<Fault>): Outcome {
  const c = w.configuration;
  const [small] = c.pages;
  const [vspace, other, bare] = [w.vspace(), w.vspace(), w.retype(c.root)];
  const place = address(c);
  const recorded = faults.has('vaddr') ? place + 0x1000n : place;
  const tables = w.tablesFor(vspace, place, small);
  w.tablesFor(other, place, small);
  const [frame, another] = [w.frame(), w.frame()];
  if (faults.has('occupied')) w.must({ op: 'map', cap: another, vspace, vaddr: place, rights: 'rw' });
  if (faults.has('asid')) w.must({ op: 'map', cap: frame, vspace: other, vaddr: recorded, rights: 'rw' });
  else if (faults.has('vaddr')) w.must({ op: 'map', cap: frame, vspace, vaddr: recorded, rights: 'rw' });
  if (faults.has('table')) w.must({ op: 'unmap_table', cap: tables[tables.length - 1] });
  if (faults.has('dead') || faults.has('foreign')) loseAsid(w, vspace, faults.has('foreign'));
  const cap = faults.has('empty') ? w.slot() : faults.has('type') ? tables[0] : frame;
  const asked = faults.has('limit') ? c.pastTable : place;
  return w.map(cap, faults.has('vspace') ? bare : vspace, faults.has('align') ? asked + 8n : asked);
}

/** Map a table below the root with exactly these things wrong. */
function mapTableWith(w: World, faults: ReadonlySet<Fault>): Outcome {
  const c = w.configuration;
  const [obj] = c.tables;
  const [vspace, bare, frame] = [w.vspace(), w.retype(c.root), w.frame()];
  const place = address(c);
  // Where one object serves every level only a page ends the walk, so a full path is laid.
  if (faults.has('occupied')) w.tablesFor(vspace, place, c.pages[0]);
  const table = w.retype(obj);
  if (faults.has('mapped')) w.must({ op: 'map_table', cap: table, vspace, vaddr: place + (1n << BigInt(c.shifts[0])) });
  if (faults.has('dead') || faults.has('foreign')) loseAsid(w, vspace, faults.has('foreign'));
  const cap = faults.has('empty') ? w.slot() : faults.has('type') ? frame : table;
  return w.mapTable(cap, faults.has('vspace') ? bare : vspace, faults.has('limit') ? c.pastTable : place + 8n);
}

const canMeet = (a: Fault, b: Fault): boolean => !APART.some(([x, y]) => (x === a && y === b) || (x === b && y === a));

describe.each(CONFIGURATIONS)('the checks of $name', (configuration) => {
  const expected = answers(configuration);
  const stage = (order: readonly Fault[], invoke: typeof mapWith): void => {
    order.forEach((first, i) => {
      expect(invoke(new World(configuration, 'strict'), new Set([first])), first).toEqual(expected[first]);
      for (const later of order.slice(i + 1)) {
        if (!canMeet(first, later)) continue;
        const outcome = invoke(new World(configuration, 'strict'), new Set([first, later]));
        expect(outcome, `${first} and ${later}`).toEqual(expected[first]);
      }
    });
  };

  it('come in the order of the kernel for a page', () => {
    stage(MAP_ORDER[configuration.family], mapWith);
    expect(mapWith(new World(configuration, 'strict'), new Set())).toEqual({ ret: 'ok' });
  });

  it('come in the order of the kernel for a table', () => {
    stage(TABLE_ORDER, mapTableWith);
    expect(mapTableWith(new World(configuration, 'strict'), new Set())).toEqual({ ret: 'ok' });
  });
});
