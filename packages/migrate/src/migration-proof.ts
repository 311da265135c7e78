import { check, type Columns, Flag, Follower, type Kernel, Meeting, OK, Op, sayOutcome } from '@overmap/core';
import type { TraceTables } from '@overmap/trace';
import { DifferingPlaces } from './differing-places.ts';
import { mappingDifference } from './mapping-difference.ts';
import { RecordQueue } from './record-queue.ts';

/** Keys of a record that must be the same in both traces. */
const ARGUMENTS = ['op', 'obj', 'bits', 'cap', 'src', 'vspace', 'n', 'vaddrLo', 'vaddrHi', 'rights', 'attr'] as const;
/** The same, where a number stands for a name that each trace numbers by itself. */
const NAMES = ['name', 'thread', 'cspace'] as const;
const EDITED = Flag.inserted | Flag.moved;
const FLAGS =
  Flag.boot |
  Flag.synth |
  Flag.assume |
  Flag.viaSwap |
  Flag.markEnd |
  Flag.markFailed |
  Flag.markResult |
  Flag.part |
  EDITED;

/** Why a migrated trace is not proven. */
export interface ProofFailure {
  /** Of the original trace: the record at which it shows, and its line; -1 = at the end. */
  readonly event: number;
  readonly line: number;
  readonly message: string;
}

/**
 * Runs a trace and its migration side by side, each under its own policy, and compares the mappings of all vspaces after
 * every record of the original. It knows nothing of how the migration was made: which records belong together it finds
 * by their arguments, and by the marks of those that were put there.
 */
export class MigrationProof {
  failure: ProofFailure | null = null;
  /** Records of the original that were compared, and comparisons of mappings among them. */
  compared = 0;
  private readonly from: number;
  private readonly to: number;
  private readonly recorded: Follower;
  private readonly migrated: Follower;
  private readonly differing: DifferingPlaces;
  /** Unmaps that the migrated trace has elsewhere: those that left their place, and those that came to one. */
  private gone = 0;
  private come = 0;
  private names: readonly [original: TraceTables, output: TraceTables] | null = null;
  private readonly originals: RecordQueue = new RecordQueue();
  private readonly outputs: RecordQueue = new RecordQueue();

  /**
   * @param recorded - a kernel in the state in which the original begins
   * @param migrated - another one
   * @param from - the policy of the original
   * @param to - that of the migrated trace
   */
  constructor(recorded: Kernel, migrated: Kernel, from: number, to: number) {
    this.recorded = new Follower(recorded);
    this.migrated = new Follower(migrated);
    this.from = from;
    this.to = to;
    this.differing = new DifferingPlaces(recorded, migrated);
  }

  /** What numbers stand for in the two traces; comes before the first batch of the original. */
  begin(original: TraceTables, output: TraceTables): void {
    this.names = [original, output];
  }

  /** A batch of the original. */
  original(columns: Columns): void {
    if (this.failure !== null) return;
    this.originals.push(columns);
    this.align(false);
  }

  /** A batch of the migrated trace. */
  output(columns: Columns): void {
    if (this.failure !== null) return;
    this.outputs.push(columns);
    this.align(false);
  }

  /** Both are at their end: what is left, and then all mappings once more, by walking everything. */
  end(): void {
    this.align(true);
    if (this.failure !== null) return;
    if (this.outputs.length > 0) {
      const [columns, i] = this.outputs.at(0);
      this.fail(null, 0, `line ${columns.line[i]} of the migrated trace is no record of the original`);
      return;
    }
    if (this.gone !== this.come) {
      this.fail(null, 0, `${this.gone} unmaps were moved away and ${this.come} put elsewhere`);
      return;
    }
    const difference = mappingDifference(this.recorded.kernel, this.migrated.kernel);
    if (difference !== null) this.fail(null, 0, `the mappings at the end differ: ${difference}`);
  }

  private align(final: boolean): void {
    while (this.originals.length > 0 && this.failure === null) {
      const [columns, i] = this.originals.at(0);
      const match = this.find(columns, i, final);
      if (match === undefined) return;
      if (match < 0) this.dropped(columns, i);
      else {
        for (let n = 0; n < match && this.failure === null; n++) this.edited(columns, i);
        if (this.failure === null) this.together(columns, i);
      }
      this.originals.shift();
    }
  }

  /**
   * How many edited records stand before the record that is the given one.
   *
   * @returns -1: it is not there; undefined: that cannot be told yet
   */
  private find(columns: Columns, i: number, final: boolean): number | undefined {
    for (let n = 0; n < this.outputs.length; n++) {
      const [output, j] = this.outputs.at(n);
      if (sameRecord(columns, i, output, j) && this.sameNames(columns, i, output, j)) return n;
      if ((output.flags[j] & EDITED) === 0) return -1;
    }
    return final ? -1 : undefined;
  }

