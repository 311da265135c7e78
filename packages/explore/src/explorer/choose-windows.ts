/** Events of a trace that are shown: a run without a hole. */
export interface EventWindow {
  /** Zero-based index among all records; both are shown. */
  readonly first: number;
  readonly last: number;
  /** Why it is shown: "around 3 findings (OM001, OM004)". */
  readonly why: string;
}

/** What an unmap is that a migration put in or moved. */
export const EDIT = 'edit';

/** An event that should be shown, with what is around it. */
export interface EventOfInterest {
  readonly event: number;
  /** What is there, in one word: a rule's id, or `EDIT`; '' for an event that another one refers to. */
  readonly what: string;
  /** The higher, the earlier it is considered. */
  readonly weight: number;
}

/** Which events are shown. */
export interface WindowChoice {
  readonly windows: readonly EventWindow[];
  /** Events on each side of one of interest that are shown at least; Infinity when the whole trace is, 0 without any. */
  readonly reach: number;
  /** Events of interest that no window shows. */
  readonly missed: number;
}

/** Events on each side of one of interest, from the most that is useful to the least that tells anything. */
const REACHES = [20_000, 10_000, 5000, 2000, 1000, 500, 250, 120, 60, 30, 15];
/** Of the beginning of a trace that much is always shown: there the walk starts. */
const BEGINNING = 200;

/**
 * Choose which events of a trace are shown: all of them when they fit; otherwise its beginning and the neighbourhoods of
 * what is of interest, as wide as the budget allows; where even narrow ones do not fit, those of less weight are sampled
 * evenly.
 *
 * @param total - records of the trace
 * @param interesting - in any order
 * @param budget - the most events that are shown
 */
export function chooseWindows(total: number, interesting: readonly EventOfInterest[], budget: number): WindowChoice {
  if (total <= budget) {
    const whole = { first: 0, last: Math.max(0, total - 1), why: 'the whole trace' };
    return { windows: [whole], reach: Number.POSITIVE_INFINITY, missed: 0 };
  }
  // Nothing to go to: as much of the beginning as fits.
  if (interesting.length === 0)
    return { windows: [{ first: 0, last: budget - 1, why: 'the beginning' }], reach: 0, missed: 0 };
  const reach = REACHES.find((n) => covered(total, interesting, n) <= budget) ?? 0;
  const narrow = reach === 0 ? (REACHES.at(-1) ?? 1) : reach;
  const shown = reach === 0 ? sampled(total, interesting, narrow, budget) : interesting;
  const windows = merged(total, shown, narrow);
  const missed = interesting.filter(({ event }) => !windows.some((w) => event >= w.first && event <= w.last)).length;
  return { windows, reach: narrow, missed };
}

/** By weight, the heaviest first: all of a weight while they fit, else as many of it as fit, evenly spread. */
function sampled(
  total: number,
  interesting: readonly EventOfInterest[],
  reach: number,
  budget: number,
): EventOfInterest[] {
  const weights = [...new Set(interesting.map(({ weight }) => weight))].toSorted((a, b) => b - a);
  let chosen: EventOfInterest[] = [];
  for (const weight of weights) {
    const all = interesting.filter((point) => point.weight === weight).toSorted((a, b) => a.event - b.event);
    let fits = 0;
    let tooMany = all.length + 1;
    while (tooMany - fits > 1) {
      const n = (fits + tooMany) >> 1;
      if (covered(total, [...chosen, ...spread(all, n)], reach) <= budget) fits = n;
      else tooMany = n;
    }
    chosen = [...chosen, ...spread(all, fits)];
    if (fits < all.length) break;
  }
  return chosen;
}

/** `n` of a list, evenly spread over it. */
const spread = <T>(all: readonly T[], n: number): T[] =>
  all.filter((_, i) => Math.floor(((i + 1) * n) / all.length) > Math.floor((i * n) / all.length));

const covered = (total: number, interesting: readonly EventOfInterest[], reach: number): number =>
  merged(total, interesting, reach).reduce((sum, { first, last }) => sum + last - first + 1, 0);

function merged(total: number, interesting: readonly EventOfInterest[], reach: number): EventWindow[] {
  const sorted = interesting.toSorted((a, b) => a.event - b.event);
  const windows: { first: number; last: number; what: Map<string, number> }[] = [
    { first: 0, last: Math.min(BEGINNING, total) - 1, what: new Map() },
  ];
  for (const { event, what } of sorted) {
    const first = Math.max(0, event - reach);
    const last = Math.min(total - 1, event + reach);
    let open = windows.at(-1);
    // Windows that nearly meet are one: a jump over a few events would tell less than they do.
    if (open === undefined || first > open.last + 1 + (reach >> 1)) {
      open = { first, last, what: new Map() };
      windows.push(open);
    }
    open.last = Math.max(open.last, last);
    if (what !== '') open.what.set(what, (open.what.get(what) ?? 0) + 1);
  }
  return windows.map(({ first, last, what }, n) => ({ first, last, why: reason(what, n === 0) }));
}

function reason(what: ReadonlyMap<string, number>, isFirst: boolean): string {
  const edits = what.get(EDIT) ?? 0;
  const count = [...what.values()].reduce((sum, n) => sum + n, -edits);
  const rules = [...what.keys()].filter((one) => one !== EDIT).toSorted();
  const around = [
    ...(count === 0 ? [] : [`${count} ${count === 1 ? 'finding' : 'findings'} (${rules.join(', ')})`]),
    ...(edits === 0 ? [] : [`${edits} ${edits === 1 ? 'unmap' : 'unmaps'} of the migration`]),
  ].join(' and ');
  if (isFirst) return around === '' ? 'the beginning' : `the beginning, and around ${around}`;
  return around === '' ? 'an event that a finding refers to' : `around ${around}`;
}
