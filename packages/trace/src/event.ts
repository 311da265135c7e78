import type { AtomicityName, BatchedName, CodeName, LookupFailure, ObjName } from '@overmap/core';

/** Where in the client's source an operation was invoked. */
export interface Site {
  readonly file: string;
  /** Line in the file, from 1. */
  readonly line: number;
  readonly function?: string;
}

/** Keys that any record may carry. */
export interface CommonKeys {
  /** Rebuilds what the kernel made for the root task. */
  readonly boot?: true;
  /** Rebuilds what was alive when a slice begins. */
  readonly synth?: true;
  /** The recorder did not see this capability being made. */
  readonly assume?: true;
  /** It was invoked as a part of the batch before it. */
  readonly part?: true;
  /** What a migration did with it: put it there, took it there from further down, or could do nothing about it. */
  readonly migrated?: 'inserted' | 'moved' | 'unmigrated';
  /** The recorder's own sequence number. */
  readonly seq?: number;
  readonly thread?: string | number;
  readonly cspace?: string | number;
  readonly site?: Site;
}

/** What an invocation answered. Details are absent where the recorder had none. */
export type Answer =
  | { readonly ret: 'InvalidArgument' | 'InvalidCapability'; readonly arg?: number }
  | { readonly ret: 'RangeError'; readonly min?: number; readonly max?: number }
  | { readonly ret: 'FailedLookup'; readonly lookup?: LookupFailure }
  | { readonly ret: 'NotEnoughMemory'; readonly avail?: number }
  | {
      readonly ret: Exclude<
        CodeName,
        'InvalidArgument' | 'InvalidCapability' | 'RangeError' | 'FailedLookup' | 'NotEnoughMemory'
      >;
    };

/** Ground truth about an entry that went away; present only where it was recorded and asked for. */
export interface ClearedTruth {
  /** The capability was mapped, and its entry was (or was not) really cleared. */
  readonly cleared?: boolean;
  readonly why?: 'no_vspace' | 'no_entry' | 'other_entry';
  /** The raw entry that is there instead (hex). */
  readonly found?: string;
}

/** Ground truth about a map. Raw entries and addresses are hex strings. */
export interface MapTruth {
  readonly entry?: string;
  readonly was?: string;
  readonly replaced?: string;
  readonly remap?: true;
  readonly alias?: true;
  readonly wasValid?: number;
}

interface Invocation<Name extends string> extends CommonKeys {
  readonly op: Name;
}

/** One entry of a `state` record: address (hex), log2 of the bytes it covers, raw entry (hex). */
export type StateEntry = readonly [vaddr: string, bits: number, entry: string];

/** A checkpoint of one vspace's page tables. */
export interface StateEvent extends Invocation<'state'> {
  readonly vspace: number;
  /** Physical address of the root table (hex). */
  readonly root?: string;
  /** Absent where the reader was not asked for states. */
  readonly entries?: readonly StateEntry[];
  readonly tables?: readonly StateEntry[];
}

/** A test or phase begins or ends. */
export interface MarkEvent extends Invocation<'mark'> {
  readonly name: string;
  readonly at: 'start' | 'end';
  readonly result?: 'passed' | 'failed';
}

/** A mapping-related invocation that is not modelled. */
export interface OtherEvent extends Invocation<'other'> {
  readonly name?: string;
  readonly cap?: number;
  readonly vspace?: number;
  readonly vaddr?: string;
  readonly ret?: CodeName;
}

/** A batched invocation; its operations are the `n` records behind it, each with `part` and its own answer. Version 2. */
export type BatchEvent = Invocation<'batch'> &
  Answer & {
    readonly kind: BatchedName;
    readonly mode: AtomicityName;
    /** How many records behind it are its parts. */
    readonly n: number;
  };

/**
 * A record as an object, with exactly the keys of the trace format. Slots are the trace's own numbers, addresses and
 * raw entries lower-case hex strings ("0x1000").
 */
export type TraceEvent =
  | (Invocation<'retype'> &
      Answer & {
        readonly obj: Exclude<ObjName, 'none'>;
        /** log2 of a page's size in bytes; pages only. */
        readonly bits?: number;
        readonly cap: number;
        readonly n: number;
        readonly paddr?: string;
      })
  | (Invocation<'make_pool'> & Answer & { readonly cap: number | null })
  | (Invocation<'assign'> & Answer & { readonly pool: number; readonly vspace: number; readonly asid?: number })
  | (Invocation<'map_table'> &
      Answer & { readonly cap: number; readonly vspace: number; readonly vaddr: string; readonly attr: number })
  | (Invocation<'unmap_table' | 'unmap' | 'delete'> & Answer & ClearedTruth & { readonly cap: number })
  | (Invocation<'map'> &
      Answer &
      MapTruth & {
        readonly cap: number;
        readonly vspace: number;
        readonly vaddr: string;
        readonly rights: string;
        readonly attr: number;
      })
  | (Invocation<'address'> & Answer & { readonly cap: number; readonly paddr?: string })
  | (Invocation<'copy'> & Answer & { readonly src: number; readonly cap: number; readonly rights: string })
  | (Invocation<'mint'> &
      Answer & { readonly src: number; readonly cap: number; readonly rights: string; readonly badge: number })
  | (Invocation<'move'> & Answer & { readonly src: number; readonly cap: number; readonly via?: 'swap' })
  | (Invocation<'swap'> & Answer & { readonly cap: number; readonly with: number })
  | (Invocation<'revoke'> & Answer & { readonly cap: number })
  | BatchEvent
  | StateEvent
  | MarkEvent
  | OtherEvent;
