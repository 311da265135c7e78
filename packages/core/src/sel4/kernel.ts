import { type Architecture, Family, type KernelConfig } from './arch/descriptor.ts';
import { type ArchName, architecture } from './arch/index.ts';
import { CAP_WORDS, CapType, MAPPED, ORIGIN, RIGHTS_OF, ringAlone, TYPE_MASK } from './capability.ts';
import type { EffectSink } from './effects.ts';
import type { SlotRule } from './policy.ts';

/** How a kernel is made. */
export interface KernelOptions {
  readonly arch: ArchName;
  readonly config?: KernelConfig;
  /** Dense slot that holds the initial ASID pool; 0 = none. */
  readonly asidPoolSlot?: number;
  /**
   * Whether the initial thread's vspace is outside the trace: it has ASID 1 already. Complete recordings of a whole
   * system (the client dialect) assign it themselves.
   */
  readonly rootTaskAssigned?: boolean;
  /** The rule of the policy `custom`. */
  readonly rule?: SlotRule;
}

/** Walks that are remembered; a power of two. */
export const WALK_CACHE = 64;
/** Words of a remembered walk: root, address high, prefix, table, and where the table's entries begin. */
const WALK_WORDS = 8;
/** Words of a size in `sizes`: alignment mask, level, entries, address mask (lo, hi). Eight, see `SIZE_FIELD`. */
export const SIZE_WORDS = 8;

/** A copy of a kernel's whole state, see {@link Kernel.snapshot}. */
export interface KernelSnapshot {
  readonly arrays: readonly Int32Array[];
  readonly numbers: readonly number[];
  readonly freeBases: ReadonlyMap<number, readonly number[]>;
  readonly freeHandles: readonly number[];
  readonly freePools: readonly number[];
}

/** Handle of the initial thread's own root where the trace does not describe it: an empty table that nothing names. */
export const EXTERNAL_ROOT = 1;

/**
 * The state of an executable seL4: capabilities, ASIDs and page tables, of any architecture.
 *
 * A plain record of typed arrays and numbers, all initialised here and in the same order whatever the architecture,
 * so that V8 sees one hidden class; what it does stands in the modules named after the invocations. The `at*` fields
 * are where a check leaves what it resolved for the perform that follows it.
 */
export class Kernel {
  readonly arch: Architecture;
  /** Effects go here; null = nobody listens. */
  sink: EffectSink | null = null;
  /** The rule of the policy `custom`. */
  readonly rule: SlotRule | null;
  readonly smp: boolean;
  readonly pcid: boolean;

  // The architecture's numbers.
  readonly family: number;
  readonly lastLevel: number;
  readonly shift: Int32Array;
  readonly indexMask: Int32Array;
  readonly sizeBits: Int32Array;
  readonly sizeLevel: Int32Array;
  readonly sizeEntries: Int32Array;
  readonly addressMaskLo: Int32Array;
  readonly addressMaskHi: Int32Array;
  /**
   * The same once more, for the hot path, in one array: SIZE_WORDS for each size, see the constants. One array costs
   * V8 one check where five cost five.
   */
  readonly sizes: Int32Array;
  /** Leaf entry (lo, hi) without its address, rights masked already: index in pairs ((size * 3 + held) * 16 + letters) * 8 + attr. */
  readonly leaf: Int32Array;
  /** Leaf entry without its address: index (size * 3 + rights) * 8 + (attr & 7). */
  readonly leafLo: Int32Array;
  readonly leafHi: Int32Array;
  /** Table entry without its address: index attr & 7. */
  readonly tableLo: Int32Array;
  readonly addressShift: number;
  readonly contiguousIncrements: boolean;
  /** User limit, signed halves: a value above 2^31 would make the fields doubles. */
  readonly topLo: number;
  readonly topHi: number;
  readonly wordBits: number;
  readonly kernelFirstIndex: number;
  readonly asidLowBits: number;
  /** Type and mapped bits of a capability that passes as an assigned vspace. */
  readonly vspaceWord: number;

  // Capabilities, CAP_WORDS each.
  caps: Int32Array = new Int32Array(1024 * CAP_WORDS);
  /** Slots below this number exist. */
  slotLimit = 1024;

