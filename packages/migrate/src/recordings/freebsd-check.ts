import { freebsd } from '@overmap/core';
import type { LineRecord, Problem } from '@overmap/trace';
import { readKeyScenario } from './freebsd/key-scenario.ts';
import {
  listEntries,
  listRanges,
  newPmap,
  pmapOf,
  readEntries,
  readPmapStep,
  readRanges,
  readResult,
} from './freebsd/pmap-lines.ts';
import { RecordFields, shown } from './record-fields.ts';
import type { RecordDiverged, RecordingCheck, RecordingCounts, RecordPlace } from './recording-check.ts';
import { SkippedKinds } from './skipped-kinds.ts';

const SCENARIO_KEYS = new Set(['id', 'derived', 'name', 'pages', 'ops', 'keyRangeAfter']);

/**
 * Runs recordings of FreeBSD's protection keys through the model: sequences of the kernel's range code, with the whole
 * state behind each step; and scenarios with the keys that each policy leaves (docs/freebsd/model.md).
 */
export function freebsdCheck(diverged: RecordDiverged | null): RecordingCheck {
  return new FreeBsdCheckRun(diverged);
}

/** The sequence that is being run. */
interface Sequence {
  readonly name: unknown;
  /** Null: it cannot be followed from here on. */
  pmap: freebsd.Pmap | null;
  /** The step that comes next, at the earliest: questions that change nothing are left out of recordings. */
  next: number;
}

class FreeBsdCheckRun implements RecordingCheck {
  private events = 0;
  private states = 0;
  private readonly skipped = new SkippedKinds();
  private readonly diverged: RecordDiverged | null;
  private sequence: Sequence | null = null;

  constructor(diverged: RecordDiverged | null) {
    this.diverged = diverged;
  }

  record(record: LineRecord, place: RecordPlace): Problem | undefined {
    const fields = new RecordFields(record);
    if (fields.has('keyRangeAfter')) return this.scenario(fields, place);
    if (fields.has('seq')) return this.line(fields, place);
    this.skipped.add('a record that is neither a step of a sequence nor a scenario');
    return undefined;
  }

  end(): RecordingCounts {
    return { events: this.events, states: this.states, skipped: this.skipped.byKind };
  }

  /** A step of a sequence. */
  private line(fields: RecordFields, place: RecordPlace): Problem | undefined {
    if (fields.value('op') === 'new') return this.begin(fields);
    const { sequence } = this;
    if (sequence === null || sequence.name !== fields.value('seq')) {
      this.skipped.add('step of a sequence whose beginning is not there');
      return undefined;
    }
    const { pmap } = sequence;
    if (pmap === null) {
      this.skipped.add('step behind one that could not be followed');
      return undefined;
    }
    // Until it has turned out well: nothing is known behind a line that is malformed or out of order.
    sequence.pmap = null;
    const i = fields.value('i');
    if (typeof i !== 'number' || !Number.isSafeInteger(i))
      return { expected: 'expected "i" to be a whole number', key: 'i' };
    if (i < sequence.next) {
      this.skipped.add('step that is out of order');
      return undefined;
    }
    sequence.next = i + 1;
    const step = readPmapStep(fields, pmap);
    const ranges = readRanges(fields);
    const entries = readEntries(fields);
    const result = readResult(fields);
    if (fields.problem !== undefined) return fields.problem;
    if ('uncovered' in step) {
      this.skipped.add(step.uncovered);
      sequence.pmap = pmapOf(fields, pmap);
      return undefined;
    }
    this.events++;
    this.states++;
    const compare = (field: string, expected: unknown, actual: unknown): void => {
      if (JSON.stringify(expected) !== JSON.stringify(actual)) this.diverged?.(place, field, expected, actual);
    };
    compare('ret', result, step.run(compare));
    compare('ranges', ranges, listRanges(pmap));
    compare('ptes', entries, listEntries(pmap));
    sequence.pmap = pmap;
    return undefined;
  }

  private begin(fields: RecordFields): Problem | undefined {
    this.sequence = { name: fields.value('seq'), pmap: null, next: 0 };
    const made = newPmap(fields);
    if (fields.problem !== undefined) return fields.problem;
    if (typeof made === 'string') this.skipped.add(made);
    else this.sequence.pmap = made;
    return undefined;
  }

  /** A scenario: run once under each policy that it has keys of. */
  private scenario(fields: RecordFields, place: RecordPlace): Problem | undefined {
    const steps = fields.list('ops');
    const pages = fields.list('pages');
    const after = fields.object('keyRangeAfter');
    if (!pages.every((page) => Number.isSafeInteger(page) && Number(page) >= 0 && Number(page) < 2 ** 35))
      fields.blame('pages', 'expected "pages" to be a list of page numbers');
    const expected = new Map<string, readonly unknown[]>();
    for (const name of Object.keys(isObject(fields.value('keyRangeAfter')))) {
      const keys = after.list(name);
      if (keys.length !== pages.length)
        fields.blame('keyRangeAfter', `expected "keyRangeAfter" to have one key for each page, for ${shown(name)}`);
      expected.set(name, keys);
    }
    if (after.problem !== undefined) fields.blame('keyRangeAfter', after.problem.expected);
    if (fields.problem !== undefined) return fields.problem;
    const unknown = fields.unknownKey(SCENARIO_KEYS);
    if (unknown !== undefined) {
      this.skipped.add(`scenario: unknown key ${JSON.stringify(shown(unknown))}`);
      return undefined;
    }
    const { operations, process, uncovered } = readKeyScenario(steps);
    if (uncovered !== undefined) {
      this.skipped.add(`scenario: ${uncovered}`);
      return undefined;
    }
    for (const [name, keys] of expected) {
      const policy = policyNamed(name);
      if (policy === undefined) {
        this.skipped.add(`scenario: policy ${JSON.stringify(shown(name))} is not known`);
        continue;
      }
      this.events += operations.length;
      this.states++;
      const actual = keysAfter(operations, process, policy, pages as readonly number[]);
      if (JSON.stringify(keys) !== JSON.stringify(actual))
        this.diverged?.(place, `keyRangeAfter.${name}`, keys, actual);
    }
    return undefined;
  }
}

const isObject = (value: unknown): object => (typeof value === 'object' && value !== null ? value : {});

/** A policy by its name, or undefined. */
function policyNamed(name: string): freebsd.KeyPolicy | undefined {
  return Object.values(freebsd.KEY_POLICIES).find((policy) => policy.name === name);
}

/** The key of each page's address after some operations; null where there is none. */
function keysAfter(
  operations: readonly freebsd.FreeBsdOperation[],
  process: number,
  policy: freebsd.KeyPolicy,
  pages: readonly number[],
): (number | null)[] {
  const machine = new freebsd.Machine({ policy });
  for (const operation of operations) freebsd.performFreeBsd(machine, operation);
  const last = machine.processes.get(process);
  return pages.map((page) =>
    last === undefined ? null : (freebsd.keyAt(last, page * freebsd.PAGE_SIZE)?.value ?? null),
  );
}
