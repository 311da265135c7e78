import type { Batch, BatchKind, RunOptions } from '@overmap/batch';
import { listLimit } from '@overmap/batch';
import { Batched, Columns, missingCapability, OK, Op } from '@overmap/core';
import { type Bed, halves, type Pages, VSPACE } from './bed.ts';
import type { MappedTable } from './table-tree.ts';
import { sayAddress } from './workload-error.ts';

/** Rights letters as bits. */
export const NO_RIGHTS = 0;
export const READ = 1;
export const READ_WRITE = 3;

/** What an unmap is expected to do, as the kernel's `cleared`; of other operations nothing is expected. */
const CLEARS = 1;
const NO_MATTER = 2;

/** A piece of a script: operations one by one, or in one batched call. */
export type Step =
  | { readonly kind: 'singles'; from: number; to: number }
  | {
      readonly kind: 'batch';
      readonly from: number;
      readonly to: number;
      readonly batch: Batch;
      /** With the tables that are missing, in the order in which they are needed. */
      readonly options: RunOptions;
      /** How many tables that is, and entries of pages that are written. */
      readonly tables: number;
      readonly writes: number;
    };

/** What a place holds. */
export interface Held {
  readonly slot: number;
  readonly rights: number;
}

/** What an operation does to a place: a page is there afterwards, or none. */
export interface Change {
  /** Bytes. */
  readonly address: number;
  readonly held: Held | null;
}

/** A part of a script at whose end the page tables are looked at. */
export interface Phase {
  /** The operation that is the first one after it. */
  readonly to: number;
  /** Tables that it maps and unmaps, by the entry that points to them. */
  readonly linked: readonly TableEntry[];
  readonly unlinked: readonly TableEntry[];
}

interface TableEntry {
  /** See {@link TableTree.keyOf}. */
  readonly key: string;
  readonly cap: number;
}

interface Operation {
  readonly op: number;
  readonly cap: number;
  readonly address: number;
  readonly rights: number;
  readonly expected: number;
  readonly cleared: number;
}

/**
 * The operations of a workload, with what each must answer. Written down before any of them is run, from what the client
 * knows: which tables it has mapped, and which frame is where.
 *
 * As `batch` of the case says, operations go one by one or in batches. A batch whose slots and addresses follow one
 * another is a window, every other one a list; a batch of more operations than a message holds is as many lists as it
 * takes.
 *
 * All pages that are mapped, changed or unmapped in one call are a phase, with whatever tables were mapped before it; so
 * are the tables that are unmapped in one call.
 */
export class Script {
  readonly bed: Bed;
  readonly steps: Step[] = [];
  /** What is mapped when it begins: pages by address, and slots of tables by the entry that points to them. */
  readonly heldBefore: ReadonlyMap<number, Held>;
  readonly tablesBefore: ReadonlyMap<string, number>;
  /** Pages, by address, where it ends. */
  private readonly held: Map<number, Held>;
  private readonly ended: Phase[] = [];
  private linked: TableEntry[] = [];
  private unlinked: TableEntry[] = [];
  private readonly operations: Operation[] = [];
  private finished: Columns | null = null;
  private answers: Int32Array | null = null;
  private clearings: Int32Array | null = null;

  /** @param held - what is mapped when it begins */
  constructor(bed: Bed, held: ReadonlyMap<number, Held> = new Map()) {
    this.bed = bed;
    this.heldBefore = held;
    this.tablesBefore = bed.tree.tables();
    this.held = new Map(held);
  }

  /** A script that goes on where this one ends. */
  next(): Script {
    return new Script(this.bed, new Map(this.held));
  }

  /** Map frames that are not mapped, or the frames of places where an over-mapping is meant. All tables are there. */
  maps(pages: Pages, rights: number = READ_WRITE): void {
    this.each(pages, Batched.map, (cap, address) => this.map(cap, address, rights));
  }

  /** Map frames again, through the same capabilities, with other rights. In batches this is a protect. */
  protects(pages: Pages, rights: number): void {
    this.each(pages, Batched.protect, (cap, address) => this.map(cap, address, rights));
  }

  /** Unmap frames whose entries are there. */
  unmaps(pages: Pages): void {
    this.each(pages, Batched.unmap, (cap, address) => this.unmap(cap, address));
  }

