import { type Architecture, Columns, invoke, Kernel, Obj, OK, Op, POLICIES, type TableKind } from '@overmap/core';
import { type BenchCase, caseName } from '../bench-case.ts';
import { SeededDraws } from '../seeded-draws.ts';
import { BUILD_HEADERS } from './builds.ts';
import { TableTree } from './table-tree.ts';
import { UserRange } from './user-range.ts';
import { sayAddress, sayAnswer, WorkloadError } from './workload-error.ts';

/** Slots that every bed has. */
const POOL = 1;
export const VSPACE = 2;
/** The first slot of what a workload makes. */
const FIRST = 16;
/** Physical addresses: tables below the frames; frames above 4 GiB where there is room. */
const TABLES_AT = 0x0100_0000;
const FRAMES_AT_32 = 0x1000_0000;
const FRAMES_AT_64 = 2 ** 40;
/** Objects that one retype makes at most. */
const FAN_OUT = 256;

/** Frames and where they belong: frame `slots[i]` at `addresses[i]`. Addresses in bytes. */
export interface Pages {
  readonly slots: readonly number[];
  readonly addresses: readonly number[];
}

/** A kernel with what a workload needs before its first counted operation. */
export class Bed {
  readonly name: string;
  readonly benchCase: BenchCase;
  readonly arch: Architecture;
  readonly kernel: Kernel;
  readonly policy: number;
  readonly range: UserRange;
  readonly draws: SeededDraws;
  /** The level of the pages' entries, from the root, and how many a page fills. */
  readonly level: number;
  readonly entries: number;
  /** Index of the page size. */
  readonly size: number;
  readonly tree: TableTree;
  /** Attribute word of maps: cacheable memory. */
  readonly attr: number;
  private readonly row = new Columns(1);
  private nextSlot = FIRST;
  private nextTable = TABLES_AT;
  private nextFrame: number;
  private readonly physical = new Map<number, number>();
  private readonly numbers = new Map<number, string>();
  private frameCount = 0;
  private tableCount = 0;

  /** @throws RangeError when the build has no pages of this size */
  constructor(benchCase: BenchCase) {
    const { build, policy, bits, seed } = benchCase;
    this.name = caseName(benchCase);
    this.benchCase = benchCase;
    this.kernel = new Kernel({ ...BUILD_HEADERS[build], asidPoolSlot: POOL, rootTaskAssigned: true });
    this.arch = this.kernel.arch;
    this.policy = POLICIES[policy];
    this.size = this.arch.sizes.findIndex((size) => size.bits === bits);
    const size = this.arch.sizes[this.size];
    if (size === undefined) throw new RangeError(`${this.name}: ${build} has no pages of 2^${bits} bytes`);
    this.level = size.level;
    this.entries = size.entries;
    this.range = new UserRange(this.arch, bits);
    this.draws = new SeededDraws(seed);
    this.tree = new TableTree(this.arch);
    this.attr = this.arch.name.startsWith('aarch') ? 1 : 0;
    this.nextFrame = this.arch.wordBits === 32 ? FRAMES_AT_32 : FRAMES_AT_64;
    this.must(() => 'Untyped_Retype of a vspace', 'retype', { obj: Obj.vspace, cap: VSPACE, n: 1, paddr: 0x10_0000 });
    this.must(() => 'ASIDPool_Assign', 'assign', { src: POOL, vspace: VSPACE });
  }

  /** Frames in consecutive slots, numbered on from the last ones. */
  frames(n: number): number[] {
    const first = this.nextSlot;
    for (let done = 0; done < n; done += FAN_OUT) {
      const some = Math.min(FAN_OUT, n - done);
      const { bits } = this.range;
      this.must(() => 'Untyped_Retype of frames', 'retype', {
        obj: Obj.page,
        bits,
        cap: first + done,
        n: some,
        paddr: this.nextFrame,
      });
      for (let i = 0; i < some; i++) {
        this.physical.set(first + done + i, this.nextFrame);
        this.numbers.set(first + done + i, `frame ${this.frameCount++}`);
        this.nextFrame += this.range.bytes;
      }
    }
    this.nextSlot += n;
    return Array.from({ length: n }, (_, i) => first + i);
  }

