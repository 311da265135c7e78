import {
  type Architecture,
  CAP_WORDS,
  Columns,
  check,
  Family,
  Kernel,
  OBJECT,
  OK,
  type PageSize,
  perform,
} from '@overmap/core';
import { BUILDS, type BuildName } from '../builds.ts';
import { dense, fillOperation, type Operation, POOL } from '../operation.ts';
import type { EngineRule } from '../rule.ts';

/** Who holds a capability. A client holds its frames; the supervisor its own, the page tables, vspaces and the pool. */
type Holder = 'client' | 'supervisor';

/** A slot for a frame's capability. */
export interface FrameSlot {
  readonly slot: number;
  /** "A", "B", "C"; the copy's slot is "X". */
  readonly name: string;
  /** Who holds what is in it; null for the copy's slot: whoever holds the capability that it was copied from. */
  readonly holder: Holder | null;
}

/** An operation that may be done in a world, and what it is about. */
export interface Move {
  readonly operation: Operation;
  /** Index in {@link SmallWorld.frames} of the frame capability that it invokes (or fills, by a copy); -1 = none. */
  readonly frame: number;
  /** Index in {@link SmallWorld.vspaces}; -1 = none. */
  readonly vspace: number;
}

/** Slots of a world; `tables` is the first of several. */
const SLOT = { S: 2, S2: 3, A: 4, B: 5, X: 6, C: 7, tables: 8 } as const;
/** Index of the copy's slot in {@link SmallWorld.frames}. */
export const COPY = 2;

/** Physical memory of the objects; nothing depends on where it is. */
const TABLES_AT = 0x1000_0000n;
const FRAMES_AT = 0x4000_0000n;
const OTHER_FRAME_AT = 0xc000_0000n;

/**
 * A world in which a rule is tried: two vspaces, the page tables of one place and one more, a frame of the client's and
 * one of the supervisor's, of one size; a frame of another size; a slot for a copy; two places beside each other.
 *
 * | slot | |
 * |---|---|
 * | 1 | the initial ASID pool |
 * | 2 | vspace S, assigned, with the tables in place |
 * | 3 | vspace S2, not assigned |
 * | 4 | A, the client's frame |
 * | 5 | B, the supervisor's frame, of the same size |
 * | 6 | X, empty: a copy of A or B |
 * | 7 | C, the client's frame of the next larger size, if there is one |
 * | 8… | tables: those in place, then one to spare of the kind of the lowest |
 */
export class SmallWorld {
  readonly build: BuildName;
  readonly size: PageSize;
  readonly kernel: Kernel;
  readonly policy: number;
  /** What has been done when a search begins. */
  readonly setUp: readonly Operation[];
  readonly moves: readonly Move[];
  /** The moves as rows, in their order. */
  readonly rows: Columns;
  readonly vspaces: readonly number[] = [SLOT.S, SLOT.S2];
  readonly frames: readonly FrameSlot[];
  readonly tables: readonly number[];
  /** Handles of the vspaces' roots, in the order of {@link SmallWorld.vspaces}. */
  readonly roots: readonly number[];
  /** The frames themselves, by physical address and log2 of the size: A, B, C. */
  readonly memory: readonly { readonly hi: number; readonly lo: number; readonly bits: number }[];
  /** Addresses of the two places in bytes: at the first, pages of either size and every table begin. */
  readonly places: readonly [bigint, bigint];

  /** @param size - one of the architecture's page sizes */
  constructor(build: BuildName, size: PageSize, { policy, rule }: EngineRule) {
    this.build = build;
    this.size = size;
    this.policy = policy;
    this.kernel = new Kernel({
      ...BUILDS[build],
      asidPoolSlot: dense(POOL),
      rootTaskAssigned: true,
      ...(rule === undefined ? {} : { rule }),
    });
    const { arch } = this.kernel;
    const other = arch.sizes[arch.sizes.indexOf(size) + 1];
    this.frames = [
      { slot: SLOT.A, name: 'A', holder: 'client' },
      { slot: SLOT.B, name: 'B', holder: 'supervisor' },
      { slot: SLOT.X, name: 'X', holder: null },
      ...(other === undefined ? [] : [{ slot: SLOT.C, name: 'C', holder: 'client' } as const]),
    ];
    const above = tablesAbove(arch, size.level);
    const spare = above.at(-1);
    const objects = spare === undefined ? [] : [...above, spare];
    this.tables = objects.map((_, i) => SLOT.tables + i);
    // 1 GiB: a multiple of every size, inside of every user range, and index 0 of no table's parent but of its own.
    const place = 1n << 30n;
    this.places = [place, place + (1n << BigInt(size.bits))];
    const first = { hi: 0, lo: Number(FRAMES_AT), bits: size.bits };
    this.memory = [
      first,
      { ...first, lo: Number(BigInt.asIntN(32, FRAMES_AT + (1n << BigInt(size.bits)))) },
      ...(other === undefined ? [] : [{ hi: 0, lo: Number(BigInt.asIntN(32, OTHER_FRAME_AT)), bits: other.bits }]),
    ];
    this.setUp = this.preparation(other, objects, above.length);
    const row = new Columns(1);
    for (const operation of this.setUp) {
      fillOperation(row, 0, operation);
      const outcome = check(this.kernel, row, 0, policy);
      if (outcome !== OK) throw new Error(`the set-up's ${operation.op} answered ${outcome}`);
      perform(this.kernel, row, 0);
    }
    this.moves = [...this.possible()];
    this.rows = new Columns(this.moves.length);
    this.moves.forEach(({ operation }, i) => fillOperation(this.rows, i, operation));
    this.roots = this.vspaces.map((slot) => this.tableIn(slot));
    // Every table gets its entries now: what a state consists of does not move any more.
    for (const slot of [...this.vspaces, ...this.tables]) {
      const table = this.tableIn(slot);
      if (this.kernel.tableBase[table] === 0) this.kernel.allocateEntries(table);
    }
  }