  /**
   * Map frames where tables may be missing. One by one: each FailedLookup is answered by a table of the level that it
   * names, and the map is tried again. In batches: each has a list of the tables that are missing.
   *
   * @returns the tables, in the order in which they were mapped
   */
  faults(pages: Pages): MappedTable[] {
    const mapped: MappedTable[] = [];
    const supply = (address: number): void => {
      for (let level = this.bed.missing(address); level >= 0; level = this.bed.missing(address)) {
        const table = { cap: this.bed.table(level), address, level };
        mapped.push(table);
        this.link(table);
      }
    };
    if (this.bed.benchCase.batch === 1) {
      pages.slots.forEach((cap, i) => {
        const address = pages.addresses[i];
        for (let level = this.bed.missing(address); level >= 0; level = this.bed.missing(address)) {
          const expected = missingCapability(this.bed.kernel.shift[level], false);
          this.single({ op: Op.map, cap, address, rights: READ_WRITE, expected, cleared: NO_MATTER });
          const table = { cap: this.bed.table(level), address, level };
          mapped.push(table);
          this.mapTable(table);
        }
        this.single(this.map(cap, address, READ_WRITE));
      });
      this.endPhase();
      return mapped;
    }
    this.each(
      pages,
      Batched.map,
      (cap, address) => this.map(cap, address, READ_WRITE),
      (some) => {
        const before = mapped.length;
        some.addresses.forEach(supply);
        return mapped.slice(before).map(({ cap }) => cap);
      },
    );
    return mapped;
  }

  /** Map a table that is missing, by itself. */
  mapTable(table: MappedTable): void {
    const { cap, address } = table;
    this.link(table);
    this.single({ op: Op.map_table, cap, address, rights: 0, expected: OK, cleared: NO_MATTER });
  }

  /** Unmap tables, the last one first, so that none lies below one that is gone. There is no batch of these. */
  unmapTables(tables: readonly MappedTable[]): void {
    for (const table of tables.toReversed()) {
      const { cap, address, level } = table;
      this.bed.tree.remove(table);
      this.unlinked.push({ key: this.bed.tree.keyOf(address, level), cap });
      this.single({ op: Op.unmap_table, cap, address, rights: 0, expected: OK, cleared: CLEARS });
    }
    this.endPhase();
  }

  /** How many there are; tables that batches are supplied with are none of their own. */
  get count(): number {
    return this.operations.length;
  }

  /** In their order; the last one ends with the script. Nothing may be added after this. */
  get phases(): readonly Phase[] {
    this.endPhase();
    return this.ended;
  }

  /** What an operation changes of the pages; null = nothing, since it is refused or is about a table. */
  changeOf(i: number): Change | null {
    const { op, cap, address, rights, expected } = this.operations[i];
    if (op === Op.map && expected === OK) return { address, held: { slot: cap, rights } };
    return op === Op.unmap ? { address, held: null } : null;
  }

  /** The slot that an operation is about. */
  slotOf(i: number): number {
    return this.operations[i].cap;
  }

  /** The operations as rows, for {@link Step}. Nothing may be added after this. */
  get rows(): Columns {
    this.finished ??= this.columns();
    return this.finished;
  }

  /** What each must answer, packed. */
  get expected(): Int32Array {
    this.answers ??= Int32Array.from(this.operations, ({ expected }) => expected);
    return this.answers;
  }

  /** What unmaps must have done to their entry; above 1 = no matter. */
  get cleared(): Int32Array {
    this.clearings ??= Int32Array.from(this.operations, ({ cleared }) => cleared);
    return this.clearings;
  }

  /** "Page_Map of frame 17 at 0x10011000". */
  say(i: number): string {
    const { op, cap, address } = this.operations[i];
    const at = sayAddress(address);
    const what = this.bed.say(cap);
    switch (op) {
      case Op.map:
        return `Page_Map of ${what} at ${at}`;
      case Op.unmap:
        return `Page_Unmap of ${what} at ${at}`;
      case Op.map_table:
        return `PageTable_Map of ${what} for ${at}`;
      default:
        return `PageTable_Unmap of ${what} for ${at}`;
    }
  }

  private map(cap: number, address: number, rights: number): Operation {
    this.held.set(address, { slot: cap, rights });
    return { op: Op.map, cap, address, rights, expected: OK, cleared: NO_MATTER };
  }

