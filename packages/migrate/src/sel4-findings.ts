import {
  ASID,
  ASSUMED,
  CAP_WORDS,
  Code,
  CODE_MASK,
  type Columns,
  Family,
  INVENTED_HI,
  type Kernel,
  OBJECT,
  OBJECT_HI,
  OP_NAMES,
  Op,
  SIZE_MASK,
  SIZE_SHIFT,
  sayOutcome,
  VADDR_HI,
  VADDR_LO,
  Why,
} from '@overmap/core';
import type { Finding, FindingSite, RelatedEvent } from '@overmap/report';
import type { FindingEmitter } from './finding-emitter.ts';
import type { Provenance } from './provenance.ts';
import { OM003, OM902 } from './rules/index.ts';
import type { Facts, Rule } from './rules/rule.ts';
import type { TestMarks } from './test-marks.ts';
import { hex, sayBytes } from './words.ts';

/** What numbers in columns stand for. */
export interface TraceNames {
  /** The trace's own number of a slot. */
  slot(dense: number): string;
  /** A mark, thread or CSpace. */
  name(index: number): string;
  site(index: number): FindingSite | null;
}

/** What findings need besides the state. */
export interface FindingContext {
  readonly emitter: FindingEmitter;
  readonly names: TraceNames;
  /** Names of the policies. */
  readonly from: string;
  readonly to: string;
}

const NONE: Facts = {
  op: '',
  cap: '',
  vaddr: '',
  size: '',
  frame: '',
  held: '',
  obstacle: '',
  mappedLine: 0,
  from: '',
  to: '',
  fromAnswer: '',
  toAnswer: '',
  asid: 0,
  count: 0,
  detail: '',
};

/** A finding about an earlier event, made when it is clear what came of that. */
export interface LateFinding {
  /** The record at which it became clear. */
  readonly event: number;
  readonly line: number;
  /** The call that it is about: an index into the trace's sites. */
  readonly site: number;
  readonly slot: number;
  /** log2 of the page's size in bytes. */
  readonly bits: number;
  readonly facts: Partial<Facts>;
  readonly related: readonly RelatedEvent[];
  /** Where it is less than the rule's. */
  readonly severity?: 'note';
}

/** Stale capabilities that one grouped finding names as related. */
const NAMED = 8;

/** Makes findings out of rules and the state: everything here is off the hot path. */
export class Sel4Findings {
  readonly context: FindingContext;
  private readonly kernel: Kernel;
  private readonly marks: TestMarks;
  private readonly provenance: Provenance;
  private diverged1 = false;
  /** Stale capabilities that have been reported: slot → the map that they record. */
  private readonly reported: Map<number, number> = new Map();

  constructor(kernel: Kernel, context: FindingContext, marks: TestMarks, provenance: Provenance) {
    this.kernel = kernel;
    this.context = context;
    this.marks = marks;
    this.provenance = provenance;
  }

  /**
   * A finding about a map and the place where its check stopped (the kernel's `at`).
   *
   * @param cause - the event that a drifting target's difference follows from, or -1
   */
  atPlace(
    rule: Rule,
    columns: Columns,
    i: number,
    from: number,
    to: number,
    cause: number,
    more: Partial<Facts>,
  ): void {
    if (!this.counts(rule, columns, i, cause)) return;
    const k = this.kernel;
    const slot = columns.cap[i];
    const c = slot * CAP_WORDS;
    const holds = k.links[k.at] < 0;
    const facts: Facts = {
      ...NONE,
      ...this.capFacts(columns, i, c),
      vaddr: hex(columns.vaddrHi[i], columns.vaddrLo[i]),
      mappedLine: holds ? this.provenance.madeLine[k.at] : 0,
      held: holds ? heldFrame(k, k.at) : '',
      fromAnswer: sayOutcome(from),
      toAnswer: sayOutcome(to),
      ...more,
    };
    const related: RelatedEvent[] = [];
    const made = this.provenance.madeEvent[k.at];
    if (holds && made > 0) related.push({ event: made - 1, line: this.provenance.madeLine[k.at], role: 'mapped' });
    this.emit(rule, columns, i, facts, related, sizeBits(k, c), cause);
  }

  /** A finding about the mapping that a capability records, before it is used. */
  recorded(rule: Rule, columns: Columns, i: number, c: number, detail: string): void {
    const caps = this.kernel.caps;
    this.forgotten(rule, columns, i, c, caps[c + ASID], caps[c + VADDR_HI], caps[c + VADDR_LO], detail);
  }

