import { expect } from 'vitest';
import type { Kernel, KernelSnapshot } from '../../src/sel4/kernel.ts';

/** The first difference of two snapshots in words, or null: typed arrays are too long for `toEqual`. */
export function difference(a: KernelSnapshot, b: KernelSnapshot): string | null {
  for (let n = 0; n < a.arrays.length; n++) {
    const x = a.arrays[n];
    const y = b.arrays[n];
    if (x.length !== y.length) return `array ${n} has ${x.length} and ${y.length} words`;
    for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return `array ${n} differs at ${i}: ${x[i]}, ${y[i]}`;
  }
  const rest = (s: KernelSnapshot): string => JSON.stringify([s.numbers, s.freeHandles, s.freePools, [...s.freeBases]]);
  return rest(a) === rest(b) ? null : `${rest(a)} is not ${rest(b)}`;
}

/** Run something that must leave the kernel as it was, scratch fields apart. */
export function expectUnchanged<T>(kernel: Kernel, run: () => T): T {
  const before = kernel.snapshot();
  const result = run();
  expect(difference(before, kernel.snapshot())).toBeNull();
  return result;
}