  // Tables by handle; handle 0 is none.
  tableBase: Int32Array = new Int32Array(256);
  tableEntries: Int32Array = new Int32Array(256);
  tableLoPaddr: Int32Array = new Int32Array(256);
  tableHiPaddr: Int32Array = new Int32Array(256);
  /** Entries, of any table, that point to it. */
  tableRefs: Int32Array = new Int32Array(256);
  /** Entries of it that point to tables. */
  tableChildren: Int32Array = new Int32Array(256);
  /** 1 while capabilities to it exist. */
  tableAlive: Int32Array = new Int32Array(256);
  /** Handles used so far, and those free again. */
  tableCount = 2;
  freeHandles: number[] = [];

  // The entry arena. Position 0 begins a region of zeros that every table reads until its first write.
  entryLo: Int32Array;
  entryHi: Int32Array;
  /** Entries of the region of zeros: a position below it is in a table without entries of its own. */
  readonly zeros: number;
  /** 0 empty, > 0 handle of a table, < 0 a page of size index -(link + 1). */
  links: Int32Array;
  arenaEnd: number;
  /** Free regions of the arena by number of entries. */
  freeBases: Map<number, number[]> = new Map();

  /**
   * Walks that reached the last level, so that the next one in the same table reads nothing above it: WALK_WORDS for
   * each, direct-mapped. Emptied whenever an entry stops pointing to a table, or a table gets its own entries.
   */
  readonly walkCache: Int32Array = new Int32Array(WALK_CACHE * WALK_WORDS);
  /** log2 of the bytes that a last-level table covers; mask of an index in it. */
  readonly prefixShift: number;
  readonly leafMask: number;

  // ASIDs. A pool is a handle; what it holds stands in `asidRoots` while it is the current one at its index.
  readonly poolEntries: number;
  /** Root handle by ASID; 0 = not assigned, or its pool is gone. Grown to the highest pool. */
  asidRoots: Int32Array;
  /** Index of a pool in the ASID table. */
  poolIndex: Int32Array = new Int32Array(16);
  poolCount = 1;
  freePools: number[] = [];
  /** Pool handle by index; 0 = free. */
  readonly asidTable: Int32Array;

  // What the last check or walk resolved.
  atTable = 0;
  atIndex = 0;
  at = 0;
  atLevel = 0;
  atAsid = 0;
  /** What the last unmap or delete cleared: 1 an entry, 0 nothing although mapped, -1 it was not mapped. */
  cleared = -1;
  /** Why it cleared nothing, see `Why`; `foundLo`, `foundHi` = the entry that is there instead. */
  clearedWhy = 0;
  foundLo = 0;
  foundHi = 0;

