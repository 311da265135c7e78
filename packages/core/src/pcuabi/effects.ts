import type { ObjectId } from './call.ts';

/** Told of what a call really changed, in the order in which it happened. Protections are bits of `PROT`. */
export interface PcuabiSink {
  /** An object is mapped where nothing was. */
  appeared(object: ObjectId, start: number, end: number, prot: number): void;
  vanished(object: ObjectId, start: number, end: number): void;
  /** Pages of one object gave way to those of another, or to fresh ones of the same. */
  replaced(object: ObjectId, start: number, end: number, by: ObjectId): void;
  protectionChanged(object: ObjectId, start: number, end: number, from: number, to: number): void;
  /** A reservation was made: its number and its outer range. */
  reserved(reservation: number, start: number, end: number): void;
  /** The last page of a reservation is gone. */
  released(reservation: number, start: number, end: number): void;
}
