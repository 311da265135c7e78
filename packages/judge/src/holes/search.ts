import { setImmediate } from 'node:timers/promises';
import { OK } from '@overmap/core';
import { Beliefs } from './beliefs.ts';
import { doStep, ENGINE, type Engine, type Violation } from './judge-step.ts';
import type { SmallWorld } from './small-world.ts';
import { WorldState } from './world-state.ts';

/** A sequence of a world's moves whose last step breaks a property. */
export interface Breach {
  readonly world: SmallWorld;
  /** Indices of moves. */
  readonly path: readonly number[];
  /** What the last step breaks: at least one. */
  readonly violations: readonly Violation[];
  /**
   * Every map in it found its place empty and had no record, or repeated what was there: no rule that maps pages into
   * empty places can keep it from happening.
   */
  readonly beyondRules: boolean;
}

/** What a search covered. */
export interface Covered {
  /** Different states, up to renaming, in which every move was tried. */
  readonly expanded: number;
  /** Different states that were reached. */
  readonly states: number;
  /** Moves that were tried. */
  readonly tried: number;
  /** Steps from the beginning to the furthest states whose moves were tried, that move included. */
  readonly depth: number;
  /** There are no further states: deeper is nothing. */
  readonly complete: boolean;
}

/** How far a search goes. */
export interface SearchOptions {
  /** Steps at most. */
  readonly depth: number;
  readonly engine?: Engine;
  /** Asked between states: give up? */
  readonly stop?: () => boolean;
}

/** States between questions whether to go on, and chances for the program to hear a signal. */
const PATIENCE = 256;

/**
 * Try every sequence of a world's moves up to a depth, breadth first: what is found first is shortest. A state that is
 * one already seen up to renaming is not gone into again, nor is one in which something between two frames was broken:
 * what comes after that is its consequence. Deterministic.
 *
 * @param found - called for each step that breaks something, shortest sequences first
 */
export async function searchWorld(
  world: SmallWorld,
  { depth, engine = ENGINE, stop = () => false }: SearchOptions,
  found: (breach: Breach) => void,
): Promise<Covered> {
  const beliefs = new Beliefs(world);
  const state = new WorldState(world, beliefs);
  const initial = state.save();
  const here = state.save();
  const seen = new Set([state.key()]);
  // How each state was reached: the state before it, and the move.
  const parents = [-1];
  const moves = [-1];
  let tried = 0;
  let from = 0;
  let reached = 0;
  let stopped = false;
  for (; reached < depth && from < parents.length && !stopped; reached++) {
    const to = parents.length;
    for (; from < to; from++) {
      if (from % PATIENCE === 0) {
        await setImmediate();
        if (stop()) {
          stopped = true;
          break;
        }
      }
      const path = pathTo(from, parents, moves);
      state.restore(initial);
      for (const move of path) doStep(world, beliefs, move, engine);
      state.save(here);
      for (let move = 0; move < world.moves.length; move++) {
        tried++;
        const { outcome, violations } = doStep(world, beliefs, move, engine);
        if (outcome !== OK) continue;
        if (violations.length > 0)
          found({ world, path: [...path, move], violations, beyondRules: beliefs.innocent === 1 });
        if (violations.every(({ property }) => property === 'copies')) {
          const key = state.key();
          if (!seen.has(key)) {
            seen.add(key);
            parents.push(from);
            moves.push(move);
          }
        }
        state.restore(here);
      }
    }
  }
  state.restore(initial);
  return { expanded: from, states: seen.size, tried, depth: reached, complete: !stopped && from === parents.length };
}

function pathTo(state: number, parents: readonly number[], moves: readonly number[]): number[] {
  const path: number[] = [];
  for (let at = state; parents[at] >= 0; at = parents[at]) path.push(moves[at]);
  return path.reverse();
}