  /**
   * @param options - architecture, build configuration and what exists at the start
   * @throws RangeError when the architecture has no such configuration
   */
  constructor(options: KernelOptions) {
    const config = options.config ?? {};
    const arch = architecture(options.arch, config);
    this.arch = arch;
    this.rule = options.rule ?? null;
    this.smp = config.smp === true;
    this.pcid = config.pcid === true;
    this.family = arch.family;
    this.lastLevel = arch.levels.length - 1;
    this.shift = Int32Array.from(arch.levels, (l) => l.shift);
    this.indexMask = Int32Array.from(arch.levels, (l) => (1 << l.indexBits) - 1);
    this.sizeBits = Int32Array.from(arch.sizes, (s) => s.bits);
    this.sizeLevel = Int32Array.from(arch.sizes, (s) => s.level);
    this.sizeEntries = Int32Array.from(arch.sizes, (s) => s.entries);
    this.addressMaskLo = Int32Array.from(arch.sizes, (s) => s.addressMask.lo | 0);
    this.addressMaskHi = Int32Array.from(arch.sizes, (s) => s.addressMask.hi | 0);
    this.leafLo = new Int32Array(arch.sizes.length * 24);
    this.leafHi = new Int32Array(arch.sizes.length * 24);
    arch.sizes.forEach((size, s) => {
      for (let rights = 0; rights < 3; rights++)
        for (let attr = 0; attr < 8; attr++) {
          const w = size.leaf(rights, attr);
          this.leafLo[(s * 3 + rights) * 8 + attr] = w.lo;
          this.leafHi[(s * 3 + rights) * 8 + attr] = w.hi;
        }
    });
    this.sizes = new Int32Array(arch.sizes.length * SIZE_WORDS);
    this.leaf = new Int32Array(arch.sizes.length * 3 * 16 * 8 * 2);
    arch.sizes.forEach((size, s) => {
      const mask = size.addressMask;
      this.sizes.set([(1 << size.bits) - 1, size.level, size.entries, mask.lo, mask.hi], s * SIZE_WORDS);
      for (let held = 0; held < 3; held++)
        for (let letters = 0; letters < 16; letters++)
          for (let attr = 0; attr < 8; attr++) {
            const w = size.leaf(RIGHTS_OF[held * 16 + letters], attr);
            this.leaf.set([w.lo, w.hi], (((s * 3 + held) * 16 + letters) * 8 + attr) * 2);
          }
    });
    this.tableLo = Int32Array.from({ length: 8 }, (_, attr) => arch.table(attr).lo);
    this.addressShift = arch.addressShift;
    this.contiguousIncrements = arch.contiguousIncrements;
    this.topLo = arch.userTop.lo | 0;
    this.topHi = arch.userTop.hi | 0;
    this.wordBits = arch.wordBits;
    this.kernelFirstIndex = arch.kernelFirstIndex;
    this.asidLowBits = arch.asidLowBits;
    this.vspaceWord = MAPPED | (arch.family === Family.riscv ? CapType.table : CapType.vspace);
    this.prefixShift = arch.levels[this.lastLevel - 1]?.shift ?? 0;
    this.leafMask = this.indexMask[this.lastLevel];

    const zeros = 1 << Math.max(...arch.levels.map((l) => l.indexBits));
    this.entryLo = new Int32Array(zeros * 16);
    this.entryHi = new Int32Array(zeros * 16);
    this.links = new Int32Array(zeros * 16);
    this.arenaEnd = zeros;
    this.zeros = zeros;

    // Shifts, not powers: a power is a double to V8, and would make every use of the field one.
    this.poolEntries = 1 << arch.asidLowBits;
    this.asidRoots = new Int32Array(this.poolEntries);
    this.asidTable = new Int32Array(1 << arch.asidHighBits);

    this.tableEntries[EXTERNAL_ROOT] = zeros;
    this.tableAlive[EXTERNAL_ROOT] = 1;

    const slot = options.asidPoolSlot ?? 0;
    if (slot > 0) {
      this.growSlots(slot);
      const pool = this.newPool(0);
      if (options.rootTaskAssigned === true) this.asidRoots[1] = EXTERNAL_ROOT;
      const c = slot * CAP_WORDS;
      this.caps[c] = CapType.pool | ORIGIN;
      this.caps[c + 4] = pool;
      ringAlone(this, c);
    }
  }

  /** Make slot `slot` exist. */
  growSlots(slot: number): void {
    if (slot < this.slotLimit) return;
    let limit = this.slotLimit;
    while (limit <= slot) limit *= 2;
    const caps = new Int32Array(limit * CAP_WORDS);
    caps.set(this.caps);
    this.caps = caps;
    this.slotLimit = limit;
  }

  /** A table of `entries` entries at a physical address; its memory reads as zeros. Returns its handle. */
  newTable(entries: number, paddrHi: number, paddrLo: number): number {
    const handle = this.freeHandles.pop() ?? this.tableCount++;
    if (handle >= this.tableBase.length) this.growTables();
    this.tableBase[handle] = 0;
    this.tableEntries[handle] = entries;
    this.tableLoPaddr[handle] = paddrLo;
    this.tableHiPaddr[handle] = paddrHi;
    this.tableRefs[handle] = 0;
    this.tableChildren[handle] = 0;
    this.tableAlive[handle] = 1;
    return handle;
  }

  private growTables(): void {
    const grown = (a: Int32Array): Int32Array => {
      const b = new Int32Array(a.length * 2);
      b.set(a);
      return b;
    };
    this.tableBase = grown(this.tableBase);
    this.tableEntries = grown(this.tableEntries);
    this.tableLoPaddr = grown(this.tableLoPaddr);
    this.tableHiPaddr = grown(this.tableHiPaddr);
    this.tableRefs = grown(this.tableRefs);
    this.tableChildren = grown(this.tableChildren);
    this.tableAlive = grown(this.tableAlive);
  }

