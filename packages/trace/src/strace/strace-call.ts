import type { StraceThread } from './strace-threads.ts';

/** The system calls that change an address space, or say whose it is; from `madvise` on, those that only name a range. */
export const Call = {
  mmap: 0,
  munmap: 1,
  mprotect: 2,
  mremap: 3,
  brk: 4,
  execve: 5,
  /** fork, vfork, clone and clone3. */
  clone: 6,
  madvise: 7,
  /** mlock and mlock2. */
  mlock: 8,
  munlock: 9,
  msync: 10,
  mincore: 11,
} as const;
/** A number of {@link Call}. */
export type CallKind = (typeof Call)[keyof typeof Call];

/** Bits of `prot`; Linux, asm-generic/mman-common.h. */
export const Prot = { read: 1, write: 2, exec: 4, growsDown: 0x1000000, growsUp: 0x2000000 } as const;
/** Bits of mmap's `flags`; Linux on x86 and Arm. */
export const MapFlag = {
  shared: 1,
  private: 2,
  type: 0xf,
  fixed: 0x10,
  anonymous: 0x20,
  growsDown: 0x100,
  noReserve: 0x4000,
  fixedNoReplace: 0x100000,
} as const;
/** Bits of mremap's `flags`. */
export const MremapFlag = { mayMove: 1, fixed: 2, dontUnmap: 4 } as const;
/** Advice of madvise that says what becomes of pages; all other advice is 0. */
export const Advice = { dontFork: 10, doFork: 11 } as const;
/** Bits of clone's `flags`. */
export const CloneFlag = { vm: 0x100, vfork: 0x4000, thread: 0x10000 } as const;

/**
 * A call that has returned, as the log tells it. There is one such object for a whole log: what is to be kept of it
 * must be copied. Addresses and lengths are in bytes, as printed; beyond 2^53 they are rounded.
 */
export interface StraceCall {
  kind: CallKind;
  thread: StraceThread;
  /** Zero-based index among all calls of the log, of whatever name, in the order in which they were entered. */
  event: number;
  /** The line on which it was entered, and the one on which it took effect: another one if it was interrupted. */
  entry: number;
  line: number;
  /** Seconds, as the log counts them; NaN without time stamps. */
  time: number;
  /** It succeeded. A result that strace does not know (`?`) is none. */
  ok: boolean;
  /** What it returned: an address, 0 or a process. */
  result: number;
  /** Name of the error, '' for none. */
  error: string;
  /** mmap, munmap, mprotect, brk, calls that name a range: the address; mremap: the old one. */
  address: number;
  /** mmap, munmap, mprotect, calls that name a range: the length; mremap: the old one. */
  length: number;
  prot: number;
  /** Flags of mmap, mremap or clone; of madvise whether pages are (not) to be forked ({@link Advice}). */
  flags: number;
  /** The file of an mmap: a number of the log's `FileNames`; 0 = none. */
  file: number;
  /** mmap: where in the file. */
  offset: number;
  /** mremap. */
  newLength: number;
  newAddress: number;
  /**
   * clone: the thread that it made, if it succeeded and that thread is not gone already; and whether it had spoken
   * before the clone returned.
   */
  child: StraceThread | null;
  childSpoke: boolean;
  /** execve: the program, as the log writes it. */
  program: string;
  /** The call's place in the program: a number of the log's `sites`; 0 = unknown. */
  site: number;
}

/** A call of which nothing is known yet. */
export function emptyCall(thread: StraceThread): StraceCall {
  return {
    kind: Call.mmap,
    thread,
    event: 0,
    entry: 0,
    line: 0,
    time: Number.NaN,
    ok: false,
    result: 0,
    error: '',
    address: 0,
    length: 0,
    prot: 0,
    flags: 0,
    file: 0,
    offset: 0,
    newLength: 0,
    newAddress: 0,
    child: null,
    childSpoke: false,
    program: '',
    site: 0,
  };
}

/** A clone, fork or vfork that was entered and has not returned. */
export interface PendingClone {
  readonly thread: StraceThread;
  readonly event: number;
  /** The line on which it was entered. */
  readonly entry: number;
  readonly flags: number;
}

/** Gets the calls of a log, in the order in which they took effect. */
export interface StraceSink {
  call(call: StraceCall): void;
  /** A call was entered and never returned: its thread was gone, or the log ends. Results mean nothing. */
  unreturned(call: StraceCall): void;
  /** A clone, fork or vfork was entered and has not returned; its child may speak before it does. */
  cloning(call: StraceCall): void;
  /**
   * A thread speaks for the first time, or strace says that it was attached.
   *
   * @param makers - the clone under way that made it; several, the likeliest first, where the log never tells which;
   *   none where nobody was cloning
   */
  appeared(thread: StraceThread, makers: readonly PendingClone[]): void;
  /** A thread is gone. */
  ended(thread: StraceThread, line: number, time: number): void;
  /** A thread other than the first called execve: it takes over the number of `thread`, and is gone itself. */
  superseded(thread: StraceThread, by: StraceThread): void;
}
