import {
  type Attribute,
  type AttributeKind,
  AttributeRanges,
  attributeOf,
  packAttribute,
  PKRU,
} from './attribute-ranges.ts';
import type { ErrorName } from './errors.ts';
import { PAGE_SIZE, PageEntries, PTE } from './page-entries.ts';

/** Flags of the call that sets keys. */
export const KEY_FLAGS = { EXCL: 1, PERSIST: 2 } as const;
/** First address behind user memory with four levels of page tables. */
export const MAX_USER = 0x8000_0000_0000;
const LARGE_PAGE = 2 * 1024 * 1024;

/** Told where an attribute changed: bytes, half-open; null is "none". */
export type AttributeChange = (start: number, end: number, before: Attribute | null, after: Attribute | null) => void;

export interface PmapOptions {
  readonly kind?: AttributeKind;
  /** The processor has the attribute at all. Default true. */
  readonly supported?: boolean;
  /** First address behind user memory. Default {@link MAX_USER}. */
  readonly maxUser?: number;
}

/** The pages of a call's address and length, with the kernel's wrap-around at 2^64. Bytes; `end` may be at or below `start`. */
export function pagesOf(address: bigint, length: bigint): { start: number; end: number } {
  const page = BigInt(PAGE_SIZE);
  const end = BigInt.asUintN(64, address + length + page - 1n) / page;
  return { start: Number((address / page) * page), end: Number(end * page) };
}

/**
 * A pmap: present page-table entries, and a rangeset of attributes. Entries take the value of their range when they are
 * entered; setting and clearing a range edits the entries that are present.
 */
export class Pmap {
  readonly kind: AttributeKind;
  readonly supported: boolean;
  readonly maxUser: number;
  readonly entries: PageEntries;
  readonly attributes: AttributeRanges;

  constructor(options: PmapOptions = {}, entries = new PageEntries(), attributes?: AttributeRanges) {
    this.kind = options.kind ?? PKRU;
    this.supported = options.supported ?? true;
    this.maxUser = options.maxUser ?? MAX_USER;
    this.entries = entries;
    this.attributes = attributes ?? new AttributeRanges(this.kind);
  }

  /**
   * Set the attribute of a range of pages; nothing needs to be mapped there.
   *
   * @param start - first byte, rounded down to a page by the caller; `end` rounded up, see {@link pagesOf}
   * @returns what is wrong, checked in the kernel's order; nothing is changed then
   */
  set(start: number, end: number, value: number, flags: number, changed?: AttributeChange): ErrorName | null {
    const { exclusive, persistent, width } = this.kind;
    const known = (exclusive ? KEY_FLAGS.EXCL : 0) | (persistent ? KEY_FLAGS.PERSIST : 0);
    if (value < 0 || value >= 1 << width || (flags & ~known) !== 0) return 'EINVAL';
    const wrong = this.checkRange(start, end);
    if (wrong !== null) return wrong;
    if ((flags & KEY_FLAGS.EXCL) !== 0 && !this.attributes.isEmptyFor(start, end)) return 'EBUSY';
    const id = packAttribute(value, (flags & KEY_FLAGS.PERSIST) !== 0);
    if (changed !== undefined) this.tellSet(start, end, id, changed);
    this.attributes.set(start, end, id);
    this.entries.change(start, end, (bits) => (bits & ~PTE.value) | value);
    return null;
  }

  /** Clear the attribute of a range, persistent or not. @returns as `set` does */
  clear(start: number, end: number, changed?: AttributeChange): ErrorName | null {
    const wrong = this.checkRange(start, end);
    if (wrong !== null) return wrong;
    this.attributes.clear(start, end, removal(changed));
    this.entries.change(start, end, (bits) => bits & ~PTE.value);
    return null;
  }

  /** Enter the pages of [start, end): each gets the value of its range. @param bits - write, execute, wired */
  enter(start: number, end: number, bits = 0): void {
    let reached = start;
    this.attributes.pieces(start, end, (from, to, id) => {
      if (reached < from) this.entries.enter(reached, from, bits);
      this.entries.enter(from, to, bits | (id & PTE.value));
      reached = to;
    });
    if (reached < end) this.entries.enter(reached, end, bits);
  }

  /**
   * Enter one large page of 2 MiB. Its range must have one and the same attribute.
   *
   * @returns false: refused, a fault then falls back to small pages
   * @throws RangeError when the address is not on a boundary of 2 MiB
   */
  enterLarge(start: number, bits = 0): boolean {
    if (start % LARGE_PAGE !== 0) throw new RangeError(`a large page cannot begin at ${start}`);
    if (!this.attributes.isUniform(start, start + LARGE_PAGE)) return false;
    this.enter(start, start + LARGE_PAGE, bits);
    return true;
  }

  /**
   * Take the entries of [start, end) away. With nothing resident the kernel returns at once: the attributes stay, too.
   *
   * @param dropAttributes - attributes go along, except persistent ones
   * @param elsewhere - resident pages that this model does not hold: they count as resident
   */
  remove(start: number, end: number, dropAttributes: boolean, changed?: AttributeChange, elsewhere = 0): void {
    if (this.entries.resident + elsewhere === 0) return;
    if (dropAttributes) this.dropVolatile(start, end, changed);
    this.entries.remove(start, end);
  }

  /** Drop the attributes of [start, end) that are not persistent. Present entries keep their bits: they are to go. */
  dropVolatile(start: number, end: number, changed?: AttributeChange): void {
    this.attributes.clearVolatile(start, end, removal(changed));
  }

  /** Take permissions away from present entries. Attributes stay; no access is not for here, but for `remove`. */
  protect(start: number, end: number, write: boolean, execute: boolean): void {
    const gone = (write ? 0 : PTE.write) | (execute ? 0 : PTE.execute);
    if (gone !== 0) this.entries.change(start, end, (bits) => bits & ~gone);
  }

  /** exec and exit: all entries and attributes go, persistent ones too. */
  removeAll(changed?: AttributeChange): void {
    this.entries.remove(0, this.maxUser);
    this.attributes.clear(0, this.maxUser, removal(changed));
  }

  /** What fork does first: a pmap without entries and with all attributes, those over holes too. */
  forked(): Pmap {
    return new Pmap(this, new PageEntries(), this.attributes.clone());
  }

  clone(): Pmap {
    return new Pmap(this, this.entries.clone(), this.attributes.clone());
  }

  private checkRange(start: number, end: number): ErrorName | null {
    if (end <= start || end > this.maxUser) return 'EFAULT';
    return this.supported ? null : 'EOPNOTSUPP';
  }

  /** Tells of each part of [start, end) whose attribute becomes another. */
  private tellSet(start: number, end: number, id: number, changed: AttributeChange): void {
    const tell = (from: number, to: number, before: number): void => {
      if (from < to && before !== id) changed(from, to, attributeOf(before), attributeOf(id));
    };
    let reached = start;
    this.attributes.pieces(start, end, (from, to, before) => {
      tell(reached, from, -1);
      tell(from, to, before);
      reached = to;
    });
    tell(reached, end, -1);
  }
}

const removal = (changed: AttributeChange | undefined) =>
  changed === undefined
    ? undefined
    : (start: number, end: number, id: number): void => changed(start, end, attributeOf(id), null);