  private unmap(cap: number, address: number): Operation {
    this.held.delete(address);
    return { op: Op.unmap, cap, address, rights: 0, expected: OK, cleared: CLEARS };
  }

  private link(table: MappedTable): void {
    this.bed.tree.add(table);
    this.linked.push({ key: this.bed.tree.keyOf(table.address, table.level), cap: table.cap });
  }

  private endPhase(): void {
    const to = this.operations.length;
    if (to === (this.ended.at(-1)?.to ?? 0)) return;
    this.ended.push({ to, linked: this.linked, unlinked: this.unlinked });
    this.linked = [];
    this.unlinked = [];
  }

  private single(operation: Operation): void {
    const at = this.operations.push(operation) - 1;
    const last = this.steps.at(-1);
    if (last?.kind === 'singles' && last.to === at) last.to++;
    else this.steps.push({ kind: 'singles', from: at, to: at + 1 });
  }

  /** Operations of one kind, by themselves or in batches. */
  private each(
    pages: Pages,
    kind: BatchKind,
    operation: (cap: number, address: number) => Operation,
    tablesOf: (some: Pages) => readonly number[] = () => [],
  ): void {
    const { batch } = this.bed.benchCase;
    const { slots, addresses } = pages;
    if (batch === 1) {
      slots.forEach((cap, i) => this.single(operation(cap, addresses[i])));
      this.endPhase();
      return;
    }
    for (let from = 0; from < slots.length; from += batch) {
      const to = Math.min(slots.length, from + batch);
      const window = this.isWindow(pages, from, to);
      const most = window ? batch : listLimit(kind);
      for (let first = from; first < to; first += most) {
        const end = Math.min(to, first + most);
        const some = { slots: slots.slice(first, end), addresses: addresses.slice(first, end) };
        this.batch(some, kind, window, operation, tablesOf(some));
      }
    }
    this.endPhase();
  }

  private batch(
    pages: Pages,
    kind: BatchKind,
    window: boolean,
    operation: (cap: number, address: number) => Operation,
    tables: readonly number[],
  ): void {
    const from = this.operations.length;
    pages.slots.forEach((cap, i) => this.operations.push(operation(cap, pages.addresses[i])));
    const mine = this.operations.slice(from);
    this.steps.push({
      kind: 'batch',
      from,
      to: this.operations.length,
      batch: window ? this.windowOf(mine, kind) : this.listOf(mine, kind),
      options: tables.length === 0 ? {} : { tables: Int32Array.from(tables) },
      tables: tables.length,
      writes: mine.length * this.bed.entries,
    });
  }

  /** Whether slots and addresses of some pages follow one another. */
  private isWindow({ slots, addresses }: Pages, from: number, to: number): boolean {
    for (let i = from + 1; i < to; i++)
      if (slots[i] !== slots[i - 1] + 1 || addresses[i] !== addresses[i - 1] + this.bed.range.bytes) return false;
    return true;
  }

  private windowOf(operations: readonly Operation[], kind: BatchKind): Batch {
    const { cap: first, address, rights } = operations[0];
    const [vaddrHi, vaddrLo] = halves(address);
    const { attr } = this.bed;
    return { form: 'window', kind, first, count: operations.length, vspace: VSPACE, vaddrHi, vaddrLo, rights, attr };
  }

  private listOf(operations: readonly Operation[], kind: BatchKind): Batch {
    const column = (of: (operation: Operation) => number): Int32Array => Int32Array.from(operations, of);
    return {
      form: 'list',
      kind,
      count: operations.length,
      vspace: VSPACE,
      slots: column(({ cap }) => cap),
      vaddrHi: column(({ address }) => halves(address)[0]),
      vaddrLo: column(({ address }) => halves(address)[1]),
      rights: column(({ rights }) => rights),
      attr: column(() => this.bed.attr),
    };
  }

  private columns(): Columns {
    const rows = new Columns(Math.max(1, this.operations.length));
    this.operations.forEach(({ op, cap, address, rights }, i) => {
      rows.op[i] = op;
      rows.cap[i] = cap;
      rows.vspace[i] = VSPACE;
      [rows.vaddrHi[i], rows.vaddrLo[i]] = halves(address);
      rows.rights[i] = rights;
      rows.attr[i] = this.bed.attr;
    });
    rows.count = this.operations.length;
    return rows;
  }
}
