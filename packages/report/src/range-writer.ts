/** A mapping of an address space whose mappings have any length, from its beginning to its end. */
export interface RangeLife {
  /** The same number for all mappings of one address space, from 1. */
  readonly space: number;
  /** "process 9609 (/usr/bin/ls)". */
  readonly spaceName: string;
  /** Address, lower-case hex, and bytes. */
  readonly vaddr: string;
  readonly length: number;
  /** The file, or "anonymous". */
  readonly what: string;
  /** "rw-p": as it was at its end. */
  readonly access: string;
  /** Who mapped it: a thread's number. */
  readonly thread: number;
  /** The event and line that made it, and those that ended it. */
  readonly event: number;
  readonly line: number;
  readonly endEvent: number;
  readonly endLine: number;
  /** Both on the axis of the export: microseconds of the log's clock, or lines where it has none. */
  readonly from: number;
  readonly to: number;
}

/** How a range ended: it was unmapped, another took its place, it was moved, or its address space went. */
export type RangeEnd = 'unmapped' | 'replaced' | 'moved' | 'gone';

/** The receiver of the lives of such mappings. */
export interface RangeWriter {
  /**
   * A mapping, or a part of one, has ended.
   *
   * @param how - null = it was still there at the end of the log
   */
  range(life: RangeLife, how: RangeEnd | null): void;
}
