import type { LinuxSite } from '@overmap/report';
import { callOf } from '../source/evidence.ts';
import type { FixedSite } from './fixed-site.ts';

/** What recorded runs say of a call with MAP_FIXED: how many of its calls did what, and in how many processes. */
export interface FixedEvidence {
  readonly fixed: number;
  /** Before them the log shows nothing mapped there. */
  readonly clean: number;
  /** They filled or gave back memory of the program's own, or placed a segment. */
  readonly meant: number;
  /** They took away something else. */
  readonly lost: number;
  readonly processes: number;
}

/** Evidence joined with source. */
export interface JoinedFixed {
  readonly of: ReadonlyMap<FixedSite, FixedEvidence>;
  /** Recorded sites that no call in source, or more than one, fits; those of the loader and the C library are left out. */
  readonly unmatched: readonly LinuxSite[];
}

/** Programs whose source is hardly ever in the tree: each run has them. */
const SYSTEM = /(?:^|\/)(?:ld-linux[^/]*|ld-[\d.]+|ld64|ld\.so|libc[.-][^/]*|libpthread[^/]*|libdl[^/]*)$/;

/**
 * Joins recorded call sites with calls that may replace: by file and line where the stacks tell them (strace -kk), else
 * by the function, if only one such call is in functions of that name.
 *
 * @param lastLine - the line on which a call ends
 */
export function joinFixed(
  sites: readonly FixedSite[],
  recorded: readonly LinuxSite[],
  lastLine: (site: FixedSite) => number,
): JoinedFixed {
  const of = new Map<FixedSite, FixedEvidence>();
  const unmatched: LinuxSite[] = [];
  for (const each of recorded) {
    const site = each.line > 0 ? byLine(sites, each, lastLine) : byFunction(sites, each.function);
    if (site === undefined) {
      if (!SYSTEM.test(each.file)) unmatched.push(each);
      continue;
    }
    const { fixed, clean, meant, lost, processes } = each;
    const had = of.get(site) ?? { fixed: 0, clean: 0, meant: 0, lost: 0, processes: 0 };
    of.set(site, {
      fixed: had.fixed + fixed,
      clean: had.clean + clean,
      meant: had.meant + meant,
      lost: had.lost + lost,
      processes: had.processes + processes,
    });
  }
  return { of, unmatched };
}

/** The line counts, and not the function: that is the one into which a call was inlined. */
function byLine(
  sites: readonly FixedSite[],
  { file, line }: LinuxSite,
  lastLine: (site: FixedSite) => number,
): FixedSite | undefined {
  const name = baseName(file);
  const candidates = sites.filter((site) => baseName(site.file) === name);
  return callOf({ file, line, function: null }, candidates, lastLine);
}

function byFunction(sites: readonly FixedSite[], symbol: string | null): FixedSite | undefined {
  if (symbol === null) return undefined;
  const name = functionOf(symbol);
  const [only, ...more] = sites.filter((site) => site.function === name && site.kind !== 'wrapper');
  return more.length === 0 ? only : undefined;
}

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** The function's own name: a compiler makes `place.constprop.0` of `place`, and a demangler `Arena::place(char*)`. */
const functionOf = (symbol: string): string => symbol.replace(/[(.<@].*$/s, '').replace(/^.*::/s, '');

/** It ran, and in no call the log shows anything that was replaced: the flag would have changed nothing. */
export const likelySafe = (evidence: FixedEvidence | undefined): boolean =>
  evidence !== undefined && evidence.fixed > 0 && evidence.clean === evidence.fixed;
