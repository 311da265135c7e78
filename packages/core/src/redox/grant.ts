import type { AddressSpace } from './address-space.ts';
import { GRANT_FLAGS, MAP, PTE } from './flags.ts';
import { type PageSpan, spanBetween, spanEnd } from './page-span.ts';

/** A part of a file that a scheme serves. */
export interface FileRange {
  /** Number of the open description. */
  readonly file: number;
  /** In pages. */
  readonly offset: number;
}

/** Where the pages of a grant come from. */
export type Provider =
  | {
      readonly kind: 'Allocated';
      /** One run of physical memory, made at once: for drivers. */
      readonly contiguous: boolean;
      /** Memory that is filled from a file. The kernel has the field, and nothing that makes such a grant. */
      readonly file: FileRange | null;
    }
  | { readonly kind: 'AllocatedShared'; readonly pinned: boolean }
  | { readonly kind: 'PhysBorrowed'; readonly frame: number }
  | {
      readonly kind: 'External';
      /** Null in vectors of bare grants. */
      readonly source: AddressSpace | null;
      readonly sourceBase: number;
      readonly pinned: boolean;
    }
  | {
      readonly kind: 'FmapBorrowed';
      readonly file: FileRange;
      /** How many borrowers have lent it on. */
      readonly pins: number;
    };

/** A mapping of a user's address space. Values: a change makes a new one. */
export interface Grant extends PageSpan {
  /** Entry bits of {@link PTE}. */
  readonly flags: number;
  /** False for a grant whose pages are not in any table; such do not merge with others. */
  readonly mapped: boolean;
  readonly provider: Provider;
}

const laterFile = (file: FileRange | null, pages: number): FileRange | null =>
  file === null ? null : { file: file.file, offset: file.offset + pages };

/** The provider of the part before the piece that is taken out. */
function providerBefore(provider: Provider): Provider {
  switch (provider.kind) {
    case 'Allocated':
      return { ...provider, contiguous: false };
    case 'AllocatedShared':
    case 'External':
      return { ...provider, pinned: false };
    case 'PhysBorrowed':
      return provider;
    case 'FmapBorrowed':
      return { ...provider, pins: 0 };
  }
}

/** The provider of what begins `pages` behind the grant's start. */
function providerFrom(provider: Provider, pages: number, sourceStays: boolean): Provider {
  switch (provider.kind) {
    case 'Allocated':
      return { ...provider, file: laterFile(provider.file, pages) };
    case 'AllocatedShared':
      return provider;
    case 'External':
      return { ...provider, sourceBase: provider.sourceBase + (sourceStays ? 0 : pages) };
    case 'PhysBorrowed':
      return { ...provider, frame: provider.frame + pages };
    case 'FmapBorrowed':
      return { ...provider, file: { file: provider.file.file, offset: provider.file.offset + pages } };
  }
}

export const isPinned = ({ provider }: Grant): boolean =>
  ((provider.kind === 'External' || provider.kind === 'AllocatedShared') && provider.pinned) ||
  (provider.kind === 'FmapBorrowed' && provider.pins > 0);

/** The grant with its pin taken away; borrowers' pins of a scheme mapping stay. */
export function unpinned(grant: Grant): Grant {
  const { provider } = grant;
  return provider.kind === 'External' || provider.kind === 'AllocatedShared'
    ? { ...grant, provider: { ...provider, pinned: false } }
    : grant;
}

/** Whether a piece may be taken out of a grant. A pinned one is never cut; contiguous memory always may be. */
export const canExtract = (grant: Grant, unpin: boolean): boolean =>
  !isPinned(unpin ? unpinned(grant) : grant) || (grant.provider.kind === 'Allocated' && grant.provider.contiguous);

/** A grant in up to three parts. */
export interface Parts {
  readonly before: Grant | null;
  readonly middle: Grant;
  readonly after: Grant | null;
}

/**
 * Take a piece out of a grant.
 *
 * @param span - inside the grant, and not empty; whether it may be cut is {@link canExtract}'s to say
 * @param sourceStays - defect B1: all parts of an External grant name the source's first page
 */
export function extract(grant: Grant, span: PageSpan, sourceStays: boolean): Parts {
  const { provider } = grant;
  const lead = spanBetween(grant.base, span.base);
  const tail = spanBetween(spanEnd(span), spanEnd(grant));
  const behind = lead.count + span.count;
  return {
    before: lead.count === 0 ? null : { ...grant, ...lead, provider: providerBefore(provider) },
    middle: { ...grant, base: span.base, count: span.count, provider: providerFrom(provider, lead.count, sourceStays) },
    after:
      tail.count === 0
        ? null
        : { ...grant, ...tail, provider: providerFrom(providerBefore(provider), behind, sourceStays) },
  };
}

/** Whether two grants that touch become one. */
export function canMerge(a: Grant, b: Grant): boolean {
  const plain = ({ provider }: Grant): boolean =>
    provider.kind === 'Allocated' && !provider.contiguous && provider.file === null;
  return a.mapped === b.mapped && a.flags === b.flags && plain(a) && plain(b);
}

/** Whether a grant may get a protection. Private memory may get any; of other memory, no right that it lacks. */
export function canHaveFlags({ provider, flags }: Pick<Grant, 'provider' | 'flags'>, mapFlags: number): boolean {
  return (
    provider.kind === 'Allocated' ||
    (((mapFlags & MAP.write) === 0 || (flags & PTE.write) !== 0) &&
      ((mapFlags & MAP.exec) === 0 || (flags & PTE.exec) !== 0))
  );
}

/** What reading the address space's handle shows of a grant: bits of {@link GRANT_FLAGS}. */
export function grantFlags({ provider, flags }: Pick<Grant, 'provider' | 'flags'>): number {
  const { READ, WRITE, EXEC, SHARED, SCHEME, PHYS, PINNED, PHYS_CONTIGUOUS } = GRANT_FLAGS;
  let bits: number = READ;
  if ((flags & PTE.write) !== 0) bits |= WRITE;
  if ((flags & PTE.exec) !== 0) bits |= EXEC;
  switch (provider.kind) {
    case 'Allocated':
      return bits | (provider.contiguous ? PHYS_CONTIGUOUS : 0) | (provider.file === null ? 0 : SCHEME);
    case 'External':
    case 'AllocatedShared':
      return bits | SHARED | (provider.pinned ? PINNED : 0);
    case 'PhysBorrowed':
      return bits | SHARED | PHYS;
    case 'FmapBorrowed':
      return bits | SHARED | SCHEME;
  }
}
