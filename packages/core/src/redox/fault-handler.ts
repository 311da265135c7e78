import type { FaultOutcome } from './errors.ts';

/** Who touched an address, and how. */
export interface FaultCircumstances {
  /** `copy`: one of the kernel's routines that copy from and to users. */
  readonly by: 'user' | 'copy' | 'kernel';
  /** Below the user's end. */
  readonly userAddress: boolean;
  readonly fetch: boolean;
  /** An entry has a bit set that must not be. */
  readonly reservedBit: boolean;
}

/** What the handler of page faults does. `Segv` is its own refusal: the caller kills or panics. */
export type HandlerOutcome = 'resume' | 'signal' | 'EFAULT' | 'panic' | 'Segv';

/**
 * What the handler of page faults makes of one.
 *
 * @param correct - makes the page accessible; asked only where the fault may be corrected
 */
export function handlePageFault(circumstances: FaultCircumstances, correct: () => FaultOutcome): HandlerOutcome {
  const { by, userAddress, fetch, reservedBit } = circumstances;
  if (reservedBit || !userAddress || by === 'kernel') return 'Segv';
  switch (correct()) {
    case 'ok':
      return 'resume';
    case 'Oom':
    case 'NonfatalInternalError':
      return 'panic';
    case 'Segv':
    case 'RecursionLimitExceeded':
      if (by === 'user') return 'signal';
      return fetch ? 'Segv' : 'EFAULT';
  }
}
