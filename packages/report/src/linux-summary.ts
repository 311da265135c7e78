import type { FindingSite } from './finding.ts';

/** What calls with MAP_FIXED replaced, and by what. */
export interface ReplacedKinds {
  /** Exactly one mapping, of the same file as the new one. */
  sameFile: number;
  /** The new mapping is anonymous, the lowest that it overlaps is of a file. */
  anonOverFile: number;
  /** The lowest is anonymous, and all are PROT_NONE. */
  overReserved: number;
  anonOverAnon: number;
  fileOverAnon: number;
  other: number;
}

/** Bytes of one origin that calls of one process replaced. */
export interface ReplacedOrigin {
  /** The file, or "anonymous". */
  readonly what: string;
  /** It was mapped before the fork that made this process, so that another process has its own copy. */
  readonly inherited: boolean;
  readonly bytes: number;
}

/** What was replaced in one address space. */
export interface LinuxProcess {
  readonly pid: number;
  /** The process that forked it, where the log tells. */
  readonly parent: number | null;
  /** The program, as execve named it; null = the log does not begin with it. */
  readonly program: string | null;
  /** The line from which on it is this program. */
  readonly line: number;
  readonly replacing: number;
  readonly bytesReplaced: number;
  /** Of them those that had been writable, and that the process did not give back itself. */
  readonly bytesAtRisk: number;
  readonly origins: readonly ReplacedOrigin[];
}

/**
 * A place that called mmap with MAP_FIXED, and its calls that succeeded. Without -kk the file is the program or library,
 * and the line 0.
 */
export interface LinuxSite extends FindingSite {
  /** All of them; those before which the log shows nothing mapped there; those that filled or gave back memory of their
   * own, or placed a segment (OL002, OL003); and those that took away anything else. */
  readonly fixed: number;
  readonly clean: number;
  readonly meant: number;
  readonly lost: number;
  /** Address spaces in which it was called. */
  readonly processes: number;
}

/** The counts of the audit of an strace log. */
export interface LinuxSummary {
  /** All calls, of whatever name and outcome. */
  calls: number;
  /** Those that succeeded. */
  execs: number;
  forks: number;
  vmClones: number;
  /** All, failed ones too. */
  mmap: number;
  munmap: number;
  mprotect: number;
  mremap: number;
  brk: number;
  /** Calls of mmap with MAP_FIXED and without MAP_FIXED_NOREPLACE; those that succeeded; those that replaced a page. */
  mapFixed: number;
  mapFixedOk: number;
  replacing: number;
  noReplace: number;
  mremapFixed: number;
  kinds: ReplacedKinds;
  /** Bytes that were mapped where a call with MAP_FIXED succeeded. */
  bytesReplaced: number;
  /** Of them those that had been writable, and that the process did not give back itself: they may have held data. */
  bytesAtRisk: number;
  /** Of them those that had been writable, in memory of one origin that the process gave back or took anew (OL002). */
  bytesGivenBack: number;
  /** MAP_FIXED calls onto memory of which the log does not say whether it was mapped. */
  unseen: number;
  /** Calls that the target would answer differently. */
  outcomeChanges: number;
  /** Threads whose parent had to be guessed, since several were about to clone. */
  guessedParents: number;
  /** Address spaces in which something was replaced, and how many more there are. */
  processes: readonly LinuxProcess[];
  processesNotListed: number;
  /** Where MAP_FIXED was called, if the log has stacks (strace -k); at most 4,096, and how many more there are. */
  sites?: readonly LinuxSite[];
  moreSites?: number;
}
