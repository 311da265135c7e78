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
import { type Columns, Flag } from './columns.ts';
import { check, perform } from './invoke.ts';
import type { Kernel } from './kernel.ts';
import { Op } from './operation.ts';
import { Code, CODE_MASK, ILLEGAL_OPERATION, invalidCapability, NOT_ENOUGH_MEMORY, OK } from './outcome.ts';
import { clearPage } from './page.ts';
import { encodeHi, encodeLo, entryHolds, linkTable, unlinkTable, walk } from './page-table.ts';

/** How the model and a recorded outcome met. */
export const Meeting = {
  /** They are the same. */
  agreed: 0,
  /** The same, once a capability or table that the trace never created was assumed. */
  assumed: 1,
  /** The trace is partial, and what is known does not decide: the state of that place is unknown. */
  unknown: 2,
  /** The trace is complete as far as is known, and they differ. */
  diverged: 3,
  /** The result depends on what traces leave out: an untyped's size, a destination that the recorder could not see. */
  outside: 4,
} as const;

/** Physical addresses that had to be invented have at least this high half: they begin at 2^45, above every real one. */
export const INVENTED_HI = 2 ** 13;

const IC0 = invalidCapability(0);
const IC1 = invalidCapability(1);

/**
 * Drives a kernel by a recording: where they agree, the model performs; where they do not, the state follows the
 * recorded outcome as far as it can, and {@link Follower.follow} says how the two met.
 *
 * A capability that is used but was never created is *assumed*: its type from the operation, its frame's identity
 * its own unless a copy, a move or GetAddress says otherwise, and whether it is mapped is unknown until its first
 * successful map or unmap.
 */
export class Follower {
  readonly kernel: Kernel;
  /** Capabilities that were assumed. */
  assumed = 0;
  /** Tables of which only what this trace wrote is known. */
  readonly assumedTables: Set<number> = new Set();
  /** Called when a table was assumed, with its place in the arena. */
  onAssumedTable: ((at: number, entries: number) => void) | null = null;
  /** Called when a page is taken for gone that no record cleared, with its place in the arena. */
  onUnseenClear: ((at: number, entries: number) => void) | null = null;
  /** Set by {@link meet}: the invocation is to be performed. */
  performs = false;
  /** Physical addresses for objects whose own is not known: above every real one, bytes. */
  private nextAddress = INVENTED_HI * 2 ** 32;

  /** @param kernel - the kernel to drive */
  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** Whether something had to be assumed: the trace does not tell everything. */
  get partial(): boolean {
    return this.assumed > 0;
  }

  /**
   * Meet and perform in one: what a replay needs.
   *
   * @param outcome - what `check` has just answered for row `i`
   * @param recorded - the recorded outcome, -1 = none
   * @param policy - the policy that drives the state
   * @returns one of {@link Meeting}; the state is that after the row
   */
  follow(columns: Columns, i: number, outcome: number, recorded: number, policy: number): number {
    const meeting = this.meet(columns, i, outcome, recorded, policy);
    if (this.performs) this.perform(columns, i);
    return meeting;
  }

  /**
   * Hold the model's answer against the recorded one. Nothing is performed yet, but what the recording implies is
   * assumed, and what contradicts it is put out of the way.
   *
   * @returns one of {@link Meeting}; `performs` says whether the invocation is to be performed, and then the kernel's
   *   `at*` fields are those of a check that answered ok
   */
  meet(columns: Columns, i: number, outcome: number, recorded: number, policy: number): number {
    if (columns.op[i] === Op.retype && (columns.flags[i] & Flag.paddr) === 0) this.inventAddress(columns, i);
    this.performs = outcome === OK;
    if (recorded < 0 || outcome === recorded) return Meeting.agreed;
    // An error without its details agrees with the same error.
    const bare = (columns.flags[i] & Flag.bareError) !== 0;
    if (bare && (outcome & CODE_MASK) === (recorded & CODE_MASK)) return Meeting.agreed;
    this.performs = false;
    return this.reconcile(columns, i, recorded, policy);
  }

  /** Perform, and learn what a GetAddress tells about a frame that was assumed, or whose address was invented. */
  perform(columns: Columns, i: number): void {
    perform(this.kernel, columns, i);
    if (columns.op[i] === Op.address && (columns.flags[i] & Flag.paddr) !== 0) {
      const c = columns.cap[i] * CAP_WORDS;
      const { caps } = this.kernel;
      if ((caps[c] & ASSUMED) !== 0 || caps[c + OBJECT_HI] >= INVENTED_HI)
        this.identify(c, columns.paddrHi[i], columns.paddrLo[i]);
    }
  }

