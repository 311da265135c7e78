import {
  ASID,
  CAP_WORDS,
  EMPTY,
  entryHolds,
  type Kernel,
  MAPPED,
  OBJECT,
  OBJECT_HI,
  TYPE_MASK,
  VADDR_HI,
  VADDR_LO,
} from '@overmap/core';
import { dense } from '../operation.ts';
import type { Beliefs } from './beliefs.ts';
import type { SmallWorld } from './small-world.ts';

/** ASIDs that a world's vspaces can get: 1 is the initial thread's, and the lowest free ones are given out. */
const FIRST_ASID = 2;
const LAST_ASID = 3;

/**
 * The part of a world's kernel that its moves can change, and the beliefs: saved, restored, and compared up to renaming.
 *
 * A whole snapshot of a kernel copies megabytes of page tables. Here only those entries are looked at that an address
 * of this world can lead to, at any level that a table could come to stand in.
 */
export class WorldState {
  private readonly kernel: Kernel;
  private readonly world: SmallWorld;
  private readonly beliefs: Beliefs;
  /** Handles of the roots, then of the tables. */
  private readonly handles: readonly number[];
  /** Positions in the arena of the entries that count, for each of those tables. */
  private readonly positions: readonly (readonly number[])[];
  private readonly capWords: number;
  private readonly length: number;
  private readonly addresses: Map<number, number[]> = new Map();

  constructor(world: SmallWorld, beliefs: Beliefs) {
    this.world = world;
    this.beliefs = beliefs;
    this.kernel = world.kernel;
    this.handles = [...world.roots, ...world.tables.map((slot) => world.tableIn(slot))];
    const indices = indicesOf(world);
    this.positions = this.handles.map((handle) =>
      indices
        .filter((index) => index < world.kernel.tableEntries[handle])
        .map((index) => world.kernel.tableBase[handle] + index),
    );
    this.capWords = (dense(Math.max(...world.frames.map(({ slot }) => slot), ...world.tables)) + 1) * CAP_WORDS;
    const entries = this.positions.flat().length * 3;
    const asids = LAST_ASID - FIRST_ASID + 1;
    this.length = this.capWords + this.handles.length * 4 + asids + entries + 2 * world.frames.length + 2;
  }

  /** The state as numbers. */
  save(into: Int32Array = new Int32Array(this.length)): Int32Array {
    const { kernel: k, beliefs } = this;
    into.set(k.caps.subarray(0, this.capWords));
    let n = this.capWords;
    for (const handle of this.handles) {
      into[n++] = k.tableBase[handle];
      into[n++] = k.tableRefs[handle];
      into[n++] = k.tableChildren[handle];
      into[n++] = k.tableAlive[handle];
    }
    for (let asid = FIRST_ASID; asid <= LAST_ASID; asid++) into[n++] = k.asidRoots[asid];
    for (const positions of this.positions)
      for (const at of positions) {
        into[n++] = k.links[at];
        into[n++] = k.entryLo[at];
        into[n++] = k.entryHi[at];
      }
    for (let i = 0; i < beliefs.status.length; i++) {
      into[n++] = beliefs.status[i];
      into[n++] = beliefs.madeIn[i];
    }
    into[n++] = beliefs.copyOfB;
    into[n] = beliefs.innocent;
    return into;
  }

  /** Return to a state that was saved. */
  restore(saved: Int32Array): void {
    const { kernel: k, beliefs } = this;
    k.caps.set(saved.subarray(0, this.capWords));
    let n = this.capWords;
    for (const handle of this.handles) {
      k.tableBase[handle] = saved[n++];
      k.tableRefs[handle] = saved[n++];
      k.tableChildren[handle] = saved[n++];
      k.tableAlive[handle] = saved[n++];
    }
    for (let asid = FIRST_ASID; asid <= LAST_ASID; asid++) k.asidRoots[asid] = saved[n++];
    for (const positions of this.positions)
      for (const at of positions) {
        k.links[at] = saved[n++];
        k.entryLo[at] = saved[n++];
        k.entryHi[at] = saved[n++];
      }
    for (let i = 0; i < beliefs.status.length; i++) {
      beliefs.status[i] = saved[n++];
      beliefs.madeIn[i] = saved[n++];
    }
    beliefs.copyOfB = saved[n++];
    beliefs.innocent = saved[n];
    // Nothing is made in these worlds, so what was given back is not given out again.
    k.freeHandles.length = 0;
    k.freeBases.clear();
    k.walkCache.fill(0);
  }

