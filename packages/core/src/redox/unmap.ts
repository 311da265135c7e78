import type { AddressSpace } from './address-space.ts';
import { failure, KernelPanic } from './errors.ts';
import { PTE } from './flags.ts';
import { Flusher } from './flusher.ts';
import { canExtract, extract, type FileRange, type Grant, isPinned, unpinned } from './grant.ts';
import type { Machine } from './machine.ts';
import { entryFrame } from './page-table.ts';
import { PAGE_SIZE, type PageSpan, spanBetween, spanEnd, validateNonempty } from './page-span.ts';

/** A scheme is to hear that a mapping of its file is gone. */
export interface UnmapNotice {
  readonly file: FileRange;
  /** In pages. */
  readonly count: number;
  readonly needsSync: boolean;
}

/**
 * Add to the pins of the scheme mappings in a part of a space.
 *
 * @throws KernelPanic when one has no pin to take away (defect B14; as intended it is passed over)
 */
export function changePins(machine: Machine, space: AddressSpace, span: PageSpan, change: 1 | -1): void {
  for (const grant of space.grants.conflicts(span)) {
    const { provider } = grant;
    if (provider.kind !== 'FmapBorrowed') continue;
    if (provider.pins + change < 0) {
      if (machine.has('uncountedPins')) throw new KernelPanic('a pin that nobody had was taken away');
      continue;
    }
    space.grants.replace({ ...grant, provider: { ...provider, pins: provider.pins + change } });
  }
}

/** Take a piece out of a grant, and put what is left of it back. @returns the piece */
export function takeOut(machine: Machine, space: AddressSpace, grant: Grant, span: PageSpan, unpin: boolean): Grant {
  if (!canExtract(grant, unpin)) throw new KernelPanic('a pinned grant was to be cut');
  const { before, middle, after } = extract(grant, span, machine.has('externalSplit'));
  if (before !== null) space.grants.insert(before);
  if (after !== null) space.grants.insert(after);
  if (!machine.has('uncountedPins')) pinParts(machine, grant, [before, middle, after]);
  return middle;
}

/** Each part of a split External grant has pins of its own; the whole one's go. */
function pinParts(machine: Machine, whole: Grant, parts: readonly (Grant | null)[]): void {
  if (whole.provider.kind !== 'External' || whole.provider.source === null) return;
  const { source, sourceBase } = whole.provider;
  for (const part of parts) {
    if (part?.provider.kind === 'External')
      changePins(machine, source, { base: part.provider.sourceBase, count: part.count }, 1);
  }
  changePins(machine, source, { base: sourceBase, count: whole.count }, -1);
}

/** Take the pages of a grant, which is in no list any more, out of the page table. */
export function unmapGrant(
  machine: Machine,
  space: AddressSpace,
  grant: Grant,
  flusher: Flusher,
  notices: UnmapNotice[],
): void {
  const { provider } = grant;
  if (provider.kind === 'External' && provider.source !== null) {
    machine.lock(provider.source);
    changePins(machine, provider.source, { base: provider.sourceBase, count: grant.count }, -1);
  }
  const contiguous = provider.kind === 'Allocated' && provider.contiguous;
  let expected = 0;
  let pages = 0;
  space.table.forEachPresent(grant.base, spanEnd(grant), (page, entry) => {
    const frame = entryFrame(entry);
    if (contiguous && pages++ > 0 && frame !== expected) throw new KernelPanic('contiguous memory is not contiguous');
    expected = frame + 1;
    space.table.unmap(page);
    flusher.queue(provider.kind === 'PhysBorrowed' ? 0 : frame);
  });
  if (contiguous && pages < grant.count) throw new KernelPanic('a page of contiguous memory is absent');
  if (provider.kind === 'FmapBorrowed' || (provider.kind === 'Allocated' && provider.file !== null)) {
    const needsSync = provider.kind === 'FmapBorrowed' && (grant.flags & PTE.write) !== 0;
    if (provider.file !== null) notices.push({ file: provider.file, count: grant.count, needsSync });
  }
}

/**
 * Unmap what lies in a span. A pinned grant ends it: what lies below is gone by then.
 *
 * @param unpin - on behalf of a scheme that has answered: pins of grants do not hold
 * @param replaced - another mapping will take the place
 * @returns 0, or an error
 */
export function unmapSpan(
  machine: Machine,
  space: AddressSpace,
  span: PageSpan,
  flusher: Flusher,
  notices: UnmapNotice[],
  { unpin = false, replaced = false }: { readonly unpin?: boolean; readonly replaced?: boolean } = {},
): number {
  let rest = span;
  for (;;) {
    const grant = space.grants.firstConflict(rest);
    if (grant === null) return 0;
    if (isPinned(grant) && !unpin) return failure('EBUSY');
    if (unpin && !machine.has('unpinPanic') && !canExtract(grant, true)) return failure('EBUSY');
    space.grants.removeContaining(grant.base);
    const part = spanBetween(Math.max(grant.base, rest.base), Math.min(spanEnd(grant), spanEnd(rest)));
    rest = spanBetween(spanEnd(grant), spanEnd(rest));
    const middle = takeOut(machine, space, unpin ? unpinned(grant) : grant, part, unpin);
    unmapGrant(machine, space, middle, flusher, notices);
    machine.sink?.vanished(space, middle, replaced);
  }
}

/** Tell the schemes. Where the call has failed they are not told (defect B8). */
export function notify(machine: Machine, notices: readonly UnmapNotice[], outcome: number): void {
  if (outcome < 0 && machine.has('lostNotifications')) return;
  for (const { file, count, needsSync } of notices)
    machine.schemes?.munmap(file.file, file.offset * PAGE_SIZE, count * PAGE_SIZE, needsSync);
}

/**
 * `munmap`. A size that is no page multiple is rounded up; a range without mappings is fine.
 *
 * @param address - in bytes
 * @param size - in bytes
 * @returns 0, EINVAL, or EBUSY at a pinned grant, with what lies below it gone
 */
export function munmap(machine: Machine, space: AddressSpace, address: number, size: number): number {
  const span = validateNonempty(address, Math.ceil(size / PAGE_SIZE) * PAGE_SIZE);
  return span === null ? failure('EINVAL') : unmapAll(machine, space, span, false);
}

/** What happens to a call's buffers when the scheme has answered it: they are unmapped, pinned or not. */
export function munmapUnpin(machine: Machine, space: AddressSpace, address: number, size: number): number {
  return unmapAll(machine, space, { base: address / PAGE_SIZE, count: Math.ceil(size / PAGE_SIZE) }, true);
}

function unmapAll(machine: Machine, space: AddressSpace, span: PageSpan, unpin: boolean): number {
  const notices: UnmapNotice[] = [];
  const flusher = new Flusher(machine, space);
  const outcome = machine.holding([space], () => unmapSpan(machine, space, span, flusher, notices, { unpin }));
  flusher.end();
  notify(machine, notices, outcome);
  return outcome;
}
