import {
  ASID,
  CAP_WORDS,
  CapType,
  check,
  Code,
  CODE_MASK,
  type Columns,
  describeOutcome,
  Flag,
  Follower,
  isStale,
  type Kernel,
  Meeting,
  OK,
  Op,
  OP_DELETE,
  OP_MAP,
  OP_MARK,
  OP_STATE,
  OP_UNMAP,
  performUnmap,
  sayOutcome,
  TYPE_MASK,
  Why,
} from '@overmap/core';
import { EditScript } from './edit-script.ts';
import { BatchedTraceError } from './migrate-trace-options.ts';
import { MigrationNotes } from './migration-notes.ts';
import { PlaceHolders, sizeOf } from './place-holders.ts';
import { carriesTruth, clearedTruth, mapTruthKeys, placeIn, samePlace } from './place-truth.ts';
import { ClearedPlaces } from './cleared-places.ts';
import { SUITE, TestMarks } from './test-marks.ts';
import type { TraceNames } from './sel4-findings.ts';
import type { TraceTables } from '@overmap/trace';

/** Unmaps that one map can need: its own stale record's, and that of what is there. */
const MOST_UNMAPS = 2;

/** Where a recording does not behave as its policy says. */
export interface Misbehaviour {
  readonly event: number;
  readonly line: number;
  /** What the model answers, and what was recorded. */
  readonly expected: string;
  readonly recorded: string;
}

/** What a planner needs beside the two kernels. */
export interface PlannerContext {
  readonly from: number;
  readonly to: number;
  /** Name of the target policy. */
  readonly toName: string;
  readonly tables: TraceTables;
  readonly names: TraceNames;
  /** Records say what the kernel saw (the client dialect). */
  readonly client: boolean;
}

/**
 * Decides what has to be edited in a trace so that the target takes it. Two states go along: the recorded one, driven
 * by the recording, and the migrated one, on which the target is asked. After every record both have the same mappings;
 * they differ in what capabilities remember, since the recorded client leaves some stale.
 *
 * An unmap is inserted only where the target refuses what the recording accepted, or where a page would stay. When the
 * client unmaps the same capability later, that call is moved there instead.
 */
export class MigrationPlanner {
  readonly script: EditScript;
  readonly notes: MigrationNotes;
  /** The first record that its own policy does not explain; from there on nothing is planned. */
  misbehaviour: Misbehaviour | null = null;
  /** Page_Map, Page_Unmap and table map invocations of the client. */
  mappingInvocations = 0;
  private readonly context: PlannerContext;
  private readonly before: Follower;
  private readonly after: Follower;
  private readonly holders: PlaceHolders;
  private readonly marks: TestMarks = new TestMarks();

  /**
   * @param recorded - a kernel in the state in which the trace begins
   * @param migrated - another one
   */
  constructor(recorded: Kernel, migrated: Kernel, context: PlannerContext) {
    this.context = context;
    this.before = new Follower(recorded);
    this.after = new Follower(migrated);
    this.holders = new PlaceHolders(migrated);
    this.script = new EditScript(context.tables, context.client);
    this.notes = new MigrationNotes(migrated, context.names, this.marks);
  }

  /** Capabilities that the trace uses and never creates. */
  get assumed(): number {
    return this.before.assumed;
  }

  /**
   * Plan for one batch of records.
   *
   * @throws BatchedTraceError - at a batched invocation
   */
  batch(columns: Columns): void {
    for (let i = 0; i < columns.count && this.misbehaviour === null; i++) {
      const op = columns.op[i];
      if (op === OP_STATE || op === Op.other) continue;
      if (op === OP_MARK) this.mark(columns, i);
      else if (op === Op.batch) throw new BatchedTraceError(columns.line[i]);
      else {
        if ((op === OP_MAP || op === OP_UNMAP || op === Op.map_table) && !isRebuilt(columns, i))
          this.mappingInvocations++;
        if (op === OP_MAP) this.map(columns, i);
        else if (op === OP_UNMAP || op === OP_DELETE) this.clearing(columns, i);
        else this.rest(columns, i);
      }
    }
    this.script.batchEnds(columns);
  }

  /** The end of the trace. */
  end(): void {
    const { caps } = this.after.kernel;
    this.script.end((slot) => (caps[slot * CAP_WORDS] & TYPE_MASK) !== CapType.empty);
  }

