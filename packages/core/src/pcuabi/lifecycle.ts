import { plainAlignment } from '../cheri/plain-bounds.ts';
import type { PcuabiSpace } from './address-space.ts';
import type { ForkCall } from './call.ts';
import { type Decision, DONE, type Edit, type Span } from './decision.ts';
import { refuse } from './predicates.ts';
import type { PcuabiProfile } from './profile.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
/** Limits of the main stack's reservation, and sysctl cheri.max_stack_size unless it is set. */
const STACK = { least: 256 * KIB, most: 1024 * MIB, default: 128 * MIB };

/** brk does not exist. */
export const checkBrk = (space: PcuabiSpace): Decision => refuse(space, 'no-brk');

/** fork: the child has the same mappings, and so the same reservations, but for what was marked DONTFORK. */
export function checkFork(space: PcuabiSpace, { dontFork = [] }: ForkCall): Decision {
  const left: Edit[] = dontFork.map(({ start, end }) => ({ kind: 'unmap', start, end }));
  for (const { start, end, dontFork: marked } of space.listMappings())
    if (marked) left.push({ kind: 'unmap', start, end });
  return { ...DONE, edits: left };
}

/** exec: nothing is left, neither mappings nor reservations. */
export function checkExec({ profile }: PcuabiSpace): Decision {
  return { ...DONE, edits: [{ kind: 'unmap', start: 0, end: profile.end }] };
}

/**
 * The range that the main stack reserves: its end is given, its start aligned down for its length. Growth beyond fails.
 * fs/exec.c of the `inner` tree.
 *
 * @param limit - RLIMIT_STACK, in bytes
 * @param most - sysctl cheri.max_stack_size. Default: 128 MiB
 */
export function stackRange(
  { format, pageSize }: PcuabiProfile,
  end: number,
  limit: number,
  most: number = STACK.default,
): Span {
  const length = Math.min(Math.max(Math.min(limit, most), STACK.least), STACK.most);
  const align = Math.max(pageSize, plainAlignment(format, length));
  return { start: Math.floor((end - length) / align) * align, end };
}
