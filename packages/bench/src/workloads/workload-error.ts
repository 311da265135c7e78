import { sayOutcome } from '@overmap/core';

/** An operation of a case did not do what it should. Its figures are worth nothing. The message does not name the case. */
export class WorkloadError extends Error {
  readonly caseName: string;
  /** "Page_Map of frame 17 at 0x10011000". */
  readonly operation: string;
  /** Both in the words of the kernel's manual. */
  readonly expected: string;
  readonly got: string;

  constructor(caseName: string, operation: string, expected: string, got: string) {
    super(`${operation}: expected ${expected}, got ${got}`);
    this.name = 'WorkloadError';
    this.caseName = caseName;
    this.operation = operation;
    this.expected = expected;
    this.got = got;
  }
}

/** What an unmap has done to its entry, by the kernel's `cleared`. */
export function sayCleared(cleared: number): string {
  if (cleared > 0) return 'the entry cleared';
  return cleared === 0 ? 'no entry cleared' : 'nothing recorded';
}

/** An outcome for people: "ok", or the error with its details. */
export const sayAnswer = (outcome: number): string => sayOutcome(outcome);

/** Rights letters, as bits: "read-only". */
export function sayRights(letters: number): string {
  if ((letters & 2) !== 0) return 'read-write';
  return (letters & 1) === 0 ? 'no rights' : 'read-only';
}

/** "0x10011000". */
export const sayAddress = (address: number): string => `0x${address.toString(16)}`;
