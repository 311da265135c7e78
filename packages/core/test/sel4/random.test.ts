import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CAP_WORDS, OBJECT, OBJECT_HI, SIZE_MASK, SIZE_SHIFT } from '../../src/sel4/capability.ts';
import type { Kernel } from '../../src/sel4/kernel.ts';
import { OK } from '../../src/sel4/outcome.ts';
import { Policy, type PolicyName } from '../../src/sel4/policy.ts';
import { CONFIGURATIONS } from './configurations.ts';
import { checkInvariants, checkNothingLeft, ensure } from './invariants.ts';
import { deleteAll, everyMap, invocations, prepared, smallWorld } from './small-world.ts';
import { difference } from './state.ts';
import type { Invocation, World } from './world.ts';

/** The parts of the state that are in use: a whole snapshot after each of thousands of invocations is too slow. */
function usedState(k: Kernel): Int32Array[] {
  const tables = [
    k.tableBase,
    k.tableEntries,
    k.tableLoPaddr,
    k.tableHiPaddr,
    k.tableRefs,
    k.tableChildren,
    k.tableAlive,
  ];
  return [
    k.caps.slice(0, 64 * CAP_WORDS),
    ...tables.map((a) => a.slice(0, k.tableCount)),
    ...[k.entryLo, k.entryHi, k.links].map((a) => a.slice(0, k.arenaEnd)),
    k.asidRoots.slice(),
    k.poolIndex.slice(),
    k.asidTable.slice(),
    Int32Array.of(k.tableCount, k.arenaEnd, k.poolCount, ...k.freeHandles, ...k.freePools),
    Int32Array.from([...k.freeBases].flatMap(([n, bases]) => [n, ...bases])),
  ];
}

const same = (a: readonly Int32Array[], b: readonly Int32Array[]): boolean =>
  a.every((x, n) => x.length === b[n].length && x.every((word, i) => word === b[n][i]));

const [ENTRY_LO, ENTRY_HI, LINKS] = [8, 9, 10];

/** No page entry came to hold another frame in place of a live one. */
function nothingDisplaced(k: Kernel, before: readonly Int32Array[]): boolean {
  return before[LINKS].every((link, at) => {
    if (link >= 0 || k.links[at] >= 0) return true;
    const size = -link - 1;
    return (
      link === k.links[at] &&
      ((before[ENTRY_LO][at] ^ k.entryLo[at]) & k.addressMaskLo[size]) === 0 &&
      ((before[ENTRY_HI][at] ^ k.entryHi[at]) & k.addressMaskHi[size]) === 0
    );
  });
}

/** What one policy accepts, a laxer one accepts as well. */
const LAXER: readonly (readonly [number, number])[] = [
  [Policy.exact, Policy.strict],
  [Policy.strict, Policy.legacy],
  [Policy.legacy, Policy.permissive],
  [Policy.permissive, Policy.permissiveAware],
];

function expectAccepted(w: World, map: Invocation): void {
  for (const [narrow, wide] of LAXER)
    if (w.checkPacked(map, narrow) === OK && w.checkPacked(map, wide) !== OK)
      throw new Error(
        `policy ${narrow} accepts what policy ${wide} refuses: ${JSON.stringify({ ...map, vaddr: `${map.vaddr}` })}`,
      );
}

/** An accepted map of the exact policy finds its place empty or holding its own frame. */
function expectNoVictim(w: World, map: Invocation): void {
  if (w.checkPacked(map, Policy.exact) !== OK) return;
  const k = w.kernel;
  const c = (map.cap ?? 0) * CAP_WORDS;
  const size = (k.caps[c] >> SIZE_SHIFT) & SIZE_MASK;
  const frame = (BigInt(k.caps[c + OBJECT_HI] >>> 0) << 32n) | BigInt(k.caps[c + OBJECT] >>> 0);
  const [kind] = w.configuration.pages.filter(({ bits }) => bits === k.sizeBits[size]);
  for (let i = 0; i < kind.entries; i++) {
    if (k.links[k.at + i] === 0) continue;
    const word = (BigInt(k.entryHi[k.at + i] >>> 0) << 32n) | BigInt(k.entryLo[k.at + i] >>> 0);
    const address = w.configuration.family === 'riscv' ? (word >> 10n) << 12n : word & 0xfffffffff000n;
    const mask = -(1n << BigInt(kind.bits === 24 || kind.bits === 16 ? kind.bits : kind.shift));
    const piece = w.configuration.config.hyp === true ? frame + (BigInt(i) << BigInt(kind.shift)) : frame;
    if (
      w.configuration.config.hyp === true ? address !== piece && kind.entries > 1 : (address & mask) !== (frame & mask)
    )
      throw new Error(`exact lets ${frame.toString(16)} displace ${address.toString(16)}`);
  }
}

const DRIVERS: readonly PolicyName[] = ['legacy', 'strict', 'exact', 'permissive-aware'];

describe.each(CONFIGURATIONS)('random invocations on $name', (configuration) => {
  it.each(DRIVERS)('driven by %s keep every invariant', (driver) => {
    fc.assert(
      fc.property(invocations(configuration), (sequence) => {
        const w = smallWorld(configuration, driver);
        for (const drawn of sequence) {
          const invocation = prepared(w, drawn);
          if (invocation.op === 'map') expectAccepted(w, invocation);
          const before = usedState(w.kernel);
          const outcome = w.invokePacked(invocation);
          ensure(outcome === OK || same(before, usedState(w.kernel)), 'a refused invocation changes nothing');
          ensure(driver !== 'exact' || nothingDisplaced(w.kernel, before), 'exact displaces nothing');
          checkInvariants(w.kernel);
        }
        const reached = usedState(w.kernel);
        for (const map of everyMap(configuration)) {
          expectAccepted(w, map);
          expectNoVictim(w, map);
        }
        // Checks are pure.
        expect(same(reached, usedState(w.kernel))).toBe(true);
        deleteAll(w);
        checkNothingLeft(w.kernel);
        expect(w.kernel.asidTable.every((pool) => pool === 0)).toBe(true);
        expect(w.kernel.freePools).toHaveLength(w.kernel.poolCount - 1);
      }),
      { numRuns: 18, seed: 1 },
    );
  });

  it('after a restore go as they went before', () => {
    fc.assert(
      fc.property(invocations(configuration), fc.nat(30), (sequence, taken) => {
        const w = smallWorld(configuration, 'legacy');
        const all = sequence.map((drawn) => prepared(w, drawn));
        for (const invocation of all.slice(0, taken)) w.invokePacked(invocation);
        const snapshot = w.kernel.snapshot();
        const rest = (): number[] => all.slice(taken).map((invocation) => w.invokePacked(invocation));
        const first = rest();
        const end = w.kernel.snapshot();
        w.kernel.restore(snapshot);
        ensure(difference(snapshot, w.kernel.snapshot()) === null, 'a restore returns to its snapshot');
        checkInvariants(w.kernel);
        expect(rest()).toEqual(first);
        expect(difference(end, w.kernel.snapshot())).toBeNull();
      }),
      { numRuns: 15, seed: 2 },
    );
  });
});
