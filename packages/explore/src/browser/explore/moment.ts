import type { PageHead } from '../../page-format/explore/page-data.ts';
import type { LifeIndex, StaleSpan } from './life-index.ts';

/** A label and what it says. */
export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** What one semantics answers to the event, on the state before it. */
export interface Answer {
  readonly who: string;
  readonly says: string;
  readonly ok: boolean;
  /** It is not what was recorded. */
  readonly differs: boolean;
}

/** A line of the memory after the event: a table with what is in it, or mappings. */
export interface MemoryLine {
  /** First address, and bytes. */
  readonly start: number;
  readonly bytes: number;
  /** Bytes of one page; 0 where there is none. */
  readonly pageBytes: number;
  readonly kind: 'table' | 'pages' | 'empty';
  /** "4 KiB page", "page table". */
  readonly what: string;
  readonly detail: string;
  /** What the event did to it; '' for nothing. */
  readonly change: string;
  /** The event is about this place. */
  readonly touched: boolean;
  readonly children: readonly MemoryLine[];
}

/** A raw entry before and after the event. */
export interface EntryBits {
  readonly where: string;
  /** From the highest bit on. */
  readonly before: string;
  readonly after: string;
  /** Bits that are an address: '1' at their places, as long as the others. */
  readonly address: string;
}

/** A capability after the event. */
export interface CapabilityLine {
  readonly name: string;
  readonly what: string;
  readonly place: string;
  readonly stale: boolean;
  readonly touched: boolean;
}

/** Which capabilities are told: those mapped where the event is, and stale ones; only these; or all. */
export type CapabilityChoice = 'here' | 'stale' | 'all';

/** Capabilities after an event. */
export interface Capabilities {
  readonly total: number;
  readonly stale: number;
  /** How many the choice has; and the first of them, what the event touched and stale ones before others. */
  readonly chosen: number;
  readonly lines: readonly CapabilityLine[];
}

/** Where an event is in the memory; space 0 = nowhere. */
export interface Place {
  readonly space: number;
  readonly start: number;
  readonly length: number;
}

/** Everything that the page says of one event. */
export interface Moment {
  readonly step: number;
  readonly event: number;
  readonly line: number;
  /** The test that it belongs to, or the process that made the call. */
  readonly within: string;
  /** What happened, in words. */
  readonly title: string;
  readonly facts: readonly Fact[];
  readonly recorded: { readonly says: string; readonly ok: boolean };
  /** That the model answered otherwise than was recorded, or why nothing is judged. */
  readonly remark: string;
  /** Why the answers are what they are; the answers themselves, none where no policy has a say. */
  readonly answersAbout: string;
  readonly answers: readonly Answer[];
  readonly effects: readonly string[];
  readonly place: Place;
  readonly memoryTitle: string;
  readonly memory: readonly MemoryLine[];
  readonly bits: readonly EntryBits[];
  /** There are capabilities, which the world tells of the event that was asked for last. */
  readonly hasCapabilities: boolean;
}

/** What the views need of an input, whichever system it is of. */
export interface World {
  readonly head: PageHead;
  /** Events that the page has. */
  readonly steps: number;
  readonly lives: LifeIndex;
  readonly staleSpans: readonly StaleSpan[];
  /** Spans in which a place is empty because a migration unmaps before it maps. */
  readonly gaps: readonly Gap[];
  eventOf(step: number): number;
  /** The step of an event, or of the next one that is shown. */
  stepOf(event: number): number;
  /** Go there, and say everything. */
  moment(step: number): Moment;
  /** The capabilities after the event that was asked for last, `most` of them in words. */
  capabilities(choice: CapabilityChoice, most: number): Capabilities;
  /** Prepare so that going anywhere is fast; gives way to the browser in between. */
  prepare(pause: () => Promise<void>): Promise<void>;
}

/** A place that is empty between the unmap that a migration put in and the map behind it. */
export interface Gap {
  readonly space: number;
  readonly start: number;
  readonly length: number;
  readonly from: number;
  readonly to: number;
}
