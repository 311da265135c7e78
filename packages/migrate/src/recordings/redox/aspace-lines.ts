import { redox } from '@overmap/core';
import type { LineRecord } from '@overmap/trace';
import type { Compare } from './compare.ts';
import { aspaceOperation, shownOutcome } from './aspace-operation.ts';
import { isRecord, listAt, MalformedRecord, numberAt, recordAt } from './record-reader.ts';
import { modelDump, recordedDump, renamed, type SpaceDump } from './space-dump.ts';

/** How far what is reported, but not required, agrees: steps that agree of all that were compared. */
export interface Agreement {
  agreed: number;
  compared: number;
}

/** What is told of the parts that a recording shows besides results and states. */
export interface AspaceAgreement {
  readonly tlb: Agreement;
  readonly framesDelta: Agreement;
  readonly events: Agreement;
  /** Results and states of the steps with hazards, which are not compared otherwise. */
  readonly hazardous: Agreement;
}

interface Session {
  readonly number: number;
  readonly machine: redox.Machine;
  /** What the recording shows of each space, after the step at hand. */
  readonly recorded: Map<number, SpaceDump>;
  readonly messages: string[];
  /** Why the rest of the session is not run, once there is a reason. */
  lost: string | null;
  /** A step so far had a hazard. */
  hazardous: boolean;
}

const agreement = (): Agreement => ({ agreed: 0, compared: 0 });

function count(into: Agreement, agrees: boolean): void {
  into.compared++;
  if (agrees) into.agreed++;
}

/** The spaces' dumps in the form that is compared, in order of their numbers. */
const inOrder = (dumps: ReadonlyMap<number, SpaceDump>): [number, SpaceDump][] =>
  renamed([...dumps].sort(([a], [b]) => a - b));

/** Runs the sessions of a recording: operations on address spaces, each with its result and what it changed. */
export class AspaceLines {
  /** Steps whose state was compared. */
  states = 0;
  /** Steps that were run. */
  steps = 0;
  readonly agreement: AspaceAgreement = {
    tlb: agreement(),
    framesDelta: agreement(),
    events: agreement(),
    hazardous: agreement(),
  };
  private session: Session | null = null;
  private readonly policy: number;

  /** @param policy - the defects that the model keeps */
  constructor(policy: number) {
    this.policy = policy;
  }

  /** @throws MalformedRecord */
  begin(record: LineRecord): null {
    const machine = new redox.Machine({ policy: this.policy });
    const messages: string[] = [];
    machine.schemes = {
      mmapPrep: () => {},
      munmap: (file, offset, size, needsSync) => {
        const hex = (value: number): string => `0x${value.toString(16)}`;
        messages.push(`funmap(file=${file},offset=${hex(offset)},size=${hex(size)},flags=${needsSync ? 1 : 0})`);
      },
      requestMmap: () => {},
    };
    const remote = listAt(record, 'remote_cpus');
    const recorded = new Map<number, SpaceDump>();
    for (const [key, state] of Object.entries(recordAt(record, 'state'))) {
      const id = Number(key);
      if (!Number.isSafeInteger(id))
        throw new MalformedRecord('state', 'expected the numbers of spaces as keys of "state"');
      const processors = remote[id];
      machine.addSpace(id, Array.isArray(processors) ? processors.length : 0);
      recorded.set(id, recordedDump(state));
    }
    this.session = { number: numberAt(record, 'session'), machine, recorded, messages, lost: null, hazardous: false };
    return null;
  }

  /** @returns why the step was not compared, or null @throws MalformedRecord */
  step(record: LineRecord, compare: Compare): string | null {
    const session = this.current(record);
    if (session === null) return 'no session';
    const input = recordAt(record, 'in');
    const out = recordAt(record, 'out');
    if (session.lost !== null) return session.lost;
    const operation = aspaceOperation(input);
    if ('uncovered' in operation) {
      session.lost = 'step behind one that is not covered';
      return operation.uncovered;
    }
    followRecorded(session.recorded, record, operation);
    const skipped = reasonToSkip(record, out);
    if (skipped !== null) session.hazardous = true;
    const shown = this.run(session, operation, record, skipped === null);
    if (skipped === null) {
      this.states++;
      compare('out', out, shown);
      const expected = inOrder(session.recorded);
      const actual = inOrder(modelDumps(session.machine));
      for (const [id, dump] of expected)
        compare(`changed.${id}`, dump, actual.find(([other]) => other === id)?.[1] ?? null);
      for (const [id, dump] of actual) if (!session.recorded.has(id)) compare(`changed.${id}`, null, dump);
    } else if (!('panic' in out)) {
      const same = JSON.stringify(inOrder(session.recorded)) === JSON.stringify(inOrder(modelDumps(session.machine)));
      count(this.agreement.hazardous, same && sameOutcome(out, shown));
    }
    if ('panic' in shown) session.lost ??= 'after a panic';
    return skipped;
  }

