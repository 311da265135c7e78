/** The counts of the audit of a Linux program for PCuABI. */
export interface PcuabiSummary {
  /** All calls of the log, of whatever name and outcome. */
  calls: number;
  /** Calls that succeeded on Linux and were made again at the target: mmap, munmap, mprotect, mremap, and those that only name a range. */
  replayed: number;
  /** Of them those that it refuses; by the check that fails. Consequences are not among them. */
  refused: number;
  refusedBy: Record<string, number>;
  /** Those that follow from an earlier refusal. */
  consequences: number;
  /** Calls about memory that execve mapped, or that the log does not show: they are taken to pass. */
  assumed: number;
  /** Processes that call brk. */
  brk: number;
  /** MAP_FIXED calls that give pages access which their capability cannot use. */
  unusable: number;
  /** Calls that a kernel had to place: done again at the target. */
  placedAnew: number;
  execs: number;
  /** Address spaces seen. */
  processes: number;
  /** Threads whose parent had to be guessed, since several were about to clone. */
  guessedParents: number;
}