  /** A table that an entry of this level can point to. Returns its slot. */
  table(level: number): number {
    const kind = tableKind(this.arch, level);
    const cap = this.nextSlot++;
    this.must(() => 'Untyped_Retype of a table', 'retype', { obj: Obj[kind.obj], cap, n: 1, paddr: this.nextTable });
    this.nextTable += 2 ** kind.objectBits;
    this.numbers.set(cap, `table ${this.tableCount++}`);
    return cap;
  }

  /** Map whatever tables the pages at these addresses need. */
  mapTables(addresses: readonly number[]): void {
    for (const address of addresses)
      for (let level = this.missing(address); level >= 0; level = this.missing(address)) {
        const cap = this.table(level);
        this.must(() => `PageTable_Map for ${sayAddress(address)}`, 'map_table', {
          cap,
          vspace: VSPACE,
          vaddr: address,
        });
        this.tree.add({ cap, address, level });
      }
  }

  /** Map pages for reading and writing, and what tables they need. */
  mapPages({ slots, addresses }: Pages): void {
    this.mapTables(addresses);
    slots.forEach((cap, i) => {
      const vaddr = addresses[i];
      this.must(() => `Page_Map of ${this.say(cap)} at ${sayAddress(vaddr)}`, 'map', {
        cap,
        vspace: VSPACE,
        vaddr,
        rights: 3,
      });
    });
  }

  /** See {@link TableTree.missing}. */
  missing(address: number): number {
    return this.tree.missing(address, this.level);
  }

  /** The physical address of a frame. */
  physicalOf(slot: number): number {
    return this.physical.get(slot) ?? 0;
  }

  /** "frame 17". */
  say(slot: number): string {
    return this.numbers.get(slot) ?? `slot ${slot}`;
  }

  private must(operation: () => string, op: keyof typeof Op, fields: Fields): void {
    const { row, kernel } = this;
    const { vaddr = 0, paddr = 0 } = fields;
    row.op[0] = Op[op];
    row.cap[0] = fields.cap ?? 0;
    row.src[0] = fields.src ?? 0;
    row.vspace[0] = fields.vspace ?? 0;
    row.obj[0] = fields.obj ?? 0;
    row.bits[0] = fields.bits ?? 0;
    row.n[0] = fields.n ?? 0;
    row.rights[0] = fields.rights ?? 0;
    row.attr[0] = this.attr;
    [row.vaddrHi[0], row.vaddrLo[0]] = halves(vaddr);
    [row.paddrHi[0], row.paddrLo[0]] = halves(paddr);
    const outcome = invoke(kernel, row, 0, this.policy);
    if (outcome !== OK) throw new WorkloadError(this.name, `${operation()} (preparation)`, 'ok', sayAnswer(outcome));
  }
}

interface Fields {
  readonly cap?: number;
  readonly src?: number;
  readonly vspace?: number;
  readonly obj?: number;
  readonly bits?: number;
  readonly n?: number;
  readonly rights?: number;
  readonly vaddr?: number;
  readonly paddr?: number;
}

/** An address of up to 52 bits as two signed halves. */
export const halves = (address: number): [hi: number, lo: number] => [Math.floor(address / 2 ** 32) | 0, address | 0];

/** The object that an entry of a level can point to. */
function tableKind(arch: Architecture, level: number): TableKind {
  const kind = arch.tables.find(({ parentLevel }) => parentLevel === level || parentLevel < 0);
  if (kind === undefined) throw new RangeError(`no table of ${arch.variant} belongs into level ${level}`);
  return kind;
}
