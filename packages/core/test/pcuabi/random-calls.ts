import fc from 'fast-check';
import type { PcuabiSpace } from '../../src/pcuabi/address-space.ts';
import type { PcuabiCall } from '../../src/pcuabi/call.ts';
import { PERMISSION } from '../../src/pcuabi/permissions.ts';
import {
  drop,
  narrow,
  nullDerived,
  offset,
  seal,
  untag,
  type UserCapability,
} from '../../src/pcuabi/user-capability.ts';
import { AT, PAGE } from './space-under-test.ts';

/** A pointer: null-derived, or made from what an earlier call returned. */
interface PointerChoice {
  readonly from: number;
  readonly page: number;
  readonly change: 'none' | 'untag' | 'seal' | 'drop' | 'narrow' | 'null';
}

/** A call whose pointers are yet to be found. */
export interface CallChoice {
  readonly call: PcuabiCall['call'];
  readonly pointer: PointerChoice;
  readonly to: PointerChoice;
  readonly pages: number;
  readonly more: number;
  readonly flags: number;
}

const pointer: fc.Arbitrary<PointerChoice> = fc.record({
  from: fc.nat({ max: 7 }),
  page: fc.integer({ min: -1, max: 6 }),
  change: fc.constantFrom('none', 'none', 'none', 'none', 'null', 'null', 'untag', 'seal', 'drop', 'narrow'),
});
const NAMES = [
  'mmap',
  'mmap',
  'mmap',
  'munmap',
  'munmap',
  'mprotect',
  'mremap',
  'mremap',
  'madvise',
  'shmat',
  'shmdt',
] as const;
/** One of them. */
export const call: fc.Arbitrary<CallChoice> = fc.record({
  call: fc.constantFrom(...NAMES, 'fork', 'mlock', 'msync', 'mincore', 'brk'),
  pointer,
  to: pointer,
  pages: fc.oneof(fc.nat({ max: 8 }), fc.constant(0x1001)),
  more: fc.nat({ max: 8 }),
  flags: fc.nat({ max: 255 }),
});

/** Null-derived addresses lie where fixed mappings do, so that they meet. */
function choose(
  { from, page, change }: PointerChoice,
  known: readonly UserCapability[],
  space: PcuabiSpace,
): UserCapability {
  const found = known[from % Math.max(1, known.length)] ?? nullDerived(0);
  if (change === 'null') return nullDerived(from === 0 ? 0 : AT + (from * 4 + page) * PAGE);
  const { format } = space.profile;
  const moved = offset(format, found, page * PAGE);
  if (change === 'untag') return untag(moved);
  if (change === 'seal') return seal(moved);
  if (change === 'drop') return drop(moved, PERMISSION.VMem | PERMISSION.Store);
  return change === 'narrow' ? narrow(format, moved, 2 * PAGE) : moved;
}

/** The call, its pointers found among those that earlier calls returned. */
export function made(
  { call: name, pages, more, flags, ...rest }: CallChoice,
  known: UserCapability[],
  space: PcuabiSpace,
): PcuabiCall {
  const address = choose(rest.pointer, known, space);
  const length = pages * PAGE;
  const has = (bit: number): boolean => (flags & bit) !== 0;
  const prot = (flags >> 5) & 7;
  if (name === 'mmap') {
    const max = has(16) ? { maxProt: 7 } : {};
    return { call: name, address, length, prot, fixed: has(1), noReplace: has(2) && has(4), shared: has(8), ...max };
  }
  if (name === 'mremap')
    return {
      call: name,
      address,
      oldLength: length,
      newLength: more * PAGE,
      mayMove: has(1) || has(2),
      fixed: has(4),
      dontUnmap: has(8) && has(16),
      to: has(4) || has(32) ? choose(rest.to, known, space) : nullDerived(0),
    };
  if (name === 'mprotect') return { call: name, address, length, prot };
  if (name === 'madvise') return { call: name, address, length, advice: has(1) ? 'dontfork' : 'other' };
  if (name === 'shmat') return { call: name, address, size: length, remap: has(1), object: -1 - (flags >> 4) };
  if (name === 'shmdt') return { call: name, address };
  if (name === 'fork' || name === 'exec' || name === 'brk') return { call: name };
  return { call: name, address, length };
}

/** Calls of all kinds, close together so that they meet. */
export const runs = fc.array(call, { maxLength: 40 });
