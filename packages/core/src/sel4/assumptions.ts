import {
  ASID,
  ASSUMED,
  CAP_WORDS,
  CapType,
  MAPPED,
  NEXT,
  OBJECT,
  OBJECT_HI,
  RIGHTS_SHIFT,
  ringAlone,
  ringLeave,
  SIZE_MASK,
  SIZE_SHIFT,
  TYPE_MASK,
  UNSURE,
} from './capability.ts';
import { Family, VmRights } from './arch/descriptor.ts';
import type { Columns } from './columns.ts';
import type { Kernel } from './kernel.ts';
import { Op } from './operation.ts';
import { Code, CODE_MASK, ILLEGAL_OPERATION, invalidCapability } from './outcome.ts';
import { encodeHi, encodeLo, entryHolds, walk } from './page-table.ts';

/** Physical addresses that had to be invented have at least this high half: they begin at 2^45, above every real one. */
export const INVENTED_HI = 2 ** 13;

const IC0 = invalidCapability(0);
const IC1 = invalidCapability(1);

/** What {@link Assumptions} remember beside the kernel's own state: plain data. */
export interface AssumptionsSnapshot {
  /** Capabilities that were assumed. */
  readonly count: number;
  /** Handles of tables of which only what the trace wrote is known. */
  readonly tables: readonly number[];
  /** The next physical address that will be invented, bytes. */
  readonly nextAddress: number;
}

/**
 * What a trace used and never created, put into a kernel as far as a recorded outcome implies it: capabilities, the
 * tables and ASIDs behind them, physical addresses.
 */
export class Assumptions {
  readonly kernel: Kernel;
  /** Capabilities that were assumed. */
  count = 0;
  /** Tables of which only what this trace wrote is known. */
  readonly tables: Set<number> = new Set();
  /** Called when a table was assumed, with its place in the arena. */
  onTable: ((at: number, entries: number) => void) | null = null;
  /** Physical addresses for objects whose own is not known: above every real one, bytes. */
  private nextAddress = INVENTED_HI * 2 ** 32;

  /** @param kernel - the kernel that is driven by a recording */
  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** A copy of what is remembered beside the kernel's own state. */
  snapshot(): AssumptionsSnapshot {
    return { count: this.count, tables: [...this.tables], nextAddress: this.nextAddress };
  }

  /** Return to a snapshot; the kernel's own state is restored apart. */
  restore({ count, tables, nextAddress }: AssumptionsSnapshot): void {
    this.count = count;
    this.tables.clear();
    for (const table of tables) this.tables.add(table);
    this.nextAddress = nextAddress;
  }

  /** Assume each capability that must exist for the recorded outcome, and that the model has not. */
  needArguments(columns: Columns, i: number, recorded: number): void {
    const cap = columns.cap[i];
    const src = columns.src[i];
    const code = recorded & CODE_MASK;
    const invoked = recorded !== IC0 && recorded !== ILLEGAL_OPERATION;
    switch (columns.op[i]) {
      case Op.map:
        if (invoked) this.need(cap, CapType.frame, columns.bits[i]);
        if (invoked && recorded !== IC1) this.need(columns.vspace[i], CapType.vspace, 0);
        return;
      case Op.unmap:
      case Op.address:
        if (code === Code.ok) this.need(cap, CapType.frame, columns.bits[i]);
        return;
      case Op.map_table:
        if (invoked) this.need(cap, CapType.table, 0);
        if (invoked && recorded !== IC1) this.need(columns.vspace[i], CapType.vspace, 0);
        if (invoked && this.kernel.family === Family.x86) this.guessTableLevel(columns, i);
        return;
      case Op.unmap_table:
        if (invoked) this.need(cap, CapType.table, 0);
        return;
      case Op.copy:
      case Op.mint:
      case Op.move:
        if (code === Code.ok || recorded === ILLEGAL_OPERATION) this.need(src, CapType.frame, columns.bits[i], true);
        return;
      case Op.assign:
        if (code === Code.ok || code === Code.DeleteFirst) {
          this.need(src, CapType.pool, 0);
          this.need(columns.vspace[i], CapType.vspace, -1);
        }
        return;
      default:
    }
  }

