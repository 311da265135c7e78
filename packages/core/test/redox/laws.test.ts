import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redox } from '../../src/index.ts';
import { makesSense, operations, SPACES } from './random-operations.ts';
import { stateOf } from './small-machine.ts';

const { Machine, MAP, MREMAP, performRedox, REDOX_POLICIES } = redox;
const MEMORY = [{ base: 0x1000, count: 0x800 }];

type Policy = keyof typeof REDOX_POLICIES;

function machineOf(policy: Policy): redox.Machine {
  const machine = new Machine({ policy: REDOX_POLICIES[policy], memory: MEMORY });
  for (let id = 0; id < SPACES; id++) machine.addSpace(id, id);
  return machine;
}

/** Run operations until a panic; those that name no space are passed over. */
function run(
  machine: redox.Machine,
  list: readonly redox.RedoxOperation[],
  after: (operation: redox.RedoxOperation, outcome: redox.RedoxOutcome, before: unknown) => void,
  keep = false,
): void {
  for (const operation of list) {
    if (!makesSense(machine, operation)) continue;
    const before = keep ? stateOf(machine) : null;
    const outcome = performRedox(machine, operation);
    after(operation, outcome, before);
    if (outcome.kind === 'panic') return;
  }
}

const allSpaces = (machine: redox.Machine): redox.AddressSpace[] => [...machine.spaces.values(), ...machine.orphans];

/** How many entries show each frame. */
function entriesByFrame(machine: redox.Machine): Map<number, number> {
  const counts = new Map<number, number>();
  for (const space of allSpaces(machine)) {
    space.table.forEachPresent(0, redox.USER_END_PAGE, (_page, entry) => {
      const frame = redox.entryFrame(entry);
      counts.set(frame, (counts.get(frame) ?? 0) + 1);
    });
  }
  return counts;
}

/** The frames whose references are not as many as the entries that show them. */
function miscounted(machine: redox.Machine): unknown[] {
  const { frames } = machine;
  const counts = entriesByFrame(machine);
  // The zeroed frame has one reference of its own.
  counts.set(frames.zeroed, (counts.get(frames.zeroed) ?? 0) + 1);
  return [...counts].flatMap(([frame, shown]) => {
    const count = frames.isDevice(frame) ? shown : frames.allocator.infos.count(frames.allocator.index(frame));
    return count === shown ? [] : [{ frame, count, shown }];
  });
}

/** Whether grants and holes lie one behind the other, from the first page to the last. */
function tiled({ grants }: redox.AddressSpace): boolean {
  let next = 0;
  for (const { base, count } of [...grants.list(), ...grants.holes()].sort((a, b) => a.base - b.base)) {
    if (base !== next || count <= 0) return false;
    next = base + count;
  }
  return next === redox.USER_END_PAGE;
}

/** Entries that are without a grant, allow more than it, or let a frame be written that is copied when written. */
function excessive(machine: redox.Machine): unknown[] {
  const found: unknown[] = [];
  for (const { id, table, grants } of allSpaces(machine)) {
    table.forEachPresent(0, redox.USER_END_PAGE, (page, entry) => {
      const flags = redox.entryFlags(entry);
      const allowed = grants.containing(page)?.flags;
      const writable = (flags & redox.PTE.write) !== 0;
      const wrong =
        allowed === undefined ||
        (flags & ~allowed & (redox.PTE.write | redox.PTE.exec)) !== 0 ||
        (writable && !machine.frames.allowsWritable(redox.entryFrame(entry)));
      if (wrong) found.push({ id, page, flags, allowed });
    });
  }
  return found;
}

/** What a call that fails may have changed, and why: what is not listed changes nothing. */
function mayHaveChanged(operation: redox.RedoxOperation, error: string): string | null {
  switch (operation.op) {
    case 'mmap':
    case 'borrow':
    case 'transfer':
      return (operation.mapFlags & MAP.fixed) === 0 ? null : 'a fixed request has unmapped what was there';
    case 'mapScheme':
      return error === 'EIO' || (operation.mapFlags & MAP.fixed) !== 0 ? 'pages of the scheme were touched' : null;
    case 'munmap':
    case 'munmapUnpin':
      return error === 'EBUSY' ? 'what lies below the pinned grant is gone' : null;
    case 'mprotect':
      return error === 'EBUSY' || error === 'EACCES' ? 'what lies below is changed, the grant itself cut' : null;
    case 'mremap':
      if ((operation.remapFlags & MREMAP.keepOld) !== 0) return 'the old page is made the space’s own first';
      return (operation.remapFlags & MREMAP.fixed) === 0 ? null : 'a fixed destination is unmapped first';
    default:
      return null;
  }
}

