import { freebsd } from '@overmap/core';
import type { FreebsdSummary } from '@overmap/report';
import { escapeText, type LineRecord, type Problem } from '@overmap/trace';
import type { FindingEmitter } from '../finding-emitter.ts';
import type { RecordingAudit } from '../recordings/audit-recording.ts';
import { readKeyScenario } from '../recordings/freebsd/key-scenario.ts';
import { isRecord, RecordFields } from '../recordings/record-fields.ts';
import type { RecordPlace } from '../recordings/recording-check.ts';
import { SkippedKinds } from '../recordings/skipped-kinds.ts';
import { KeyAudit, type KeyDifference, lostUnder } from './audit-keys.ts';
import { FreebsdFindings, isKeyZero, type NamedOperation } from './freebsd-findings.ts';
import { SequenceAudit } from './sequence-keys.ts';

/** Of a scenario's name that is shown. */
const NAME = 100;
const pagesOf = ({ start, end }: Pick<KeyDifference, 'start' | 'end'>): number => (end - start) / freebsd.PAGE_SIZE;

/** The sequence that is being run. */
interface Sequence {
  readonly name: unknown;
  /** Null: it cannot be followed from here on. */
  audit: SequenceAudit | null;
  /** Where its lines stand, by their numbers within it. */
  readonly places: RecordPlace[];
}

/** Audits recordings of FreeBSD's protection keys: scenarios and sequences, each under two policies. */
export class FreebsdAudit implements RecordingAudit {
  readonly head;
  private readonly from: freebsd.KeyPolicy;
  private readonly to: freebsd.KeyPolicy;
  private readonly findings: FreebsdFindings;
  private readonly skipped = new SkippedKinds();
  private sequence: Sequence | null = null;
  private readonly counts = {
    scenarios: 0,
    sequences: 0,
    operations: 0,
    pagesLost: 0,
    pagesLostUnderTarget: 0,
    lostBy: {} as Record<string, number>,
    pagesLostKeyZero: 0,
    pagesInherited: 0,
    pagesLeft: 0,
    pagesOtherKey: 0,
    answers: 0,
  };

  /** @param from - the policy that is audited @param to - what it is held against */
  constructor(from: freebsd.KeyPolicyName, to: freebsd.KeyPolicyName, emitter: FindingEmitter) {
    this.from = freebsd.KEY_POLICIES[from];
    this.to = freebsd.KEY_POLICIES[to];
    this.head = { system: 'freebsd', source: 'protection keys of amd64', from, to } as const;
    this.findings = new FreebsdFindings(emitter, from, to);
  }

  record(record: LineRecord, place: RecordPlace): Problem | undefined {
    const fields = new RecordFields(record);
    if (fields.has('keyRangeAfter') || fields.has('ops')) return this.scenario(fields, place);
    if (fields.has('seq')) return this.line(fields, place);
    this.skipped.add('a record that is neither a step of a sequence nor a scenario');
    return undefined;
  }

  end(): { readonly operations: number; readonly summary: { readonly freebsd: FreebsdSummary } } {
    const { operations } = this.counts;
    return { operations, summary: { freebsd: { ...this.counts, skipped: this.skipped.byKind } } };
  }

  /** A line with all the steps of a scenario. */
  private scenario(fields: RecordFields, place: RecordPlace): Problem | undefined {
    const steps = fields.list('ops');
    if (fields.problem !== undefined) return fields.problem;
    const { operations, uncovered } = readKeyScenario(steps);
    if (uncovered !== undefined) this.skipped.add(`rest of a scenario: ${uncovered}`);
    this.counts.scenarios++;
    const given = fields.value('name');
    const test = typeof given === 'string' ? escapeText(given, NAME) : `line ${place.line}`;
    const forked = operations.some(({ op }) => op === 'fork');
    const audit = new KeyAudit(this.from, this.to);
    for (const [index, operation] of operations.entries()) {
      const { differences, answer } = audit.step(operation);
      this.counts.operations++;
      const step = steps[index];
      const name = Array.isArray(step) ? String(step[0]) : operation.op;
      const named: NamedOperation = { place, test, name, index, forked };
      for (const one of differences) {
        this.count(one, name);
        this.findings.difference(named, one, one.setBy < 0 ? null : one.setBy);
      }
      if (answer !== null && 'address' in operation) {
        this.counts.answers++;
        const { start, end } = freebsd.pagesOf(BigInt(operation.address), BigInt(operation.length));
        const refused = answer.from === null ? 'to' : 'from';
        this.findings.answer(named, refused, { process: operation.process, start, end });
      }
    }
    return undefined;
  }

  /** A step of a sequence. */
  private line(fields: RecordFields, place: RecordPlace): Problem | undefined {
    if (fields.value('op') === 'new') return this.begin(fields);
    const { sequence } = this;
    if (sequence?.audit == null || sequence.name !== fields.value('seq')) {
      this.skipped.add('step of a sequence that could not be followed');
      return undefined;
    }
    const { audit, name } = sequence;
    // Until it has turned out well: what lies behind a line that is malformed means nothing under another policy.
    sequence.audit = null;
    const operation = sequence.places.push(place) - 1;
    const step = audit.step(fields, operation);
    if (fields.problem !== undefined) return fields.problem;
    if ('uncovered' in step) {
      this.skipped.add(`rest of a sequence: ${step.uncovered}`);
      return undefined;
    }
    sequence.audit = audit;
    this.counts.operations++;
    const test = `sequence ${isRecord(name) ? '' : escapeText(String(name), NAME)}`;
    const named: NamedOperation = { place, test, name: step.op, index: null, forked: false };
    for (const one of step.differences) {
      this.count(one, step.op);
      this.findings.difference(named, one, sequence.places[one.setBy] ?? null);
    }
    if (step.answer !== null) {
      const { from, start, end } = step.answer;
      this.counts.answers++;
      this.findings.answer(named, from === 'ok' ? 'to' : 'from', { process: 0, start, end });
    }
    return undefined;
  }

  private begin(fields: RecordFields): Problem | undefined {
    this.sequence = { name: fields.value('seq'), audit: null, places: [] };
    const made = SequenceAudit.begin(fields, this.from, this.to);
    if (fields.problem !== undefined) return fields.problem;
    if (typeof made === 'string') {
      this.skipped.add(`rest of a sequence: ${made}`);
      return undefined;
    }
    this.counts.sequences++;
    this.sequence.audit = made;
    return undefined;
  }

  /** Count the pages of a difference. */
  private count(one: KeyDifference | Pick<KeyDifference, 'start' | 'end' | 'from' | 'to' | 'pages'>, by: string): void {
    const { counts } = this;
    const pages = pagesOf(one);
    const without = lostUnder(one);
    if (without === null) counts.pagesOtherKey += pages;
    else if (one.pages === 'unmapped') counts.pagesLeft += pages;
    else if (one.pages !== 'kept') counts.pagesInherited += pages;
    else if (isKeyZero(one)) counts.pagesLostKeyZero += pages;
    else if (without === 'to') counts.pagesLostUnderTarget += pages;
    else {
      counts.pagesLost += pages;
      counts.lostBy[by] = (counts.lostBy[by] ?? 0) + pages;
    }
  }
}
