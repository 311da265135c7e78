import fc from 'fast-check';
import type { LinuxCall } from '../../src/linux/index.ts';
import { ANON, at, MapFlag, PAGE } from './process.ts';

const length = fc.integer({ min: 1, max: 12 }).map((pages) => pages * PAGE);
const prot = fc.nat(7);
const mapFlags = fc.constantFrom(
  ...[MapFlag.FIXED, MapFlag.FIXED_NOREPLACE, 0].flatMap((fixed) =>
    [ANON, ANON | MapFlag.NORESERVE, MapFlag.SHARED | MapFlag.ANONYMOUS].map((kind) => fixed | kind),
  ),
);
/** Calls of all kinds that name one of so many pages, few so that they meet. */
export function callsWithin(pages: number): fc.Arbitrary<LinuxCall> {
  const page = fc.nat(pages).map(at);
  return fc.oneof(
    fc.record({ op: fc.constant('mmap' as const), addr: page, len: length, prot, flags: mapFlags }),
    fc.record({ op: fc.constant('munmap' as const), addr: page, len: length }),
    fc.record({ op: fc.constant('mprotect' as const), addr: page, len: length, prot }),
    fc.record({
      op: fc.constant('mremap' as const),
      addr: page,
      oldLen: fc.oneof(length, fc.constant(0)),
      newLen: length,
      flags: fc.nat(7),
      newAddr: page,
    }),
    fc.record({ op: fc.constant('touch' as const), addr: page }),
  );
}

export const anyCall: fc.Arbitrary<LinuxCall> = callsWithin(40);
