import { OP_NAMES, Op } from '@overmap/core';
import { rareBits } from './rare-keys.ts';
import { COMMON_KEYS, OP_KEYS } from './record-keys.ts';

/** Bits of the keys that `RecordScanner` reads itself; the others are those of `RareKeys`. */
export const Key = {
  op: 1 << 0,
  cap: 1 << 1,
  vspace: 1 << 2,
  vaddr: 1 << 3,
  rights: 1 << 4,
  attr: 1 << 5,
  ret: 1 << 6,
  src: 1 << 7,
  obj: 1 << 8,
  bits: 1 << 9,
  n: 1 << 10,
  paddr: 1 << 11,
  pool: 1 << 12,
  with: 1 << 13,
  entry: 1 << 14,
  was: 1 << 15,
  cleared: 1 << 16,
} as const;

const keyBits = (names: readonly string[]): number => {
  let bits: number = Key.op;
  for (const name of names) bits |= Key[name as keyof typeof Key] ?? 0;
  return bits;
};
// By operation code. A record without an operation lacks something.

/** Bits of the keys that an operation must have. */
export const REQUIRED: Int32Array = new Int32Array(OP_NAMES.length);
/** Bits of the keys that are not an operation's; a record with one is the slow path's. */
export const FORBIDDEN: Int32Array = new Int32Array(OP_NAMES.length).fill(-1);
/** {@link REQUIRED} of the keys that `RareKeys` reads. */
export const RARE_REQUIRED: Int32Array = new Int32Array(OP_NAMES.length);
/** {@link FORBIDDEN} of the keys that `RareKeys` reads. */
export const RARE_FORBIDDEN: Int32Array = new Int32Array(OP_NAMES.length).fill(-1);
for (const name of OP_NAMES) {
  if (name === '') continue;
  const { required, optional, truth } = OP_KEYS[name];
  const all = [...required, ...optional, ...truth];
  REQUIRED[Op[name]] = keyBits(required);
  FORBIDDEN[Op[name]] = ~keyBits(all);
  RARE_REQUIRED[Op[name]] = rareBits(required) & ~rareBits([]);
  RARE_FORBIDDEN[Op[name]] = ~rareBits([...all, ...COMMON_KEYS]);
}
REQUIRED[0] = -1;
// Its keys are the slow path's.
REQUIRED[Op.batch] = -1;
