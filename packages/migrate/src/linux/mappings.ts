import type { StraceCall } from '@overmap/trace';

/** What is known of a mapping besides its protection. */
export const Trait = {
  /** It is or was writable: something may have been written there. */
  writable: 1,
  shared: 2,
  /** It lies in a reservation: mapped PROT_NONE at first, or put onto such memory. */
  reserved: 4,
  /** It was put there by MAP_FIXED or MREMAP_FIXED. */
  placed: 8,
  /** mremap moved it, which keeps what was written. */
  moved: 16,
  /** It was writable, and was made readable only: what was written is wanted. */
  sealed: 32,
  /** The log does not show what is there. */
  unknown: 64,
} as const;

/** Mappings from which on the table asks which are needed. */
const FEW = 2048;

/**
 * Where mappings come from, as columns: the numbers that a space's ranges carry. Parts of one mapping share an entry
 * until their protection differs. What no space carries any more is given out again.
 */
export class Mappings {
  /** When and by whom it was made. */
  line: Float64Array = new Float64Array(FEW);
  event: Float64Array = new Float64Array(FEW);
  time: Float64Array = new Float64Array(FEW);
  thread: Int32Array = new Int32Array(FEW);
  site: Int32Array = new Int32Array(FEW);
  /** A number of the log's files; 0 = anonymous. */
  file: Int32Array = new Int32Array(FEW);
  prot: Int32Array = new Int32Array(FEW);
  /** The event that made its pages what they belong to: the reservation that it was put into, or its own. */
  origin: Float64Array = new Float64Array(FEW);
  /** Bits of {@link Trait}. */
  traits: Int32Array = new Int32Array(FEW);
  private next = 0;
  private limit = FEW;
  private free: Int32Array = new Int32Array(0);
  private freeCount = 0;
  private readonly needed: (marks: Uint8Array) => number;

  /** @param needed - marks the numbers that are in use, and says how many ranges it has looked at */
  constructor(needed: (marks: Uint8Array) => number) {
    this.needed = needed;
  }

  /** Numbers in use or free. */
  get highest(): number {
    return this.next;
  }

  /** The mapping that a call makes. @param origin - the event of the reservation that it is put into, or its own */
  made(call: StraceCall, file: number, prot: number, traits: number, origin: number = call.event): number {
    const id = this.number();
    this.line[id] = call.line;
    this.event[id] = call.event;
    this.time[id] = call.time;
    this.thread[id] = call.thread.pid;
    this.site[id] = call.site;
    this.file[id] = file;
    this.prot[id] = prot;
    this.traits[id] = traits;
    this.origin[id] = origin;
    return id;
  }

  /** The same mapping with other protection. */
  changed(from: number, prot: number, traits: number): number {
    const id = this.number();
    this.line[id] = this.line[from];
    this.event[id] = this.event[from];
    this.time[id] = this.time[from];
    this.thread[id] = this.thread[from];
    this.site[id] = this.site[from];
    this.file[id] = this.file[from];
    this.prot[id] = prot;
    this.traits[id] = traits;
    this.origin[id] = this.origin[from];
    return id;
  }

  /** Both are parts of one mapping, and have the same protection. */
  alike(a: number, b: number): boolean {
    return a === b || this.isPart(a, b, this.prot[b], this.traits[b]);
  }

  /** `a` is what `b` would be with this protection. */
  isPart(a: number, b: number, prot: number, traits: number): boolean {
    return (
      this.event[a] === this.event[b] &&
      this.prot[a] === prot &&
      this.traits[a] === traits &&
      this.line[a] === this.line[b]
    );
  }

  /** Before a number is asked for: make room, as long as no number is held that no space carries. */
  prepare(): void {
    if (this.freeCount > 64 || this.next + 64 < this.limit) return;
    const marks = new Uint8Array(this.next);
    const visited = this.needed(marks);
    let kept = 0;
    for (let id = 0; id < this.next; id++) kept += marks[id];
    this.free = new Int32Array(this.next - kept);
    this.freeCount = 0;
    for (let id = this.next - 1; id >= 0; id--) if (marks[id] === 0) this.free[this.freeCount++] = id;
    // Looking again is worth while once as many were made as were looked at, within reason.
    const enough = this.freeCount > Math.max(this.next >>> 2, visited >>> 4);
    this.limit = enough ? this.next + 65 : Math.max(this.next, kept * 2, visited >>> 2) + FEW;
  }

  private number(): number {
    if (this.freeCount > 0) return this.free[--this.freeCount];
    const id = this.next++;
    if (id >= this.line.length) this.grow();
    return id;
  }

  private grow(): void {
    const size = this.line.length * 2;
    for (const key of ['line', 'event', 'time', 'origin'] as const) {
      const column = new Float64Array(size);
      column.set(this[key]);
      this[key] = column;
    }
    for (const key of ['thread', 'site', 'file', 'prot', 'traits'] as const) {
      const column = new Int32Array(size);
      column.set(this[key]);
      this[key] = column;
    }
  }
}
