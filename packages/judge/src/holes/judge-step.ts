import { ASID, CAP_WORDS, check, OK, perform } from '@overmap/core';
import { dense } from '../operation.ts';
import { Belief, type Beliefs, type MapFinding } from './beliefs.ts';
import type { CauseName, PropertyName } from './kinds.ts';
import { COPY, type SmallWorld } from './small-world.ts';

/** A property that a step broke. */
export interface Violation {
  readonly property: PropertyName;
  readonly cause: CauseName;
}

/** What invokes a kernel: the engine's own functions, or those of a test. */
export interface Engine {
  readonly check: typeof check;
  readonly perform: typeof perform;
}

/** The engine as it is. */
export const ENGINE: Engine = { check, perform };

/** What a step came to. */
export interface Step {
  /** The packed outcome. */
  readonly outcome: number;
  readonly found: MapFinding | null;
  /** Frames that lost their place, and to what. */
  readonly lost: readonly (readonly [frame: number, to: number])[];
  readonly violations: readonly Violation[];
}

const NOTHING: readonly never[] = [];

/**
 * Do a move, follow it, and hold it against the properties:
 *
 * - *no displacement*: a Page_Map that is answered ok writes no entry that is a page and does not hold its frame;
 * - *no silent loss*: a frame capability whose map wrote a page owns that place until it is invoked, or a table on the
 *   way or the vspace is unmapped or deleted: no map, unmap or delete through a capability of another frame takes it
 *   away;
 * - *unmap means gone*: once a Page_Unmap is answered ok, the place of the capability's last map does not hold its
 *   frame, unless the map of another capability of the frame owns it;
 * - *the supervisor's layout holds*: no map, unmap or delete of a client's frame takes the place of a supervisor's;
 * - *copies keep their places*: as no silent loss, but through another capability of the same frame. An unmap compares
 *   frames, not capabilities, so that no rule for maps alone can keep this one.
 */
export function doStep(world: SmallWorld, beliefs: Beliefs, row: number, engine: Engine = ENGINE): Step {
  const { kernel, rows, policy } = world;
  const { operation, frame } = world.moves[row];
  const outcome = engine.check(kernel, rows, row, policy);
  if (outcome !== OK) return { outcome, found: null, lost: NOTHING, violations: NOTHING };
  const found = operation.op === 'map' ? beliefs.findMap(row) : null;
  const before = frame < 0 ? Belief.none : beliefs.status[frame];
  const reused = frame >= 0 && mappedUnderReusedAsid(world, beliefs, frame);
  const last = operation.op === 'unmap' && before !== Belief.none ? beliefs.placeOf(frame) : null;
  const mine = frame >= 0 && holderOf(beliefs, world, frame) === 'client';
  engine.perform(kernel, rows, row);
  const lost: [number, number][] = [];
  beliefs.follow(row, found, (other, to) => void lost.push([other, to]));

  const violations: Violation[] = [];
  const cause = found === null ? copyCause(before, reused) : mapCause(found);
  const ofCopies = found === null ? cause : 'copy-remap';
  if (found?.displaces === true) violations.push({ property: 'displacement', cause });
  for (const [other, to] of lost) {
    if (to !== Belief.displaced && to !== Belief.clearedByCopy) continue;
    if (beliefs.sameFrame(frame, other)) {
      violations.push({ property: 'copies', cause: ofCopies });
      continue;
    }
    violations.push({ property: 'loss', cause });
    if (mine && holderOf(beliefs, world, other) === 'supervisor') violations.push({ property: 'layout', cause });
  }
  if (last !== null && last.holds() && !beliefs.ownedByOther(frame, last))
    violations.push({ property: 'gone', cause: 'still-there' });
  return { outcome, found, lost, violations };
}

/** Who holds a frame's capability. */
export function holderOf(beliefs: Beliefs, world: SmallWorld, frame: number): 'client' | 'supervisor' {
  const holder = world.frames[frame].holder;
  return holder ?? (frame === COPY && beliefs.copyOfB === 1 ? 'supervisor' : 'client');
}

function mappedUnderReusedAsid({ kernel, frames, roots }: SmallWorld, beliefs: Beliefs, frame: number): boolean {
  const asid = kernel.caps[dense(frames[frame].slot) * CAP_WORDS + ASID];
  return asid !== 0 && kernel.rootOf(asid) !== 0 && kernel.rootOf(asid) !== roots[beliefs.madeIn[frame]];
}

function mapCause({ recorded, before, reusedAsid }: MapFinding): CauseName {
  if (recorded === 'nothing') return 'over-map';
  if (recorded === 'another place') return 'elsewhere';
  if (reusedAsid) return 'asid-reuse';
  switch (before) {
    case Belief.tableUnmapped:
      return 'stale-table-unmapped';
    case Belief.tableDeleted:
      return 'stale-table-deleted';
    case Belief.displaced:
      return 'stale-displaced';
    case Belief.clearedByCopy:
      return 'stale-cleared';
    case Belief.neverThere:
      return 'no-rights';
    default:
      return 'remap-other';
  }
}

/** Why the unmap or deletion of a capability took another one's page. */
function copyCause(before: number, reusedAsid: boolean): CauseName {
  if (reusedAsid) return 'copy-asid-reuse';
  switch (before) {
    case Belief.none:
      return 'copy-unmapped';
    case Belief.owns:
      return 'copy-alias';
    case Belief.neverThere:
      return 'copy-no-rights';
    default:
      return 'copy-stale';
  }
}
