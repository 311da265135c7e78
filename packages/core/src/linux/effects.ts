/**
 * Receives what a call really did, in order. Ranges are pages [start, end); `attributes` is a number in the address
 * space's table. A VMA that is split or merged is no effect: what is mapped stays as it was.
 */
export interface LinuxSink {
  /** A mapping appeared, where nothing is mapped by now. */
  appeared(start: number, end: number, attributes: number): void;
  /** A mapping, or a part of one, was removed: by munmap, a shrinking or moving mremap. */
  vanished(start: number, end: number, attributes: number): void;
  /** The same, but something else takes its place: MAP_FIXED or MREMAP_FIXED onto live memory. */
  replaced(start: number, end: number, attributes: number): void;
  /** The flags of a range changed. */
  changed(start: number, end: number, before: number, after: number): void;
  /** Its pages went to another place; told after the target appeared, before the source vanishes (if it does). */
  moved(from: number, to: number, pages: number): void;
}
