import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONFIGURATIONS } from '../../core/test/sel4/configurations.ts';
import { invocations, layoutOf, prepared, smallWorld } from '../../core/test/sel4/small-world.ts';
import { DifferingPlaces } from '../src/differing-places.ts';
import { mappingDifference } from '../src/mapping-difference.ts';

describe.each(CONFIGURATIONS)('two states of $name', (c) => {
  it('differ for whoever listens exactly when they differ for whoever walks', () => {
    let different = 0;
    fc.assert(
      fc.property(invocations(c, 60), fc.array(fc.nat(9), { minLength: 60, maxLength: 60 }), (all, skips) => {
        const [a, b] = [smallWorld(c, 'legacy'), smallWorld(c, 'legacy')];
        const places = new DifferingPlaces(a.kernel, b.kernel);
        for (const [n, drawn] of all.entries()) {
          const v = prepared(a, drawn);
          const frameOnly = v.op === 'map' || v.op === 'unmap';
          const outcome = a.invokePacked(v);
          // The second leaves out some maps and unmaps. Once that changes anything else, they have no tables in common.
          const skipped = frameOnly && skips[n] === 0;
          if (!skipped && b.invokePacked(v) !== outcome && !frameOnly) return;
          const difference = mappingDifference(a.kernel, b.kernel);
          expect(places.count() > 0).toBe(difference !== null);
          if (difference !== null) different++;
        }
      }),
      { numRuns: 40, seed: 1 },
    );
    expect(different).toBeGreaterThan(10);
  });

  it('differ no more when the table with the difference is cleared', () => {
    const [a, b] = [smallWorld(c, 'legacy'), smallWorld(c, 'legacy')];
    const { frames, vspaces, tables, addresses } = layoutOf(c);
    const places = new DifferingPlaces(a.kernel, b.kernel);
    a.map(frames[0], vspaces[0], addresses[0]);
    expect(places.count()).toBe(1);
    const leaf = tables[c.tables.length - 1];
    a.unmapTable(leaf);
    b.unmapTable(leaf);
    expect(places.count()).toBe(0);
  });

  it('are told apart by address, with what is there in both', () => {
    const [a, b] = [smallWorld(c, 'permissive'), smallWorld(c, 'permissive')];
    const { frames, vspaces, addresses } = layoutOf(c);
    expect(mappingDifference(a.kernel, b.kernel)).toBeNull();
    a.map(frames[0], vspaces[0], addresses[0]);
    const address = `address 0x${addresses[0].toString(16)}, `;
    expect(mappingDifference(a.kernel, b.kernel)).toContain(address);
    expect(mappingDifference(a.kernel, b.kernel)).toMatch(/migrated nothing$/);
    expect(mappingDifference(b.kernel, a.kernel)).toMatch(/recorded nothing, migrated page of 2\^12/);
    b.map(frames[1], vspaces[0], addresses[0]);
    expect(mappingDifference(a.kernel, b.kernel)).toContain(address);
    b.map(frames[0], vspaces[0], addresses[0], 'r');
    expect(mappingDifference(a.kernel, b.kernel)).toContain(address);
    b.map(frames[0], vspaces[0], addresses[0]);
    expect(mappingDifference(a.kernel, b.kernel)).toBeNull();
    b.delete(vspaces[1]);
    expect(mappingDifference(a.kernel, b.kernel)).toMatch(/in one of the two only/);
  });
});