  /**
   * A finding about a mapping that a capability recorded until now.
   *
   * @param slot - the capability's: the invoked one, or one that a revoke deletes
   */
  forgotten(
    rule: Rule,
    columns: Columns,
    i: number,
    c: number,
    asid: number,
    hi: number,
    lo: number,
    detail: string | (() => string),
    slot: number = columns.cap[i],
  ): void {
    if (!this.counts(rule, columns, i, -1)) return;
    const k = this.kernel;
    const p = this.provenance;
    // An alias unmap is about the other capability's map, which made the entry; the others about this one's own.
    const other = rule.id === 'OM005' && p.madeEvent[k.at] > 0;
    const event = other ? p.madeEvent[k.at] : p.capEvent[slot];
    const line = other ? p.madeLine[k.at] : p.capLine[slot];
    const facts: Facts = {
      ...NONE,
      ...this.capFacts(columns, i, c, slot),
      // What a revoke does to a capability is a deletion.
      ...(columns.op[i] === Op.revoke ? { op: 'delete' } : {}),
      vaddr: hex(hi, lo),
      asid,
      mappedLine: event > 0 ? line : 0,
      detail: typeof detail === 'string' ? detail : detail(),
    };
    const related: RelatedEvent[] = event > 0 ? [{ event: event - 1, line, role: 'mapped' }] : [];
    this.emit(rule, columns, i, facts, related, sizeBits(k, c), -1, (k.caps[c] & ASSUMED) !== 0);
  }

  /** The recorded answer does not follow from what a partial trace has shown. */
  unknown(rule: Rule, columns: Columns, i: number): void {
    if (!this.counts(rule, columns, i, -1)) return;
    const vaddr = columns.vspace[i] === 0 ? '' : hex(columns.vaddrHi[i], columns.vaddrLo[i]);
    const facts: Facts = {
      ...NONE,
      ...this.capFacts(columns, i, columns.cap[i] * CAP_WORDS),
      vaddr,
      fromAnswer: sayOutcome(columns.outcome[i]),
    };
    this.emit(rule, columns, i, facts, [], 0, -1);
  }

  /** Recording and model disagree; only the first disagreement is a finding. */
  diverged(columns: Columns, i: number, outcome: number, first: boolean): void {
    if (first && this.counts(OM902, columns, i, -1)) {
      const facts: Facts = {
        ...NONE,
        ...this.capFacts(columns, i, columns.cap[i] * CAP_WORDS),
        fromAnswer: sayOutcome(outcome),
        toAnswer: sayOutcome(columns.outcome[i]),
        detail: likelyCause(this.context.from, outcome, columns.outcome[i]),
      };
      this.emit(OM902, columns, i, facts, [], 0, -1);
    }
    this.diverged1 = true;
  }

  /**
   * One grouped finding for the capabilities that are stale now and have not been reported.
   *
   * @param slots - all stale slots
   * @param event - the record at which they were counted
   * @param line - its line
   */
  stale(slots: readonly number[], event: number, line: number): void {
    const p = this.provenance;
    const fresh = slots.filter((slot) => this.reported.get(slot) !== p.capEvent[slot]);
    // Forget what is stale no longer, so that this map is bounded by live state.
    if (this.reported.size > 0) {
      const still = new Set(slots);
      for (const slot of this.reported.keys()) if (!still.has(slot)) this.reported.delete(slot);
    }
    for (const slot of fresh) this.reported.set(slot, p.capEvent[slot]);
    const first = fresh[0];
    if (first === undefined) return;
    if (!this.context.emitter.count(OM003.id, OM003.severity, this.marks.test ?? '')) return;
    const k = this.kernel;
    const c = first * CAP_WORDS;
    const facts: Facts = {
      ...NONE,
      cap: this.context.names.slot(first),
      vaddr: hex(k.caps[c + VADDR_HI], k.caps[c + VADDR_LO]),
      mappedLine: p.capEvent[first] > 0 ? p.capLine[first] : 0,
      count: fresh.length,
    };
    const related: RelatedEvent[] = fresh
      .filter((slot) => p.capEvent[slot] > 0)
      .slice(0, NAMED)
      .map((slot) => ({ event: p.capEvent[slot] - 1, line: p.capLine[slot], role: 'mapped' }));
    this.context.emitter.list({
      ...this.envelope(OM003, OM003.say(facts), event, line, null, related),
      vaddr: facts.vaddr,
      count: fresh.length,
    });
  }

  /** A finding about an earlier event. */
  later(rule: Rule, { event, line, site, slot, bits, facts, related, severity }: LateFinding): void {
    const { emitter, names } = this.context;
    if (!emitter.count(rule.id, severity ?? rule.severity, site === 0 ? (this.marks.test ?? '') : site)) return;
    const all: Facts = { ...NONE, cap: names.slot(slot), size: sayBytes(bits), ...facts };
    emitter.list({
      ...this.envelope(rule, rule.say(all), event, line, names.site(site), related),
      ...(severity === undefined ? {} : { severity }),
      vaddr: all.vaddr,
      bits,
      ...(this.diverged1 ? { confidence: 'after-divergence' } : {}),
    });
  }

  private capFacts(columns: Columns, i: number, c: number, slot: number = columns.cap[i]): Partial<Facts> {
    const k = this.kernel;
    return {
      op: OP_NAMES[columns.op[i]],
      cap: this.context.names.slot(slot),
      size: sayBytes(sizeBits(k, c)),
      frame: sayFrame(k.caps[c + OBJECT_HI], k.caps[c + OBJECT]),
      from: this.context.from,
      to: this.context.to,
    };
  }

