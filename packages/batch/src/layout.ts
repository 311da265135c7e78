import { Batched } from '@overmap/core';

/*
 * How the operands of a listed batch lie in a message. seL4 passes at most 120 words (seL4_MsgMaxLength).
 *
 * ```text
 *            word 0   1        2        3               4 …
 *           +-------+--------+--------+---------------+--------
 *  map      | count | cptr 0 | vaddr0 | attr << 4 | r | cptr 1 …      3 words an operation, at most 39
 *           +-------+--------+--------+---------------+--------
 *  protect  | count | cptr 0 | attr << 4 | r | cptr 1 …               2 words an operation, at most 59
 *           +-------+--------+--------+-------------------
 *  unmap    | count | cptr 0 | cptr 1 …                               1 word an operation,  at most 119
 *           +-------+--------+--------
 *  r = rights, the four bits of seL4_CapRights.  Map and protect: extra capability 0 = the vspace.
 *
 *            word 0    1       2        3         4
 *           +-------+-------+--------+---------------+
 *  window   | first | count | vaddr  | attr << 4 | r |   invoked on the CNode; vaddr of a map only,
 *           +-------+-------+--------+---------------+   attr and r of a map or protect only
 * ```
 */

/** Words of a message, seL4_MsgMaxLength. */
export const MESSAGE_WORDS = 120;
/** Words of a listed batch that are not operands: the count. */
export const FIXED_WORDS = 1;
/** Words of one operation in a list, by `Batched`. */
export const OPERATION_WORDS: Readonly<Record<BatchKind, number>> = {
  [Batched.map]: 3,
  [Batched.unmap]: 1,
  [Batched.protect]: 2,
};

/** What a batch does: `Batched.map`, `Batched.unmap` or `Batched.protect`. */
export type BatchKind = 1 | 2 | 3;

/**
 * The most operations that a list can hold: as many as fit a message.
 *
 * @example
 * ```ts
 * listLimit(Batched.map); // 39
 * ```
 */
export const listLimit = (kind: BatchKind): number => Math.floor((MESSAGE_WORDS - FIXED_WORDS) / OPERATION_WORDS[kind]);
