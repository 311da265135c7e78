/** Error numbers that the memory calls answer with; an outcome holds them negated. */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EIO: 5,
  EBADF: 9,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  EINVAL: 22,
  EOPNOTSUPP: 95,
} as const;

/** The name of an error. */
export type ErrorName = keyof typeof ERRNO;

const NAMES = new Map<number, ErrorName>(Object.entries(ERRNO).map(([name, number]) => [number, name as ErrorName]));

/** The outcome of a call that fails: the error's number, negated. An outcome that is not negative is a success. */
export const failure = (name: ErrorName): number => -ERRNO[name];

/** The error in an outcome, or null when it is a success. */
export function errorName(outcome: number): ErrorName | null {
  return outcome < 0 ? (NAMES.get(-outcome) ?? null) : null;
}

/** The kernel stops: an assertion of it does not hold. What was done until then stays done. */
export class KernelPanic extends Error {
  override readonly name = 'KernelPanic';
}

/** How a page fault ends. `Oom` and `NonfatalInternalError` make the kernel panic. */
export type FaultOutcome = 'ok' | 'Segv' | 'Oom' | 'NonfatalInternalError' | 'RecursionLimitExceeded';
