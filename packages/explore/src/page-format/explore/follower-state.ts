import type { AssumptionsSnapshot, Follower, KernelSnapshot } from '@overmap/core';
import type { ByteReader, ByteWriter } from './bytes.ts';

/** Everything that decides how a recording goes on from here. */
export interface FollowerState {
  readonly kernel: KernelSnapshot;
  readonly assumptions: AssumptionsSnapshot;
}

/** A copy of a follower's state; it costs a copy of every array of the kernel. */
export const stateOf = (follower: Follower): FollowerState => ({
  kernel: follower.kernel.snapshot(),
  assumptions: follower.assumptions.snapshot(),
});

/** Return a follower to a state. */
export function setState(follower: Follower, { kernel, assumptions }: FollowerState): void {
  follower.kernel.restore(kernel);
  follower.assumptions.restore(assumptions);
}

/**
 * Write how one state differs from another: the words of each array that differ, by their place, and the short lists as
 * they are. A reader that has `from` gets exactly `to`.
 */
export function writeChange(out: ByteWriter, from: FollowerState, to: FollowerState): void {
  out.unsigned(to.kernel.arrays.length);
  to.kernel.arrays.forEach((array, n) => {
    writeArray(out, from.kernel.arrays[n] ?? new Int32Array(0), array);
  });
  out.column(to.kernel.numbers);
  out.unsigned(to.kernel.freeBases.size);
  for (const [entries, bases] of to.kernel.freeBases) {
    out.unsigned(entries);
    out.column(bases);
  }
  out.column(to.kernel.freeHandles);
  out.column(to.kernel.freePools);
  out.unsigned(to.assumptions.count);
  out.column(to.assumptions.tables);
  out.unsigned(to.assumptions.nextAddress);
}

/** The state that {@link writeChange} was given as `to`. @throws RangeError - when the data is not what it wrote */
export function readChange(input: ByteReader, from: FollowerState): FollowerState {
  const count = input.unsigned();
  const arrays = Array.from({ length: count }, (_, n) => readArray(input, from.kernel.arrays[n] ?? new Int32Array(0)));
  const numbers = readList(input);
  const freeBases = new Map<number, readonly number[]>();
  for (let n = input.unsigned(); n > 0; n--) freeBases.set(input.unsigned(), readList(input));
  return {
    kernel: { arrays, numbers, freeBases, freeHandles: readList(input), freePools: readList(input) },
    assumptions: { count: input.unsigned(), tables: readList(input), nextAddress: input.unsigned() },
  };
}

/** Runs of words that differ: how many words lie between, how many there are, and the words. */
function writeArray(out: ByteWriter, from: Int32Array, to: Int32Array): void {
  out.unsigned(to.length);
  const shared = Math.min(from.length, to.length);
  const differs = (i: number): boolean => to[i] !== (i < shared ? from[i] : 0);
  let end = 0;
  for (let i = 0; i < to.length; ) {
    if (!differs(i)) {
      i++;
      continue;
    }
    let stop = i + 1;
    while (stop < to.length && differs(stop)) stop++;
    out.unsigned(i - end + 1);
    out.unsigned(stop - i);
    for (let at = i; at < stop; at++) out.signed(to[at]);
    end = i = stop;
  }
  out.unsigned(0);
}

function readArray(input: ByteReader, from: Int32Array): Int32Array {
  const length = input.unsigned();
  const to = new Int32Array(length);
  to.set(from.length > length ? from.subarray(0, length) : from);
  let at = 0;
  for (let skip = input.unsigned(); skip > 0; skip = input.unsigned()) {
    at += skip - 1;
    for (let n = input.unsigned(); n > 0; n--) to[at++] = input.signed();
  }
  return to;
}

const readList = (input: ByteReader): number[] => input.column((length) => Array.from<number>({ length }));