  private map(columns: Columns, i: number): void {
    const { from, to } = this.context;
    const recorded = columns.outcome[i];
    const a = this.before.kernel;
    const outcome = check(a, columns, i, from);
    const meeting = this.before.meet(columns, i, outcome, recorded, from);
    if (this.misbehaves(columns, i, outcome, meeting)) return;
    const succeeds = this.before.performs;
    const was = succeeds ? placeIn(a, columns.cap[i]) : null;
    if (succeeds) this.before.perform(columns, i);

    const b = this.after.kernel;
    if (meeting === Meeting.unknown && (columns.flags[i] & Flag.unmigrated) === 0) {
      this.notes.unknown++;
      this.force(columns, i);
      return;
    }
    if (meeting !== Meeting.agreed) this.after.assumptions.needArguments(columns, i, recorded);
    let answer = check(b, columns, i, to);
    if (!succeeds) {
      if (meeting === Meeting.assumed) {
        this.after.follow(columns, i, answer, recorded, to);
        answer = check(b, columns, i, to);
      }
      this.refused(columns, i, answer);
      return;
    }
    if (answer !== OK) answer = this.makeRoom(columns, i, answer);
    if (answer !== OK && (answer & CODE_MASK) !== Code.DeleteFirst && meeting === Meeting.assumed) {
      // What was assumed for the recorded state is assumed here, too.
      this.force(columns, i);
      return;
    }
    if (answer !== OK) {
      this.unmigrated(columns, i, answer);
      return;
    }
    const now = placeIn(b, columns.cap[i]);
    if (was !== null && !samePlace(was, now) && this.carriesTruth(columns, i))
      this.script.change(columns, i, mapTruthKeys(b, columns, i));
    if ((columns.flags[i] & Flag.unmigrated) !== 0) this.script.change(columns, i, { migrated: undefined });
    this.after.perform(columns, i);
    this.mapped(columns, i);
  }

  /** A map that the recording refused: it must be refused still, or go. */
  private refused(columns: Columns, i: number, answer: number): void {
    const recorded = columns.outcome[i];
    const bare = (columns.flags[i] & Flag.bareError) !== 0;
    if (answer === recorded || (bare && (answer & CODE_MASK) === (recorded & CODE_MASK))) return;
    if (answer === OK) {
      this.script.drop(columns, i);
      return;
    }
    this.notes.answersChanged++;
    this.script.change(columns, i, { ...NO_DETAILS, ...describeOutcome(answer) });
  }

  /**
   * The target refuses a map that the recording accepted: unmap what is in the way.
   *
   * @returns the target's answer then
   */
  private makeRoom(columns: Columns, i: number, refusal: number): number {
    const b = this.after.kernel;
    let answer = refusal;
    /** A stale record that was cleared for nothing, if more is in the way. */
    let undo: (() => void) | null = null;
    for (let n = 0; n < MOST_UNMAPS && answer !== OK; n++) {
      const code = answer & CODE_MASK;
      const own = columns.cap[i];
      if (code === Code.DeleteFirst) {
        const at = b.at;
        if (b.links[at] !== -(sizeOf(b, own) + 1) || b.atLevel !== b.sizeLevel[sizeOf(b, own)]) break;
        const made = this.holders.made(at);
        const slot = this.holders.find(at);
        if (slot === 0) break;
        this.unmap(columns, i, slot);
        if (b.cleared !== 1) break;
        if (!isRebuilt(columns, i)) this.notes.window(columns, i, slot, made);
      } else if (code === Code.InvalidArgument || code === Code.InvalidCapability) {
        // Only a policy under which stale capabilities map afresh has accepted this.
        const c = own * CAP_WORDS;
        if (b.caps[c + ASID] === 0 || !isStale(b, c)) break;
        const words = b.caps.slice(c, c + CAP_WORDS);
        this.unmap(columns, i, own);
        undo = () => {
          b.caps.set(words, c);
          this.script.takeBack(own);
        };
      } else break;
      answer = check(b, columns, i, this.context.to);
    }
    if (answer !== OK) undo?.();
    return answer;
  }

  /** Unmap a capability on the migrated state, before row `i`. */
  private unmap(columns: Columns, i: number, slot: number): void {
    const b = this.after.kernel;
    performUnmap(b, slot * CAP_WORDS);
    this.script.insert(columns, i, slot, clearedTruth(b));
  }

  /** Nothing can be edited so that the target takes this map: it stays as it is, and is taken as recorded. */
  private unmigrated(columns: Columns, i: number, answer: number): void {
    const { to, toName } = this.context;
    const occupied = (answer & CODE_MASK) === Code.DeleteFirst;
    this.notes.unmigrated(
      columns,
      i,
      occupied ? 'no-holder' : 'refused',
      occupied
        ? `${toName} answers DeleteFirst, and no capability that the trace knows records the page that is in the way.`
        : `${toName} answers ${sayOutcome(answer)}, whatever is unmapped.`,
    );
    if ((columns.flags[i] & Flag.unmigrated) === 0) this.script.change(columns, i, { migrated: 'unmigrated' });
    check(this.after.kernel, columns, i, to);
    this.force(columns, i);
  }

  /** The migrated state follows the recording, whatever the target says. */
  private force(columns: Columns, i: number): void {
    const { to } = this.context;
    const answer = check(this.after.kernel, columns, i, to);
    this.after.follow(columns, i, answer, columns.outcome[i], to);
    if (columns.op[i] === OP_MAP && this.after.performs) this.mapped(columns, i);
  }

  private mapped(columns: Columns, i: number): void {
    this.holders.mapped(columns.cap[i], columns.event[i], columns.line[i]);
    this.script.mapped(columns.cap[i]);
  }

