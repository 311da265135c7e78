import { type BuildName, architectureOf } from '../builds.ts';
import { engineRule, type Judged } from '../rule.ts';
import type { Engine } from './judge-step.ts';
import { CAUSES, type CauseName, type PropertyName } from './kinds.ts';
import { type Breach, type Covered, searchWorld } from './search.ts';
import { SmallWorld } from './small-world.ts';

/** A kind of hole on one build: what made it possible, in its shortest form. */
export interface Hole {
  readonly build: BuildName;
  readonly cause: CauseName;
  /** What its last step breaks. */
  readonly properties: readonly PropertyName[];
  readonly breach: Breach;
  /** log2 of the page sizes in bytes with which it was found, and the steps that it takes with each. */
  readonly sizes: readonly { readonly bits: number; readonly steps: number }[];
}

/** One world that was searched. */
export interface SearchedWorld extends Covered {
  readonly build: BuildName;
  /** log2 of the bytes of A, B and X. */
  readonly bits: number;
}

/** What a search for ways around a rule came to. */
export interface HolesFound {
  readonly holes: readonly Hole[];
  readonly worlds: readonly SearchedWorld[];
  /** Asked to stop before it was through. */
  readonly interrupted: boolean;
}

/** How to search. */
export interface FindOptions {
  readonly builds: readonly BuildName[];
  /** Steps at most. */
  readonly depth: number;
  readonly engine?: Engine;
  readonly stop?: () => boolean;
  /** Called as worlds are done. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Search small worlds of every build and page size for the shortest ways around a rule.
 *
 * @returns for each build the kinds that were found, those in a few steps first; copies of one frame last
 */
export async function findHoles(judged: Judged, options: FindOptions): Promise<HolesFound> {
  const { builds, depth, engine, stop = () => false, onProgress } = options;
  const rule = engineRule(judged);
  const all = builds.flatMap((build) => architectureOf(build).sizes.map((size) => ({ build, size })));
  const worlds: SearchedWorld[] = [];
  const holes: Hole[] = [];
  let interrupted = false;
  for (const build of builds) {
    const kinds = new Kinds();
    for (const { size } of all.filter((world) => world.build === build)) {
      if (interrupted || stop()) {
        interrupted = true;
        break;
      }
      const covered = await searchWorld(
        new SmallWorld(build, size, rule),
        {
          depth,
          ...(engine === undefined ? {} : { engine }),
          stop: () => {
            interrupted ||= stop();
            return interrupted;
          },
        },
        (breach) => kinds.add(breach, size.bits),
      );
      worlds.push({ build, bits: size.bits, ...covered });
      onProgress?.(worlds.length, all.length);
    }
    holes.push(...kinds.holes(build));
  }
  return { holes, worlds, interrupted };
}

/** The kinds found on one build so far. */
class Kinds {
  private readonly best: Map<CauseName, Map<PropertyName, Breach>> = new Map();
  private readonly steps: Map<CauseName, Map<number, number>> = new Map();

  /** Breaches of a world come with the shortest first. */
  add(breach: Breach, bits: number): void {
    for (const { property, cause } of breach.violations) {
      const best = setDefault(this.best, cause, () => new Map<PropertyName, Breach>());
      const known = best.get(property);
      if (known === undefined || better(breach, known)) best.set(property, breach);
      const steps = setDefault(this.steps, cause, () => new Map<number, number>());
      steps.set(bits, Math.min(steps.get(bits) ?? Number.POSITIVE_INFINITY, breach.path.length));
    }
  }

  /** One hole for each cause; a second one where a property takes more steps to break. */
  holes(build: BuildName): Hole[] {
    const found = [...this.best].flatMap(([cause, byProperty]) =>
      [...new Set(byProperty.values())].map((breach): Hole => {
        const properties = [...byProperty].filter(([, shortest]) => shortest === breach).map(([property]) => property);
        const sizes = [...(this.steps.get(cause) ?? [])].map(([bits, steps]) => ({ bits, steps }));
        return { build, cause, properties, breach, sizes: sizes.sort((a, b) => a.bits - b.bits) };
      }),
    );
    const names = Object.keys(CAUSES);
    return found.sort(
      (a, b) =>
        Number(amongCopies(a)) - Number(amongCopies(b)) ||
        a.breach.path.length - b.breach.path.length ||
        names.indexOf(a.cause) - names.indexOf(b.cause),
    );
  }
}

/** Whether a hole concerns only the copies of one frame among each other. */
export const amongCopies = ({ properties }: Hole): boolean => properties.every((property) => property === 'copies');

/** Shorter, or as short and breaking more. */
const better = (a: Breach, b: Breach): boolean =>
  a.path.length < b.path.length || (a.path.length === b.path.length && a.violations.length > b.violations.length);

function setDefault<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
