import {
  ASID,
  CAP_WORDS,
  EMPTY,
  entryHolds,
  holdsFrame,
  OBJECT,
  OBJECT_HI,
  Op,
  SIZE_MASK,
  SIZE_SHIFT,
  TYPE_MASK,
  VADDR_HI,
  VADDR_LO,
  walk,
  writesInvalidEntry,
} from '@overmap/core';
import { dense } from '../operation.ts';
import { COPY, type SmallWorld } from './small-world.ts';

/**
 * What has become of a frame capability's last map, as its holder would follow it: `owns` as long as the place holds
 * the frame without interruption, otherwise by what it was lost.
 */
export const Belief = {
  /** It is not mapped, or there is no capability. */
  none: 0,
  owns: 1,
  /** A page table on the way was unmapped. */
  tableUnmapped: 2,
  /** A page table on the way was deleted. */
  tableDeleted: 3,
  /** The vspace was deleted. */
  vspaceDeleted: 4,
  /** A map through another capability took the place. */
  displaced: 5,
  /** Another capability of the same frame was unmapped or deleted, and the page with it. */
  clearedByCopy: 6,
  /** The map wrote an invalid entry: no rights and execute-never, on RISC-V. */
  neverThere: 7,
} as const;

/** What a map found when it was checked and done. */
export interface MapFinding {
  /** An entry that it wrote was a page that did not hold the frame. */
  readonly displaces: boolean;
  /** The entries that it wrote held the frame already. */
  readonly held: boolean;
  /** The capability recorded a mapping: at this ASID and address, or elsewhere. */
  readonly recorded: 'nothing' | 'this place' | 'another place';
  /** What had become of that mapping. */
  readonly before: number;
  /** The ASID was another vspace's when it was recorded. */
  readonly reusedAsid: boolean;
}

/** A place of a page: below a root, at an address. */
export interface Place {
  readonly root: number;
  readonly hi: number;
  readonly lo: number;
  /** Whether it holds the frame. */
  readonly holds: () => boolean;
}

/**
 * The beliefs of a world's frame capabilities, kept beside its kernel: what no kernel knows, and what the properties
 * are about.
 */
export class Beliefs {
  private readonly world: SmallWorld;
  /** One of {@link Belief} for each frame capability. */
  readonly status: Int8Array;
  /** Index of the vspace that it was mapped into last. */
  readonly madeIn: Int8Array;
  /** The copy's slot holds a copy of B, otherwise of A. */
  copyOfB = 0;
  /** 1 as long as every map found its place empty and was recorded nowhere, or repeated what was there. */
  innocent = 1;

  constructor(world: SmallWorld) {
    this.world = world;
    this.status = new Int8Array(world.frames.length);
    this.madeIn = new Int8Array(world.frames.length);
  }

  /** What a map that was just checked (its place is in the kernel's `at*` fields) finds there. */
  findMap(row: number): MapFinding {
    const { world } = this;
    const { kernel: k, rows, moves } = world;
    const c = rows.cap[row] * CAP_WORDS;
    const v = rows.vspace[row] * CAP_WORDS;
    const { caps } = k;
    const size = (caps[c] >> SIZE_SHIFT) & SIZE_MASK;
    let lo = caps[c + OBJECT];
    const step = k.contiguousIncrements ? 1 << k.shift[k.atLevel] : 0;
    let displaces = false;
    for (let i = 0; i < k.sizeEntries[size]; i++) {
      const link = k.links[k.at + i];
      if (link < 0 && (link !== -(size + 1) || !entryHolds(k, k.at + i, size, caps[c + OBJECT_HI], lo)))
        displaces = true;
      lo = (lo + step) | 0;
    }
    const frame = moves[row].frame;
    const here =
      caps[c + ASID] === caps[v + ASID] &&
      caps[c + VADDR_LO] === rows.vaddrLo[row] &&
      caps[c + VADDR_HI] === rows.vaddrHi[row];
    return {
      displaces,
      held: holdsFrame(k, c, size),
      recorded: caps[c + ASID] === 0 ? 'nothing' : here ? 'this place' : 'another place',
      before: this.status[frame],
      reusedAsid: caps[c + ASID] !== 0 && this.madeIn[frame] !== moves[row].vspace,
    };
  }

