import type { ObjectId } from './call.ts';
import type { Refusal } from './refusal.ts';
import type { UserCapability } from './user-capability.ts';

/** A range of addresses, [start, end). */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A reservation that is yet to be made. */
export interface NewReservation {
  /** The pages asked for. */
  readonly inner: Span;
  /** What a capability can have as its bounds around them. */
  readonly outer: Span;
  readonly permissions: number;
}

/** What pages show, but for the reservation that they belong to. */
export interface PageContent {
  /** Bits of `PROT`. */
  readonly prot: number;
  readonly shared: boolean;
  readonly object: ObjectId;
  /** The address at which the object's first byte would be mapped; 0 for private anonymous memory. */
  readonly origin: number;
  /** madvise(MADV_DONTFORK): absent in children. */
  readonly dontFork: boolean;
}

/** A change of the space. A reservation is named by its number, or made. */
export type Edit =
  | { readonly kind: 'unmap'; readonly start: number; readonly end: number }
  | {
      readonly kind: 'map';
      readonly start: number;
      readonly end: number;
      readonly content: PageContent;
      readonly reservation: number | NewReservation;
    }
  | { readonly kind: 'protect'; readonly start: number; readonly end: number; readonly prot: number }
  | { readonly kind: 'dont-fork'; readonly start: number; readonly end: number; readonly dontFork: boolean };

/**
 * What a call would do, found without changing anything. A refusal may have edits, too: where a call fails after its
 * first steps.
 */
export interface Decision {
  readonly refusal: Refusal | null;
  /** What is returned, where the call returns a pointer and succeeds. */
  readonly returned: UserCapability | null;
  readonly edits: readonly Edit[];
  /** The place was the kernel's choice, not the caller's. */
  readonly chosen: boolean;
}

export const DONE: Decision = { refusal: null, returned: null, edits: [], chosen: false };
