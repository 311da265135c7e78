import type { ReplacedKinds } from '@overmap/report';
import type { AddressSpace } from './address-space.ts';
import { type Mappings, Trait } from './mappings.ts';

/** Pieces that a finding names. */
const NAMED = 4;

/** The new mapping. */
export interface NewMapping {
  readonly start: number;
  readonly end: number;
  /** 0 = anonymous. */
  readonly file: number;
  readonly prot: number;
}

/** What was mapped where a call put something else. One object for a whole log, filled again for each call. */
export class Replaced {
  /** Mappings that it overlaps, and their bytes within its range. */
  pieces = 0;
  bytes = 0;
  /** Of them: that had been writable, and where there is evidence that what was written is wanted. */
  writable = 0;
  wanted = 0;
  /** Bytes of the brk range. */
  heap = 0;
  /** Bytes of the lowest and the highest mapping that stay, below and above. */
  below = 0;
  above = 0;
  /** The first pieces. */
  readonly starts: Float64Array = new Float64Array(NAMED);
  readonly ends: Float64Array = new Float64Array(NAMED);
  readonly ids: Int32Array = new Int32Array(NAMED);
  /** How many of them there are. */
  named = 0;
  private allNone = true;
  private allReserved = true;
  private allBlank = true;
  private allOfFile = true;
  private allClosed = true;
  private oneOrigin = true;
  private anonymous = true;
  private firstOrigin = -1;
  private lowestFile = 0;

  /** Look at [start, end) before it is replaced. */
  look(space: AddressSpace, mappings: Mappings, made: NewMapping): void {
    const { start, end } = made;
    const { cursor } = space;
    this.pieces = 0;
    this.bytes = 0;
    this.writable = 0;
    this.wanted = 0;
    this.below = 0;
    this.above = 0;
    this.named = 0;
    this.allNone = true;
    this.allReserved = true;
    this.allBlank = true;
    this.allOfFile = true;
    this.allClosed = true;
    this.oneOrigin = true;
    this.anonymous = true;
    this.firstOrigin = -1;
    this.heap = space.inHeap(start, end);
    for (let more = cursor.seek(start); more && cursor.start < end; more = cursor.next()) {
      const { id } = cursor;
      const from = Math.max(cursor.start, start);
      const to = Math.min(cursor.end, end);
      if (this.pieces === 0) {
        this.lowestFile = mappings.file[id];
        this.below = from - cursor.start;
      }
      this.above = cursor.end - to;
      if (this.pieces < NAMED) {
        this.starts[this.named] = from;
        this.ends[this.named] = to;
        this.ids[this.named++] = id;
      }
      this.pieces++;
      this.bytes += to - from;
      this.piece(mappings, id, to - from, made);
    }
  }

  /** The kind that is counted, by the first definition that fits. */
  kind(made: NewMapping): keyof ReplacedKinds {
    const { pieces, lowestFile, allNone } = this;
    if (pieces === 1 && made.file !== 0 && made.file === lowestFile) return 'sameFile';
    if (made.file === 0 && lowestFile !== 0) return 'anonOverFile';
    if (lowestFile === 0 && allNone) return 'overReserved';
    if (lowestFile === 0) return made.file === 0 ? 'anonOverAnon' : 'fileOverAnon';
    return 'other';
  }

  /** Only memory that never was writable, and anonymous: there is nothing but zeros. */
  get onlyBlank(): boolean {
    return this.allBlank;
  }

  /**
   * The process gives back memory of one reservation of its own or memory that it had closed, or takes anew what it had
   * closed in reservations. What is in use and of several origins, or a written page of a file, is not given back so.
   */
  givesBack(made: NewMapping): boolean {
    if (!this.anonymous) return false;
    const closes = made.file === 0 && made.prot === 0;
    if (this.allClosed) return closes || this.allReserved;
    return closes && this.allReserved && this.oneOrigin;
  }

  /** Only blank memory, and parts of one file that never were writable: the file still has what was there. */
  get onlyOneFile(): boolean {
    return this.allOfFile;
  }

  /** It is all in reservations, and so is what takes its place. */
  get staysReserved(): boolean {
    return this.allReserved;
  }

  /** The event of the one reservation, or mapping, that it all belongs to; -1 = of several. */
  get origin(): number {
    return this.oneOrigin ? this.firstOrigin : -1;
  }

  /** Bytes of the pieces that are not named. */
  get unnamed(): number {
    let named = 0;
    for (let i = 0; i < this.named; i++) named += this.ends[i] - this.starts[i];
    return this.bytes - named;
  }

  /** The file of the lowest piece; 0 = it is anonymous. */
  get file(): number {
    return this.lowestFile;
  }

  private piece(mappings: Mappings, id: number, bytes: number, made: NewMapping): void {
    const file = mappings.file[id];
    const traits = mappings.traits[id];
    const prot = mappings.prot[id];
    const writable = (traits & Trait.writable) !== 0;
    const inFile = file !== 0 && (!writable || (traits & Trait.shared) !== 0);
    const blank = file === 0 && !writable && (traits & Trait.unknown) === 0;
    const reserved = (traits & Trait.reserved) !== 0;
    if (prot !== 0) this.allNone = false;
    if (!blank) this.allBlank = false;
    if (!blank && !reserved) this.allReserved = false;
    if (!blank && prot !== 0) this.allClosed = false;
    if (!blank && !(inFile && (file === this.lowestFile || file === made.file))) this.allOfFile = false;
    const origin = mappings.origin[id];
    if (this.firstOrigin < 0) this.firstOrigin = origin;
    else if (origin !== this.firstOrigin) this.oneOrigin = false;
    if (blank || inFile) return;
    if (file !== 0) this.anonymous = false;
    this.writable += bytes;
    if ((traits & (Trait.sealed | Trait.moved)) !== 0 && prot !== 0) this.wanted += bytes;
  }
}