  /**
   * Follow an operation that was performed.
   *
   * @param found - what a map found
   * @param lost - called for each capability that owned its place and was not invoked, and does not own it any more
   */
  follow(row: number, found: MapFinding | null, lost: (frame: number, to: number) => void): void {
    const { status, madeIn, world } = this;
    const { moves, rows, kernel } = world;
    const { operation, frame, vspace } = moves[row];
    switch (operation.op) {
      case 'map':
        if (found === null) break;
        status[frame] = writesInvalidEntry(kernel, rows.cap[row] * CAP_WORDS, rows.rights[row], rows.attr[row])
          ? Belief.neverThere
          : Belief.owns;
        madeIn[frame] = vspace;
        if (found.displaces || (found.recorded === 'nothing' ? found.held : !this.repeats(found))) this.innocent = 0;
        break;
      case 'copy':
        status[COPY] = Belief.none;
        this.copyOfB = operation.src === world.frames[1].slot ? 1 : 0;
        break;
      default:
        if (frame >= 0) status[frame] = Belief.none;
    }
    const reason = reasonOf(rows.op[row], frame >= 0, vspace >= 0);
    for (let i = 0; i < status.length; i++) {
      if (status[i] !== Belief.owns || (operation.op === 'map' && i === frame) || this.holds(i)) continue;
      status[i] = reason;
      lost(i, reason);
    }
  }

  /** A remap of what is there, or of the invalid entry that the capability wrote. */
  private repeats({ held, recorded, before }: MapFinding): boolean {
    return recorded === 'this place' && held && before === Belief.owns;
  }

  /** Whether the place of a capability's last map holds its frame. Walks from the root, whatever the ASID is now. */
  holds(frame: number): boolean {
    const { kernel: k, frames, roots } = this.world;
    const c = dense(frames[frame].slot) * CAP_WORDS;
    if ((k.caps[c] & TYPE_MASK) === EMPTY) return false;
    return this.holdsAt(c, roots[this.madeIn[frame]], k.caps[c + VADDR_HI], k.caps[c + VADDR_LO]);
  }

  /** The place of a capability's last map, for when the capability has forgotten it. */
  placeOf(frame: number): Place {
    const { kernel: k, frames, roots } = this.world;
    const c = dense(frames[frame].slot) * CAP_WORDS;
    const [root, hi, lo] = [roots[this.madeIn[frame]], k.caps[c + VADDR_HI], k.caps[c + VADDR_LO]];
    return { root, hi, lo, holds: () => this.holdsAt(c, root, hi, lo) };
  }

  /** Whether another capability owns a place of this capability's frame. */
  ownedByOther(frame: number, { root, hi, lo }: Place): boolean {
    const { kernel: k, frames, roots } = this.world;
    const word = (i: number, offset: number): number => k.caps[dense(frames[i].slot) * CAP_WORDS + offset];
    return frames.some(
      (_, i) =>
        i !== frame &&
        this.status[i] === Belief.owns &&
        this.sameFrame(i, frame) &&
        roots[this.madeIn[i]] === root &&
        word(i, VADDR_HI) === hi &&
        word(i, VADDR_LO) === lo,
    );
  }

  /**
   * Whether two of the capabilities are to one frame; what the slots hold now, or held before they were emptied: A and
   * B are two frames, and the copy's slot has a copy of one of them.
   */
  sameFrame(one: number, other: number): boolean {
    const origin = (frame: number): number => (frame === COPY ? this.copyOfB : frame);
    return origin(one) === origin(other);
  }

  private holdsAt(c: number, root: number, hi: number, lo: number): boolean {
    const { kernel: k } = this.world;
    if (k.tableAlive[root] === 0) return false;
    const size = (k.caps[c] >> SIZE_SHIFT) & SIZE_MASK;
    const level = k.sizeLevel[size];
    walk(k, root, hi, lo, level);
    return k.atLevel === level && holdsFrame(k, c, size);
  }

  /** Start again. */
  reset(): void {
    this.status.fill(0);
    this.madeIn.fill(0);
    this.copyOfB = 0;
    this.innocent = 1;
  }
}

/** By what an operation takes a place away. */
function reasonOf(op: number, frame: boolean, vspace: boolean): number {
  if (op === Op.map) return Belief.displaced;
  if (frame) return Belief.clearedByCopy;
  if (op === Op.unmap_table) return Belief.tableUnmapped;
  return vspace ? Belief.vspaceDeleted : Belief.tableDeleted;
}