  /** Handle of the table or vspace in a slot. */
  tableIn(slot: number): number {
    return this.kernel.caps[dense(slot) * CAP_WORDS + OBJECT];
  }

  private preparation(other: PageSize | undefined, objects: readonly TableObject[], inPlace: number): Operation[] {
    let memory = TABLES_AT;
    const table = (obj: TableObject | 'vspace', cap: number): Operation => {
      const paddr = memory;
      // The largest root, of aarch32 hyp and aarch64 hyp, has 16 KiB.
      memory += 0x4000n;
      return { op: 'retype', obj, cap, paddr };
    };
    const page = (bits: number, cap: number, paddr: bigint): Operation => ({
      op: 'retype',
      obj: 'page',
      bits,
      cap,
      paddr,
    });
    return [
      table('vspace', SLOT.S),
      { op: 'assign', pool: POOL, vspace: SLOT.S },
      table('vspace', SLOT.S2),
      page(this.size.bits, SLOT.A, FRAMES_AT),
      page(this.size.bits, SLOT.B, FRAMES_AT + (1n << BigInt(this.size.bits))),
      ...(other === undefined ? [] : [page(other.bits, SLOT.C, OTHER_FRAME_AT)]),
      ...objects.map((obj, i) => table(obj, SLOT.tables + i)),
      ...this.tables
        .slice(0, inPlace)
        .map((cap): Operation => ({ op: 'map_table', cap, vspace: SLOT.S, vaddr: this.places[0], attr: 0 })),
    ];
  }

  /** Every operation that the world knows, whether it would be refused or not. */
  private *possible(): Generator<Move> {
    const { frames, vspaces, tables, places } = this;
    const normal = this.kernel.arch.name.startsWith('aarch') ? 1 : 0;
    for (const [frame, { slot: cap, name, holder }] of frames.entries()) {
      for (const [vspace, space] of vspaces.entries())
        for (const vaddr of name === 'C' ? places.slice(0, 1) : places) {
          yield { operation: { op: 'map', cap, vspace: space, vaddr, rights: 'rw', attr: normal }, frame, vspace };
          // Without rights and execute-never: RISC-V writes an invalid entry.
          if (this.kernel.family === Family.riscv && holder === 'client' && name === 'A')
            yield { operation: { op: 'map', cap, vspace: space, vaddr, rights: '', attr: 1 }, frame, vspace };
        }
      yield { operation: { op: 'unmap', cap }, frame, vspace: -1 };
      yield { operation: { op: 'delete', cap }, frame, vspace: -1 };
    }
    for (const src of [SLOT.A, SLOT.B])
      yield { operation: { op: 'copy', src, cap: SLOT.X, rights: 'rw' }, frame: COPY, vspace: -1 };
    for (const cap of tables) {
      for (const [vspace, space] of vspaces.entries())
        yield { operation: { op: 'map_table', cap, vspace: space, vaddr: places[0], attr: 0 }, frame: -1, vspace };
      yield { operation: { op: 'unmap_table', cap }, frame: -1, vspace: -1 };
      yield { operation: { op: 'delete', cap }, frame: -1, vspace: -1 };
    }
    for (const [vspace, space] of vspaces.entries()) {
      yield { operation: { op: 'delete', cap: space }, frame: -1, vspace };
      yield { operation: { op: 'assign', pool: POOL, vspace: space }, frame: -1, vspace };
    }
  }
}

type TableObject = 'table' | 'pd' | 'pdpt';

/** The tables that a page of that level needs, the upper ones first. */
function tablesAbove(arch: Architecture, level: number): TableObject[] {
  return Array.from({ length: level }, (_, parent) => {
    const kind = arch.tables.find(({ parentLevel }) => parentLevel === parent || parentLevel < 0);
    if (kind === undefined) throw new RangeError(`no table of ${arch.variant} belongs into level ${parent}`);
    return kind.obj;
  });
}
