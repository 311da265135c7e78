/*
 * A scenario as it was read: what a program asks for, step by step, in words that every system understands in its own
 * way. Sizes are pages of 4 KiB; places are page offsets in an area. docs/formats/scenario.md is the format.
 */

/** Letters of a protection, in the order r, w, x; "" is none. */
export type Rights = string;

/** A page of an area. */
export interface Place {
  readonly area: string;
  /** Pages from the area's start. */
  readonly page: number;
}

/** What a mapping shows. */
export type Source =
  /** Pages of a memory object that lives on its own. */
  | { readonly kind: 'object'; readonly name: string; readonly page: number }
  /** New private memory; the name is for telling it apart. */
  | { readonly kind: 'fresh'; readonly name: string };

/**
 * How the place is asked for: as each system's own policy does it; or so that nothing may be there.
 */
export type MapMode = 'plain' | 'over' | 'free';

/** By what the place is named, where a pointer is more than an address. */
export type NamedBy = 'default' | 'pointer' | 'address';

/** What a program does. */
export type Action =
  /** Declares pages of memory that live on their own; the system may have to make them. */
  | { readonly kind: 'memory'; readonly name: string; readonly pages: number }
  /** Declares addresses that the program means to use; the system is not asked. */
  | { readonly kind: 'area'; readonly name: string; readonly pages: number }
  /** Declares addresses, and asks the system to keep them. */
  | { readonly kind: 'reserve'; readonly name: string; readonly pages: number }
  | {
      readonly kind: 'map';
      readonly mode: MapMode;
      readonly to: Place;
      readonly pages: number;
      /** As one page of 2 MiB (or the architecture's next to 4 KiB). */
      readonly large: boolean;
      readonly rights: Rights;
      readonly source: Source;
      readonly by: NamedBy;
    }
  | {
      readonly kind: 'unmap';
      readonly at: Place;
      readonly pages: number;
      /** Through the handle of this object, where unmapping takes one. */
      readonly of: { readonly name: string; readonly page: number } | null;
    }
  | { readonly kind: 'protect'; readonly at: Place; readonly pages: number; readonly rights: Rights }
  | { readonly kind: 'move'; readonly from: Place; readonly pages: number; readonly to: Place }
  | { readonly kind: 'touch'; readonly at: Place; readonly access: 'r' | 'w' | 'x' }
  /** The program's own handle of an object: a capability, a descriptor. */
  | { readonly kind: 'copy'; readonly name: string; readonly as: string }
  | { readonly kind: 'delete'; readonly name: string }
  | {
      readonly kind: 'key';
      readonly at: Place;
      readonly pages: number;
      readonly key: number;
      readonly persist: boolean;
    }
  /** What the pages show is taken away, and comes back at the next touch. */
  | { readonly kind: 'invalidate'; readonly at: Place; readonly pages: number }
  | { readonly kind: 'swap-out' }
  /** Unmap the page table over a place, where page tables are the program's. */
  | { readonly kind: 'drop-table'; readonly at: Place }
  | { readonly kind: 'fork' };

export interface Step {
  /** Line of the file, from 1. */
  readonly line: number;
  /** As written, white space made single. */
  readonly text: string;
  /** In the child that the last fork made. */
  readonly inChild: boolean;
  readonly action: Action;
}

export interface Scenario {
  /** The file's name without folder, number and ending. */
  readonly name: string;
  readonly title: string;
  /** What somebody learns from it. */
  readonly teaches: string;
  readonly steps: readonly Step[];
  /** The whole file. */
  readonly text: string;
}

/** Most pages of an area or an object: 16 MiB. */
export const MOST_PAGES = 4096;
/** Bytes of a page. */
export const PAGE = 4096;