  /** The harness drops all spaces, and counts what has not come back. @throws MalformedRecord */
  end(record: LineRecord, compare: Compare): string | null {
    const session = this.current(record);
    this.session = null;
    if (session === null) return 'no session';
    if (session.lost !== null) return session.lost;
    if (session.hazardous) return 'after_hazard';
    const { machine } = session;
    const { frames } = machine;
    for (const id of [...machine.spaces.keys()]) performStep(machine, { op: 'drop', space: id });
    // The zeroed frame itself is used, and has one reference of its own.
    compare('leaked_frames', numberAt(record, 'leaked_frames'), frames.allocator.used - 1);
    const references = frames.allocator.infos.count(frames.allocator.index(frames.zeroed));
    compare('zero_frame_ref_delta', numberAt(record, 'zero_frame_ref_delta'), references - 1);
    return null;
  }

  private current(record: LineRecord): Session | null {
    return this.session?.number === numberAt(record, 'session') ? this.session : null;
  }

  private run(session: Session, operation: redox.RedoxOperation, record: LineRecord, reported: boolean): LineRecord {
    const { machine, messages } = session;
    const { costs, frames } = machine;
    const before = { ...costs };
    const used = frames.allocator.used;
    messages.length = 0;
    this.steps++;
    const shown = shownOutcome(operation, performStep(machine, operation));
    if (!reported) return shown;
    const { tlb, events } = record;
    if (isRecord(tlb)) {
      const same =
        tlb.ipi === costs.interrupts - before.interrupts &&
        tlb.flush_all === costs.full - before.full &&
        tlb.invlpg === costs.single - before.single;
      count(this.agreement.tlb, same);
    }
    count(this.agreement.framesDelta, record.frames_delta === frames.allocator.used - used);
    const told = Array.isArray(events) ? events.filter((event) => String(event).startsWith('funmap(')) : [];
    count(this.agreement.events, JSON.stringify(told) === JSON.stringify(messages));
    return shown;
  }
}

/** Run a step. A space that the recording has not introduced makes it malformed. */
function performStep(machine: redox.Machine, operation: redox.RedoxOperation): redox.RedoxOutcome {
  try {
    return redox.performRedox(machine, operation);
  } catch (error) {
    if (error instanceof RangeError)
      throw new MalformedRecord('in', `expected an operation that can be run: ${error.message}`);
    throw error;
  }
}

/** Bring the recording's own view of the spaces up to the step. */
function followRecorded(recorded: Map<number, SpaceDump>, record: LineRecord, operation: redox.RedoxOperation): void {
  if (operation.op === 'drop') recorded.delete(operation.space);
  const { changed } = record;
  if (!isRecord(changed)) return;
  for (const [id, state] of Object.entries(changed)) recorded.set(Number(id), recordedDump(state));
}

const modelDumps = (machine: redox.Machine): Map<number, SpaceDump> =>
  new Map([...machine.spaces].map(([id, space]) => [id, modelDump(machine, space)]));

const sameOutcome = (a: LineRecord, b: LineRecord): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.keys(a).every((key) => a[key] === b[key]);

/** Steps where the kernel has broken its own invariants are run, and not compared. */
function reasonToSkip(record: LineRecord, out: LineRecord): string | null {
  if ('panic' in out) return 'panic';
  if (Array.isArray(record.after_hazard) && record.after_hazard.length > 0) return 'after_hazard';
  return Array.isArray(record.hazards) && record.hazards.length > 0 ? 'hazards' : null;
}