  private sameNames(a: Columns, i: number, b: Columns, j: number): boolean {
    const { names } = this;
    if (names === null) throw new Error('a proof needs the tables of both traces');
    const [original, output] = names;
    for (const key of NAMES) {
      const [x, y] = [a[key][i], b[key][j]];
      if ((x !== 0 || y !== 0) && original.names.values[x] !== output.names.values[y]) return false;
    }
    const [x, y] = [a.site[i], b.site[j]];
    if (x === 0 && y === 0) return true;
    const [s, t] = [original.sites.values[x], output.sites.values[y]];
    return s?.file === t?.file && s?.line === t?.line && s?.function === t?.function;
  }

  /** A record of both. */
  private together(columns: Columns, i: number): void {
    const [output, j] = this.outputs.at(0);
    const op = columns.op[i];
    this.compared++;
    if (op === Op.batch) this.fail(columns, i, 'it is a batched invocation');
    else if (op !== Op.state && op !== Op.mark && op !== Op.other) {
      const meeting = this.step(columns, i);
      if (this.failure === null) this.answered(columns, i, output, j, meeting);
      if (this.failure === null) this.compare(columns, i);
    }
    this.outputs.shift();
  }

  /** The target must answer what the migrated trace says, as surely as the original's policy did. */
  private answered(columns: Columns, i: number, output: Columns, j: number, recorded: number): void {
    const outcome = check(this.migrated.kernel, output, j, this.to);
    const meeting = this.migrated.follow(output, j, outcome, output.outcome[j], this.to);
    if (meeting === Meeting.agreed || meeting === recorded) return;
    // Where the original's own policy cannot tell, the target may agree with what was assumed for both.
    if (meeting === Meeting.assumed && recorded === Meeting.unknown) return;
    if ((output.flags[j] & Flag.unmigrated) !== 0) return;
    this.fail(
      columns,
      i,
      `the target answers ${sayOutcome(outcome)}, the migrated trace says ${sayOutcome(output.outcome[j])}`,
    );
  }

  /** A record of the migrated trace only: an unmap. */
  private edited(columns: Columns, i: number): void {
    const [output, j] = this.outputs.at(0);
    const line = output.line[j];
    if ((output.flags[j] & Flag.moved) !== 0) this.come++;
    if (output.op[j] !== Op.unmap || output.outcome[j] !== OK)
      this.fail(columns, i, `line ${line} of the migrated trace was put there, and is no unmap`);
    else {
      const outcome = check(this.migrated.kernel, output, j, this.to);
      if (this.migrated.follow(output, j, outcome, OK, this.to) !== Meeting.agreed)
        this.fail(columns, i, `the target answers ${sayOutcome(outcome)} to line ${line} of the migrated trace`);
    }
    this.outputs.shift();
  }

  /** A record of the original only: an unmap that is elsewhere now, or a map that was refused. */
  private dropped(columns: Columns, i: number): void {
    const op = columns.op[i];
    this.compared++;
    if (!(op === Op.unmap && columns.outcome[i] === OK) && !(op === Op.map && columns.outcome[i] !== OK)) {
      this.fail(columns, i, 'it is missing in the migrated trace');
      return;
    }
    if (op === Op.unmap) this.gone++;
    this.step(columns, i);
    // Its place among the edited records before the next one is where the mappings are the same.
    while (this.failure === null && this.differing.count() > 0 && this.outputs.length > 0) {
      const [output, j] = this.outputs.at(0);
      if ((output.flags[j] & EDITED) === 0) break;
      this.edited(columns, i);
    }
    if (this.failure === null) this.compare(columns, i);
  }

  /** One record of the original on its own state. */
  private step(columns: Columns, i: number): number {
    const outcome = check(this.recorded.kernel, columns, i, this.from);
    const meeting = this.recorded.follow(columns, i, outcome, columns.outcome[i], this.from);
    if (meeting === Meeting.diverged && (columns.flags[i] & Flag.unmigrated) === 0)
      this.fail(
        columns,
        i,
        `the recording says ${sayOutcome(columns.outcome[i])}, its policy answers ${sayOutcome(outcome)}`,
      );
    return meeting;
  }

  private compare(columns: Columns, i: number): void {
    if (this.differing.count() === 0) return;
    const difference = mappingDifference(this.recorded.kernel, this.migrated.kernel);
    this.fail(columns, i, `the mappings differ after it: ${difference ?? 'in a table that no vspace reaches'}`);
  }

  private fail(columns: Columns | null, i: number, message: string): void {
    this.failure ??= { event: columns?.event[i] ?? -1, line: columns?.line[i] ?? -1, message };
  }
}

/** Whether two records are the same invocation, accepted or refused alike, whatever error it was and a recorder saw. */
function sameRecord(a: Columns, i: number, b: Columns, j: number): boolean {
  for (const key of ARGUMENTS) if (a[key][i] !== b[key][j]) return false;
  if ((a.outcome[i] === OK) !== (b.outcome[j] === OK)) return false;
  if (((a.flags[i] ^ b.flags[j]) & FLAGS) !== 0) return false;
  const paddr = Flag.paddr & a.flags[i] & b.flags[j];
  if (((a.flags[i] ^ b.flags[j]) & Flag.paddr) !== 0) return false;
  return paddr === 0 || (a.paddrLo[i] === b.paddrLo[j] && a.paddrHi[i] === b.paddrHi[j]);
}
