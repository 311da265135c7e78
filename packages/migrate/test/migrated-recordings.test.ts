import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { type MigratedTrace, migrateTrace, replayTrace } from '../src/index.ts';
import { recording } from './recorded.ts';

const folder = mkdtempSync(join(tmpdir(), 'overmap-migrated-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const out = join(folder, 'out.jsonl');

const KERNELS = readdirSync(recording('sel4'));
/** RISC-V is recorded once: the pull request changes nothing there. */
const kernelFolder = (name: string): string => `sel4/${name}/${name.startsWith('riscv') ? 'strict' : 'legacy'}`;

/** Migrate, expect the proof, and that the target answers every record of the output as it says. */
async function proven(path: string, to: 'strict' | 'exact'): Promise<MigratedTrace> {
  const made = await migrateTrace(path, out, { to });
  expect({ path, misbehaviour: made.misbehaviour, failure: made.failure }).toEqual({
    path,
    misbehaviour: null,
    failure: null,
  });
  const { report, divergenceCount, assumed } = await replayTrace(out, { check: true, policy: to });
  expect([path, report.divergences, assumed]).toEqual([path, [], 0]);
  expect(divergenceCount).toBe(0);
  expect(made.planner.notes.reasons).toEqual({ 'no-holder': 0, refused: 0 });
  return made;
}

const lines = (path: string): string[] => gunzipSync(readFileSync(path)).toString().trimEnd().split('\n');
const written = (): string[] => readFileSync(out, 'utf8').trimEnd().split('\n');
const refusals = (all: readonly string[]): number =>
  all.filter((line) => line.startsWith('{"op":"map"') && !line.includes('"ret":"ok"')).length;

describe('clients of real kernels', () => {
  const slices = readdirSync(recording('sel4test/slices'));

  it.each(slices)('%s', async (name) => {
    const path = recording(`sel4test/slices/${name}`);
    for (const to of ['strict', 'exact'] as const) {
      const { planner } = await proven(path, to);
      expect(refusals(written())).toBe(refusals(lines(path)));
      // What the kernel saw being overwritten is what needs an unmap; nothing else does.
      const replaced = lines(path).filter((line) => line.includes('"replaced":')).length;
      expect(planner.script.inserted + planner.script.moved).toBe(replaced);
      expect(planner.notes.windowCount).toBe(replaced);
      expect(replaced > 0 || planner.script.edits.length === 0).toBe(true);
    }
  });

  it.each(slices.filter((name) => /TRIVIAL0000|aarch32-PT0002/.test(name)))(
    '%s as a file of text, and migrated twice',
    async (name) => {
      // Longer than what is read at once: the bytes that are read next must not reach what is written.
      const path = recording(`sel4test/slices/${name}`);
      const text = join(folder, 'in.jsonl');
      const twice = join(folder, 'twice.jsonl');
      writeFileSync(text, gunzipSync(readFileSync(path)));
      await migrateTrace(path, out, { to: 'strict' });
      const expected = readFileSync(out);
      await migrateTrace(text, out, { to: 'strict' });
      expect(readFileSync(out).equals(expected)).toBe(true);
      await migrateTrace(out, twice, { to: 'strict' });
      expect(readFileSync(twice).equals(expected)).toBe(true);
    },
  );

  it('PT0002 is accepted throughout, where the real strict kernel refused', async () => {
    const real = lines(recording('sel4test/slices/slice-aarch32-strict-PT0002.jsonl.gz'));
    const path = recording('sel4test/slices/slice-aarch32-PT0002.jsonl.gz');
    const { planner } = await proven(path, 'strict');
    // Three over-maps, and a fourth map that finds the first page where the third could not replace it.
    expect(real.filter((line) => line.includes('"ret":"DeleteFirst"'))).toHaveLength(4);
    expect(written().filter((line) => line.includes('"ret":"DeleteFirst"'))).toHaveLength(0);
    expect(planner.script).toMatchObject({ inserted: 0, moved: 4, dropped: 0 });
    expect(planner.notes.windows.map(({ vaddr, bits }) => [vaddr, bits])).toEqual([
      ['0x13000000', 24],
      ['0x13000000', 20],
      ['0x11020000', 16],
      ['0x11002000', 12],
    ]);
  });

  it('the whole suite and the whole benchmark', async () => {
    const suite = await proven(recording('sel4test/sel4test-aarch32.jsonl.gz'), 'strict');
    expect(suite.planner.script).toMatchObject({ inserted: 0, moved: 4, dropped: 0 });
    expect([suite.eventsIn, suite.eventsOut, suite.planner.mappingInvocations]).toEqual([
      1_277_990, 1_277_990, 631_280,
    ]);
    const bench = await proven(recording('sel4test/sel4bench-page_mapping-aarch64.jsonl.gz'), 'exact');
    expect(bench.planner.script.edits).toEqual([]);
  }, 240_000);
});

describe.each(KERNELS)('hostile sequences on %s', (name) => {
  const traces = readdirSync(recording(kernelFolder(name)));

  it.each(['strict', 'exact'] as const)(
    'are migrated to %s',
    async (to) => {
      let edits = 0;
      for (const trace of traces) {
        const path = recording(`${kernelFolder(name)}/${trace}`);
        const { planner } = await proven(path, to);
        edits += planner.script.edits.length;
        // Nothing is refused that was not, since refused maps only go.
        expect(refusals(written())).toBe(refusals(lines(path)) - planner.script.dropped);
      }
      expect(edits > 0).toBe(to === 'exact' || !name.startsWith('riscv'));
    },
    240_000,
  );
});
