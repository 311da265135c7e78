import type { RuleCard } from '@overmap/report';

/** What a rule of Linux may say about one call; every text is ready to print. */
export interface LinuxFacts {
  /** "mmap" or "mremap", and the like. */
  readonly call: string;
  /** "thread 9609". */
  readonly who: string;
  /** "0x7f0000000000", "16 KiB": the call's range. */
  readonly at: string;
  readonly size: string;
  /** What is there now: "anonymous memory (rw-)", "/lib/libc.so.6 (r-x)". */
  readonly made: string;
  /** What was there: "16 KiB of anonymous memory (rw-, mapped at line 52 by thread 9980)", for each piece. */
  readonly was: string;
  /** Bytes of it that were mapped, that had been writable, and that are the heap's: "16 KiB"; '' = none. */
  readonly bytes: string;
  readonly writable: string;
  readonly heap: string;
  /** More words of the one rule that needs them. */
  readonly detail: string;
}

/** A rule of the audit of Linux: its card, and what it says. */
export interface LinuxRule extends RuleCard {
  readonly say: (f: LinuxFacts) => string;
}

/** The lines with which the sequences of the cards begin. */
export const EXEC = '100 execve("/bin/a", ["a"], 0x7ffd25a1ff40 /* 39 vars */) = 0';
/** Anonymous memory that can be written, as most programs ask for it. */
export const HEAPLIKE =
  '100 mmap(NULL, 65536, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000';