for (const policy of ['asIs', 'intended'] as const) {
  describe(`laws of Redox, ${policy}`, () => {
    test('grants and holes share the user’s pages without overlap or gap', () => {
      fc.assert(
        fc.property(operations, (list) => {
          const machine = machineOf(policy);
          run(machine, list, (_operation, outcome) => {
            if (outcome.kind === 'panic') return;
            expect([...machine.spaces.values()].every(tiled)).toBe(true);
          });
        }),
        { numRuns: 50 },
      );
    });

    test('a call that fails changes nothing, but for what is listed', () => {
      fc.assert(
        fc.property(operations, (list) => {
          const machine = machineOf(policy);
          const each = (operation: redox.RedoxOperation, outcome: redox.RedoxOutcome, before: unknown): void => {
            const failed = outcome.kind === 'error' ? outcome.error : outcome.kind === 'fault' ? outcome.fault : null;
            if (failed === null || mayHaveChanged(operation, failed) !== null) return;
            expect(stateOf(machine)).toEqual(before);
          };
          run(machine, list, each, true);
        }),
        { numRuns: 25 },
      );
    });

    test('the same operations give the same answers and the same state', () => {
      fc.assert(
        fc.property(operations, (list) => {
          const [a, b] = [machineOf(policy), machineOf(policy)];
          const outcomes: redox.RedoxOutcome[][] = [[], []];
          run(a, list, (_operation, outcome) => outcomes[0].push(outcome));
          run(b, list, (_operation, outcome) => outcomes[1].push(outcome));
          expect(outcomes[0]).toEqual(outcomes[1]);
          expect(stateOf(a)).toEqual(stateOf(b));
          expect(a.costs).toEqual(b.costs);
        }),
        { numRuns: 25 },
      );
    });

    test('a copy of a machine goes its own way', () => {
      fc.assert(
        fc.property(operations, operations, (first, second) => {
          const machine = machineOf(policy);
          let alive = true;
          run(machine, first, (_operation, { kind }) => (alive = kind !== 'panic'));
          if (!alive) return;
          const before = stateOf(machine);
          const copy = new Machine(machine);
          expect(stateOf(copy)).toEqual(before);
          run(copy, second, () => {});
          expect(stateOf(machine)).toEqual(before);
          const again = new Machine(machine);
          run(again, second, () => {});
          expect(stateOf(again)).toEqual(stateOf(copy));
        }),
        { numRuns: 25 },
      );
    });
  });
}

describe('laws of Redox that only the repaired kernel keeps', () => {
  test('a frame has as many references as entries show it', () => {
    fc.assert(
      fc.property(operations, (list) => {
        const machine = machineOf('intended');
        run(machine, list, () => expect(miscounted(machine)).toEqual([]));
      }),
      { numRuns: 50 },
    );
  });

  test('no entry allows more than its grant, none is without a grant, none makes a copy-on-write frame writable', () => {
    fc.assert(
      fc.property(operations, (list) => {
        const machine = machineOf('intended');
        run(machine, list, () => expect(excessive(machine)).toEqual([]));
      }),
      { numRuns: 30 },
    );
  });

  test('there is no panic but for physical address 0, and what is dropped comes back', () => {
    fc.assert(
      fc.property(operations, (list) => {
        const machine = machineOf('intended');
        const { allocator } = machine.frames;
        const possible = list.filter((operation) => operation.op !== 'mapPhysical' || operation.physical !== 0);
        run(machine, possible, (_operation, outcome) => expect(outcome.kind).not.toBe('panic'));
        for (const id of Array.from(machine.spaces.keys())) performRedox(machine, { op: 'drop', space: id });
        // Spaces that refer to each other keep each other; otherwise the zeroed frame alone is left.
        expect(machine.orphans.size > 0 || allocator.used === 1).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

test('the zeroed frame is written as it is, and the law finds it', () => {
  const machine = machineOf('asIs');
  const mapFlags = MAP.read | MAP.write | MAP.private | MAP.fixed;
  const where = { oldAddress: 0x1000, oldSize: 0x1000, newAddress: 0x5000, newSize: 0x1000 };
  performRedox(machine, {
    op: 'mmap',
    space: 0,
    address: 0x1000,
    size: 0x1000,
    mapFlags,
    memory: 'wb',
    contiguous: false,
  });
  performRedox(machine, { op: 'mremap', space: 0, ...where, remapFlags: MREMAP.fixedReplace, mapFlags });
  performRedox(machine, { op: 'access', access: 'write', space: 0, page: 5, value: 9 });
  expect(machine.frames.read(machine.frames.zeroed)).toBe(9);
});
