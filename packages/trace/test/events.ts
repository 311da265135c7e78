import { Code, CODE_NAMES, OBJ_NAMES } from '@overmap/core';
import fc from 'fast-check';
import type { TraceEvent } from '../src/index.ts';

const hex = fc
  .oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 0xffffffffn }))
  .map((v) => `0x${v.toString(16)}`);
const slot = fc.oneof(
  { weight: 8, arbitrary: fc.nat(100_000) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(0, 2 ** 20 - 2, 2 ** 20 - 1, 2 ** 20, 999_999_999, 1e9, 2 ** 31, 2 ** 53 - 100),
  },
);
const rights = fc.constantFrom('rw', 'r', 'w', '', 'rwgG', 'rg', 'gG');
const attr = fc.oneof(fc.nat(7), fc.nat(0xffffffff));
const lookup = fc.oneof(
  fc.record({ failedForSource: fc.boolean(), type: fc.constant('invalid_root' as const) }),
  fc.record({
    failedForSource: fc.boolean(),
    type: fc.constantFrom('missing_capability' as const, 'depth_mismatch' as const, 'guard_mismatch' as const),
    bits: fc.nat(64),
  }),
);
const site = fc.record(
  { file: fc.string({ unit: 'binary' }), line: fc.nat(), function: fc.string() },
  { requiredKeys: ['file', 'line'] },
);
const common = fc.record(
  {
    boot: fc.constant(true as const),
    synth: fc.constant(true as const),
    assume: fc.constant(true as const),
    migrated: fc.constantFrom('inserted' as const, 'moved' as const, 'unmigrated' as const),
    seq: fc.nat(),
    thread: fc.oneof(fc.string(), fc.integer()),
    cspace: fc.oneof(fc.constantFrom('init', 'ä'), fc.nat(3)),
    site,
  },
  { requiredKeys: [] },
);
/** Mostly no extra keys at all. */
const extras = fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: common });
const failures = CODE_NAMES.slice(1).map((ret) => {
  const code = Code[ret];
  if (code === Code.InvalidArgument || code === Code.InvalidCapability)
    return fc.record({ ret: fc.constant(ret), arg: fc.nat(9) });
  if (code === Code.RangeError) return fc.record({ ret: fc.constant(ret), min: fc.nat(9), max: fc.nat(2047) });
  if (code === Code.FailedLookup) return fc.record({ ret: fc.constant(ret), lookup });
  if (code === Code.NotEnoughMemory) return fc.record({ ret: fc.constant(ret), avail: fc.nat() });
  return fc.record({ ret: fc.constant(ret) });
});
const answer = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ ret: 'ok' as const }) },
  { weight: 2, arbitrary: fc.oneof(...failures) },
  // An error without its details.
  { weight: 1, arbitrary: fc.constantFrom(...CODE_NAMES.map((ret) => ({ ret }))) },
);
const cleared = fc.record(
  { cleared: fc.boolean(), why: fc.constantFrom('no_vspace', 'no_entry', 'other_entry'), found: hex },
  { requiredKeys: [] },
);
const mapTruth = fc.record(
  {
    entry: hex,
    was: hex,
    replaced: hex,
    remap: fc.constant(true),
    alias: fc.constant(true),
    wasValid: fc.nat(16),
  },
  { requiredKeys: [] },
);

/** An operation: its own keys and its answer. */
const operation = (
  op: string,
  keys: Record<string, fc.Arbitrary<unknown>>,
  ...more: fc.Arbitrary<object>[]
): fc.Arbitrary<object> =>
  fc
    .tuple(fc.record({ op: fc.constant(op), ...keys }), answer, extras, ...more)
    .map((parts) => Object.assign({}, ...parts) as object);
const maybe = <T>(key: string, value: fc.Arbitrary<T>): fc.Arbitrary<object> =>
  fc.oneof(
    fc.constant({}),
    value.map((v) => ({ [key]: v })),
  );

/** Any valid event, in the spelling that `eventAt` gives back. */
export const anyEvent: fc.Arbitrary<TraceEvent> = fc
  .oneof(
    operation(
      'retype',
      {
        obj: fc.constantFrom(...OBJ_NAMES.slice(1)),
        bits: fc.integer({ min: 1, max: 63 }),
        cap: slot,
        n: fc.integer({ min: 0, max: 40 }),
      },
      maybe('paddr', hex),
    ),
    operation('make_pool', { cap: slot }),
    operation('assign', { pool: slot, vspace: slot }, maybe('asid', fc.nat(0xffff))),
    operation('map_table', { cap: slot, vspace: slot, vaddr: hex, attr }),
    operation('unmap_table', { cap: slot }, cleared),
    operation('map', { cap: slot, vspace: slot, vaddr: hex, rights, attr }, mapTruth),
    operation('unmap', { cap: slot }, cleared),
    operation('address', { cap: slot }, maybe('paddr', hex)),
    operation('copy', { src: slot, cap: slot, rights }),
    operation('mint', { src: slot, cap: slot, rights, badge: fc.nat() }),
    operation('move', { src: slot, cap: slot }, maybe('via', fc.constant('swap'))),
    operation('swap', { cap: slot, with: slot }),
    operation('delete', { cap: slot }, cleared),
    operation('revoke', { cap: slot }),
    fc
      .tuple(
        fc.record({ op: fc.constant('mark'), name: fc.string(), at: fc.constantFrom('start', 'end') }),
        maybe('result', fc.constantFrom('passed', 'failed')),
        extras,
      )
      .map((parts) => Object.assign({}, ...parts) as object),
  )
  .map((event) => event as TraceEvent);
