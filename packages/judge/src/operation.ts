import type { Columns, ObjName } from '@overmap/core';
import { fillColumns, makeTables, type TraceEvent } from '@overmap/trace';

/** Slot of the initial ASID pool, as traces number it: that of the recordings. */
export const POOL = 1;

/** An invocation without its answer. Slots are the trace's own numbers, addresses are bytes. */
export type Operation =
  | {
      readonly op: 'retype';
      readonly obj: Exclude<ObjName, 'none'>;
      readonly bits?: number;
      readonly cap: number;
      readonly paddr: bigint;
    }
  | { readonly op: 'make_pool'; readonly cap: number }
  | { readonly op: 'assign'; readonly pool: number; readonly vspace: number }
  | {
      readonly op: 'map';
      readonly cap: number;
      readonly vspace: number;
      readonly vaddr: bigint;
      readonly rights: string;
      readonly attr: number;
    }
  | {
      readonly op: 'map_table';
      readonly cap: number;
      readonly vspace: number;
      readonly vaddr: bigint;
      readonly attr: number;
    }
  | { readonly op: 'copy'; readonly src: number; readonly cap: number; readonly rights: string }
  | { readonly op: 'move'; readonly src: number; readonly cap: number }
  | { readonly op: 'unmap' | 'unmap_table' | 'delete' | 'revoke'; readonly cap: number };

const tables = makeTables();

/** An address as traces write it. */
export const hex = (word: bigint): string => `0x${word.toString(16)}`;

/** An operation as an event of a trace, with an answer. */
export function asEvent(operation: Operation, answer: object = { ret: 'ok' }): TraceEvent {
  const written: Record<string, unknown> = { ...operation, ...(operation.op === 'retype' ? { n: 1 } : {}), ...answer };
  for (const key of ['vaddr', 'paddr']) if (typeof written[key] === 'bigint') written[key] = hex(written[key]);
  return written as unknown as TraceEvent;
}

/** Put an operation into a row, as a reader of traces would. */
export function fillOperation(columns: Columns, row: number, operation: Operation): void {
  if (!fillColumns(columns, row, asEvent(operation), tables))
    throw new RangeError(`the slots of ${operation.op} do not fit into columns`);
}

/** The engine's number of a slot. */
export const dense = (slot: number): number => slot + 1;