  /**
   * Make a slot hold a capability of a type, if it is empty or was assumed to be something else.
   *
   * @param bits - log2 of a frame's size if known; -1 = a vspace that is not assigned yet
   * @param anyType - whatever is there will do
   */
  private need(slot: number, type: number, bits: number, anyType = false): void {
    const k = this.kernel;
    if (slot === 0) return;
    k.growSlots(slot);
    const c = slot * CAP_WORDS;
    const held = k.caps[c] & TYPE_MASK;
    const wanted = type === CapType.vspace && k.family === Family.riscv ? CapType.table : type;
    if (held === wanted || (anyType && held !== CapType.empty)) return;
    if (held !== CapType.empty) {
      if ((k.caps[c] & ASSUMED) === 0) return;
      ringLeave(k, c);
    }
    this.count++;
    switch (type) {
      case CapType.frame: {
        const size = Math.max(0, k.sizeBits.indexOf(bits));
        const address = this.address(2 ** k.sizeBits[size]);
        k.caps[c] = CapType.frame | (size << SIZE_SHIFT) | (VmRights.readWrite << RIGHTS_SHIFT) | ASSUMED | UNSURE;
        k.caps[c + OBJECT] = address | 0;
        k.caps[c + OBJECT_HI] = Math.floor(address / 2 ** 32);
        break;
      }
      case CapType.table: {
        k.caps[c] = CapType.table | ASSUMED;
        k.caps[c + OBJECT] = this.table(k.indexMask[k.lastLevel] + 1, 2 ** (k.arch.tables[0]?.objectBits ?? 12));
        break;
      }
      case CapType.vspace: {
        const root = this.table(k.indexMask[0] + 1, 2 ** k.arch.vspaceBits);
        k.caps[c] = wanted | ASSUMED | (bits < 0 ? 0 : MAPPED);
        k.caps[c + OBJECT] = root;
        if (bits >= 0) k.caps[c + ASID] = this.asid(root);
        break;
      }
      default:
        k.caps[c] = CapType.pool | ASSUMED;
        k.caps[c + OBJECT] = k.newPool(k.asidTable.lastIndexOf(0));
    }
    ringAlone(k, c);
  }

  /** An x86 table whose kind is not known goes where the walk finds nothing. */
  private guessTableLevel(columns: Columns, i: number): void {
    const k = this.kernel;
    const c = columns.cap[i] * CAP_WORDS;
    const w = k.caps[c];
    if ((w & (ASSUMED | MAPPED)) !== ASSUMED) return;
    const v = columns.vspace[i] * CAP_WORDS;
    const root = k.isVspaceArgument(v) ? k.rootOf(k.caps[v + ASID]) : 0;
    if (root === 0) return;
    walk(k, root, columns.vaddrHi[i], columns.vaddrLo[i], k.lastLevel - 1);
    k.caps[c] = (w & ~(SIZE_MASK << SIZE_SHIFT)) | (k.atLevel << SIZE_SHIFT);
  }

  /** GetAddress told where an assumed frame is: every capability and entry that stood for it takes that address. */
  identify(first: number, hi: number, lo: number): void {
    const k = this.kernel;
    const caps = k.caps;
    const { at, atTable, atIndex, atLevel } = k;
    for (let c = first; ; ) {
      const size = (caps[c] >> SIZE_SHIFT) & SIZE_MASK;
      const root = caps[c + ASID] === 0 ? 0 : k.rootOf(caps[c + ASID]);
      if (root !== 0) {
        walk(k, root, caps[c + 3], caps[c + 2], k.sizeLevel[size]);
        if (k.links[k.at] === -(size + 1) && entryHolds(k, k.at, size, caps[c + OBJECT_HI], caps[c + OBJECT]))
          for (let n = 0; n < k.sizeEntries[size]; n++) {
            const step = k.contiguousIncrements ? n << k.shift[k.atLevel] : 0;
            k.entryLo[k.at + n] = (k.entryLo[k.at + n] & ~k.addressMaskLo[size]) | encodeLo(k, hi, (lo + step) | 0);
            k.entryHi[k.at + n] = (k.entryHi[k.at + n] & ~k.addressMaskHi[size]) | encodeHi(k, hi);
          }
      }
      c = caps[c + NEXT];
      if (c === first) break;
    }
    for (let c = first; ; ) {
      caps[c + OBJECT] = lo;
      caps[c + OBJECT_HI] = hi;
      c = caps[c + NEXT];
      if (c === first) break;
    }
    Object.assign(k, { at, atTable, atIndex, atLevel });
  }

  table(entries: number, bytes: number): number {
    const k = this.kernel;
    const address = this.address(bytes);
    const table = k.newTable(entries, Math.floor(address / 2 ** 32), address | 0);
    k.allocateEntries(table);
    this.tables.add(table);
    this.onTable?.(k.tableBase[table], entries);
    return table;
  }

  /** An ASID for an assumed vspace, from the top, where the kernel's lowest-first choice meets it last. */
  private asid(root: number): number {
    const k = this.kernel;
    for (let index = k.asidTable.length - 1; index >= 0; index--) {
      if (k.asidTable[index] === 0) k.newPool(index);
      for (let asid = (index + 1) * k.poolEntries - 1; asid > 0 && asid >= index * k.poolEntries; asid--)
        if (k.asidRoots[asid] === 0) {
          k.asidRoots[asid] = root;
          return asid;
        }
    }
    throw new RangeError(`more vspaces than ${k.arch.variant} has ASIDs`);
  }

  /** The next free address for an object of `bytes` bytes, aligned to its size. */
  private address(bytes: number): number {
    const address = Math.ceil(this.nextAddress / bytes) * bytes;
    this.nextAddress = address + bytes;
    return address;
  }

  inventAddress(columns: Columns, i: number): void {
    const bytes = columns.bits[i] === 0 ? 2 ** 14 : 2 ** columns.bits[i];
    const first = this.address(bytes * Math.max(1, columns.n[i]));
    columns.paddrHi[i] = Math.floor(first / 2 ** 32);
    columns.paddrLo[i] = first | 0;
  }
}
