/** The counts of an audit of FreeBSD's protection keys under two policies. Pages are counted as often as they were lost. */
export interface FreebsdSummary {
  /** Scenarios, and sequences of pmap operations, that were run. */
  scenarios: number;
  sequences: number;
  operations: number;
  /** Pages whose mapping stayed and whose key went: under the policy that is audited, and under the other. */
  pagesLost: number;
  pagesLostUnderTarget: number;
  /** `pagesLost`, by the operation that did it. */
  lostBy: Record<string, number>;
  /** The same of pages with key 0, which a page without a key has as well: under either policy. */
  pagesLostKeyZero: number;
  /** Pages of a new mapping that takes over the key of an older one, under one of the policies. */
  pagesInherited: number;
  /** Addresses without a mapping where one policy keeps a key, in pages. */
  pagesLeft: number;
  /** Pages with two different keys. */
  pagesOtherKey: number;
  /** Exclusive keys that only one policy refuses. */
  answers: number;
  /** What was not run, by kind and reason. */
  skipped: Readonly<Record<string, number>>;
}
