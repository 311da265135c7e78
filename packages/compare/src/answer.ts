import type { Rights } from './scenario.ts';

/** What the program sees. */
export type Outcome =
  /** `shows`: what a touched page shows, such as "X+0". */
  | { readonly kind: 'ok'; readonly shows: string | null }
  /** `error`: the system's own name for it. */
  | { readonly kind: 'refused'; readonly error: string }
  /** The system has nothing like it, or it is not in its model; `why` is a sentence without its full stop. */
  | { readonly kind: 'inexpressible'; readonly why: string };

/** What really happened to some pages: the mapping record of all systems, in pages of 4 KiB. */
export interface Effect {
  readonly kind: 'appeared' | 'vanished' | 'replaced' | 'changed';
  /** 0 is the first process, 1 its child. */
  readonly process: number;
  /** First address, and the first behind it; bytes. */
  readonly start: number;
  readonly end: number;
  /** What the first page showed until then; null where nothing was. */
  readonly before: string | null;
  /** What it shows from now on; null where nothing is. */
  readonly after: string | null;
  /** Of `changed` only. */
  readonly rights?: { readonly before: Rights; readonly after: Rights };
}

/** What else is different afterwards, which the answer does not say. */
export interface Consequence {
  readonly kind: (typeof CONSEQUENCES)[number];
  /** How many pages, capabilities or pointers. */
  readonly count: number;
  /** Which, without a full stop. */
  readonly text: string;
}

export const CONSEQUENCES = [
  /** New private memory whose contents no address shows any more, and no handle can bring back. */
  'lost',
  /** seL4: capabilities that record a mapping which is not theirs any more. */
  'stale',
  /** PCuABI: pointers whose reservation is gone. */
  'dead-pointer',
  /** FreeBSD: pages whose protection key is gone without having been asked for. */
  'key-lost',
  /** FreeBSD: new pages under a key that was set for others. */
  'key-inherited',
] as const;

/** How a system answered a step. */
export interface Answer {
  readonly outcome: Outcome;
  readonly effects: readonly Effect[];
  readonly consequences: readonly Consequence[];
  /** How the step was said in this system, where that is not plain. */
  readonly note: string | null;
}

export const OK: Outcome = { kind: 'ok', shows: null };
export const shown = (label: string | null): Outcome => ({ kind: 'ok', shows: label });
export const refused = (error: string): Outcome => ({ kind: 'refused', error });
export const inexpressible = (why: string): Outcome => ({ kind: 'inexpressible', why });
