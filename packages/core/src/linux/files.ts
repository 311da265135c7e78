/** An open file, as far as mapping it depends on it. Two descriptors of one file are two of these. */
export interface OpenFile {
  /** How maps name it. */
  readonly name: string;
  /** Its length in pages, a last part counted whole; Infinity where it is not known. */
  readonly pages: number;
  /** Opened for writing. Default true. */
  readonly writable?: boolean;
  /** Memory that maps name, such as `[heap]`, and no file: it has no offset, and its pages are anonymous. */
  readonly anonymous?: boolean;
  /** Shared memory without a name, made by one mmap: gone with its last VMA. */
  readonly shm?: boolean;
}

/** In place of a file: a descriptor that is not open. */
export const BAD_FILE = -2;
