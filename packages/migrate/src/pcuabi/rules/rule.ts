import type { RuleCard } from '@overmap/report';

/** What a rule of PCuABI may say about one call; every text is ready to print. */
export interface PcuabiFacts {
  /** "mmap", "mprotect", … */
  readonly call: string;
  /** "thread 9609". */
  readonly who: string;
  /** "0x7f0000000000 in the log, 0xffff00000000 on PCuABI": the call's address. */
  readonly at: string;
  /** "16 KiB". */
  readonly size: string;
  /** The target's error. */
  readonly error: string;
  /** The mapping that the call goes through or meets: "the 1 MiB of anonymous memory (---) mapped at line 52 (…)"; '' = none. */
  readonly mapping: string;
  /** More words of the one rule that needs them. */
  readonly detail: string;
}

/** A rule of the audit of Linux programs for PCuABI: its card, and what it says. */
export interface PcuabiRule extends RuleCard {
  readonly say: (f: PcuabiFacts) => string;
}

/** The lines with which the sequences of the cards begin. */
export const EXEC = '100 execve("/bin/a", ["a"], 0x7ffd25a1ff40 /* 39 vars */) = 0';
/** Memory that can be read and written. */
export const READ_WRITE =
  '100 mmap(NULL, 65536, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000';
/** Addresses that are kept for later. */
export const RESERVED =
  '100 mmap(NULL, 1048576, PROT_NONE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE, -1, 0) = 0x7f0000000000';
/** Why the model says so. */
export const MODEL = 'Read from the code of three trees, not run: see [pcuabi/model.md](../pcuabi/model.md).';

/** The beginning that most sentences share. */
export const refused = (f: PcuabiFacts): string =>
  `The ${f.call} of ${f.who} at ${f.at} (${f.size}) would be refused with ${f.error}`;
