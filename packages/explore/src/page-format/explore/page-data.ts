import type { ArchName, KernelConfig, PolicyName } from '@overmap/core';

/** A finding as the page shows it; all texts are escaped for display already. */
export interface PageFinding {
  /** The anchor is `#f-` and this. */
  readonly fingerprint: string;
  readonly rule: string;
  readonly severity: 'note' | 'warning' | 'error';
  readonly message: string;
  readonly event: number;
  readonly line: number;
  readonly test: string | null;
  /** "file.c:12 (function)", or null. */
  readonly site: string | null;
  readonly vaddr: string | null;
  readonly fix: string | null;
  readonly related: readonly { readonly event: number; readonly line: number; readonly role: string }[];
}

/** A rule that findings name. */
interface PageRule {
  readonly id: string;
  readonly title: string;
}

/** Events that are shown without a hole. */
interface PageWindow {
  /** Zero-based indices among all records of the input. */
  readonly first: number;
  readonly last: number;
  readonly why: string;
  /** The test that runs when it begins, or null. */
  readonly test: string | null;
}

/** An address space: a lane. */
export interface PageSpace {
  /** The number that lives name. */
  readonly number: number;
  readonly name: string;
}

/** What both kinds of input have. */
interface PageCommon {
  readonly tool: { readonly name: string; readonly version: string };
  /** The input's name, escaped. */
  readonly input: string;
  /** All records of the input, and those that the page has. */
  readonly events: number;
  readonly shown: number;
  readonly windows: readonly PageWindow[];
  /** A sentence for each thing that was left out. */
  readonly leftOut: readonly string[];
  readonly spaces: readonly PageSpace[];
  /** Texts that columns name by their place; the first is ''. */
  readonly texts: readonly string[];
  readonly findings: readonly PageFinding[];
  readonly rules: readonly PageRule[];
}

/** The head of a page of an seL4 trace. */
export interface Sel4Head extends PageCommon {
  readonly system: 'sel4';
  readonly arch: ArchName;
  /** How the architecture is configured, in words. */
  readonly variant: string;
  readonly config: KernelConfig;
  readonly asidPoolSlot: number;
  readonly rootTaskAssigned: boolean;
  /** The policy that drives the state, and the one that findings are about. */
  readonly from: PolicyName;
  readonly to: PolicyName;
  /** The header's own words about the recording. */
  readonly source: string;
  /** Names of marks, threads and CSpaces, and call sites, by the numbers in the rows. */
  readonly names: Readonly<Record<string, string>>;
  readonly sites: Readonly<Record<string, string>>;
  /** Slots whose name is not their number less one. */
  readonly slots: Readonly<Record<string, string>>;
}

/** The head of a page of an strace log. */
export interface LinuxHead extends PageCommon {
  readonly system: 'linux';
}

export type PageHead = Sel4Head | LinuxHead;

/** How a mapping ended; the place in this list is its number in {@link Lives}. */
export const LIFE_ENDS = ['alive', 'cleared', 'replaced', 'table', 'unmapped', 'moved', 'gone'] as const;
export type LifeEnd = (typeof LIFE_ENDS)[number];

/** Lives of mappings, one to a row. */
interface Lives {
  /** The number of the address space. */
  readonly space: ArrayLike<number>;
  /** First address, and bytes. */
  readonly start: ArrayLike<number>;
  readonly length: ArrayLike<number>;
  /** The event that made it, and the one that ended it; for one that is alive at the end, the number of all records. */
  readonly from: ArrayLike<number>;
  readonly to: ArrayLike<number>;
  /** Place in {@link LIFE_ENDS}. */
  readonly how: ArrayLike<number>;
  /** The frame's physical address (seL4; -1 = not known), or 0. */
  readonly frame: ArrayLike<number>;
  /** Texts: the capability (seL4), or what is mapped (Linux); and its access (Linux). */
  readonly what: ArrayLike<number>;
  readonly access: ArrayLike<number>;
}
/** The columns of {@link Lives}, in the order in which they are written. */
export const LIFE_KEYS = [
  'space',
  'start',
  'length',
  'from',
  'to',
  'how',
  'frame',
  'what',
  'access',
] as const satisfies readonly (keyof Lives)[];

/** Times during which a capability was stale: it recorded a mapping that was not there. */
interface StaleTimes {
  /** Dense slot. */
  readonly slot: ArrayLike<number>;
  /** The place that it recorded: number of the address space (0 = it is gone), first address, bytes. */
  readonly space: ArrayLike<number>;
  readonly start: ArrayLike<number>;
  readonly length: ArrayLike<number>;
  /** The event that made it stale, and the one that ended that. */
  readonly from: ArrayLike<number>;
  readonly to: ArrayLike<number>;
}
/** The columns of {@link StaleTimes}, in the order in which they are written. */
export const STALE_KEYS = [
  'slot',
  'space',
  'start',
  'length',
  'from',
  'to',
] as const satisfies readonly (keyof StaleTimes)[];

/** Calls of an strace log, one to a row. */
interface Calls {
  /** Kinds of calls: place in {@link CALL_NAMES}. */
  readonly kind: ArrayLike<number>;
  readonly event: ArrayLike<number>;
  readonly line: ArrayLike<number>;
  readonly pid: ArrayLike<number>;
  readonly space: ArrayLike<number>;
  /** 1 = it succeeded; then its result, else the text of its error. */
  readonly ok: ArrayLike<number>;
  readonly result: ArrayLike<number>;
  readonly error: ArrayLike<number>;
  readonly address: ArrayLike<number>;
  readonly length: ArrayLike<number>;
  readonly prot: ArrayLike<number>;
  readonly flags: ArrayLike<number>;
  readonly newLength: ArrayLike<number>;
  readonly newAddress: ArrayLike<number>;
  /** Text: the file of an mmap, the program of an execve. */
  readonly what: ArrayLike<number>;
}
/** The columns of {@link Calls}, in the order in which they are written. */
export const CALL_KEYS = [
  'kind',
  'event',
  'line',
  'pid',
  'space',
  'ok',
  'result',
  'error',
  'address',
  'length',
  'prot',
  'flags',
  'newLength',
  'newAddress',
  'what',
] as const satisfies readonly (keyof Calls)[];
/** Names of calls by their kind. */
export const CALL_NAMES = ['mmap', 'munmap', 'mprotect', 'mremap', 'brk', 'execve', 'clone'] as const;
