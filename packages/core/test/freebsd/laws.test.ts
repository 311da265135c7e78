import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freebsd } from '../../src/index.ts';
import {
  KEY_FLAGS,
  KEY_POLICIES,
  Machine,
  MAP,
  mapping,
  PAGE,
  PROT,
  PTE,
  performFreeBsd,
  stateOf,
} from './machine-under-test.ts';
import { makesSense, operations } from './random-operations.ts';

type Operation = freebsd.FreeBsdOperation;

const policy = fc.constantFrom(...Object.values(KEY_POLICIES));

function run(
  machine: freebsd.Machine,
  list: readonly Operation[],
  after: (operation: Operation, outcome: freebsd.FreeBsdOutcome, before: unknown) => void = () => {},
): void {
  for (const operation of list) {
    if (!makesSense(machine, operation)) continue;
    const before = stateOf(machine);
    after(operation, performFreeBsd(machine, operation), before);
  }
}

const law = (check: (list: readonly Operation[], machine: freebsd.Machine) => void): void =>
  fc.assert(
    fc.property(operations, policy, (list, chosen) => check(list, new Machine({ policy: chosen }))),
    { numRuns: 300 },
  );

describe('laws under each policy', () => {
  it('an operation that is refused changes nothing', () => {
    law((list, machine) =>
      run(machine, list, (_operation, { error }, before) => {
        expect(error === null ? before : stateOf(machine)).toEqual(before);
      }),
    );
  });

  it('entries and keys are disjoint, in order, of whole pages; objects are counted right', () => {
    law((list, machine) =>
      run(machine, list, () => {
        const references = new Map<number, number>();
        for (const { map, pmap } of machine.processes.values()) {
          for (const ranges of [map.list(), pmap.attributes.list()])
            for (const [i, { start, end }] of ranges.entries()) {
              const below = i === 0 ? 0 : ranges[i - 1].end;
              expect(start % PAGE === 0 && end % PAGE === 0 && start < end && below <= start).toBe(true);
            }
          const wired = map.list().filter(({ entry }) => entry.wired).length;
          expect(map.wired).toBe(wired);
          for (const { entry } of map.list())
            if (entry.object !== null) references.set(entry.object, (references.get(entry.object) ?? 0) + 1);
        }
        for (const [object, count] of references) expect(machine.objects.get(object)?.references).toBe(count);
      }),
    );
  });

  it('a present page belongs to an entry that allows it, and is counted', () => {
    law((list, machine) =>
      run(machine, list, () => {
        for (const { map, pmap } of machine.processes.values()) {
          let resident = 0;
          pmap.entries.pieces(0, pmap.maxUser, (start, end, bits) => {
            resident += (end - start) / PAGE;
            expect(map.isCovered(start, end)).toBe(true);
            for (const { entry } of map.touching(start, end)) {
              expect(entry.object).not.toBeNull();
              expect(entry.guard).toBe(false);
              expect((bits & PTE.write) !== 0 && (entry.prot & PROT.write) === 0).toBe(false);
            }
          });
          expect(pmap.entries.resident).toBe(resident);
        }
      }),
    );
  });

  it('a persistent key goes by set, clear and exec only, and no key appears but by set and fork', () => {
    law((list, machine) => {
      let op = '';
      let flags = 0;
      machine.sink = {
        appeared: () => {},
        vanished: () => {},
        protectionChanged: () => {},
        keyChanged: (_space, _start, _end, before, after) => {
          const goes = before?.persistent !== true || ['setKey', 'clearKey', 'exec'].includes(op);
          const appears = after === null || ['setKey', 'fork'].includes(op);
          const asAsked = after === null || op === 'fork' || after.persistent === ((flags & KEY_FLAGS.PERSIST) !== 0);
          expect({ op, goes, appears, asAsked }).toEqual({ op, goes: true, appears: true, asAsked: true });
        },
      };
      for (const operation of list) {
        op = operation.op;
        flags = operation.op === 'setKey' ? operation.flags : 0;
        run(machine, [operation]);
      }
    });
  });

  it('effects tell all changes of keys and mappings', () => {
    law((list, machine) => {
      const keys = new Map<string, number>();
      const mapped = new Set<string>();
      const each = (space: number, start: number, end: number, tell: (place: string) => void): void => {
        for (let at = start; at < end; at += PAGE) tell(`${space} ${at}`);
      };
      machine.sink = {
        appeared: (space, start, end) => each(space, start, end, (at) => mapped.add(at)),
        vanished: (space, start, end) => each(space, start, end, (at) => mapped.delete(at)),
        protectionChanged: () => {},
        keyChanged: (space, start, end, before, after) =>
          each(space, start, end, (at) => {
            expect(keys.get(at)).toBe(before?.value);
            if (after === null) keys.delete(at);
            else keys.set(at, after.value);
          }),
      };
      run(machine, list);
      const actualKeys = new Map<string, number>();
      const actualMapped = new Set<string>();
      for (const { id, map, pmap } of machine.processes.values()) {
        for (const { start, end, value } of pmap.attributes.list())
          each(id, start, end, (at) => actualKeys.set(at, value));
        for (const { start, end } of map.list()) each(id, start, end, (at) => actualMapped.add(at));
      }
      expect(keys).toEqual(actualKeys);
      expect(mapped).toEqual(actualMapped);
    });
  });

  it('is deterministic, from a copy too, and check does not change anything', () => {
    law((list, machine) => {
      const half = list.slice(0, list.length / 2);
      run(machine, half);
      const copy = machine.clone();
      const before = stateOf(machine);
      run(copy, list.slice(half.length));
      expect(stateOf(machine)).toEqual(before);
      run(machine, list.slice(half.length));
      expect(stateOf(machine)).toEqual(stateOf(copy));
    });
  });
});

describe('behind the common interface', () => {
  it('checks without changing, performs, returns to a snapshot and to the beginning', () => {
    const system = new freebsd.FreeBsdSemantics();
    const list: Operation[] = [
      { ...mapping(0, 2), process: 0 },
      { ...mapping(1, 2, MAP.EXCL), process: 0 },
    ];
    expect(system.check(list, 0)).toBe(0);
    expect(system.mappings(0)).toEqual([]);
    system.perform(list, 0);
    const snapshot = system.snapshot();
    expect(system.check(list, 1)).toBe(freebsd.ERRNO.ENOMEM);
    expect(system.mappings(0)).toEqual([
      { object: (1n << 60n) | 0x10000n, start: 0x10000n, end: 0x12000n, protection: 3n },
    ]);
    system.perform([{ op: 'exec', process: 0 }], 0);
    expect(system.mappings(0)).toEqual([]);
    system.restore(snapshot);
    expect(system.mappings(0)).toHaveLength(1);
    system.reset();
    expect(system.mappings(0)).toEqual([]);
    expect(() => system.mappings(7)).toThrow('there is no process 7');
  });
});
