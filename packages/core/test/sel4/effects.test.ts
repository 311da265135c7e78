import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OBJECT } from '../../src/sel4/capability.ts';
import { CONFIGURATIONS, type Configuration } from './configurations.ts';
import { address, eachSize } from './laws/law.ts';
import { RecordingSink } from './recording-sink.ts';
import { deleteAll, invocations, prepared, smallWorld } from './small-world.ts';
import { difference } from './state.ts';
import { OK, POOL, World } from './world.ts';

function listening(
  c: Configuration,
  policy: ConstructorParameters<typeof World>[1],
): { w: World; sink: RecordingSink } {
  const w = new World(c, policy);
  return { w, sink: new RecordingSink(w.kernel) };
}

describe.each(CONFIGURATIONS)('effects on $name', (configuration) => {
  it('account for every change of an entry, and a listener changes nothing', () => {
    fc.assert(
      fc.property(
        invocations(configuration),
        fc.constantFrom('legacy', 'exact', 'permissive-aware'),
        (sequence, policy) => {
          const heard = smallWorld(configuration, policy);
          const alone = smallWorld(configuration, policy);
          deleteAll(heard);
          deleteAll(alone);
          // From here on, so that the mirror starts with an empty arena; the world is furnished once more.
          const sink = new RecordingSink(heard.kernel);
          for (const w of [heard, alone]) refurnish(w);
          for (const drawn of sequence) {
            const outcome = heard.invokePacked(prepared(heard, drawn));
            expect(alone.invokePacked(prepared(alone, drawn))).toBe(outcome);
            expect(sink.unexplained()).toBeNull();
            sink.forget();
          }
          expect(difference(heard.kernel.snapshot(), alone.kernel.snapshot())).toBeNull();
        },
      ),
      { numRuns: 15, seed: 3 },
    );
  });

  it('name the invoked capability, and the levels that were read', () => {
    const { w, sink } = listening(configuration, 'legacy');
    eachSize(w, ({ kind, vspace, vaddr }) => {
      const frame = w.frame(kind.bits);
      const levels = configuration.shifts.indexOf(kind.shift) + 1;
      for (const invoke of [
        () => w.map(frame, vspace, vaddr),
        () => w.map(frame, vspace, vaddr),
        () => w.unmap(frame),
      ]) {
        sink.forget();
        expect(invoke()).toEqual(OK);
        expect(sink.writers).toEqual(Array<number>(kind.entries).fill(frame));
        expect(sink.walks).toEqual([levels]);
      }
    });
    const vspace = w.vspace();
    const vaddr = address(configuration);
    const table = w.retype(configuration.tables[0]);
    sink.forget();
    expect(w.mapTable(table, vspace, vaddr)).toEqual(OK);
    expect(sink).toMatchObject({ writers: [table], walks: [1] });
    sink.forget();
    const handle = w.word(table, OBJECT);
    for (const deeper of configuration.tables.slice(1))
      w.must({ op: 'map_table', cap: w.retype(deeper), vspace, vaddr });
    w.must({ op: 'map', cap: w.frame(), vspace, vaddr, rights: 'rw' });
    sink.forget();
    expect(w.unmapTable(table)).toEqual(OK);
    expect(sink.writers).toEqual([table]);
    expect(sink.cleared).toEqual([{ table: handle, entries: 2 ** configuration.indexBits[1] }]);
    // A deletion tells of the entry too, and of memory that nothing names any more.
    w.must({ op: 'map_table', cap: table, vspace, vaddr });
    sink.forget();
    expect(w.delete(table)).toEqual(OK);
    expect(sink.writers).toEqual([table]);
  });

  it('leave out what only a policy looks at', () => {
    const { w, sink } = listening(configuration, 'permissive-aware');
    eachSize(w, ({ kind, vspace, vaddr }) => {
      const frame = w.frame(kind.bits);
      w.must({ op: 'map', cap: frame, vspace, vaddr, rights: 'rw' });
      sink.forget();
      expect(w.map(frame, vspace, vaddr)).toEqual(OK);
      expect(sink.walks).toHaveLength(1);
    });
  });
});

/** Make the small world's objects again in a kernel where all was deleted. */
function refurnish(w: World): void {
  const { root, tables } = w.configuration;
  w.must({ op: 'make_pool', cap: POOL });
  for (const v of [2, 3]) {
    w.retype(root, 0, v);
    w.must({ op: 'assign', src: POOL, vspace: v });
  }
  tables.forEach((obj, i) => {
    w.retype(obj, 0, 4 + i);
    w.must({ op: 'map_table', cap: 4 + i, vspace: 2, vaddr: address(w.configuration) });
  });
  const first = 4 + 2 * tables.length;
  w.configuration.pages.forEach(({ bits }, i) => {
    w.retype('page', bits, first + 2 * i);
    w.retype('page', bits, first + 2 * i + 1);
  });
}
