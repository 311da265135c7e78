import type { FindingSite } from './finding.ts';

/** A page that appeared in a vspace. */
export interface Mapping {
  /** The event that made it, and its line. */
  readonly event: number;
  readonly line: number;
  /** The same number for all mappings of one vspace, from 1; a vspace that takes over an ASID has a new one. */
  readonly vspace: number;
  /** That vspace in the trace's own words: "vspace 2 (ASID 1)". */
  readonly vspaceName: string;
  /** Address and physical address of the frame, lower-case hex. */
  readonly vaddr: string;
  readonly frame: string;
  /** log2 of the page's size in bytes. */
  readonly bits: number;
  /** The capability through which it was mapped, as the trace numbers it. */
  readonly cap: string;
  readonly site: FindingSite | null;
}

/** How a mapping ended: its entry was cleared, another frame took its place, or a table above it went. */
export type MappingEnd = 'cleared' | 'replaced' | 'table';

/** The receiver of the lives of mappings. */
export interface MappingWriter {
  /**
   * A mapping has ended.
   *
   * @param mapping - as it began
   * @param event - the event that ended it; for one that lives at the end of the trace, the last event
   * @param how - null = it was still there at the end of the trace
   */
  mapping(mapping: Mapping, event: number, line: number, how: MappingEnd | null): void;
}
