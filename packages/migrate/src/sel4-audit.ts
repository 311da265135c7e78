import {
  ASID,
  CAP_WORDS,
  CapType,
  type Columns,
  check,
  checkFrame,
  checkMap,
  Flag,
  Follower,
  holdsFrame,
  type Kernel,
  MAPPED,
  Meeting,
  NEXT,
  nextRevoked,
  OK,
  OP_DELETE,
  OP_MAP,
  OP_MARK,
  OP_NAMES,
  OP_STATE,
  OP_UNMAP,
  Op,
  performDelete,
  performMap,
  performUnmap,
  SIZE_MASK,
  SIZE_SHIFT,
  TYPE_MASK,
  VADDR_HI,
  VADDR_LO,
  writesInvalidEntry,
} from '@overmap/core';
import type { MappingWriter, Sel4Summary } from '@overmap/report';
import { DriftTarget } from './drift-target.ts';
import { MappingLives } from './mapping-lives.ts';
import { MappingOwners } from './mapping-owners.ts';
import { Neighbourhood } from './neighbourhood.ts';
import { Prefixes } from './prefixes.ts';
import { collision, type FindingContext, Sel4Findings, whyDead } from './sel4-findings.ts';
import { Provenance } from './provenance.ts';
import { OM001, OM002, OM004, OM005, OM006, OM007, OM008, OM011, OM013, OM014, OM901 } from './rules/index.ts';
import type { Facts } from './rules/rule.ts';
import { SwallowedRefusals } from './swallowed-refusals.ts';
import { SUITE, TestMarks } from './test-marks.ts';

const NO_MORE: Partial<Facts> = {};

/**
 * The audit of an seL4 trace: one state, driven by the `from` policy as recorded; each map is also checked under `to`
 * on that same state, so that every finding stands on its own.
 */
export class Sel4Audit {
  readonly follower: Follower;
  readonly marks: TestMarks = new TestMarks();
  private readonly kernel: Kernel;
  private readonly from: number;
  private readonly to: number;
  private readonly compares: boolean;
  private readonly provenance: Provenance;
  private readonly findings: Sel4Findings;
  private readonly drift: DriftTarget | null;
  private readonly lives: MappingLives | null;
  private readonly swallowed: SwallowedRefusals;
  private readonly prefixes: Prefixes;
  private readonly owners: MappingOwners;
  private readonly undecidable: Record<string, number> = {};
  /** Called before each record is audited. */
  onRow: ((columns: Columns, i: number) => void) | null = null;
  /** Under `--drift`: the event from which the difference at hand follows; -1 = it stands on its own. */
  private cause = -1;
  /** Records that only say which of the others were one invocation. */
  batches = 0;
  /** Events whose recorded answer was not the model's. */
  divergences = 0;

  /**
   * @param kernel - in the state in which the trace begins
   * @param from - the policy that drives it
   * @param to - the policy that is checked
   * @param context - names and the receiver of findings
   * @param drift - a second kernel for `--drift`, or null
   * @param mappings - wants the lives of mappings; the engine tells its effects only then
   */
  constructor(
    kernel: Kernel,
    from: number,
    to: number,
    context: FindingContext,
    drift: Kernel | null,
    mappings: MappingWriter | undefined,
  ) {
    this.kernel = kernel;
    this.from = from;
    this.to = to;
    this.compares = from !== to;
    this.follower = new Follower(kernel);
    this.provenance = new Provenance(kernel);
    this.drift = drift === null ? null : new DriftTarget(drift, to);
    this.findings = new Sel4Findings(kernel, context, this.marks, this.provenance);
    this.lives = mappings === undefined ? null : new MappingLives(kernel, this.provenance, context.names, mappings);
    kernel.sink = this.lives;
    this.swallowed = new SwallowedRefusals(kernel, this.provenance, this.findings, (rule) => this.cannotTell(rule));
    this.prefixes = new Prefixes(kernel, this.provenance, this.findings);
    this.owners = new MappingOwners(kernel);
    this.follower.assumptions.onTable = (at, entries) => {
      this.provenance.grow();
      this.provenance.madeEvent.fill(0, at, at + entries);
    };
    this.follower.onUnseenClear = (at, entries) => void this.provenance.madeEvent.fill(0, at, at + entries);
  }

  /** Looks at what is mapped around the address of a record. */
  neighbourhood(): Neighbourhood {
    return new Neighbourhood(this.kernel, this.provenance);
  }