  private reconcile(columns: Columns, i: number, recorded: number, policy: number): number {
    const k = this.kernel;
    const op = columns.op[i];
    if (recorded === NOT_ENOUGH_MEMORY && op === Op.retype) return Meeting.outside;
    if (op === Op.make_pool && columns.cap[i] === 0) return Meeting.outside;
    const before = this.assumed;
    this.assumeArguments(columns, i, recorded);
    let outcome = check(k, columns, i, policy);
    let contradicted = false;
    const partial = this.partial;
    if (recorded === OK) {
      // Remove one obstacle after the other: a map can have one for each level and one in the capability. A missing
      // table contradicts nothing in a partial trace.
      for (let attempt = 0; attempt < 8 && outcome !== OK; attempt++) {
        if ((outcome & CODE_MASK) !== Code.FailedLookup) contradicted = true;
        if (this.overwrites(columns, i, outcome)) {
          outcome = OK;
          break;
        }
        if (!this.removeObstacle(columns, i, outcome)) break;
        outcome = check(k, columns, i, policy);
      }
      this.performs = outcome === OK;
      if (this.performs && !contradicted && partial) return Meeting.assumed;
    } else if (outcome === recorded) return this.assumed > before ? Meeting.assumed : Meeting.agreed;
    else if (partial && (recorded & CODE_MASK) === Code.FailedLookup && (op === Op.map || op === Op.map_table)) {
      if (this.learnMissingTable(columns, i, recorded, policy)) return Meeting.assumed;
    }
    return partial ? Meeting.unknown : Meeting.diverged;
  }

