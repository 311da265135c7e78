import { isHeader, type LineRecord, type Problem, RecordLines } from '@overmap/trace';
import type { RunOptions } from '../audit-options.ts';
import type { RecordDiverged, RecordingCheck, RecordingCheckMaker, RecordingCounts } from './recording-check.ts';

/** A recording that is being run: takes its text, and gives the counts at the end. */
export interface RecordingReplay {
  readonly reader: RecordLines;
  ended(): RecordingCounts;
}

/**
 * Run a recording, record by record, as its text comes in.
 *
 * @param name - the input's name, for messages
 * @param diverged - gets the differences; null to run without comparing
 */
export function replayRecording(
  name: string,
  maker: RecordingCheckMaker,
  options: RunOptions,
  diverged: RecordDiverged | null,
): RecordingReplay {
  const check: RecordingCheck = maker(diverged);
  let event = 0;
  const onRecord = (record: LineRecord, line: number): Problem | undefined => {
    if (!isHeader(record)) return check.record(record, { event: event++, line });
    if (event > 0) return { expected: 'expected the header on the first line only' };
    return check.header?.(record);
  };
  const { strictInput, onBadLine } = options;
  const reader = new RecordLines({
    name,
    onRecord,
    wideIntegers: check.wideIntegers === true,
    ...(strictInput === undefined ? {} : { strictInput }),
    ...(onBadLine === undefined ? {} : { onBadLine }),
  });
  return { reader, ended: () => check.end() };
}