  /** Audit one batch of records. */
  batch(columns: Columns): void {
    const count = columns.count;
    const op = columns.op;
    const { lives, onRow, swallowed } = this;
    const watched = lives !== null || onRow !== null;
    for (let i = 0; i < count; i++) {
      if (watched) {
        lives?.row(columns, i);
        onRow?.(columns, i);
      }
      if (swallowed.waiting > 0) swallowed.row(columns, i);
      switch (op[i]) {
        case OP_MAP:
          this.map(columns, i);
          break;
        case OP_UNMAP:
          this.unmap(columns, i);
          break;
        case OP_DELETE:
          this.delete(columns, i);
          break;
        case OP_STATE:
        case Op.other:
          break;
        case Op.batch:
          // Its parts follow, each a record of its own.
          this.batches++;
          break;
        case OP_MARK:
          this.mark(columns, i);
          break;
        default:
          this.rest(columns, i);
      }
    }
  }

  /** The end of the trace. */
  finish(lastEvent: number, lastLine: number): Sel4Summary {
    this.swallowed.finish(lastEvent, lastLine);
    this.prefixes.finish(lastEvent, lastLine);
    const stale = this.provenance.staleSlots();
    this.marks.counts.staleAtEnd += stale.length;
    this.findings.stale(stale, lastEvent, lastLine);
    this.lives?.finish(lastEvent, lastLine);
    const { all, byTest } = this.marks.totals();
    return { ...all, undecidable: this.undecidable, byTest };
  }

  private map(columns: Columns, i: number): void {
    const k = this.kernel;
    this.marks.counts.maps++;
    const slot = Math.max(columns.cap[i], columns.vspace[i]);
    if (slot >= k.slotLimit) k.growSlots(slot);
    const c = columns.cap[i] * CAP_WORDS;
    const v = columns.vspace[i] * CAP_WORDS;
    const hi = columns.vaddrHi[i];
    const lo = columns.vaddrLo[i];
    let to = this.compares ? checkMap(k, c, v, hi, lo, this.to) : -1;
    let from = checkMap(k, c, v, hi, lo, this.from);
    const recorded = columns.outcome[i];
    let meeting: number = Meeting.agreed;
    if (from !== recorded && recorded >= 0) {
      meeting = this.follower.meet(columns, i, from, recorded, this.from);
      this.met(columns, i, from, meeting);
      if (this.compares) to = checkMap(k, c, v, hi, lo, this.to);
      const again = checkMap(k, c, v, hi, lo, this.from);
      from = this.follower.performs ? OK : meeting === Meeting.agreed || meeting === Meeting.assumed ? again : recorded;
    }
    // What rests on unknown state is not judged: the target is taken to answer as recorded.
    if (meeting === Meeting.unknown && from !== OK) {
      this.cannotTell('OM013');
      this.followRefusal(columns, i, from, true);
      return;
    }
    if (to < 0) to = from;
    if (this.drift !== null) {
      const alone = this.drift.step(columns, i, meeting);
      this.cause = alone !== from || to !== from ? this.drift.causeOf(columns, i, alone !== to) : -1;
      to = alone;
    }
    if (to !== from) this.marks.counts.outcomeChanges++;
    if (from === OK) this.mapped(columns, i, to);
    else this.refused(columns, i, from, to);
  }

  /** A map that succeeded: what was there, and who made it? The kernel's `at*` fields are those of its check. */
  private mapped(columns: Columns, i: number, to: number): void {
    const k = this.kernel;
    const counts = this.marks.counts;
    const slot = columns.cap[i];
    const c = slot * CAP_WORDS;
    const size = (k.caps[c] >> SIZE_SHIFT) & SIZE_MASK;
    const link = k.links[k.at];
    const asid = k.caps[c + ASID];
    let explained = to === OK;
    counts.mapsOk++;
    if (link < 0) {
      const own = holdsFrame(k, c, size);
      if (own && asid !== 0) counts.remaps++;
      else {
        const rule = own ? OM014 : asid !== 0 ? OM002 : OM001;
        if (own) {
          counts.aliasMaps++;
        } else {
          if (asid !== 0) counts.staleRemaps++;
          else counts.overmaps++;
        }
        explained = true;
        this.provenance.dirty = true;
        this.findings.atPlace(rule, columns, i, OK, to, this.cause, NO_MORE);
        if (!own) this.displaced(columns, i, to);
      }
    } else if (
      this.follower.partial &&
      this.follower.assumptions.tables.has(k.atTable) &&
      this.provenance.madeEvent[k.at] === 0
    )
      this.cannotTell('OM001');
    if (asid !== 0 && this.provenance.capGeneration[slot] !== this.provenance.asidGeneration[asid]) {
      counts.reusedAsid++;
      explained = true;
      this.findings.recorded(OM006, columns, i, c, 'mapping it again counted as a remap');
    }
    if (!explained) this.findings.atPlace(OM013, columns, i, OK, to, this.cause, NO_MORE);
    if (writesInvalidEntry(k, c, columns.rights[i], columns.attr[i])) {
      this.provenance.dirty = true;
      this.findings.atPlace(OM008, columns, i, OK, to, -1, NO_MORE);
    }
    const v = columns.vspace[i] * CAP_WORDS;
    performMap(k, c, v, columns.vaddrHi[i], columns.vaddrLo[i], columns.rights[i], columns.attr[i]);
    this.provenance.mapped(slot, k.sizeEntries[size], columns.event[i], columns.line[i]);
    this.prefixes.mapped(columns, i);
    this.owners.mapped(columns, i, k.sizeEntries[size]);
    this.lives?.mapped(columns, i);
  }

