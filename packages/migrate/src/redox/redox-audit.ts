import { redox } from '@overmap/core';
import type { Finding, RedoxSummary } from '@overmap/report';
import type { LineRecord, Problem } from '@overmap/trace';
import type { FindingEmitter } from '../finding-emitter.ts';
import { hex } from '../linux/linux-words.ts';
import type { RecordingAudit } from '../recordings/audit-recording.ts';
import type { RecordPlace } from '../recordings/recording-check.ts';
import { aspaceOperation } from '../recordings/redox/aspace-operation.ts';
import { listAt, MalformedRecord, numberAt, recordAt } from '../recordings/redox/record-reader.ts';
import { SkippedKinds } from '../recordings/skipped-kinds.ts';
import { DefectProbe, type ProbedDefect } from './defect-probe.ts';
import { grantsText, operationText, rangesOf } from './redox-words.ts';
import { DEFECT_RULES } from './rules/index.ts';

/** The session that is being run. */
interface Session {
  readonly number: number;
  readonly probe: DefectProbe;
  /** Why its rest is not run, once there is a reason. */
  lost: string | null;
}

/** Where in an operation a defect shows. */
interface Shown {
  readonly place: RecordPlace;
  readonly session: number;
  readonly name: string;
  readonly operation: redox.RedoxOperation;
  readonly before: redox.Machine;
}

/** Audits recorded sessions of Redox' address spaces: what would each operation be without one of the defects? */
export class RedoxAudit implements RecordingAudit {
  readonly head;
  private readonly repaired: number;
  private readonly emitter: FindingEmitter;
  private readonly skipped = new SkippedKinds();
  private session: Session | null = null;
  private readonly counts = {
    sessions: 0,
    operations: 0,
    reached: {} as Record<string, number>,
    changed: {} as Record<string, number>,
    operationsChanged: 0,
    panics: 0,
  };

  /** @param target - the defects that are repaired, and their name in the output */
  constructor({ name, repaired }: { readonly name: string; readonly repaired: number }, emitter: FindingEmitter) {
    this.repaired = repaired;
    this.emitter = emitter;
    this.head = { system: 'redox', source: 'memory calls of address spaces', from: 'asIs', to: name } as const;
  }

  record(record: LineRecord, place: RecordPlace): Problem | undefined {
    try {
      const kind = String(record.kind).slice(0, 40);
      if (kind === 'aspace-session') this.begin(record);
      else if (kind === 'aspace-op') this.step(record, place);
      else if (kind !== 'aspace-session-end') this.skipped.add(`${kind}: not an operation on an address space`);
      return undefined;
    } catch (error) {
      if (error instanceof MalformedRecord) {
        if (this.session !== null) this.session.lost = 'after a malformed line';
        return error.problem;
      }
      throw error;
    }
  }

  end(): { readonly operations: number; readonly summary: { readonly redox: RedoxSummary } } {
    const { operations } = this.counts;
    const { counts } = this;
    const [reached, changed] = [counts.reached, counts.changed].map(inOrder);
    return { operations, summary: { redox: { ...counts, reached, changed, skipped: this.skipped.byKind } } };
  }

  private begin(record: LineRecord): void {
    this.session = null;
    const probe = new DefectProbe(this.repaired);
    const remote = listAt(record, 'remote_cpus');
    for (const key of Object.keys(recordAt(record, 'state'))) {
      const id = Number(key);
      if (!Number.isSafeInteger(id) || id < 0)
        throw new MalformedRecord('state', 'expected the numbers of spaces as keys of "state"');
      const processors = remote[id];
      probe.addSpace(id, Array.isArray(processors) ? processors.length : 0);
    }
    this.session = { number: numberAt(record, 'session'), probe, lost: null };
    this.counts.sessions++;
  }

  private step(record: LineRecord, place: RecordPlace): void {
    const { session } = this;
    if (session?.number !== numberAt(record, 'session')) return this.skipped.add('aspace-op: no session');
    if (session.lost !== null) return this.skipped.add(`aspace-op: ${session.lost}`);
    const input = recordAt(record, 'in');
    const operation = aspaceOperation(input);
    const name = String(input.op).slice(0, 40);
    if ('uncovered' in operation) {
      session.lost = 'step behind one that is not covered';
      return this.skipped.add(`aspace-op: ${operation.uncovered}`);
    }
    const { outcome, before, defects } = performed(session.probe, operation);
    this.counts.operations++;
    const shown = { place, session: session.number, name, operation, before };
    for (const one of defects) this.defect(shown, one);
    if (defects.some(({ difference }) => difference !== null)) this.counts.operationsChanged++;
    if (outcome.kind === 'panic') {
      session.lost = 'behind an operation that stops the kernel';
      this.counts.panics++;
    }
  }

  private defect({ place, session, name, operation, before }: Shown, { defect, difference }: ProbedDefect): void {
    const label = labelOf(defect, redox.DEFECT_NAMES.indexOf(defect));
    const { reached, changed } = this.counts;
    reached[label] = (reached[label] ?? 0) + 1;
    if (difference === null) return;
    changed[label] = (changed[label] ?? 0) + 1;
    const rule = DEFECT_RULES.get(defect);
    const test = `session ${session}`;
    if (rule === undefined || !this.emitter.count(rule.id, rule.severity, test)) return;
    const [range] = rangesOf(operation);
    const page = difference.page ?? (range === undefined ? null : Math.floor(range.start / redox.PAGE_SIZE));
    const finding: Finding = {
      rule: rule.id,
      severity: rule.severity,
      message: rule.say({
        operation: operationText(name, operation),
        grants: grantsText(before, operation),
        asIs: difference.asIs,
        repaired: difference.repaired,
      }),
      event: place.event,
      line: place.line,
      test,
      site: null,
      ...(page === null ? {} : { vaddr: hex(page * redox.PAGE_SIZE) }),
      operation: name,
      key: JSON.stringify([test, rule.id, name, operation]),
      related: [],
      fix: rule.fix,
    };
    this.emitter.list(finding);
  }
}

/** Counts by defect, in the order of their numbers. */
const inOrder = (counts: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(
    redox.DEFECT_NAMES.map((name, i): [string, number] => [labelOf(name, i), counts[labelOf(name, i)] ?? 0]).filter(
      ([, count]) => count > 0,
    ),
  );

const labelOf = (defect: redox.DefectName, i: number): string => `B${i + 1} ${defect}`;

/** Run a step. A space that the recording has not introduced makes it malformed. */
function performed(probe: DefectProbe, operation: redox.RedoxOperation): ReturnType<DefectProbe['step']> {
  try {
    return probe.step(operation);
  } catch (error) {
    if (error instanceof RangeError)
      throw new MalformedRecord('in', `expected an operation that can be run: ${error.message}`);
    throw error;
  }
}
