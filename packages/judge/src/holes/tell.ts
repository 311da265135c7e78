import { ASID, CAP_WORDS } from '@overmap/core';
import { dense, hex, type Operation } from '../operation.ts';
import { Belief, Beliefs } from './beliefs.ts';
import { doStep, ENGINE, type Engine, holderOf, type Step } from './judge-step.ts';
import type { Breach } from './search.ts';
import type { SmallWorld } from './small-world.ts';
import { WorldState } from './world-state.ts';

/** A step of a sequence, in words. */
export interface ToldStep {
  readonly operation: Operation;
  /** Who holds the invoked capability. */
  readonly by: 'client' | 'supervisor';
  /** "map A at v in S". */
  readonly what: string;
  /** What it did, and why it was allowed. */
  readonly did: string;
}

/**
 * Do a sequence again and say what each step does. The world is as it was before, afterwards.
 *
 * @param between - called before the first step and after each one, with the world in that state
 */
export function tell(
  { world, path }: Pick<Breach, 'world' | 'path'>,
  between: () => void = () => {},
  engine: Engine = ENGINE,
): ToldStep[] {
  const beliefs = new Beliefs(world);
  const state = new WorldState(world, beliefs);
  const initial = state.save();
  const words = new Words(world, beliefs);
  between();
  const told = path.map((move) => {
    const { operation, frame } = world.moves[move];
    const asid = frame < 0 ? 0 : world.kernel.caps[dense(world.frames[frame].slot) * CAP_WORDS + ASID];
    const copied = operation.op === 'copy' && operation.src === world.frames[1].slot;
    const step = doStep(world, beliefs, move, engine);
    between();
    const by = frame < 0 ? 'supervisor' : copied ? 'supervisor' : holderOf(beliefs, world, frame);
    return { operation, by, what: words.what(operation), did: words.did(operation, step, asid) } as const;
  });
  state.restore(initial);
  return told;
}

/** Names and sentences for the steps in a world. */
class Words {
  private readonly world: SmallWorld;
  private readonly beliefs: Beliefs;

  constructor(world: SmallWorld, beliefs: Beliefs) {
    this.world = world;
    this.beliefs = beliefs;
  }

  what(operation: Operation): string {
    const { op } = operation;
    switch (op) {
      case 'map': {
        const rights = operation.rights === '' ? ', without rights, execute-never' : '';
        return `map ${this.name(operation.cap)} at ${this.place(operation.vaddr)} in ${this.name(operation.vspace)}${rights}`;
      }
      case 'map_table':
        return `map table ${this.name(operation.cap)} at ${this.place(operation.vaddr)} in ${this.name(operation.vspace)}`;
      case 'copy':
        return `copy ${this.name(operation.src)} to ${this.name(operation.cap)}`;
      case 'assign':
        return `give ${this.name(operation.vspace)} an ASID`;
      case 'unmap':
        return `unmap ${this.name(operation.cap)}`;
      case 'unmap_table':
        return `unmap table ${this.name(operation.cap)}`;
      case 'delete':
        return `delete ${this.world.tables.includes(operation.cap) ? 'table ' : ''}${this.name(operation.cap)}`;
      default:
        return op;
    }
  }

  did(operation: Operation, step: Step, asidBefore: number): string {
    const losers = step.lost.map(([frame]) => this.world.frames[frame].name).join(' and ');
    switch (operation.op) {
      case 'map':
        return this.mapped(operation, step, losers, asidBefore);
      case 'map_table':
        return 'an empty table stands there';
      case 'copy':
        return `another capability of ${this.name(operation.src)}'s frame, mapped nowhere`;
      case 'assign':
        return `it gets ASID ${this.asid(operation.vspace)}, the lowest that is free`;
      case 'unmap':
      case 'delete':
        if (this.world.vspaces.includes(operation.cap))
          return losers === '' ? 'its ASID is free' : `its ASID is free; ${losers} still records it: stale`;
        if (this.world.tables.includes(operation.cap)) return this.tableGone(losers);
        if (losers !== '')
          return `the place that it records holds its frame, so the page is cleared: that was ${losers}'s, which is stale`;
        return operation.op === 'unmap' ? 'it is mapped nowhere now' : 'the capability is gone';
      default:
        return this.tableGone(losers);
    }
  }

  private tableGone(losers: string): string {
    return losers === ''
      ? 'what was below it is not mapped any more'
      : `the page below it is gone; ${losers} still records its place: stale`;
  }

  private mapped(operation: Operation & { op: 'map' }, { found, lost }: Step, losers: string, asid: number): string {
    if (found === null) return 'refused';
    const never = this.beliefs.status[this.indexOf(operation.cap)] === Belief.neverThere;
    const name = this.name(operation.cap);
    const allowed =
      found.recorded === 'nothing'
        ? ''
        : found.reusedAsid
          ? `${name} records ASID ${asid}, which is ${this.name(operation.vspace)}'s now: a remap; `
          : found.recorded === 'this place'
            ? `${name} still records this place: a remap; `
            : `${name} is mapped elsewhere and may be mapped again; `;
    const wrote = never ? `an invalid entry is written, and ${name} counts as mapped` : `${name}'s page stands there`;
    if (!found.displaces && lost.length === 0) return `${allowed}${wrote}`;
    if (never) return `${allowed}an invalid entry takes the place of ${losers}'s page, and ${losers} is stale`;
    return losers === ''
      ? `${allowed}it replaces another frame's page`
      : `${allowed}${losers}'s page is replaced, and ${losers} is stale`;
  }

  private indexOf(slot: number): number {
    return this.world.frames.findIndex((frame) => frame.slot === slot);
  }

  private asid(slot: number): number {
    return this.world.kernel.caps[dense(slot) * CAP_WORDS + ASID];
  }

  private place(vaddr: bigint): string {
    const name = ['v', 'w'][this.world.places.indexOf(vaddr)];
    return name ?? hex(vaddr);
  }

  private name(slot: number): string {
    const { frames, vspaces, tables } = this.world;
    const frame = frames.find((one) => one.slot === slot);
    if (frame !== undefined) return frame.name;
    if (vspaces.includes(slot)) return ['S', 'S2'][vspaces.indexOf(slot)] ?? '';
    return `T${tables.indexOf(slot) + 1}`;
  }
}