  /** A map displaced a page of another frame: was that another thread's? */
  private displaced(columns: Columns, i: number, to: number): void {
    const thread = columns.thread[i];
    const other = this.owners.ofPlace();
    if (thread !== 0 && other !== 0) {
      const { names } = this.findings.context;
      const detail = `thread ${names.name(thread)} displaced thread ${names.name(other)}`;
      if (thread !== other) this.findings.atPlace(OM011, columns, i, OK, to, this.cause, { detail });
    } else if (columns.cspace[i] === 0) this.cannotTell('OM011');
  }

  /** A map that was refused, by the recording or by the model that follows it. */
  private refused(columns: Columns, i: number, from: number, to: number): void {
    const obstacle = collision(this.kernel, columns.cap[i] * CAP_WORDS, from);
    if (obstacle !== null) this.findings.atPlace(OM007, columns, i, from, to, this.cause, { obstacle });
    else if (to !== from) this.findings.atPlace(OM013, columns, i, from, to, this.cause, NO_MORE);
    this.followRefusal(columns, i, from, false);
  }

  /** How the client takes a refusal is seen later. */
  private followRefusal(columns: Columns, i: number, outcome: number, unknown: boolean): void {
    this.swallowed.refused(columns, i, outcome, unknown);
    this.prefixes.refused(columns, i, outcome);
  }

  private unmap(columns: Columns, i: number): void {
    const k = this.kernel;
    const slot = columns.cap[i];
    const c = slot * CAP_WORDS;
    if (slot >= k.slotLimit) k.growSlots(slot);
    if (!this.agreed(columns, i, checkFrame(k, c))) return;
    const asid = k.caps[c + ASID];
    const hi = k.caps[c + VADDR_HI];
    const lo = k.caps[c + VADDR_LO];
    performUnmap(k, c);
    this.marks.counts.unmaps++;
    if (k.cleared === 1) this.cleared(columns, i, slot, c, asid, hi, lo);
    else if (k.cleared === 0) {
      this.marks.counts.deadUnmaps++;
      this.findings.forgotten(OM004, columns, i, c, asid, hi, lo, () => whyDead(k));
    }
  }

  /**
   * An unmap or deletion of a frame capability cleared a page.
   *
   * @param slot - the capability's
   * @param c - where it can be looked at now
   */
  private cleared(columns: Columns, i: number, slot: number, c: number, asid: number, hi: number, lo: number): void {
    const k = this.kernel;
    const p = this.provenance;
    if (p.madeEvent[k.at] !== p.capEvent[slot]) {
      this.marks.counts.aliasUnmaps++;
      p.dirty = true;
      this.findings.forgotten(OM005, columns, i, c, asid, hi, lo, '', slot);
    }
    // Another capability of this frame may have counted on the page, too.
    if ((p.shared || p.dirty) && k.caps[c + NEXT] !== c) p.dirty = true;
    if (p.capGeneration[slot] !== p.asidGeneration[asid]) {
      this.marks.counts.reusedAsid++;
      const deed = OP_NAMES[columns.op[i] === Op.unmap ? Op.unmap : Op.delete];
      this.findings.forgotten(OM006, columns, i, c, asid, hi, lo, `its ${deed} cleared a page`, slot);
    }
  }

  private delete(columns: Columns, i: number): void {
    const k = this.kernel;
    const slot = columns.cap[i];
    if (slot >= k.slotLimit) k.growSlots(slot);
    if (this.agreed(columns, i, OK)) this.deletion(columns, i, slot);
  }

