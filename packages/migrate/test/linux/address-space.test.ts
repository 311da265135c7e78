import { StraceLog, type StraceCall } from '@overmap/trace';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressSpace, PAGE } from '../../src/linux/address-space.ts';
import { Mappings } from '../../src/linux/mappings.ts';
import { moveMapping } from '../../src/linux/move-mapping.ts';

const PAGES = 24;
const MOST = 6;
interface PageOf {
  readonly file: number;
  readonly prot: number;
}

const page = fc.nat({ max: PAGES - MOST });
const pages = fc.integer({ min: 1, max: MOST });
const operation = fc.oneof(
  fc.record({ kind: fc.constant('map' as const), page, pages, file: fc.nat({ max: 2 }), prot: fc.nat({ max: 7 }) }),
  fc.record({ kind: fc.constant('unmap' as const), page, pages }),
  fc.record({ kind: fc.constant('protect' as const), page, pages, prot: fc.nat({ max: 7 }) }),
  fc.record({ kind: fc.constant('move' as const), page, pages, to: page, more: pages, stays: fc.boolean() }),
);

describe('an address space', () => {
  it('is, page by page, what an array of pages is', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
        const log = new StraceLog(() => new Uint8Array(0));
        const mappings = new Mappings(() => 0);
        const space = new AddressSpace({ number: 1, pid: 1, parent: null, program: null, line: 0, event: 0, time: 0 });
        let naive: (PageOf | undefined)[] = Array.from({ length: PAGES * 2 });
        for (const [n, op] of operations.entries()) {
          const line = n + 1;
          const call = { thread: log.nobody, line, entry: line, event: n, time: 0, site: 0 } as StraceCall;
          const start = op.page * PAGE;
          const end = start + op.pages * PAGE;
          const next = [...naive];
          const inRange = (i: number): boolean => i >= op.page && i < op.page + op.pages;
          if (op.kind === 'map') {
            space.map.replace(start, end, mappings.made(call, op.file, op.prot, 0));
            for (let i = 0; i < next.length; i++) if (inRange(i)) next[i] = { file: op.file, prot: op.prot };
          } else if (op.kind === 'unmap') {
            const bytes = space.clear(mappings, start, end, line, line, null);
            const there = naive.filter((was, i) => was !== undefined && inRange(i)).length * PAGE;
            if (bytes !== there) throw new Error(`${bytes} bytes went, and ${there} were there`);
            for (let i = 0; i < next.length; i++) if (inRange(i)) next[i] = undefined;
          } else if (op.kind === 'protect') {
            space.protect(mappings, start, end, op.prot, line);
            for (const [i, was] of naive.entries())
              if (was !== undefined && inRange(i)) next[i] = { ...was, prot: op.prot };
          } else {
            // What moves must be there as a whole, and must not move onto itself.
            const to = op.stays ? op.page : op.to + PAGES;
            const whole = naive.slice(op.page, op.page + op.pages);
            if (whole.includes(undefined) || to + op.more > next.length) continue;
            moveMapping(
              space,
              mappings,
              Object.assign(call, {
                address: start,
                length: end - start,
                newLength: op.more * PAGE,
                result: to * PAGE,
                flags: 1,
                newAddress: 0,
              }),
              () => undefined,
            );
            for (let i = 0; i < op.pages; i++) next[op.page + i] = undefined;
            for (let i = 0; i < op.more; i++) next[to + i] = whole[Math.min(i, op.pages - 1)];
          }
          naive = next;
          const seen: (PageOf | undefined)[] = Array.from({ length: PAGES * 2 });
          let last = -1;
          space.map.forEach((from, until, id) => {
            expect(from).toBeGreaterThanOrEqual(last);
            last = until;
            for (let p = from / PAGE; p < until / PAGE; p++)
              seen[p] = { file: mappings.file[id] ?? -1, prot: mappings.prot[id] ?? -1 };
          });
          expect(seen).toEqual(naive);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('has one range for an arena that grows by mprotect', () => {
    const log = new StraceLog(() => new Uint8Array(0));
    const mappings = new Mappings(() => 0);
    const space = new AddressSpace({ number: 1, pid: 1, parent: null, program: null, line: 0, event: 0, time: 0 });
    const call = { thread: log.nobody, line: 1, entry: 1, event: 0, time: 0, site: 0 } as StraceCall;
    space.map.insert(0, 1000 * PAGE, mappings.made(call, 0, 0, 0));
    for (let n = 0; n < 1000; n++) {
      space.protect(mappings, n * PAGE, (n + 1) * PAGE, 3, n + 2);
      expect(space.map.count).toBe(n === 999 ? 1 : 2);
    }
    expect(mappings.highest).toBeLessThan(10);
  });
});
