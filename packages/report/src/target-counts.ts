/**
 * What a policy would do to a client, in all or under one test: every map of the recording, held against the policy on
 * the recorded state.
 */
export interface TargetCounts {
  /** Maps that the recording accepted and the policy refuses. */
  refused: number;
  /** Of these, those that every other policy of the comparison accepts. */
  refusedOnlyHere: number;
  /** Maps that the recording refused and the policy accepts. */
  newlyAccepted: number;
  /** Maps that both refuse, with different errors. */
  otherError: number;
  /** Maps that the policy accepts although the place holds a page of another frame: over-maps and stale remaps. */
  displacing: number;
  /** Maps in `refused` whose place holds a page: a client has to unmap first, and the address is empty in between. */
  windows: number;
  /**
   * Stale frame capabilities at each test's end mark, at the next start mark, and at the end of the trace, without
   * those whose page was taken by a map that the policy refuses.
   */
  staleAtTestEnd: number;
  staleAtNextStart: number;
  staleAtEnd: number;
}

/** The counts of one policy of a comparison. */
export interface TargetSummary extends TargetCounts {
  /** Tests in which any count is not 0. */
  byTest: Record<string, TargetCounts>;
}

/** Counts that are all zero. */
export function zeroTargetCounts(): TargetCounts {
  return {
    refused: 0,
    refusedOnlyHere: 0,
    newlyAccepted: 0,
    otherError: 0,
    displacing: 0,
    windows: 0,
    staleAtTestEnd: 0,
    staleAtNextStart: 0,
    staleAtEnd: 0,
  };
}
