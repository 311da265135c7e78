/** Error numbers of FreeBSD. ENOTSUP is another name of EOPNOTSUPP there. */
export const ERRNO = {
  EBADF: 9,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EINVAL: 22,
  EOPNOTSUPP: 45,
} as const;

export type ErrorName = keyof typeof ERRNO;
