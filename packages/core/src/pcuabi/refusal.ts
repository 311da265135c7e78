/** Error numbers by name. ERESERVATION is PCuABI's own, 192. */
export type PcuabiError =
  | 'EINVAL'
  | 'ENOMEM'
  | 'ERESERVATION'
  | 'EEXIST'
  | 'EFAULT'
  | 'ENOSYS'
  | 'EOPNOTSUPP'
  | 'ENOTSUP'
  | 'EPROT'
  | 'EACCES';

/** Numbers of the errors, as an outcome is packed. EPROT and ENOTSUP are CheriBSD's, the others Linux's. */
export const ERROR_NUMBERS: Readonly<Record<PcuabiError, number>> = {
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EEXIST: 17,
  EINVAL: 22,
  ENOSYS: 38,
  ENOTSUP: 45,
  EOPNOTSUPP: 95,
  EPROT: 96,
  ERESERVATION: 192,
};

/**
 * The checks, each with the error that PCuABI Linux answers. Another system may answer the same check otherwise; its
 * profile says so.
 */
export const CHECK_ERRORS = {
  /** PROT asks for more than PROT_MAX. */
  'above-prot-max': 'EINVAL',
  'grows-down': 'EOPNOTSUPP',
  /** Neither a valid capability nor what an integer becomes: its tag is gone, or it is sealed. */
  'not-a-capability': 'EINVAL',
  /** An integer, where a capability is needed. */
  'null-derived': 'EINVAL',
  /** The capability lacks VMem or Global. */
  'without-vmem': 'EINVAL',
  /** The same, of a call that names a range of its own. */
  'range-without-vmem': 'EINVAL',
  /** The range is not within the capability's bounds. */
  'out-of-bounds': 'EINVAL',
  /** A null-derived address whose range lies in a live reservation. */
  'inside-reservation': 'ERESERVATION',
  /** A valid capability as mmap's address, but no MAP_FIXED. */
  'owning-without-fixed': 'EINVAL',
  /** No live reservation holds the capability's bounds. */
  'no-reservation': 'ERESERVATION',
  /** Not every page of the range is mapped. */
  hole: 'ENOMEM',
  'zero-length': 'EINVAL',
  'too-long': 'ENOMEM',
  overflow: 'ENOMEM',
  /** A fixed place overlaps a reservation, or is outside of the address space. */
  'place-reserved': 'ERESERVATION',
  'no-free-place': 'ENOMEM',
  /** MAP_FIXED_NOREPLACE and something is there. */
  exists: 'EEXIST',
  unaligned: 'EINVAL',
  'bad-arguments': 'EINVAL',
  /** The protection needs permissions that the capability does not have. */
  'above-permissions': 'EINVAL',
  /** mremap to a destination whose capability has permissions that the source has not. */
  'destination-permissions': 'EINVAL',
  /** mremap of an address where nothing is mapped, or past the end of its mapping. */
  'not-mapped': 'EFAULT',
  /** Growing in place is not possible, and moving not allowed. */
  'may-not-move': 'ENOMEM',
  /** shmat without SHM_REMAP where something is mapped. */
  'already-mapped': 'EINVAL',
  /** No segment is attached there. */
  'not-attached': 'EINVAL',
  'no-brk': 'ENOSYS',
  /** The call does not exist. */
  'no-such-call': 'ENOSYS',
} as const satisfies Readonly<Record<string, PcuabiError>>;

export type PcuabiCheck = keyof typeof CHECK_ERRORS;

/** Why a call was refused. */
export interface Refusal {
  readonly check: PcuabiCheck;
  readonly error: PcuabiError;
  /** The reservation that it failed on, where there is one. */
  readonly reservation?: number;
  /** The address that it failed on. */
  readonly address?: number;
}
