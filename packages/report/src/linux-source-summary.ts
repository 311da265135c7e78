/** Calls in source with MAP_FIXED, MAP_FIXED_NOREPLACE, MREMAP_FIXED or SHM_REMAP. */
export interface LinuxSourceSummary {
  /** Files that name one of the flags. */
  readonly files: number;
  readonly sites: number;
  /** Calls by what they were judged to be. */
  readonly byVerdict: Readonly<Record<string, number>>;
  /** Findings of rules OL1xx by severity; the summary's own counts have them, too. */
  readonly errors: number;
  readonly warnings: number;
  /** Where a recorded run was held against it: calls that never replaced anything in it, that took away live memory, and
   * whose replacements were meant; and recorded sites that fit no single call. */
  readonly evidence?: {
    readonly likelySafe: number;
    readonly lost: number;
    readonly meant: number;
    readonly unmatched: number;
  };
  /** Files that name a flag and did not parse whole. */
  readonly unparsed: readonly { readonly file: string; readonly line: number; readonly why: string }[];
  /** Every call, whatever it was judged to be. */
  readonly calls: readonly object[];
}