  /** Assume each capability that must exist for the recorded outcome, and that the model has not. */
  assumeArguments(columns: Columns, i: number, recorded: number): void {
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
    this.assumed++;
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
        k.caps[c + OBJECT] = this.assumeTable(k.indexMask[k.lastLevel] + 1, 2 ** (k.arch.tables[0]?.objectBits ?? 12));
        break;
      }
      case CapType.vspace: {
        const root = this.assumeTable(k.indexMask[0] + 1, 2 ** k.arch.vspaceBits);
        k.caps[c] = wanted | ASSUMED | (bits < 0 ? 0 : MAPPED);
        k.caps[c + OBJECT] = root;
        if (bits >= 0) k.caps[c + ASID] = this.assumeAsid(root);
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

  /**
   * The recording says ok and the model refuses: change the one thing that the refusal rests on.
   *
   * @returns whether something was changed
   */
  private removeObstacle(columns: Columns, i: number, outcome: number): boolean {
    const k = this.kernel;
    const c = columns.cap[i] * CAP_WORDS;
    const op = columns.op[i];
    switch (outcome & CODE_MASK) {
      case Code.FailedLookup:
        if (op !== Op.map && op !== Op.map_table) return false;
        return this.addTable(columns, i);
      case Code.InvalidArgument:
      case Code.InvalidCapability:
        if (op === Op.map && k.caps[c + ASID] !== 0) k.caps[c + ASID] = 0;
        else if (op === Op.map_table && (k.caps[c] & MAPPED) !== 0) k.caps[c] &= ~MAPPED;
        else if (op === Op.assign) k.caps[columns.vspace[i] * CAP_WORDS] &= ~MAPPED;
        else return false;
        return true;
      case Code.DeleteFirst:
        if (op === Op.map || op === Op.map_table) return this.emptyPlace();
        if (op === Op.copy || op === Op.mint || op === Op.move || op === Op.make_pool) {
          if ((k.caps[c] & TYPE_MASK) === CapType.empty) return false;
          ringLeave(k, c);
          return true;
        }
        if (op === Op.retype) {
          for (let j = 0; j < columns.n[i]; j++) {
            const slot = columns.slotLists.get(i)?.[j] ?? columns.cap[i] + j;
            if ((k.caps[slot * CAP_WORDS] & TYPE_MASK) !== CapType.empty) this.emptySlot(slot * CAP_WORDS);
          }
          return true;
        }
        return false;
      case Code.RevokeFirst:
        for (let other = k.caps[c + NEXT]; other !== c; other = k.caps[c + NEXT]) ringLeave(k, other);
        return true;
      case Code.IllegalOperation:
        if (op !== Op.copy && op !== Op.mint) return false;
        k.caps[columns.src[i] * CAP_WORDS] |= MAPPED;
        return true;
      default:
        return false;
    }
  }

  /**
   * A slot that a retype fills was emptied unseen, most likely by a revoke of the untyped: a page that its capability
   * would have taken with it is gone.
   */
  private emptySlot(c: number): void {
    const k = this.kernel;
    if ((k.caps[c] & TYPE_MASK) === CapType.frame && k.caps[c + ASID] !== 0) {
      clearPage(k, c);
      if (k.cleared === 1) this.onUnseenClear?.(k.at, k.sizeEntries[(k.caps[c] >> SIZE_SHIFT) & SIZE_MASK]);
    }
    ringLeave(k, c);
  }

  /** The recorded kernel let a map over a page of the same size through: so does the state, and auditors see it. */
  private overwrites(columns: Columns, i: number, outcome: number): boolean {
    const k = this.kernel;
    if (columns.op[i] !== Op.map || (outcome & CODE_MASK) !== Code.DeleteFirst) return false;
    const size = (k.caps[columns.cap[i] * CAP_WORDS] >> SIZE_SHIFT) & SIZE_MASK;
    return k.links[k.at] === -(size + 1) && k.atLevel === k.sizeLevel[size];
  }

  /** A table that the trace did not show being mapped stands where the walk stopped. */
  private addTable(columns: Columns, i: number): boolean {
    const k = this.kernel;
    const v = columns.vspace[i] * CAP_WORDS;
    const root = k.rootOf(k.caps[v + ASID]);
    if (root === 0) return false;
    const link = walk(k, root, columns.vaddrHi[i], columns.vaddrLo[i], k.lastLevel - 1);
    if (link > 0) return false;
    if (link < 0) {
      this.emptyPlace();
      return true;
    }
    const { atTable, atIndex, at, atLevel } = k;
    const table = this.assumeTable(k.indexMask[atLevel + 1] + 1, 4096);
    k.tableAlive[table] = 0;
    Object.assign(k, { atTable, atIndex, at, atLevel });
    linkTable(k, table, 0, 0);
    return true;
  }

  /** Empty the place where the last check stopped. */
  private emptyPlace(): boolean {
    const k = this.kernel;
    const link = k.links[k.at];
    if (link === 0) {
      // A large page of aarch32 meets others behind its first entry.
      let any = false;
      for (let at = k.at + 1; at < k.at + 16 && at < k.links.length; at++)
        if (k.links[at] < 0) {
          k.links[at] = k.entryLo[at] = k.entryHi[at] = 0;
          any = true;
        }
      return any;
    }
    if (link > 0) unlinkTable(k, 0);
    else k.links[k.at] = k.entryLo[k.at] = k.entryHi[k.at] = 0;
    return true;
  }

  /** A recorded "missing capability, n bits" tells that the tables above that level are there and the next is not. */
  private learnMissingTable(columns: Columns, i: number, recorded: number, policy: number): boolean {
    const k = this.kernel;
    const v = columns.vspace[i] * CAP_WORDS;
    const root = k.rootOf(k.caps[v + ASID]);
    if (root === 0) return false;
    const level = k.shift.indexOf((recorded >>> 4) & 0xfff);
    if (level < 0) return false;
    for (let attempt = 0; attempt < 8; attempt++) {
      if (check(k, columns, i, policy) === recorded) return true;
      const link = walk(k, root, columns.vaddrHi[i], columns.vaddrLo[i], level);
      if (k.atLevel < level) {
        if (!this.addTable(columns, i)) return false;
      } else if (link > 0 && k.tableAlive[link] === 0) unlinkTable(k, 0);
      else return false;
    }
    return false;
  }

  /** GetAddress told where an assumed frame is: every capability and entry that stood for it takes that address. */
  private identify(first: number, hi: number, lo: number): void {
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

  private assumeTable(entries: number, bytes: number): number {
    const k = this.kernel;
    const address = this.address(bytes);
    const table = k.newTable(entries, Math.floor(address / 2 ** 32), address | 0);
    k.allocateEntries(table);
    this.assumedTables.add(table);
    this.onAssumedTable?.(k.tableBase[table], entries);
    return table;
  }

  /** An ASID for an assumed vspace, from the top, where the kernel's lowest-first choice meets it last. */
  private assumeAsid(root: number): number {
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

  private inventAddress(columns: Columns, i: number): void {
    const bytes = columns.bits[i] === 0 ? 2 ** 14 : 2 ** columns.bits[i];
    const first = this.address(bytes * Math.max(1, columns.n[i]));
    columns.paddrHi[i] = Math.floor(first / 2 ** 32);
    columns.paddrLo[i] = first | 0;
  }
}
