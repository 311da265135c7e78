import type { Attribute } from './attribute-ranges.ts';
import type { VmEntry } from './vm-entry.ts';

/** What operations did to mappings and keys, as it really happened. Ranges are in bytes, half-open. */
export interface FreeBsdSink {
  appeared(space: number, start: number, end: number, entry: VmEntry): void;
  /** @param replaced - a fixed mapping was asked for at its place */
  vanished(space: number, start: number, end: number, entry: VmEntry, replaced: boolean): void;
  /** An entry's protection is another now. */
  protectionChanged(space: number, start: number, end: number, before: number, after: number): void;
  /** The key (or the guard of arm64) of addresses is another now; null is "none". Mapped or not. */
  keyChanged(space: number, start: number, end: number, before: Attribute | null, after: Attribute | null): void;
}
