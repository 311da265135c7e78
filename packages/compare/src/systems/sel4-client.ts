import {
  type Architecture,
  type ArchName,
  architecture,
  ASID,
  CAP_WORDS,
  check,
  CODE_MASK,
  Code,
  Columns,
  describeOutcome,
  Family,
  INVALID_ROOT,
  isStale,
  type Kernel,
  type MappingRecord,
  Obj,
  type ObjName,
  OK,
  Op,
  type OpName,
  perform,
  Right,
  Sel4Semantics,
  SIZE_MASK,
  SIZE_SHIFT,
  VADDR_HI,
  VADDR_LO,
} from '@overmap/core';
import type { Rights } from '../scenario.ts';

/** Slot of the initial ASID pool. */
const POOL = 1;
/** Where objects lie in physical memory. */
const MEMORY = 0x8000_0000;
/** The size that counts as a large page: the smallest from here on. */
const LARGE_BITS = 20;

/** Operands of an invocation; slots are dense numbers, addresses numbers below 2^53. */
interface Operands {
  readonly cap?: number;
  readonly src?: number;
  readonly vspace?: number;
  readonly address?: number;
  readonly rights?: number;
  readonly attr?: number;
  readonly obj?: ObjName;
  readonly bits?: number;
  readonly n?: number;
}

/** A client of seL4 with one vspace: takes slots, memory and page tables as it needs them. */
export class Sel4Client {
  readonly kernel: Kernel;
  readonly vspace: number;
  private readonly semantics: Sel4Semantics;
  private readonly policy: number;
  private readonly arch: Architecture;
  private readonly row = new Columns(1);
  /** Page tables that it has mapped: slot, first address, log2 of the bytes below them. */
  private readonly tables: { readonly slot: number; readonly address: number; readonly bits: number }[] = [];
  private freeSlot = POOL + 1;
  private freeMemory = MEMORY;

  constructor(arch: ArchName, policy: number) {
    this.semantics = new Sel4Semantics({ arch, config: {}, asidPoolSlot: POOL });
    this.kernel = this.semantics.kernel;
    this.arch = architecture(arch, {});
    this.policy = policy;
    this.vspace = this.retype('vspace', this.arch.vspaceBits, 0, 1);
    this.must('assign', { src: POOL, vspace: this.vspace });
  }

  /** The pages of its vspace, upward. */
  mappings(): MappingRecord[] {
    return this.semantics.mappings(this.vspace);
  }

  get isRiscv(): boolean {
    return this.arch.family === Family.riscv;
  }

  /** New frames of 4 KiB, or a large one. @returns the first slot, the physical address and the bytes of each */
  frames(count: number, large: boolean): { slot: number; paddr: number; bytes: number } {
    const bits = large ? (this.arch.sizes.find((size) => size.bits >= LARGE_BITS)?.bits ?? 12) : 12;
    const bytes = 2 ** bits;
    this.freeMemory = Math.ceil(this.freeMemory / bytes) * bytes;
    const paddr = this.freeMemory;
    return { slot: this.retype('page', bits, bits, count), paddr, bytes };
  }

  /** Copies of capabilities, in consecutive slots. @returns their slots, and the outcome of the last copy */
  copies(slots: readonly number[]): { slots: number[]; outcome: number } {
    const made: number[] = [];
    for (const src of slots) {
      const cap = this.freeSlot++;
      const outcome = this.invoke('copy', { src, cap, rights: Right.read | Right.write });
      if (outcome !== OK) return { slots: made, outcome };
      made.push(cap);
    }
    return { slots: made, outcome: OK };
  }

  /**
   * Map the page tables that a frame needs, as a client does that is answered FailedLookup.
   *
   * @returns the outcome of the last table's map; OK when nothing is missing, whatever else the map may answer
   */
  ensureTables(cap: number, address: number): number {
    const { caps, sizeBits } = this.kernel;
    const frameBits = sizeBits[(caps[cap * CAP_WORDS] >> SIZE_SHIFT) & SIZE_MASK];
    for (;;) {
      const outcome = this.check('map', { cap, vspace: this.vspace, address, rights: 3, attr: 0 });
      if ((outcome & CODE_MASK) !== Code.FailedLookup || outcome === INVALID_ROOT) return OK;
      const missing = describeOutcome(outcome);
      const bits = missing.ret === 'FailedLookup' ? missing.lookup.bits : undefined;
      const level = this.arch.levels.findIndex(({ shift }) => shift === bits);
      const kind = this.arch.tables.find(({ parentLevel }) => parentLevel === level || parentLevel < 0);
      // A walk that ended at or below the frame's own level met a table that is too much, not one too few.
      if (bits === undefined || bits <= frameBits || level < 0 || kind === undefined) return OK;
      const table = this.retype(kind.obj, kind.objectBits, 0, 1);
      const mapped = this.invoke('map_table', { cap: table, vspace: this.vspace, address, attr: 0 });
      if (mapped !== OK) return mapped;
      this.tables.push({ slot: table, address: Math.floor(address / 2 ** bits) * 2 ** bits, bits });
    }
  }

