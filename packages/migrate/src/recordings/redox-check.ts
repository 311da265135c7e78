import { redox } from '@overmap/core';
import type { LineRecord, Problem } from '@overmap/trace';
import type { RecordDiverged, RecordingCheck, RecordingCounts, RecordPlace } from './recording-check.ts';
import { BuddyLines, constLine, sectionsLine } from './redox/allocator-lines.ts';
import { AspaceLines } from './redox/aspace-lines.ts';
import type { Compare } from './redox/compare.ts';
import { entryErrorLine } from './redox/entry-errors.ts';
import {
  grantExtractLine,
  grantFlagsLine,
  spanIntersectionLine,
  spanValidateLine,
  UserGrantsLines,
} from './redox/grant-lines.ts';
import { addRefLine, allowsWritableLine, decodeLine, removeRefLine } from './redox/page-info-lines.ts';
import { MalformedRecord } from './redox/record-reader.ts';
import { faultHandlerLine, MappingCountLines, memoryOpenLine, RangeTreeLines } from './redox/scheme-lines.ts';

/** Runs one line. @returns why it was not compared, or null @throws MalformedRecord */
type LineCheck = (record: LineRecord, compare: Compare) => string | null;

/** Different reasons that are counted one by one; a hostile recording may have as many as lines. */
const COUNTED = 100;

/** Keys of a record in any order are the same record. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** How each kind of line is run. */
function lineChecks(aspace: AspaceLines, policy: number): ReadonlyMap<string, LineCheck> {
  const grants = new UserGrantsLines();
  const buddy = new BuddyLines(policy);
  const ranges = new RangeTreeLines();
  const counts = new MappingCountLines();
  return new Map<string, LineCheck>([
    ['const', constLine],
    ['refcount-decode', decodeLine],
    ['add_ref', addRefLine],
    ['remove_ref', removeRefLine],
    ['allows_writable', allowsWritableLine],
    ['span-validate', spanValidateLine],
    ['span-intersection', spanIntersectionLine],
    ['usergrants', (record, compare) => grants.step(record, compare)],
    ['grant-extract', (record, compare) => grantExtractLine(record, compare, policy)],
    ['grant-flags', grantFlagsLine],
    ['memory-scheme-open', memoryOpenLine],
    ['sections', (record, compare) => sectionsLine(record, compare, policy)],
    ['buddy-init', (record, compare) => buddy.begin(record, compare)],
    ['buddy', (record, compare) => buddy.step(record, compare)],
    ['buddy-end', (record, compare) => buddy.end(record, compare)],
    ['aspace-session', (record) => aspace.begin(record)],
    ['aspace-op', (record, compare) => aspace.step(record, compare)],
    ['aspace-session-end', (record, compare) => aspace.end(record, compare)],
    ['range-tree', (record, compare) => ranges.step(record, compare)],
    ['scheme-map-count', (record, compare) => counts.step(record, compare)],
    ['page-fault-handler', faultHandlerLine],
    ['entry-errors', (record, compare) => entryErrorLine(record, compare, policy)],
  ]);
}

/**
 * Runs a recording of Redox's memory code through its model, with the defects as recorded. Flushes, counts of frames and
 * messages to schemes are run as well; steps in which they differ are counted, and are no divergence.
 */
export function redoxCheck(diverged: RecordDiverged | null): RecordingCheck {
  const policy = redox.REDOX_POLICIES.asIs;
  const aspace = new AspaceLines(policy);
  const checks = lineChecks(aspace, policy);
  const skipped = new Map<string, number>();
  let events = 0;
  let states = 0;
  const skip = (reason: string, count = 1): void => {
    const key = skipped.has(reason) || skipped.size < COUNTED ? reason : 'other reasons';
    skipped.set(key, (skipped.get(key) ?? 0) + count);
  };
  return {
    record(record: LineRecord, place: RecordPlace): Problem | undefined {
      const kind = String(record.kind).slice(0, 40);
      const check = checks.get(kind);
      if (check === undefined) {
        skip(`${kind}: the kind is not known`);
        return undefined;
      }
      const compare: Compare = (field, expected, actual) => {
        if (diverged !== null && canonical(expected) !== canonical(actual)) diverged(place, field, expected, actual);
      };
      try {
        const reason = check(record, compare);
        events++;
        if (reason === null) states++;
        else skip(`${kind}: ${reason}`);
        return undefined;
      } catch (error) {
        if (error instanceof MalformedRecord) return error.problem;
        throw error;
      }
    },
    end(): RecordingCounts {
      for (const [what, { compared, agreed }] of Object.entries(aspace.agreement))
        if (compared > agreed)
          skip(`aspace-op: ${what} differs, which is reported and not required`, compared - agreed);
      return { events, states, skipped: Object.fromEntries(skipped) };
    },
  };
}
