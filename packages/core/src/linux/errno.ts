/** How a call ended: 0, or the error number that Linux gives (`asm-generic/errno-base.h`, `errno.h`). */
export const Errno = {
  OK: 0,
  EPERM: 1,
  EBADF: 9,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EEXIST: 17,
  EINVAL: 22,
  EOVERFLOW: 75,
  EOPNOTSUPP: 95,
} as const;

export type Errno = (typeof Errno)[keyof typeof Errno];

const NAMES = new Map<number, string>(Object.entries(Errno).map(([name, code]) => [code, name]));

/** The name of an error number as manual pages and strace spell it; "ok" for 0. */
export const errnoName = (code: number): string => (code === Errno.OK ? 'ok' : (NAMES.get(code) ?? `errno ${code}`));
