/**
 * Events as columns: one typed array for each field, filled by a reader and consumed by the engine, with no object
 * for an event. A batch holds up to {@link Columns.capacity} records; `count` says how many are valid.
 *
 * Slots are *dense* numbers from 1 (0 = the key is absent or null); the reader keeps the trace's own numbers.
 * A 64-bit word is two signed 32-bit halves (hi, lo).
 */

/** Bits of {@link Columns.flags}. */
export const Flag = {
  /** `paddr` is there. */
  paddr: 1 << 0,
  /** `boot`: rebuilds what the kernel made for the root task. */
  boot: 1 << 1,
  /** `synth`: rebuilds what was alive when a slice begins. */
  synth: 1 << 2,
  /** `assume`: the recorder did not see this capability being made. */
  assume: 1 << 3,
  /** `via:"swap"`: the other half of a swap is of a kind that the trace leaves out. */
  viaSwap: 1 << 4,
  /** A mark's `at` is "end" (otherwise "start"). */
  markEnd: 1 << 5,
  /** A mark's `result` is "failed". */
  markFailed: 1 << 6,
  /** Ground truth that some recordings carry; set only by readers that were asked for it. */
  entry: 1 << 7,
  was: 1 << 8,
  replaced: 1 << 9,
  remap: 1 << 10,
  alias: 1 << 11,
  wasValid: 1 << 12,
  clearedTrue: 1 << 13,
  clearedFalse: 1 << 14,
  found: 1 << 15,
  asid: 1 << 16,
  /** A mark's `result` is there. */
  markResult: 1 << 17,
  /** `badge`, `avail`, `seq` are there. */
  badge: 1 << 18,
  avail: 1 << 19,
  seq: 1 << 20,
  /** The trace gives an error's name without its details (or with some that do not fit): compare only the code. */
  bareError: 1 << 21,
  /** `part`: it was invoked as a part of the batch before it. */
  part: 1 << 22,
  /** `migrated`: a migration put it there; a migration took it there from further down; it could not be migrated. */
  inserted: 1 << 23,
  moved: 1 << 24,
  unmigrated: 1 << 25,
} as const;

// Single constants, since the build makes literals of those and not of an object's properties.
export const NO_VSPACE = 1;
export const NO_ENTRY = 2;
export const OTHER_ENTRY = 3;
/** Values of {@link Columns.why}: why an unmap or delete cleared nothing. */
export const Why = { none: 0, no_vspace: NO_VSPACE, no_entry: NO_ENTRY, other_entry: OTHER_ENTRY } as const;
/** Names of {@link Why} by value. */
export const WHY_NAMES = Object.keys(Why) as (keyof typeof Why)[];

/** A batch of trace records, column by column. */
export class Columns {
  /** Records that fit. */
  readonly capacity: number;
  /** Records that are there. */
  count = 0;
  /** Operation, see `Op`. */
  readonly op: Uint8Array;
  /** Object of a retype, see `Obj`; kind of a batch, see `Batched`. */
  readonly obj: Uint8Array;
  /** log2 of a page's size in bytes; mode of a batch, see `Atomicity`. */
  readonly bits: Uint8Array;
  /** The invoked capability, or the destination of a retype, make_pool, copy, mint, move (dense slot). */
  readonly cap: Int32Array;
  /** `src` of copy, mint, move; `with` of swap; `pool` of assign (dense slot). */
  readonly src: Int32Array;
  /** The vspace argument (dense slot). */
  readonly vspace: Int32Array;
  /**
   * Number of objects of a retype, or of parts of a batch. The slots are `cap … cap+n-1` of the trace, consecutive in dense numbers too unless
   * {@link Columns.slotLists} has the record.
   */
  readonly n: Int32Array;
  readonly vaddrLo: Int32Array;
  readonly vaddrHi: Int32Array;
  /** Letters of `rights` as bits, see `Right`. */
  readonly rights: Uint8Array;
  /** The low 32 bits of the raw attribute word. */
  readonly attr: Int32Array;
  readonly paddrLo: Int32Array;
  readonly paddrHi: Int32Array;
  /** The recorded outcome, packed as in outcome.ts; -1 = the record has none. */
  readonly outcome: Int32Array;
  /** See {@link Flag}. */
  readonly flags: Int32Array;
  /** Zero-based index among all records after the header. */
  readonly event: Float64Array;
  /** Physical line, from 1. */
  readonly line: Float64Array;
  /** Index into the reader's names: the name of a mark or of an `other` operation; 0 = none. */
  readonly name: Int32Array;
  /** Index into the reader's sites; 0 = none. */
  readonly site: Int32Array;
  /** Index into the reader's names: the thread; 0 = not known. */
  readonly thread: Int32Array;
  /** Index into the reader's names: the CSpace; 0 = not known. */
  readonly cspace: Int32Array;
  /** Ground truth, valid where {@link Flag} says so. */
  readonly asid: Int32Array;
  readonly entryLo: Int32Array;
  readonly entryHi: Int32Array;
  readonly wasLo: Int32Array;
  readonly wasHi: Int32Array;
  readonly replacedLo: Int32Array;
  readonly replacedHi: Int32Array;
  readonly foundLo: Int32Array;
  readonly foundHi: Int32Array;
  readonly wasValid: Uint8Array;
  readonly why: Uint8Array;
  /** Badge of a mint, where {@link Flag.badge} says so. */
  readonly badge: Float64Array;
  /** Bytes that a NotEnoughMemory reports as left, where {@link Flag.avail} says so. */
  readonly avail: Float64Array;
  /** The recorder's own sequence number, where {@link Flag.seq} says so. */
  readonly seq: Float64Array;
  /** Dense slots of a retype of several objects (n at most 1,024) that are not consecutive, by position in the batch. */
  readonly slotLists: Map<number, Int32Array> = new Map();
  /** The text of a `state` record, by position in the batch; only where the reader was asked for states. */
  readonly states: Map<number, string> = new Map();

  /** @param capacity - records in a batch; a reader's choice, 256 to 4,096 make no difference in speed */
  constructor(capacity = 2048) {
    this.capacity = capacity;
    const i32 = (): Int32Array => new Int32Array(capacity);
    const u8 = (): Uint8Array => new Uint8Array(capacity);
    this.op = u8();
    this.obj = u8();
    this.bits = u8();
    this.cap = i32();
    this.src = i32();
    this.vspace = i32();
    this.n = i32();
    this.vaddrLo = i32();
    this.vaddrHi = i32();
    this.rights = u8();
    this.attr = i32();
    this.paddrLo = i32();
    this.paddrHi = i32();
    this.outcome = i32();
    this.flags = i32();
    this.event = new Float64Array(capacity);
    this.line = new Float64Array(capacity);
    this.name = i32();
    this.site = i32();
    this.thread = i32();
    this.cspace = i32();
    this.asid = i32();
    this.entryLo = i32();
    this.entryHi = i32();
    this.wasLo = i32();
    this.wasHi = i32();
    this.replacedLo = i32();
    this.replacedHi = i32();
    this.foundLo = i32();
    this.foundHi = i32();
    this.wasValid = u8();
    this.why = u8();
    this.badge = new Float64Array(capacity);
    this.avail = new Float64Array(capacity);
    this.seq = new Float64Array(capacity);
  }
}
