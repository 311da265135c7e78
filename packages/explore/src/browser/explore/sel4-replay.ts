import { check, type Columns, type Follower, Meeting, OK, Op, POLICIES } from '@overmap/core';
import { ByteReader } from '../../page-format/explore/bytes.ts';
import { readRows } from '../../page-format/explore/event-columns.ts';
import { type FollowerState, readChange, setState, stateOf } from '../../page-format/explore/follower-state.ts';
import { freshFollower } from '../../page-format/explore/fresh-follower.ts';
import type { Sel4Head } from '../../page-format/explore/page-data.ts';

/** Memory that checkpoints may take, bytes; and the fewest rows between two of them. */
const CHECKPOINT_BYTES = 128 * 2 ** 20;
const FEWEST = 512;

/** How a row met the model. */
export interface RowMeeting {
  /** What the model answered under the policy that drives the state, before the recording was looked at. */
  readonly answer: number;
  /** One of `Meeting`. */
  readonly meeting: number;
  /** The row was performed. */
  readonly performed: boolean;
}

/**
 * The rows of a page, followed by the engine: any of them can be gone to. The state that a row finds is exactly that of
 * the whole trace, since where records are left out the page brings the change that they made.
 */
export class Sel4Replay {
  readonly columns: Columns;
  readonly follower: Follower;
  private readonly policy: number;
  /** By the row at which a window begins: the change that leads there. */
  private readonly jumps: ReadonlyMap<number, Uint8Array>;
  private readonly checkpoints: Map<number, FollowerState> = new Map();
  private interval = FEWEST;
  /** The row that comes next: those before it are in the state; and what was left out before it is, too. */
  private next = 0;
  private jumped = false;

  /**
   * @param rowBytes - the rows, as `writeRows` wrote them
   * @param jumpBytes - for each window 0, or 1 and the change that leads to its beginning
   */
  constructor(head: Sel4Head, rowBytes: Uint8Array, jumpBytes: Uint8Array) {
    this.columns = readRows(new ByteReader(rowBytes));
    this.follower = freshFollower(head);
    this.policy = POLICIES[head.from];
    this.jumps = readJumps(head, jumpBytes);
    this.jump();
    this.checkpoints.set(0, stateOf(this.follower));
  }

  get rows(): number {
    return this.columns.count;
  }

  /** Bring the state to what it is before a row. */
  seek(row: number): void {
    const target = Math.max(0, Math.min(row, this.rows));
    if (target < this.next || target - this.next > this.interval) {
      const from = this.checkpointBefore(target);
      if (target < this.next || from > this.next) {
        const state = this.checkpoints.get(from);
        if (state !== undefined) setState(this.follower, state);
        this.next = from;
        this.jumped = true;
      }
    }
    while (this.next < target) this.step();
    this.jump();
  }

  /** Follow the row that comes next. */
  step(): RowMeeting {
    const row = this.next;
    this.jump();
    if (row % this.interval === 0) this.keep(row);
    this.next = row + 1;
    this.jumped = false;
    return this.follow(row);
  }

  private follow(row: number): RowMeeting {
    const { columns, follower } = this;
    const op = columns.op[row];
    if (op === Op.state || op === Op.mark || op === Op.other || op === Op.batch)
      return { answer: OK, meeting: Meeting.agreed, performed: false };
    const slot = Math.max(columns.cap[row], columns.src[row], columns.vspace[row]);
    if (slot >= follower.kernel.slotLimit) follower.kernel.growSlots(slot);
    const answer = check(follower.kernel, columns, row, this.policy);
    const meeting = follower.follow(columns, row, answer, columns.outcome[row], this.policy);
    return { answer, meeting, performed: follower.performs };
  }

  /** If records were left out before the next row, what they did is done now. */
  private jump(): void {
    const bytes = this.jumped ? undefined : this.jumps.get(this.next);
    this.jumped = true;
    if (bytes !== undefined) setState(this.follower, readChange(new ByteReader(bytes), stateOf(this.follower)));
  }

  private keep(row: number): void {
    if (this.checkpoints.has(row)) return;
    const state = stateOf(this.follower);
    const bytes = state.kernel.arrays.reduce((sum, array) => sum + array.byteLength, 0);
    this.checkpoints.set(row, state);
    // Coarser ones as the state grows: the oldest in between go.
    while (this.checkpoints.size * bytes > CHECKPOINT_BYTES && this.checkpoints.size > 4) {
      this.interval *= 2;
      for (const at of this.checkpoints.keys()) if (at % this.interval !== 0) this.checkpoints.delete(at);
    }
  }

  private checkpointBefore(row: number): number {
    let best = 0;
    for (const at of this.checkpoints.keys()) if (at <= row && at > best) best = at;
    return best;
  }
}

/** Where each change begins, by the row before which it is made. */
function readJumps({ windows }: Sel4Head, bytes: Uint8Array): Map<number, Uint8Array> {
  const jumps = new Map<number, Uint8Array>();
  const input = new ByteReader(bytes);
  let row = 0;
  for (const { first, last } of windows) {
    if (!input.done && input.unsigned() === 1) {
      jumps.set(row, bytes.subarray(input.offset));
      // Reading it against nothing finds where it ends.
      readChange(input, EMPTY);
    }
    row += last - first + 1;
  }
  return jumps;
}

const EMPTY: FollowerState = {
  kernel: { arrays: [], numbers: [], freeBases: new Map(), freeHandles: [], freePools: [] },
  assumptions: { count: 0, tables: [], nextAddress: 0 },
};
