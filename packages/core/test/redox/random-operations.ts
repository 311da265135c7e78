import * as fc from 'fast-check';
import { redox } from '../../src/index.ts';
import { prot } from './small-machine.ts';

const { MAP, MREMAP, PAGE_SIZE } = redox;

/** Spaces at the start; forks get the numbers behind. */
export const SPACES = 3;
const MOST_SPACES = 6;
const PAGES = 40;

const page = fc.nat(PAGES);
const count = fc.integer({ min: 1, max: 9 });
const space = fc.nat(MOST_SPACES - 1);
const letters = fc.constantFrom('', 'r', 'rw', 'rx', 'rwx').map(prot);
const placement = fc.constantFrom(0, 0, MAP.fixed, MAP.fixedNoReplace, 8);
const memory = fc.constantFrom<redox.MemoryType>('wb', 'wb', 'wb', 'uc', 'wc');
/** Bytes of so many pages; sometimes none, or no whole pages. */
const bytes = (pages: fc.Arbitrary<number>): fc.Arbitrary<number> =>
  fc.oneof(
    { weight: 30, arbitrary: pages.map((n) => n * PAGE_SIZE) },
    { weight: 1, arbitrary: fc.constantFrom(0, 5, 4097) },
  );

const flags = fc.tuple(letters, placement).map(([a, b]) => a | b);
const anonymousFlags = fc.tuple(flags, fc.constantFrom(MAP.private, MAP.private, MAP.shared)).map(([a, b]) => a | b);

/** Operations of all kinds, close together so that they meet. */
const anyOperation: fc.Arbitrary<redox.RedoxOperation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      op: fc.constant('mmap' as const),
      space,
      address: bytes(page),
      size: bytes(count),
      mapFlags: anonymousFlags,
      memory,
      contiguous: fc.nat(9).map((n) => n === 0),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('mapPhysical' as const),
      space,
      physical: bytes(fc.integer({ min: 0xf0000, max: 0xf0010 })),
      size: bytes(count),
      mapFlags: letters,
      memory,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ op: fc.constant('munmap' as const), space, address: bytes(page), size: bytes(count) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('munmapUnpin' as const),
      space,
      address: page.map((n) => n * PAGE_SIZE),
      size: count.map((n) => n * PAGE_SIZE),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('mprotect' as const),
      space,
      address: bytes(page),
      size: bytes(count),
      mapFlags: letters,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('mremap' as const),
      space,
      oldAddress: bytes(page),
      oldSize: bytes(count),
      newAddress: bytes(page),
      newSize: bytes(fc.oneof(count, fc.constant(1))),
      remapFlags: fc.constantFrom(
        0,
        MREMAP.fixed,
        MREMAP.fixedReplace,
        MREMAP.keepOld,
        MREMAP.keepOld | MREMAP.fixedReplace,
      ),
      mapFlags: letters,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      op: fc.constant('access' as const),
      space,
      access: fc.constantFrom('read' as const, 'write' as const, 'write' as const, 'fetch' as const),
      page,
      value: fc.integer({ min: 1, max: 1000 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('fork' as const),
      space,
      child: fc.integer({ min: SPACES, max: MOST_SPACES - 1 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('drop' as const), space }) },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant('setLeastAddress' as const), space, address: bytes(fc.nat(9)) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constantFrom('borrow' as const, 'borrow' as const, 'transfer' as const),
      space,
      source: space,
      sourceAddress: bytes(page),
      size: bytes(count),
      address: bytes(page),
      mapFlags: flags,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('pinBorrow' as const),
      space,
      source: space,
      sourceAddress: bytes(page),
      size: bytes(count),
      mapFlags: letters,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('mapScheme' as const),
      space,
      scheme: space,
      reply: bytes(page),
      file: fc.constantFrom(1, 2),
      offset: bytes(fc.nat(3)),
      size: bytes(count),
      address: bytes(page),
      mapFlags: anonymousFlags,
    }),
  },
);

export const operations = fc.array(anyOperation, { maxLength: 60, size: 'max' });

/** Whether an operation names only spaces that there are, and a child that there is not. */
export function makesSense(machine: redox.Machine, operation: redox.RedoxOperation): boolean {
  const { spaces } = machine;
  if (!spaces.has(operation.space)) return false;
  if (operation.op === 'fork') return !spaces.has(operation.child);
  if (operation.op === 'pinBorrow') return spaces.has(operation.source) && operation.source !== operation.space;
  if (operation.op === 'borrow' || operation.op === 'transfer') return spaces.has(operation.source);
  if (operation.op === 'mapScheme') return operation.scheme === null || spaces.has(operation.scheme);
  return true;
}
