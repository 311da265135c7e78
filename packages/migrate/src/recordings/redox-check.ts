import { redox } from '@overmap/core';
import type { LineRecord, Problem } from '@overmap/trace';
import { AspaceLines } from './redox/aspace-lines.ts';
import { MalformedRecord } from './redox/record-reader.ts';
import type { RecordDiverged, RecordingCheck, RecordingCounts, RecordPlace } from './recording-check.ts';

export function redoxCheck(diverged: RecordDiverged | null): RecordingCheck & {aspace: AspaceLines} {
  const aspace = new AspaceLines(redox.REDOX_POLICIES.asIs);
  const skipped: Record<string, number> = {};
  let events = 0;
  return {
    aspace,
    record(record: LineRecord, place: RecordPlace): Problem | undefined {
      try {
        const compare = (f: string, e: unknown, a: unknown) => { if (JSON.stringify(e) !== JSON.stringify(a)) diverged?.(place, f, e, a); };
        let r: string | null = null;
        switch (record.kind) {
          case 'aspace-session': aspace.begin(record); break;
          case 'aspace-op': r = aspace.step(record, compare); break;
          case 'aspace-session-end': r = aspace.end(record, compare); break;
        }
        if (r) skipped[r] = (skipped[r] ?? 0) + 1;
      } catch (e) { if (e instanceof MalformedRecord) return e.problem; throw e; }
      return undefined;
    },
    end(): RecordingCounts { return { events, states: aspace.states, skipped }; },
  };
}