  /** Unmap and delete. */
  private clearing(columns: Columns, i: number): void {
    const { from, to } = this.context;
    const a = this.before.kernel;
    const b = this.after.kernel;
    const recorded = columns.outcome[i];
    const outcome = check(a, columns, i, from);
    const meeting = this.before.meet(columns, i, outcome, recorded, from);
    if (this.misbehaves(columns, i, outcome, meeting)) return;
    const performs = this.before.performs;
    if (performs) this.before.perform(columns, i);
    const { cleared, clearedWhy, foundLo, foundHi, atTable, atIndex } = a;
    this.after.follow(columns, i, check(b, columns, i, to), recorded, to);
    if (!performs) return;
    const slot = columns.cap[i];
    const same =
      b.cleared === cleared &&
      (cleared !== 0 ||
        (b.clearedWhy === clearedWhy &&
          (clearedWhy !== Why.other_entry || (b.foundLo === foundLo && b.foundHi === foundHi))));
    const truth = same ? null : clearedTruth(b);
    if (cleared === 1 && b.cleared !== 1) this.clearPlace(columns, i, atTable, atIndex);
    if (columns.op[i] === OP_DELETE) this.script.gone(slot);
    else if (this.script.unmapped(columns, i)) return;
    if (truth !== null && this.carriesTruth(columns, i)) this.script.change(columns, i, { ...truth });
  }

  /** The recorded state has lost a page through a stale record that the migrated one does not have. */
  private clearPlace(columns: Columns, i: number, table: number, index: number): void {
    const b = this.after.kernel;
    const at = b.tableBase[table] + index;
    if (b.links[at] >= 0) return;
    const slot = this.holders.find(at);
    if (slot !== 0) this.unmap(columns, i, slot);
  }

  private rest(columns: Columns, i: number): void {
    const { from, to } = this.context;
    const a = this.before.kernel;
    const b = this.after.kernel;
    const op = columns.op[i];
    const recorded = columns.outcome[i];
    const outcome = check(a, columns, i, from);
    // A retype may show that a slot was emptied unseen, and a page with it.
    const cleared = op === Op.revoke || op === Op.retype ? new ClearedPlaces() : null;
    a.sink = cleared;
    const meeting = this.before.meet(columns, i, outcome, recorded, from);
    const performs = this.before.performs;
    if (performs) this.before.perform(columns, i);
    a.sink = null;
    if (this.misbehaves(columns, i, outcome, meeting)) return;
    const { cleared: tableCleared, clearedWhy, foundLo, foundHi } = a;
    this.after.follow(columns, i, check(b, columns, i, to), recorded, to);
    if (!performs) return;
    const slot = columns.cap[i];
    for (const [table, index] of cleared?.places ?? []) this.clearPlace(columns, i, table, index);
    switch (op) {
      case Op.move:
        this.holders.moved(columns.src[i], slot);
        this.script.gone(slot);
        this.script.swapped(columns.src[i], slot);
        return;
      case Op.swap:
        this.holders.moved(columns.src[i], slot);
        this.holders.moved(slot, columns.src[i]);
        this.script.swapped(columns.src[i], slot);
        return;
      case Op.copy:
      case Op.mint:
      case Op.make_pool:
        this.script.gone(slot);
        return;
      case Op.retype:
        for (let n = 0; n < columns.n[i]; n++) this.script.gone(columns.slotLists.get(i)?.[n] ?? slot + n);
        return;
      case Op.unmap_table:
        if (
          (b.cleared !== tableCleared ||
            (tableCleared === 0 &&
              (b.clearedWhy !== clearedWhy ||
                (clearedWhy === Why.other_entry && (b.foundLo !== foundLo || b.foundHi !== foundHi))))) &&
          this.carriesTruth(columns, i)
        )
          this.script.change(columns, i, { ...clearedTruth(b) });
        return;
      default:
    }
  }

  /** Whether a recording and its own policy disagree, in a place that no earlier migration has marked. */
  private misbehaves(columns: Columns, i: number, outcome: number, meeting: number): boolean {
    if (meeting !== Meeting.diverged || (columns.flags[i] & Flag.unmigrated) !== 0) return false;
    this.misbehaviour = {
      event: columns.event[i],
      line: columns.line[i],
      expected: sayOutcome(outcome),
      recorded: sayOutcome(columns.outcome[i]),
    };
    return true;
  }

  private carriesTruth(columns: Columns, i: number): boolean {
    return carriesTruth(columns, i, this.context.client);
  }

  private mark(columns: Columns, i: number): void {
    const name = this.context.names.name(columns.name[i]);
    if (name === SUITE) return;
    if ((columns.flags[i] & Flag.markEnd) !== 0) this.marks.end(name);
    else this.marks.start(name);
  }
}

const isRebuilt = (columns: Columns, i: number): boolean => (columns.flags[i] & (Flag.boot | Flag.synth)) !== 0;

const NO_DETAILS = { arg: undefined, min: undefined, max: undefined, lookup: undefined, avail: undefined };
