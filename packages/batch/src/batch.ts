import { Batched } from '@overmap/core';
import type { BatchKind } from './layout.ts';

/**
 * Operations one after the other, each with its own operands: those of a message. Slots are dense numbers, addresses
 * two signed halves, rights the letters as bits (`Right`). A column may be longer than `count`, and one that the kind
 * does not read may be missing; one that it reads and that is shorter answers TruncatedMessage.
 */
export interface ListBatch {
  readonly form: 'list';
  readonly kind: BatchKind;
  readonly count: number;
  /** The frame capabilities. */
  readonly slots: Int32Array;
  /** The vspace of a map or protect. */
  readonly vspace?: number;
  /** Where each is mapped: of a map only. */
  readonly vaddrHi?: Int32Array;
  readonly vaddrLo?: Int32Array;
  /** Of a map or protect. */
  readonly rights?: Int32Array;
  readonly attr?: Int32Array;
}

/**
 * Frame capabilities in consecutive slots. A map puts one behind the other, each page advancing by its own frame's
 * size; all get the same rights and attributes.
 */
export interface WindowBatch {
  readonly form: 'window';
  readonly kind: BatchKind;
  readonly first: number;
  readonly count: number;
  readonly vspace?: number;
  /** Where the first is mapped: of a map only. */
  readonly vaddrHi?: number;
  readonly vaddrLo?: number;
  readonly rights?: number;
  readonly attr?: number;
}

/** The operands of a batch. */
export type Batch = ListBatch | WindowBatch;

/** How a batch ended. */
export interface BatchResult {
  /** Operations of the batch that are done, from its beginning. In atomic mode all or none. */
  readonly done: number;
  /** The operation that was refused; -1 = none was, or the whole batch was (a RangeError or TruncatedMessage). */
  readonly index: number;
  /** The outcome of that operation as if it stood alone, packed; 0 = ok. */
  readonly outcome: number;
  /** It was cut between two operations: pass this result as `from` to go on. */
  readonly cut: boolean;
  /** Tables of `tables` that were used. */
  readonly tables: number;
  /** Invocations that this call made: above one when a window is longer than the batch policy allows. */
  readonly invocations: number;
  /** Where the next page of a mapped window goes. */
  readonly vaddrHi: number;
  readonly vaddrLo: number;
}

/** How a batch is run. */
export interface RunOptions {
  /** One of `Atomicity`; `prefix` unless told. */
  readonly mode?: number;
  /** The result of a run of the same batch that was cut: go on where it ended. */
  readonly from?: BatchResult;
  /** Cut after so many operations of this run. In atomic mode only 0 means something. */
  readonly cutAfter?: number;
  /**
   * Asked before each operation with the number of those done: true cuts there. In atomic mode asked once, before the
   * first write.
   */
  readonly preempt?: (done: number) => boolean;
  /**
   * Slots of tables for a map: the next one is mapped wherever a table is missing, as often as one is. Without it a
   * missing table is the FailedLookup of the map.
   */
  readonly tables?: Int32Array;
  /** Attributes of those tables. */
  readonly tableAttr?: number;
}

/** Whether a list's columns hold fewer operations than it counts. */
export function isTruncated(batch: Batch): boolean {
  if (batch.form === 'window') return batch.kind !== Batched.unmap && batch.vspace === undefined;
  const { kind, count, slots, vaddrHi, vaddrLo, rights, attr } = batch;
  const short = (column: Int32Array | undefined): boolean => column === undefined || column.length < count;
  if (short(slots)) return true;
  if (kind === Batched.map && (short(vaddrHi) || short(vaddrLo))) return true;
  return (
    (kind === Batched.map || kind === Batched.protect) && (short(rights) || short(attr) || batch.vspace === undefined)
  );
}
