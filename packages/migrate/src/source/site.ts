/** The languages that are read. A fence in Markdown has the language that its first line names; C where it names none. */
export type SourceLanguage = 'c' | 'cpp' | 'rust';

/** A range of a file's text, in UTF-16 units: `text.slice(start, end)`. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** An expression as it stands in the file. */
export interface SourceText extends TextRange {
  readonly text: string;
}

/** A place in source that a judgement rests on. */
interface SourcePlace {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** What happens there, in a few words: "the first map of the window". */
  readonly what: string;
}

/** Which kind of call maps. */
const SINK_KINDS = [
  /** A map invocation of the kernel: `seL4_ARM_Page_Map`, `.frame_map(…)`. */
  'page map',
  /** The old `…_Page_Remap`, which takes no address. */
  'remap',
  /** EPT, IO and page table maps, which are strict already. */
  'strict map',
  /** A function of the vspace libraries. */
  'library',
  /** A function, method or macro that passes a frame, vspace or address on to one of these. */
  'wrapper',
  /** A macro whose name another one maps by. */
  'macro',
  /** An unmap; listed only where it clears nothing. */
  'unmap',
  /** A call through a pointer that was set to one of these. */
  'function pointer',
] as const;
/** Which kind of call maps. */
export type SinkKind = (typeof SINK_KINDS)[number];

/** What a call site was judged to be; the first nine are findings, and so is the last. */
const VERDICTS = [
  'relies',
  'changes behaviour',
  'swallows the error',
  'DeleteFirst taken for success',
  'any error taken for a missing table',
  'prefix left',
  'dead unmap',
  'old API',
  'latent',
  'safe',
  'remap',
  'already strict',
  'cannot tell',
] as const;
/** What a call site was judged to be. */
export type SiteVerdict = (typeof VERDICTS)[number];

/** The rule of a verdict; null = a statement, and no finding. */
export const VERDICT_RULES: Readonly<Record<SiteVerdict, string | null>> = {
  relies: 'OM101',
  'changes behaviour': 'OM102',
  'swallows the error': 'OM103',
  'DeleteFirst taken for success': 'OM104',
  'any error taken for a missing table': 'OM105',
  'prefix left': 'OM106',
  'dead unmap': 'OM107',
  'old API': 'OM108',
  latent: 'OM109',
  safe: null,
  remap: null,
  'already strict': null,
  'cannot tell': 'OM190',
};

/** What the code does with the answer of a map. */
const RESULT_USES = [
  /** Dropped: an expression statement, `(void)`, `let _ =`. */
  'ignored',
  /** Kept in a variable that nothing reads before it is overwritten or goes. */
  'stored and not read',
  /** Printed or counted; the run goes on as if the map had worked. */
  'printed',
  /** An assertion or a fatal macro ends the run; `unwrap`, `expect`. */
  'asserted',
  /** A test that the code leaves, or repairs, when it fails. */
  'checked',
  /** Passed to the caller: `return`, `?`. */
  'returned',
  /** Compared with `DeleteFirst`. */
  'compared with DeleteFirst',
  /** Whatever the error is, a table is added and the map repeated. */
  'any error retried',
  /** A missing table is told from other errors, added, and the map repeated. */
  'failed lookup retried',
  /** A test expects an error. */
  'expected to fail',
  /** Handed to something that is not followed. */
  'passed on',
] as const;
/** What the code does with the answer of a map. */
export type ResultUse = (typeof RESULT_USES)[number];

/** A capability of the function that was mapped before this call at the same address, and can be named here. */
interface EarlierMapping {
  /** The frame's expression at the earlier map. */
  readonly frame: string;
  readonly file: string;
  readonly line: number;
  /** The same expression still means that capability where the later call stands. */
  readonly inScope: boolean;
}

/** A call that maps, and what was found out about it. */
export interface SourceSite {
  /** As the file was reached from what was named on the command line. */
  readonly file: string;
  /** Both from 1; columns count UTF-16 units. */
  readonly line: number;
  readonly column: number;
  /** The call expression, in the text of the file. */
  readonly start: number;
  readonly end: number;
  readonly language: SourceLanguage;
  /** The function, method or macro that it stands in; null at the top level or where that is not known. */
  readonly function: string | null;
  /** As written: `seL4_ARM_Page_Map`, `self.frame.frame_map`, `vm->map_page`. */
  readonly callee: string;
  readonly kind: SinkKind;
  /** Names from this callee down to the kernel's invocation, both included; the callee alone for a direct call. */
  readonly chain: readonly string[];
  /** What is passed; null where the call has no such argument. */
  readonly frame: SourceText | null;
  readonly vspace: SourceText | null;
  readonly vaddr: SourceText | null;
  /** All arguments, in their order. */
  readonly args: readonly SourceText[];
  readonly verdict: SiteVerdict;
  /** One sentence. */
  readonly why: string;
  /** Places that the judgement rests on, in the order in which they run; the site itself is among them. */
  readonly path: readonly SourcePlace[];
  /** How much of it was seen; "low" where a part of the file did not parse. */
  readonly confidence: 'high' | 'medium' | 'low';
  readonly result: ResultUse;
  /** The variable that takes the answer, where one does. */
  readonly resultName: string | null;
  /** The statement around the call, up to its semicolon; null in macros and where the tree has none. */
  readonly statement: TextRange | null;
  /** The body (braces included) of the innermost loop around the call in its function. */
  readonly loop: TextRange | null;
  /** What was mapped there before, for a rewriter. */
  readonly earlier: EarlierMapping | null;
  /** Range of the comparison with `DeleteFirst` (or of the test that takes any error for a missing table). */
  readonly test: TextRange | null;
  /** An object that unmaps when it goes has a part in it: another unmap would be one too many. */
  readonly guarded?: boolean;
  /** Stands in a macro's body. */
  readonly inMacro: boolean;
}

/** A file that was not analysed whole, and why. */
export interface UnparsedFile {
  readonly file: string;
  /** The first line that no tree covers, from 1; 0 = the file as a whole. */
  readonly line: number;
  readonly why: string;
}

/** What the analysis of a source tree found. */
export interface SourceAnalysis {
  /** Files of a known language, and their lines. */
  readonly files: number;
  readonly lines: number;
  /** In the order of files and offsets. */
  readonly sites: readonly SourceSite[];
  readonly unparsed: readonly UnparsedFile[];
  /** Folders and files that were left out, and why. */
  readonly skipped: readonly { readonly path: string; readonly why: string }[];
  /** Files with comments that suppress findings. */
  readonly marked?: readonly string[];
}

/** A direct call names an invocation of the kernel (or its alias or macro); all others go through something. */
export const isDirect = (site: Pick<SourceSite, 'kind'>): boolean =>
  site.kind === 'page map' || site.kind === 'remap' || site.kind === 'strict map';

/** Problems: what breaks, or misbehaves, under a strict kernel. */
export const PROBLEMS: ReadonlySet<SiteVerdict> = new Set<SiteVerdict>([
  'relies',
  'changes behaviour',
  'swallows the error',
  'DeleteFirst taken for success',
  'any error taken for a missing table',
  'prefix left',
]);
