import { BOUNDS_FORMATS, type BoundsFormat } from '../cheri/format.ts';
import type { PcuabiCheck, PcuabiError } from './refusal.ts';

/**
 * What an address space is like, and how it answers where the trees read differ or where none was read to say what the
 * specification wants. Data; docs/pcuabi/model.md says which source each value comes from.
 */
export interface PcuabiProfile {
  readonly system: 'pcuabi' | 'cheribsd';
  readonly format: BoundsFormat;
  /** Bytes of a page. */
  readonly pageSize: number;
  /** Lowest address that may be mapped. */
  readonly minAddress: number;
  /** First address behind user memory. */
  readonly end: number;
  /** Places are searched for downwards from here. */
  readonly searchTop: number;
  /** Programs run with Executive and SystemRegs: mappings with PROT_EXEC grant them. */
  readonly executive: boolean;
  /** Errors that differ from those of PCuABI Linux. */
  readonly errors: Readonly<Partial<Record<PcuabiCheck, PcuabiError>>>;

  /** A capability belongs to a reservation by its bounds alone, or its address must lie in the pages asked for, too. */
  readonly belongsBy: 'bounds' | 'bounds-and-address';
  /** A hole at the very front of a range: the walk over mappings does not see it, or does. */
  readonly frontHole: 'unseen' | 'seen';
  /** A hint that lies in a live reservation: an error, or the search goes on elsewhere. */
  readonly hintInside: 'refused' | 'searched';
  /** A fixed address that is not aligned: rounded up, or an error. */
  readonly unalignedFixed: 'rounded-up' | 'refused';
  /** mmap through a capability with a protection above its permissions. */
  readonly mmapAbovePermissions: 'allowed' | 'refused';
  /** mprotect compares the protection with the capability's permissions. */
  readonly mprotectPermissions: 'compared' | 'ignored';
  /** mprotect at a hole: what lies before it is changed already, or nothing is. */
  readonly mprotectHole: 'stops-there' | 'changes-nothing';
  /** mremap looks at the capability before it looks for the mapping. */
  readonly mremapFirst: 'mapping' | 'capability';
  /** mremap to a fixed place unmaps it before it knows whether it may have it. */
  readonly mremapPlace: 'checked-first' | 'unmapped-first';
  /** What mremap returns when nothing moves. */
  readonly mremapInPlace: 'passed' | 'root';
  /**
   * What a place is searched between. `reservations`: all of them. `previous`: the end of the reservation below but the
   * start of the *mapping* above, so that the unmapped head of a live reservation is handed out. `next`: the other way
   * round. `mappings`: the first design, a tree of mappings beside the reservations; both are handed out.
   */
  readonly holeSearch: 'reservations' | 'previous' | 'next' | 'mappings';
  /** Which mappings may hold capabilities. */
  readonly capabilitiesIn: 'private' | 'private-and-shared-anonymous';
  /** Permissions follow the protection, or every mapping gives all. */
  readonly permissionsFrom: 'protection' | 'everything';
  /** Which capabilities madvise asks for: one with VMem, or that only where memory is given back. */
  readonly madviseNeeds: 'vmem' | 'vmem-to-free';
  /** Whether mlock and msync ask for VMem, or for the range alone. */
  readonly lockNeeds: 'vmem' | 'range';
  /** mincore wants a byte of the first and last page, or any overlap. */
  readonly mincoreNeeds: 'first-and-last-page' | 'any-overlap';
  readonly mremap: 'exists' | 'missing';
  /** A range whose last page is unmapped: free at once, or only after revocation. */
  readonly afterLastPage: 'free' | 'quarantined';
}

/**
 * PCuABI Linux as its trees are read together: call rules of the CHERI-Alliance tree, reservations with an inner and an
 * outer range, mremap of the Morello tree.
 */
export const PCUABI: PcuabiProfile = {
  system: 'pcuabi',
  format: BOUNDS_FORMATS.morello128,
  pageSize: 4096,
  minAddress: 0x10000,
  end: 2 ** 48,
  searchTop: 0x7f0000000000,
  executive: true,
  errors: {},
  belongsBy: 'bounds',
  frontHole: 'unseen',
  hintInside: 'refused',
  unalignedFixed: 'rounded-up',
  mmapAbovePermissions: 'allowed',
  mprotectPermissions: 'compared',
  mprotectHole: 'stops-there',
  mremapFirst: 'mapping',
  mremapPlace: 'unmapped-first',
  mremapInPlace: 'passed',
  holeSearch: 'reservations',
  capabilitiesIn: 'private',
  permissionsFrom: 'protection',
  madviseNeeds: 'vmem',
  lockNeeds: 'vmem',
  mincoreNeeds: 'first-and-last-page',
  mremap: 'exists',
  afterLastPage: 'free',
};

/** As PCuABI, but what looks like an oversight of the code is taken out: the rules as the list states them. */
const STRICT: PcuabiProfile = {
  ...PCUABI,
  frontHole: 'seen',
  hintInside: 'searched',
  unalignedFixed: 'refused',
  mmapAbovePermissions: 'refused',
  mremapPlace: 'checked-first',
};

/** The forms that were read, oldest first, and CheriBSD. */
export const PCUABI_PROFILES = {
  /** As the trees are read together. */
  pcuabi: PCUABI,
  strict: STRICT,
  /** The RFC of August 2023: places are searched for among mappings, in a tree of their own. */
  rfc: { ...PCUABI, holeSearch: 'mappings', mprotectPermissions: 'ignored' },
  /** Morello, Linux 6.4 to 6.7. */
  morello: { ...PCUABI, holeSearch: 'previous' },
  /** The CHERI-Alliance tree, 6.10. */
  alliance: { ...PCUABI, holeSearch: 'next' },
  /** The rebase with inner and outer ranges. */
  inner: { ...PCUABI, belongsBy: 'bounds-and-address', mremapFirst: 'capability', mremapInPlace: 'root' },
  /** CheriBSD, with revocation. Its vm_map was not read: only what its calls answer. */
  cheribsd: {
    ...STRICT,
    system: 'cheribsd',
    errors: {
      'above-prot-max': 'ENOTSUP',
      'without-vmem': 'EACCES',
      'range-without-vmem': 'EPROT',
      'out-of-bounds': 'EPROT',
      'owning-without-fixed': 'EPROT',
      'inside-reservation': 'ENOMEM',
      'place-reserved': 'ENOMEM',
      'no-reservation': 'EPROT',
      'null-derived': 'EPROT',
      hole: 'EPROT',
      'above-permissions': 'EPROT',
      'no-brk': 'EOPNOTSUPP',
    },
    // FreeBSD's vm_map_protect passes over all entries before it changes one.
    mprotectHole: 'changes-nothing',
    madviseNeeds: 'vmem-to-free',
    lockNeeds: 'range',
    mincoreNeeds: 'any-overlap',
    mremap: 'missing',
    afterLastPage: 'quarantined',
  },
} as const satisfies Readonly<Record<string, PcuabiProfile>>;

export type PcuabiProfileName = keyof typeof PCUABI_PROFILES;