  /** Give a table its own region of the arena, before its first write. */
  allocateEntries(table: number): void {
    this.walkCache.fill(0);
    const entries = this.tableEntries[table];
    const free = this.freeBases.get(entries);
    const reused = free?.pop();
    if (reused !== undefined) {
      this.tableBase[table] = reused;
      return;
    }
    const base = this.arenaEnd;
    this.arenaEnd = base + entries;
    if (this.arenaEnd > this.links.length) {
      const size = Math.max(this.links.length * 2, this.arenaEnd);
      const grown = (a: Int32Array): Int32Array => {
        const b = new Int32Array(size);
        b.set(a);
        return b;
      };
      this.entryLo = grown(this.entryLo);
      this.entryHi = grown(this.entryHi);
      this.links = grown(this.links);
    }
    this.tableBase[table] = base;
  }

  /** A new ASID pool at an index of the ASID table. Returns its handle. */
  newPool(index: number): number {
    const pool = this.freePools.pop() ?? this.poolCount++;
    if (pool >= this.poolIndex.length) {
      const indices = new Int32Array(this.poolIndex.length * 2);
      indices.set(this.poolIndex);
      this.poolIndex = indices;
    }
    if ((index + 1) * this.poolEntries > this.asidRoots.length) {
      const most = this.asidTable.length * this.poolEntries;
      const roots = new Int32Array(Math.min(most, (index + 1) * this.poolEntries * 2));
      roots.set(this.asidRoots);
      this.asidRoots = roots;
    }
    this.poolIndex[pool] = index;
    this.asidTable[index] = pool;
    return pool;
  }

  /** The root that an ASID belongs to; 0 when its pool is gone or it is not assigned. */
  rootOf(asid: number): number {
    return this.asidRoots[asid];
  }

  /** Whether a capability (offset) is a vspace that has been assigned; on RISC-V any mapped table looks like one. */
  isVspaceArgument(v: number): boolean {
    return (this.caps[v] & (TYPE_MASK | MAPPED)) === this.vspaceWord;
  }

  /** Copy the whole state, for rollbacks and side-by-side runs. Costs one copy of every array. */
  snapshot(): KernelSnapshot {
    return {
      arrays: this.arrays().map((a) => a.slice()),
      numbers: [this.slotLimit, this.tableCount, this.arenaEnd, this.poolCount],
      freeBases: new Map([...this.freeBases].map(([n, list]) => [n, [...list]])),
      freeHandles: [...this.freeHandles],
      freePools: [...this.freePools],
    };
  }

  /** Return to a snapshot of this kernel (or of one made with the same options). */
  restore(s: KernelSnapshot): void {
    const [caps, base, entries, paLo, paHi, refs, children, alive, lo, hi, links, roots, index, asids] = s.arrays.map(
      (a) => a.slice(),
    );
    this.caps = caps;
    this.tableBase = base;
    this.tableEntries = entries;
    this.tableLoPaddr = paLo;
    this.tableHiPaddr = paHi;
    this.tableRefs = refs;
    this.tableChildren = children;
    this.tableAlive = alive;
    this.entryLo = lo;
    this.entryHi = hi;
    this.links = links;
    this.asidRoots = roots;
    this.poolIndex = index;
    this.asidTable.set(asids);
    [this.slotLimit, this.tableCount, this.arenaEnd, this.poolCount] = s.numbers as [number, number, number, number];
    this.freeBases = new Map([...s.freeBases].map(([n, list]) => [n, [...list]]));
    this.freeHandles = [...s.freeHandles];
    this.freePools = [...s.freePools];
    this.walkCache.fill(0);
  }

  private arrays(): Int32Array[] {
    return [
      this.caps,
      this.tableBase,
      this.tableEntries,
      this.tableLoPaddr,
      this.tableHiPaddr,
      this.tableRefs,
      this.tableChildren,
      this.tableAlive,
      this.entryLo,
      this.entryHi,
      this.links,
      this.asidRoots,
      this.poolIndex,
      this.asidTable,
    ];
  }
}
