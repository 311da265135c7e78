import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AddressSpace,
  checkCall,
  Errno,
  type LinuxCall,
  LinuxColumns,
  LinuxSemantics,
  runCall,
} from '../../src/linux/index.ts';
import { ANON, at, MapFlag, PAGE, R, RW } from './process.ts';
import { anyCall } from './random-calls.ts';

/** All that is mapped, with attributes spelled out. */
function picture(space: AddressSpace): string {
  const { attributes, map } = space;
  const rows: unknown[] = [];
  map.forEach((start, end, id) => {
    rows.push([start, end, attributes.flags[id], attributes.file[id], attributes.delta[id], attributes.anon[id]]);
  });
  return JSON.stringify(rows);
}

const machine = fc.record({
  maxMapCount: fc.constantFrom(8, 14, 65_530),
  mremap: fc.constantFrom('6.17' as const, 'before' as const),
});

describe('LinuxSemantics', () => {
  it('checks without a trace, and answers what performing answers', () => {
    const holds = fc.check(
      fc.property(machine, fc.array(anyCall, { maxLength: 40 }), (config, list) => {
        const linux = new LinuxSemantics(config);
        const calls = new LinuxColumns();
        for (const call of list) {
          calls.set(0, call);
          const before = picture(linux.space);
          let heard = 0;
          const hear = (): void => {
            heard++;
          };
          linux.sink = { appeared: hear, vanished: hear, replaced: hear, changed: hear, moved: hear };
          const answer = checkCall(linux.space, calls, 0);
          const place = linux.space.at;
          if (picture(linux.space) !== before || heard > 0) return false;
          if (runCall(linux.space, calls, 0) !== answer) return false;
          if (answer === Errno.OK && linux.space.at !== place) return false;
        }
        return true;
      }),
      { numRuns: 300 },
    );
    expect(holds.counterexample).toBeNull();
  });

  it('returns to a snapshot, and to where it began', () => {
    const holds = fc.check(
      fc.property(fc.array(anyCall, { maxLength: 30 }), fc.array(anyCall, { maxLength: 30 }), (first, second) => {
        const linux = new LinuxSemantics();
        const calls = new LinuxColumns();
        const run = (list: readonly LinuxCall[]): void => {
          for (const call of list) {
            calls.set(0, call);
            linux.perform(calls, 0);
          }
        };
        run(first);
        const kept = linux.snapshot();
        const before = picture(linux.space);
        run(second);
        const after = picture(linux.space);
        linux.restore(kept);
        const restored = picture(linux.space);
        run(second);
        const again = picture(linux.space);
        linux.reset();
        return restored === before && again === after && picture(linux.space) === '[]';
      }),
      { numRuns: 200 },
    );
    expect(holds.counterexample).toBeNull();
  });

  it('forgets attributes and shared memory without a VMA, and nothing else', () => {
    const { space } = new LinuxSemantics();
    const calls = new LinuxColumns();
    const file = space.open({ name: 'kept', pages: 9 });
    const run = (call: LinuxCall): void => {
      calls.set(0, call);
      runCall(space, calls, 0);
    };
    const shared = MapFlag.SHARED | MapFlag.ANONYMOUS | MapFlag.FIXED;
    for (let i = 0; i < 5000; i++) run({ op: 'mmap', addr: at(0), len: 2 * PAGE, prot: RW, flags: shared });
    run({ op: 'mprotect', addr: at(0), len: PAGE, prot: R });
    expect(space.attributes.count).toBeLessThan(1100);
    expect(space.files.size).toBeLessThan(1100);
    expect(space.files.get(file)?.name).toBe('kept');
    expect(picture(space)).toBe(
      JSON.stringify([
        [at(0) / PAGE, at(1) / PAGE, 0xf9, space.lastFile, -at(0) / PAGE, 0],
        [at(1) / PAGE, at(2) / PAGE, 0xfb, space.lastFile, -at(0) / PAGE, 0],
      ]),
    );
  });

  it('shows its mappings as every system does', () => {
    const linux = new LinuxSemantics();
    const calls = new LinuxColumns();
    calls.set(0, { op: 'mmap', addr: at(1), len: PAGE, prot: RW, flags: ANON | MapFlag.FIXED });
    linux.perform(calls, 0);
    const start = BigInt(at(1));
    expect(linux.mappings()).toEqual([{ object: 0n, start, end: start + 4096n, protection: 0x10_0073n }]);
  });
});