  /**
   * The state up to renaming: two states with the same key go on alike. Tables have no names but where they hang and
   * what they hold. The vspaces are ordered by what their capabilities say, and where that is the same, the order with
   * the smaller key counts.
   */
  key(): string {
    const { caps } = this.kernel;
    const [s, s2] = this.world.vspaces.map((slot) => dense(slot) * CAP_WORDS) as [number, number];
    const before = caps[s] - caps[s2] || caps[s + ASID] - caps[s2 + ASID];
    if (before !== 0) return before < 0 ? this.keyOf(0, 1) : this.keyOf(1, 0);
    const one = this.keyOf(0, 1);
    const other = this.keyOf(1, 0);
    return one < other ? one : other;
  }

  private keyOf(first: number, second: number): string {
    const { world, kernel: k, beliefs, handles } = this;
    const order = [first, second];
    let text = `${beliefs.innocent}`;
    for (let i = 0; i < world.frames.length; i++) {
      const c = dense(world.frames[i].slot) * CAP_WORDS;
      if ((k.caps[c] & TYPE_MASK) === EMPTY) {
        text += '.';
        continue;
      }
      const status = beliefs.status[i];
      text += this.frameName(k.caps[c + OBJECT_HI], k.caps[c + OBJECT]) + status;
      const asid = k.caps[c + ASID];
      if (asid !== 0) text += `${asid}${this.placeName(k.caps[c + VADDR_HI], k.caps[c + VADDR_LO])}`;
      if (status !== 0) text += order[beliefs.madeIn[i]];
    }
    for (const vspace of order) {
      text += `|${this.capName(world.vspaces[vspace])}`;
      for (let asid = FIRST_ASID; asid <= LAST_ASID; asid++)
        if (k.asidRoots[asid] === handles[vspace]) text += `=${asid}`;
      text += this.content(vspace, 0);
    }
    // Those that hang nowhere, or in a tree that does.
    const loose: string[] = [];
    for (let i = world.vspaces.length; i < handles.length; i++)
      if (k.tableRefs[handles[i]] === 0) loose.push(this.capName(world.tables[i - 2]) + this.content(i, 0));
    return `${text}|${loose.sort().join(';')}`;
  }

  /** A table's or vspace's capability: its kind, whether it is mapped, and where. */
  private capName(slot: number): string {
    const { caps } = this.kernel;
    const c = dense(slot) * CAP_WORDS;
    const w = caps[c];
    if ((w & TYPE_MASK) === EMPTY) return '.';
    const kind = String.fromCharCode(97 + (w & 0x3f));
    return (w & MAPPED) === 0
      ? kind
      : `${kind}${caps[c + ASID]}${this.placeName(caps[c + VADDR_HI], caps[c + VADDR_LO])}`;
  }

  /** What a table holds, and what hangs below it. */
  private content(table: number, depth: number): string {
    const { kernel: k, handles, world } = this;
    const positions = this.positions[table];
    if (k.tableBase[handles[table]] === 0) return '';
    let text = '';
    for (let i = 0; i < positions.length; i++) {
      const at = positions[i];
      const link = k.links[at];
      if (link === 0) continue;
      text += String.fromCharCode(0x100 + i);
      if (link > 0) {
        const child = handles.indexOf(link);
        text += `(${this.capName(world.tables[child - 2])}${depth < 8 ? this.content(child, depth + 1) : ''})`;
      } else text += String.fromCharCode(0x40 - link) + this.entryName(at, -link - 1);
    }
    return text;
  }

  /** Whose page it is: the frame, by name. */
  private entryName(at: number, size: number): string {
    const { kernel: k, world } = this;
    for (let i = 0; i < world.memory.length; i++) {
      const { hi, lo, bits } = world.memory[i];
      if (k.sizeBits[size] === bits && entryHolds(k, at, size, hi, lo)) return String.fromCharCode(65 + i);
    }
    // A further part of a large page.
    return `${k.entryLo[at] & k.addressMaskLo[size]}`;
  }

  private frameName(hi: number, lo: number): string {
    const i = this.world.memory.findIndex((frame) => frame.hi === hi && frame.lo === lo);
    return String.fromCharCode(65 + i);
  }

  /** The recorded address: its index among those that were seen so far. */
  private placeName(hi: number, lo: number): string {
    let known = this.addresses.get(hi);
    if (known === undefined) this.addresses.set(hi, (known = []));
    let i = known.indexOf(lo);
    if (i < 0) i = known.push(lo) - 1;
    return `${String.fromCharCode(103 + hi)}${i}`;
  }
}

/** Indices that the world's addresses have at any level, with the 16 entries of a large page. */
function indicesOf({ kernel, places }: SmallWorld): number[] {
  const found = new Set<number>();
  const most = Math.max(...kernel.sizeEntries);
  for (const place of places)
    kernel.shift.forEach((shift, level) => {
      const index = Number((place >> BigInt(shift)) & BigInt(kernel.indexMask[level]));
      for (let i = 0; i < most; i++) found.add(index + i);
    });
  return [...found].sort((a, b) => a - b);
}
