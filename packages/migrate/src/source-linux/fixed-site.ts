import type { SourceLanguage, SourceText, TextRange, UnparsedFile } from '../source/site.ts';

/** Which kind of call may take the place of what is mapped. */
export type FixedCallKind =
  | 'mmap'
  /** `syscall(SYS_mmap, …)`. */
  | 'syscall'
  /** A function or macro of the tree that hands the flags on to one of these. */
  | 'wrapper'
  /** `mremap(… MREMAP_FIXED …)` and `shmat(… SHM_REMAP)`, for which there is no NOREPLACE. */
  | 'mremap'
  | 'shmat';

/** What a call was judged to be, and the rule; null = a statement, and no finding. */
export const FIXED_RULES = {
  'fixed address': 'OL101',
  'NOREPLACE, not compared': 'OL102',
  'refused, then forced': 'OL103',
  'cannot tell': 'OL190',
  'reserve, then commit': null,
  'replaces on purpose': null,
  'NOREPLACE, compared': null,
  'no NOREPLACE exists': null,
} as const;
/** What a call was judged to be. */
export type FixedVerdict = keyof typeof FIXED_RULES;

/** What becomes of the answer. */
export type FixedResult =
  /** Dropped, or kept where nothing looks at it. */
  | 'ignored'
  /** Used, and nothing tests it for an error first. */
  | 'not tested'
  /** Tested for MAP_FAILED before anything else is done with it. */
  | 'tested'
  /** Compared with the address. */
  | 'compared'
  /** Passed to the caller. */
  | 'returned'
  | 'unclear';

/** A place that a judgement rests on. */
export interface FixedPlace {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly what: string;
}

/** A call with MAP_FIXED, MAP_FIXED_NOREPLACE, MREMAP_FIXED or SHM_REMAP, and what was found out about it. */
export interface FixedSite {
  /** As the file was reached from what was named on the command line. */
  readonly file: string;
  /** Both from 1; columns count UTF-16 units. */
  readonly line: number;
  readonly column: number;
  /** The line on which its statement begins. */
  readonly firstLine: number;
  /** The call expression, in the text of the file. */
  readonly start: number;
  readonly end: number;
  readonly language: SourceLanguage;
  /** The function or macro that it stands in; null outside of any. */
  readonly function: string | null;
  readonly callee: string;
  readonly kind: FixedCallKind;
  readonly address: SourceText;
  /** Null where the call has none (shmat). */
  readonly length: SourceText | null;
  readonly flags: SourceText;
  /** The flag is among them in some runs only, as far as the code shows. */
  readonly sometimes: boolean;
  /** The word MAP_FIXED, where it stands in the call itself, or in the one place that only this call reads. */
  readonly word: TextRange | null;
  readonly verdict: FixedVerdict;
  /** One sentence or two. */
  readonly why: string;
  /** In the order in which they run; the call itself is among them. */
  readonly path: readonly FixedPlace[];
  readonly confidence: 'high' | 'medium' | 'low';
  readonly result: FixedResult;
  /** On every way the first thing that is done with the answer is a test for an error, or it goes to the caller. */
  readonly heeded: boolean;
  /** It is compared with the address, and not only in an assertion, which may be compiled to nothing. */
  readonly firm: boolean;
  /** What takes the answer, as written, where something does. */
  readonly resultName: string | null;
  readonly inMacro: boolean;
}

/** What was found in a tree. */
export interface FixedAnalysis {
  /** Files that name one of the flags. */
  readonly files: number;
  /** In the order of files and offsets. */
  readonly sites: readonly FixedSite[];
  /** Files that name one of the flags and did not parse whole, and from which line on; 0 = all of it. */
  readonly unparsed: readonly UnparsedFile[];
}