  /** Unmap the lowest page table over an address. @returns the outcome, or null: there is none */
  dropTable(address: number): number | null {
    const over = this.tables.filter((table) => table.address <= address && address < table.address + 2 ** table.bits);
    const lowest = over.sort((a, b) => a.bits - b.bits)[0];
    if (lowest === undefined) return null;
    this.tables.splice(this.tables.indexOf(lowest), 1);
    return this.invoke('unmap_table', { cap: lowest.slot });
  }

  map(cap: number, address: number, rights: Rights): number {
    return this.invoke('map', {
      cap,
      vspace: this.vspace,
      address,
      rights: this.lettersOf(rights),
      attr: this.attributesOf(rights),
    });
  }

  /** @returns whether it cleared an entry */
  unmap(cap: number): { outcome: number; cleared: boolean } {
    const records = this.recorded(cap) !== null;
    const outcome = this.invoke('unmap', { cap });
    return { outcome, cleared: outcome === OK && (!records || this.kernel.cleared === 1) };
  }

  delete(cap: number): number {
    return this.invoke('delete', { cap });
  }

  /** The address that a capability records, or null. */
  recorded(cap: number): number | null {
    const { caps } = this.kernel;
    const c = cap * CAP_WORDS;
    if (c >= caps.length || caps[c + ASID] === 0) return null;
    return (caps[c + VADDR_HI] >>> 0) * 2 ** 32 + (caps[c + VADDR_LO] >>> 0);
  }

  isStale(cap: number): boolean {
    return this.recorded(cap) !== null && isStale(this.kernel, cap * CAP_WORDS);
  }

  lettersOf(rights: Rights): number {
    return (rights.includes('r') ? Right.read : 0) | (rights.includes('w') ? Right.write : 0);
  }

  /** Cacheable memory; execute-never without an x, where the architecture has that. */
  attributesOf(rights: Rights): number {
    const executes = rights.includes('x');
    if (this.arch.family === Family.x86) return 0;
    if (this.isRiscv) return executes ? 0 : 1;
    return executes ? 1 : 5;
  }

  /** x86 has no execute-never: what is mapped can be executed. */
  get executesAll(): boolean {
    return this.arch.family === Family.x86;
  }

  private retype(obj: ObjName, objectBits: number, bits: number, n: number): number {
    const size = 2 ** objectBits;
    const paddr = Math.ceil(this.freeMemory / size) * size;
    this.freeMemory = paddr + n * size;
    const cap = this.freeSlot;
    this.freeSlot += n;
    this.fill('retype', { obj, bits, cap, n });
    this.row.paddrLo[0] = paddr | 0;
    this.row.paddrHi[0] = Math.floor(paddr / 2 ** 32);
    const outcome = check(this.kernel, this.row, 0, this.policy);
    if (outcome !== OK) throw new RangeError(`a retype of ${obj} was answered ${outcome}`);
    perform(this.kernel, this.row, 0);
    return cap;
  }

  private must(op: OpName, operands: Operands): void {
    const outcome = this.invoke(op, operands);
    if (outcome !== OK) throw new RangeError(`${op} was answered ${outcome}`);
  }

  private check(op: OpName, operands: Operands): number {
    this.fill(op, operands);
    return check(this.kernel, this.row, 0, this.policy);
  }

  private invoke(op: OpName, operands: Operands): number {
    const outcome = this.check(op, operands);
    if (outcome === OK) perform(this.kernel, this.row, 0);
    return outcome;
  }

  private fill(op: OpName, { address = 0, ...operands }: Operands): void {
    const { row } = this;
    row.op[0] = Op[op];
    row.cap[0] = operands.cap ?? 0;
    row.src[0] = operands.src ?? 0;
    row.vspace[0] = operands.vspace ?? 0;
    row.vaddrLo[0] = address | 0;
    row.vaddrHi[0] = Math.floor(address / 2 ** 32);
    row.rights[0] = operands.rights ?? 0;
    row.attr[0] = operands.attr ?? 0;
    row.obj[0] = Obj[operands.obj ?? 'none'];
    row.bits[0] = operands.bits ?? 0;
    row.n[0] = operands.n ?? 1;
  }
}
