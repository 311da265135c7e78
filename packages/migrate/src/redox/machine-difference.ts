import { redox } from '@overmap/core';
import { entryText, grantText, outcomeText } from './redox-words.ts';

/** What one operation came to: its outcome, the machine afterwards, what it told schemes. */
export interface Ran {
  readonly outcome: redox.RedoxOutcome;
  readonly machine: redox.Machine;
  readonly messages: readonly string[];
}

/** How two runs of one operation differ, in the words of a finding: as it is, and repaired. */
export interface MachineDifference {
  readonly asIs: string;
  readonly repaired: string;
  /** The first page that differs, where one does; and whose. */
  readonly page: number | null;
  readonly space: number | null;
}

/** Whether a difference is what a defect is about, and no by-product of its repair. */
interface Concern {
  /** Of two entries of a page, 0 is none. */
  readonly entries: (kept: number, mended: number) => boolean;
  readonly flushes: boolean;
}

/** B3 is about execution that stays; that an entry gains it late does no harm: a fault brings it. */
const concernOf = (defect: redox.DefectName): Concern => ({
  entries: (kept, mended) =>
    defect !== 'staleExec' || (redox.entryFlags(kept) & ~redox.entryFlags(mended) & redox.PTE.exec) !== 0,
  flushes: defect === 'lostFlusher',
});

/**
 * The first difference between two machines that have run one operation from the same state: of the outcome, the grants,
 * the entries and what they show, the references and frames in use, messages to schemes, flushes.
 *
 * @param defect - the one that is repaired: what its repair brings along does not count
 * @returns null when they are the same
 */
export function machineDifference(kept: Ran, mended: Ran, defect: redox.DefectName): MachineDifference | null {
  const concern = concernOf(defect);
  const [asIs, repaired] = [outcomeText(kept.outcome), outcomeText(mended.outcome)];
  // A kernel that has stopped has no state worth comparing.
  if (kept.outcome.kind === 'panic' || mended.outcome.kind === 'panic' || asIs !== repaired)
    return asIs === repaired ? null : { asIs, repaired, page: null, space: null };
  return (
    spacesDifference(kept.machine, mended.machine, concern) ??
    usedDifference(kept.machine, mended.machine) ??
    toldDifference(kept, mended, concern)
  );
}

function spacesDifference(kept: redox.Machine, mended: redox.Machine, concern: Concern): MachineDifference | null {
  const lists = [kept, mended].map((machine) => [...machine.spaces.values(), ...machine.orphans]);
  for (const [i, space] of lists[0].entries()) {
    const other = lists[1][i];
    if (other === undefined || other.id !== space.id) continue;
    const found = grantsDifference(space, other) ?? entriesDifference(kept, space, mended, other, concern);
    if (found !== null) return found;
  }
  return null;
}

function grantsDifference(space: redox.AddressSpace, other: redox.AddressSpace): MachineDifference | null {
  const [a, b] = [space, other].map(({ grants }) => grants.list().map((grant) => ({ grant, text: grantText(grant) })));
  const i = a.findIndex(({ text }, at) => text !== b[at]?.text);
  const at = i >= 0 ? i : a.length === b.length ? -1 : a.length;
  if (at < 0) return null;
  const shown = (one: (typeof a)[number] | undefined): string =>
    one === undefined ? 'no grant' : `the grant ${one.text}`;
  return {
    asIs: `leaves ${shown(a[at])} in space ${space.id}`,
    repaired: `leaves ${shown(b[at])}`,
    page: (a[at] ?? b[at]).grant.base,
    space: space.id,
  };
}

interface Entry {
  readonly page: number;
  readonly entry: number;
  readonly references: string;
  readonly word: number;
}

function entriesOf({ frames }: redox.Machine, { table }: redox.AddressSpace): Entry[] {
  const found: Entry[] = [];
  table.forEachPresent(0, redox.USER_END_PAGE, (page, entry) => {
    const frame = redox.entryFrame(entry);
    const i = frames.allocator.index(frame);
    const { infos } = frames.allocator;
    const kind = i < 0 ? '' : infos.isShared(i) ? 'shared' : 'copy-on-write';
    const references = i < 0 ? '' : infos.count(i) < 2 ? `${infos.count(i)}` : `${infos.count(i)} ${kind}`;
    found.push({ page, entry, references, word: frames.read(frame) });
  });
  return found;
}

function entriesDifference(
  kept: redox.Machine,
  space: redox.AddressSpace,
  mended: redox.Machine,
  other: redox.AddressSpace,
  concern: Concern,
): MachineDifference | null {
  const [a, b] = [entriesOf(kept, space), entriesOf(mended, other)];
  const same = (one: Entry | undefined, two: Entry | undefined): boolean =>
    one?.page === two?.page &&
    (one?.entry === two?.entry || !concern.entries(one?.entry ?? 0, two?.entry ?? 0)) &&
    one?.references === two?.references &&
    one?.word === two?.word;
  const [keptAt, mendedAt] = [a, b].map((entries) => new Map(entries.map((one) => [one.page, one])));
  const pages = [...new Set([...a, ...b].map(({ page }) => page))].sort((one, two) => one - two);
  for (const page of pages) {
    const [one, two] = [keptAt.get(page), mendedAt.get(page)];
    if (same(one, two)) continue;
    const [asIs, repaired] = [one, two].map((entry) => entryText(kept, page, entry?.entry ?? 0));
    if (asIs !== repaired)
      return { asIs: `leaves ${asIs}, in space ${space.id}`, repaired: `leaves ${repaired}`, page, space: space.id };
    const [counted, otherwise] =
      one?.references === two?.references
        ? [`with ${one?.word} in it`, `with ${two?.word}`]
        : [`counted as ${one?.references}`, `counted as ${two?.references}`];
    return {
      asIs: `leaves ${asIs} ${counted}, in space ${space.id}`,
      repaired: `leaves it ${otherwise}`,
      page,
      space: space.id,
    };
  }
  return null;
}

function usedDifference(kept: redox.Machine, mended: redox.Machine): MachineDifference | null {
  const [a, b] = [kept, mended].map(({ frames }) => frames.allocator.used);
  if (a === b) return null;
  return { asIs: `leaves ${a} frames in use`, repaired: `leaves ${b}`, page: null, space: null };
}

function toldDifference(kept: Ran, mended: Ran, { flushes }: Concern): MachineDifference | null {
  const [a, b] = [kept, mended].map(({ messages }) => messages.join(', '));
  const shown = (text: string): string => (text === '' ? 'tells no scheme anything' : `tells schemes ${text}`);
  if (a !== b) return { asIs: shown(a), repaired: shown(b), page: null, space: null };
  const [one, two] = [kept, mended].map(({ machine: { costs } }) => costs.interrupts + costs.full + costs.single);
  if (one === two || !flushes) return null;
  return { asIs: 'misses a flush', repaired: `flushes ${two - one} more times`, page: null, space: null };
}
