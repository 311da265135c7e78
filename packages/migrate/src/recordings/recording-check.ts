import type { LineRecord, Problem } from '@overmap/trace';

/** Where a record stands in its recording. */
export interface RecordPlace {
  /** Zero-based index among all records; a header is none. */
  readonly event: number;
  /** Physical line, from 1. */
  readonly line: number;
}

/** Called for each difference: what of the record differs, what was recorded, what the model answers. */
export type RecordDiverged = (place: RecordPlace, field: string, expected: unknown, actual: unknown) => void;

/** What a check has seen, when its recording is at its end. */
export interface RecordingCounts {
  /** Operations that the model ran. */
  readonly events: number;
  /** Recorded states that were compared, or would have been. */
  readonly states: number;
  /** What the model does not cover, by kind and reason. */
  readonly skipped: Readonly<Record<string, number>>;
}

/** Runs a recording of one system through its model, record by record. */
export interface RecordingCheck {
  /** Its records have integers beyond 2^53: they come as strings of digits. */
  readonly wideIntegers?: boolean;
  /** The header, where the recording has one; comes first. @returns a problem, if it is none that is known */
  header?(header: LineRecord): Problem | undefined;
  /** The next record. @returns a problem, where it is malformed: it is told as a bad line, and left out */
  record(record: LineRecord, place: RecordPlace): Problem | undefined;
  /** The recording is at its end. */
  end(): RecordingCounts;
}

/** Makes the check of one system. Without `diverged` the recording is run and nothing compared. */
export type RecordingCheckMaker = (diverged: RecordDiverged | null) => RecordingCheck;
