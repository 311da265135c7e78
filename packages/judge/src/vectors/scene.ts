import { type Architecture, Family } from '@overmap/core';
import { type Operation, POOL } from '../operation.ts';

/** The first slot that a vector uses. */
export const FIRST_SLOT = POOL + 1;

/** Where objects lie; a vector begins with all memory free. Bit 31 is set: it must be shifted as one of the address. */
const MEMORY_32 = 0x9000_0000n;
const MEMORY_64 = 0x12_9000_0000n;

/**
 * Writes the operations of one vector: takes slots, memory and tables as they are needed. Everything in it is expected
 * to be answered ok; what is tested comes after it.
 */
export class Scene {
  readonly arch: Architecture;
  readonly operations: Operation[] = [];
  /** Attribute word of maps: cacheable memory. */
  readonly attr: number;
  private nextSlot = FIRST_SLOT;
  private memory: bigint;
  /** Tables that are in place, by vspace, level and what they cover. */
  private readonly tables: Map<string, number> = new Map();

  constructor(arch: Architecture) {
    this.arch = arch;
    this.attr = arch.name.startsWith('aarch') ? 1 : 0;
    this.memory = arch.wordBits === 32 ? MEMORY_32 : MEMORY_64;
  }

  /** A slot that nothing has used. */
  slot(): number {
    return this.nextSlot++;
  }

  /** How many slots were taken. */
  get slots(): number {
    return this.nextSlot;
  }

  add(operation: Operation): void {
    this.operations.push(operation);
  }

  /** A vspace that has no ASID. */
  unassigned(): number {
    const cap = this.slot();
    this.add({ op: 'retype', obj: 'vspace', cap, paddr: this.take(this.arch.vspaceBits) });
    return cap;
  }

  /** A vspace with an ASID. */
  vspace(pool: number = POOL): number {
    const vspace = this.unassigned();
    this.add({ op: 'assign', pool, vspace });
    return vspace;
  }

  /** A further ASID pool. */
  pool(): number {
    const cap = this.slot();
    this.add({ op: 'make_pool', cap });
    return cap;
  }

  /** A frame of 2^bits bytes. */
  frame(bits: number): number {
    const cap = this.slot();
    this.add({ op: 'retype', obj: 'page', bits, cap, paddr: this.take(bits) });
    return cap;
  }

  /** Two frames whose physical addresses differ above 16 GiB only (RISC-V writes them two bits down). 64-bit architectures only. */
  twins(bits: number): [number, number] {
    const paddr = this.take(bits);
    const caps: [number, number] = [this.slot(), this.slot()];
    this.add({ op: 'retype', obj: 'page', bits, cap: caps[0], paddr });
    this.add({ op: 'retype', obj: 'page', bits, cap: caps[1], paddr: paddr + (1n << 35n) });
    return caps;
  }

  copy(src: number, rights = 'rw'): number {
    const cap = this.slot();
    this.add({ op: 'copy', src, cap, rights });
    return cap;
  }

  /** A table that is mapped nowhere, for an entry of the given level. */
  table(parentLevel: number): number {
    const { arch } = this;
    const kind = arch.tables.find((table) => table.parentLevel === parentLevel || table.parentLevel < 0);
    if (kind === undefined) throw new RangeError(`no table of ${arch.variant} belongs into level ${parentLevel}`);
    const cap = this.slot();
    this.add({ op: 'retype', obj: kind.obj, cap, paddr: this.take(kind.objectBits) });
    return cap;
  }

  /** Map what tables an entry of that level needs. */
  tablesTo(level: number, vspace: number, vaddr: bigint): void {
    for (let parent = 0; parent < level; parent++) {
      const key = this.keyOf(vspace, parent, vaddr);
      if (this.tables.has(key)) continue;
      const cap = this.table(parent);
      this.add({ op: 'map_table', cap, vspace, vaddr, attr: 0 });
      this.tables.set(key, cap);
    }
  }

  /** Unmap the table that holds the entries of that level, and put it back empty. */
  emptyTable(level: number, vspace: number, vaddr: bigint): void {
    const cap = this.tables.get(this.keyOf(vspace, level - 1, vaddr));
    if (cap === undefined) throw new RangeError(`level ${level} has no table there`);
    this.add({ op: 'unmap_table', cap });
    this.add({ op: 'map_table', cap, vspace, vaddr, attr: 0 });
  }

  /** Unmap the table that holds the entries of that level. */
  dropTable(level: number, vspace: number, vaddr: bigint): void {
    const key = this.keyOf(vspace, level - 1, vaddr);
    const cap = this.tables.get(key);
    if (cap === undefined) throw new RangeError(`level ${level} has no table there`);
    this.tables.delete(key);
    this.add({ op: 'unmap_table', cap });
  }

  map(cap: number, vspace: number, vaddr: bigint, rights = 'rw', attr: number = this.attr): void {
    this.add({ op: 'map', cap, vspace, vaddr, rights, attr });
  }

  delete(cap: number): void {
    this.add({ op: 'delete', cap });
  }

  /** RISC-V writes an invalid entry for a page without rights and execute-never. */
  get hasInvalidPages(): boolean {
    return this.arch.family === Family.riscv;
  }

  private keyOf(vspace: number, parent: number, vaddr: bigint): string {
    return `${vspace} ${parent} ${vaddr >> BigInt(this.arch.levels[parent]?.shift ?? 0)}`;
  }

  private take(bits: number): bigint {
    const size = 1n << BigInt(bits);
    const paddr = (this.memory + size - 1n) & -size;
    this.memory = paddr + size;
    return paddr;
  }
}