  /** One deletion: an invocation of its own, or a step of a revoke. */
  private deletion(columns: Columns, i: number, slot: number): void {
    const k = this.kernel;
    const c = slot * CAP_WORDS;
    const w = k.caps[c];
    const asid = k.caps[c + ASID];
    const hi = k.caps[c + VADDR_HI];
    const lo = k.caps[c + VADDR_LO];
    const isFrame = (w & TYPE_MASK) === CapType.frame;
    // The last capability of a table, vspace or pool takes the pages below from capabilities that do not know.
    if (!isFrame && k.caps[c + NEXT] === c) this.provenance.dirty = true;
    // What a finding says of the capability is kept in slot 0, which no trace can name: its own slot will be empty.
    if (isFrame && asid !== 0) k.caps.copyWithin(0, c, c + CAP_WORDS);
    performDelete(k, c);
    if (k.cleared === 0) this.marks.counts.deadDeletes++;
    else if (k.cleared === 1 && isFrame) this.cleared(columns, i, slot, 0, asid, hi, lo);
    if (isFrame && asid !== 0) k.caps.fill(0, 0, CAP_WORDS);
  }

  /** Everything that is rare. */
  private rest(columns: Columns, i: number): void {
    const k = this.kernel;
    const op = columns.op[i];
    const before = op === Op.unmap_table ? k.caps[columns.cap[i] * CAP_WORDS] & MAPPED : 0;
    if (!this.agreed(columns, i, check(k, columns, i, this.from))) return;
    if (op === Op.revoke) {
      this.revoke(columns, i);
      return;
    }
    this.follower.perform(columns, i);
    this.provenance.performed(columns, i, before !== 0);
    if (op === Op.map_table) this.marks.counts.tableMaps++;
    else if (op === Op.assign) this.prefixes.assigned(k.atAsid);
  }

  /** Each deletion that a revoke makes is one like any other. */
  private revoke(columns: Columns, i: number): void {
    const k = this.kernel;
    const c = columns.cap[i] * CAP_WORDS;
    for (let next = nextRevoked(k, c); next >= 0; next = nextRevoked(k, c)) this.deletion(columns, i, next / CAP_WORDS);
    this.provenance.dirty = true;
  }

  /**
   * Hold the outcome of an invocation that no policy changes against the recording.
   *
   * @returns whether it is to be performed
   */
  private agreed(columns: Columns, i: number, outcome: number): boolean {
    const recorded = columns.outcome[i];
    const simple =
      (outcome === recorded || recorded < 0) && (columns.op[i] !== Op.retype || (columns.flags[i] & Flag.paddr) !== 0);
    const meeting = simple ? Meeting.agreed : this.follower.meet(columns, i, outcome, recorded, this.from);
    if (meeting !== Meeting.agreed) this.met(columns, i, outcome, meeting);
    const performs = simple ? outcome === OK : this.follower.performs;
    if (this.drift !== null) this.drifted(columns, i, performs ? OK : outcome, this.drift.step(columns, i, meeting));
    return performs;
  }

  /** Under `--drift`: the target's own answer to an invocation other than a map. */
  private drifted(columns: Columns, i: number, from: number, to: number): void {
    if (from === to) return;
    this.marks.counts.outcomeChanges++;
    this.findings.atPlace(OM013, columns, i, from, to, this.drift?.causeOf(columns, i, true) ?? -1, NO_MORE);
  }

  /** The model and the recording did not simply agree. */
  private met(columns: Columns, i: number, outcome: number, meeting: number): void {
    this.provenance.dirty = true;
    if (meeting === Meeting.unknown) {
      this.findings.unknown(OM901, columns, i);
    } else if (meeting === Meeting.diverged) {
      this.divergences++;
      this.findings.diverged(columns, i, outcome, this.divergences === 1);
    }
  }

  private cannotTell(rule: string): void {
    this.undecidable[rule] = (this.undecidable[rule] ?? 0) + 1;
  }

  private mark(columns: Columns, i: number): void {
    const counts = this.marks.counts;
    const name = this.findings.context.names.name(columns.name[i]);
    if (name === SUITE) return;
    this.prefixes.finish(columns.event[i], columns.line[i]);
    const stale = this.provenance.staleSlots();
    if ((columns.flags[i] & Flag.markEnd) !== 0) {
      this.marks.end(name).staleAtTestEnd += stale.length;
    } else {
      this.swallowed.finish(columns.event[i], columns.line[i]);
      counts.staleAtNextStart += stale.length;
      this.findings.stale(stale, columns.event[i], columns.line[i]);
      this.marks.start(name);
    }
  }
}
