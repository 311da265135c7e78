/** What a row is. `touch` writes to one page, as a program does. */
export const LinuxOp = { mmap: 0, munmap: 1, mprotect: 2, mremap: 3, touch: 4 } as const;
export type LinuxOp = (typeof LinuxOp)[keyof typeof LinuxOp];

/** A 64-bit word: a number while below 2^53, a bigint else. */
export type LinuxWord = number | bigint;

/** A call as an object, for people and tests. Words of 64 bits may be bigint; what is left out is 0. */
export type LinuxCall =
  | {
      readonly op: 'mmap';
      readonly addr?: LinuxWord;
      readonly len: LinuxWord;
      readonly prot?: number;
      readonly flags: number;
      readonly off?: LinuxWord;
      /** Number of an open file; left out for anonymous memory. */
      readonly file?: number;
    }
  | { readonly op: 'munmap'; readonly addr: LinuxWord; readonly len: LinuxWord }
  | { readonly op: 'mprotect'; readonly addr: LinuxWord; readonly len: LinuxWord; readonly prot: number }
  | {
      readonly op: 'mremap';
      readonly addr: LinuxWord;
      readonly oldLen: LinuxWord;
      readonly newLen: LinuxWord;
      readonly flags: number;
      readonly newAddr?: LinuxWord;
    }
  | { readonly op: 'touch'; readonly addr: LinuxWord };

const pageOf = (word: LinuxWord): number =>
  typeof word === 'number' ? Math.floor(word / 4096) : Number(BigInt.asUintN(64, word) >> 12n);

const offsetOf = (word: LinuxWord): number => (typeof word === 'number' ? word % 4096 : Number(word & 0xfffn));

/** Calls, one to a row. Each word of 64 bits is a page (below 2^52) and the bytes behind the page's start. */
export class LinuxColumns {
  readonly op: Uint8Array;
  readonly addrPage: Float64Array;
  readonly addrOffset: Uint16Array;
  /** Length; mremap's old one. */
  readonly lenPage: Float64Array;
  readonly lenOffset: Uint16Array;
  /** mremap's new length. */
  readonly newLenPage: Float64Array;
  readonly newLenOffset: Uint16Array;
  /** mremap's new address; mmap's offset in the file. */
  readonly otherPage: Float64Array;
  readonly otherOffset: Uint16Array;
  /** {@link Prot} bits. */
  readonly prot: Int32Array;
  /** {@link MapFlag} or {@link RemapFlag} bits. */
  readonly flags: Int32Array;
  /** Number of an open file, or BAD_FILE; not looked at for anonymous memory. */
  readonly file: Int32Array;

  constructor(capacity = 1) {
    this.op = new Uint8Array(capacity);
    this.addrPage = new Float64Array(capacity);
    this.addrOffset = new Uint16Array(capacity);
    this.lenPage = new Float64Array(capacity);
    this.lenOffset = new Uint16Array(capacity);
    this.newLenPage = new Float64Array(capacity);
    this.newLenOffset = new Uint16Array(capacity);
    this.otherPage = new Float64Array(capacity);
    this.otherOffset = new Uint16Array(capacity);
    this.prot = new Int32Array(capacity);
    this.flags = new Int32Array(capacity);
    this.file = new Int32Array(capacity);
  }

  /** Fill a row. */
  set(i: number, call: LinuxCall): void {
    const len = call.op === 'mremap' ? call.oldLen : call.op === 'touch' ? 0 : call.len;
    const newLen = call.op === 'mremap' ? call.newLen : 0;
    const other = (call.op === 'mremap' ? call.newAddr : call.op === 'mmap' ? call.off : 0) ?? 0;
    this.op[i] = LinuxOp[call.op];
    this.addrPage[i] = pageOf(call.addr ?? 0);
    this.addrOffset[i] = offsetOf(call.addr ?? 0);
    this.lenPage[i] = pageOf(len);
    this.lenOffset[i] = offsetOf(len);
    this.newLenPage[i] = pageOf(newLen);
    this.newLenOffset[i] = offsetOf(newLen);
    this.otherPage[i] = pageOf(other);
    this.otherOffset[i] = offsetOf(other);
    this.prot[i] = call.op === 'mmap' || call.op === 'mprotect' ? (call.prot ?? 0) : 0;
    this.flags[i] = call.op === 'mmap' || call.op === 'mremap' ? call.flags : 0;
    this.file[i] = call.op === 'mmap' ? (call.file ?? 0) : 0;
  }
}