  /** Count a finding. Returns whether it is to be made: of very many only the first are listed. */
  private counts(rule: Rule, columns: Columns, i: number, cause: number): boolean {
    const site = columns.site[i];
    const where = site === 0 ? (this.marks.test ?? '') : site;
    return this.context.emitter.count(rule.id, cause < 0 ? rule.severity : 'note', where);
  }

  private emit(
    rule: Rule,
    columns: Columns,
    i: number,
    facts: Facts,
    related: readonly RelatedEvent[],
    bits: number,
    cause: number,
    assumed = (this.kernel.caps[columns.cap[i] * CAP_WORDS] & ASSUMED) !== 0,
  ): void {
    const finding: Finding = {
      ...this.envelope(
        rule,
        rule.say(facts),
        columns.event[i],
        columns.line[i],
        this.context.names.site(columns.site[i]),
        related,
      ),
      ...(facts.vaddr === '' ? {} : { vaddr: facts.vaddr }),
      ...(bits === 0 ? {} : { bits }),
      ...(this.diverged1 && rule !== OM902
        ? { confidence: 'after-divergence' }
        : assumed
          ? { confidence: 'assumed' }
          : {}),
      ...(cause < 0 ? {} : { severity: 'note' as const, cause }),
    };
    this.context.emitter.list(finding);
  }

  private envelope(
    rule: Rule,
    message: string,
    event: number,
    line: number,
    site: FindingSite | null,
    related: readonly RelatedEvent[],
  ): Finding {
    return {
      rule: rule.id,
      severity: rule.severity,
      message,
      event,
      line,
      test: this.marks.test,
      ...(this.marks.cleanup ? { phase: 'cleanup' as const } : {}),
      site,
      related,
      fix: rule.fix,
    };
  }
}

const sizeBits = (k: Kernel, c: number): number => k.sizeBits[(k.caps[c] >> SIZE_SHIFT) & SIZE_MASK];

/** A frame by its physical address; in a partial trace that may be one which the model had to invent. */
function sayFrame(hi: number, lo: number): string {
  return hi >>> 0 >= INVENTED_HI ? '(address unknown)' : hex(hi, lo);
}

/** The frame that a page's entry holds, by its physical address. */
export function heldFrame(k: Kernel, at: number): string {
  const size = -k.links[at] - 1;
  const hi = k.entryHi[at] & k.addressMaskHi[size];
  const lo = k.entryLo[at] & k.addressMaskLo[size];
  return k.addressShift === 0 ? sayFrame(hi, lo) : sayFrame((hi << 2) | (lo >>> 30), lo << 2);
}

/** Why the unmap that was just performed cleared nothing, in words. */
export function whyDead(k: Kernel): string {
  if (k.clearedWhy === Why.no_vspace) return 'the vspace in which it was mapped is gone';
  if (k.clearedWhy === Why.no_entry) return 'nothing is mapped there any more';
  return `frame ${heldFrame(k, k.at)} is mapped there now`;
}

/**
 * What of another size (or kind) is in the way of a map that was refused, in words; null when nothing is.
 * The kernel's `at` is where the check stopped, and afterwards where the obstacle is.
 *
 * @param c - offset of the frame capability
 * @param outcome - what the map was answered
 */
export function collision(k: Kernel, c: number, outcome: number): string | null {
  const code = outcome & CODE_MASK;
  const size = (k.caps[c] >> SIZE_SHIFT) & SIZE_MASK;
  const level = k.sizeLevel[size];
  if (code !== Code.DeleteFirst && !(code === Code.FailedLookup && ((outcome >>> 16) & 7) === 2)) return null;
  const entries = k.family === Family.aarch32 ? k.sizeEntries[size] : 1;
  for (let at = k.at; at < k.at + entries; at++) {
    const link = k.links[at];
    if (link === 0 || link === -(size + 1)) continue;
    k.at = at;
    return link > 0 ? 'a page table' : `a ${sayBytes(k.sizeBits[-link - 1])} page`;
  }
  return k.atLevel > level ? 'a page table' : null;
}

function likelyCause(from: string, outcome: number, recorded: number): string {
  const model = outcome & CODE_MASK;
  const said = recorded & CODE_MASK;
  if (model === Code.ok && said === Code.DeleteFirst && from === 'legacy')
    return 'Likely cause: the recorded kernel refuses over-mapping (try --from strict), or lines are missing before this one.';
  if (model === Code.DeleteFirst && said === Code.ok && from !== 'legacy')
    return 'Likely cause: the recorded kernel allows over-mapping (try --from legacy), or lines are missing before this one.';
  if (model === Code.FailedLookup && said === Code.ok)
    return 'Likely cause: a line that maps a page table is missing before this one.';
  return 'Likely cause: lines are missing before this one, or the kernel is older or built differently than the header says.';
}
