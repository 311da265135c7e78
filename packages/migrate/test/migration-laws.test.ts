import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PolicyName } from '@overmap/core';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { CONFIGURATIONS, type Configuration } from '../../core/test/sel4/configurations.ts';
import type { Edit } from '../src/edit-script.ts';
import { replayTrace } from '../src/index.ts';
import { clientTrace, randomTrace, type Recorded } from './legacy-client.ts';
import { judge, migrateText, written } from './migration.ts';

/** Cases of each law on each configuration; `scripts/migrate-laws.mjs` asks for more. */
const RUNS = Number(process.env['OVERMAP_MIGRATE_CASES'] ?? 24);
const TIMEOUT = 60_000 + RUNS * 400;

const folder = mkdtempSync(join(tmpdir(), 'overmap-laws-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Case {
  readonly text: string;
  readonly from: PolicyName;
  readonly to: 'strict' | 'exact';
}

/** Mostly clients of the kernel as shipped; and of those that allow everything, where stale records matter more. */
function cases(c: Configuration): fc.Arbitrary<Case> {
  const how = fc.record({
    policy: fc.oneof(
      { weight: 4, arbitrary: fc.constant<PolicyName>('legacy') },
      { weight: 1, arbitrary: fc.constantFrom<PolicyName>('permissive', 'permissive-aware', 'strict') },
    ),
    truth: fc.boolean(),
  });
  return how.chain((recorded: Recorded) =>
    fc.record({
      text: fc.oneof(
        { weight: 2, arbitrary: clientTrace(c, recorded) },
        { weight: 1, arbitrary: randomTrace(c, recorded) },
      ),
      from: fc.constant(recorded.policy),
      to: fc.constantFrom('strict' as const, 'exact' as const),
    }),
  );
}

/** What became of all cases: told by `scripts/migrate-laws.mjs`. */
const tally = { traces: 0, edited: 0, unmigrated: 0, inserted: 0, moved: 0, deleted: 0, windows: 0, undone: 0 };
afterAll(() => {
  if (process.env['OVERMAP_MIGRATE_CASES'] !== undefined) process.stdout.write(`\ntally ${JSON.stringify(tally)}\n`);
});

describe.each(CONFIGURATIONS)('migrations on $name', (configuration) => {
  const property = async (seed: number, law: (c: Case) => Promise<void>): Promise<void> =>
    fc.assert(fc.asyncProperty(cases(configuration), law), { numRuns: RUNS, seed });

  it(
    'are proven, or tell why not; and the target agrees with every record',
    async () => {
      await property(1, async ({ text, to }) => {
        const { planned, output, failure } = await migrateText(text, { to });
        const { script, notes, misbehaviour } = planned.planner;
        expect([misbehaviour, failure]).toEqual([null, null]);
        const path = join(folder, 'out.jsonl');
        writeFileSync(path, output);
        const { divergenceCount, report } = await replayTrace(path, { check: true, policy: to });
        const unmigrated = notes.unmigratedMaps.length;
        expect(unmigrated === 0 ? report.divergences : []).toEqual([]);
        expect(divergenceCount).toBe(unmigrated);
        tally.traces++;
        if (script.edits.length > 0) tally.edited++;
        if (unmigrated > 0) tally.unmigrated++;
        tally.inserted += script.inserted;
        tally.moved += script.moved;
        tally.deleted += script.dropped;
        tally.windows += notes.windowCount;
      });
    },
    TIMEOUT,
  );

  it(
    'change nothing when they are made again',
    async () => {
      await property(2, async ({ text, to }) => {
        const once = await migrateText(text, { to });
        const twice = await migrateText(once.output, { to });
        expect(twice.failure).toBeNull();
        expect(twice.output).toBe(once.output);
        expect(twice.planned.planner.notes.reasons).toEqual(once.planned.planner.notes.reasons);
      });
    },
    TIMEOUT,
  );

  it(
    'need every single edit',
    async () => {
      await property(3, async ({ text, to }) => {
        const options = { to };
        const { planned } = await migrateText(text, options);
        for (const edits of undone(planned.edits).slice(0, 8)) {
          const less = await written(text, { ...planned, edits }, options);
          expect(less.failure).not.toBeNull();
          tally.undone++;
        }
      });
    },
    TIMEOUT,
  );

  it(
    'of traces with gaps are proven too, where the recording does not contradict itself',
    async () => {
      let proven = 0;
      const law = fc.asyncProperty(cases(configuration), gaps, async ({ text, from, to }, missing) => {
        // No kernel records the policies that remember less than what stands in its page tables.
        if (from !== 'legacy' && from !== 'strict') return;
        const { planned, failure } = await migrateText(withGaps(text, missing), { to });
        if (planned.planner.misbehaviour !== null) return;
        expect(failure).toBeNull();
        proven++;
      });
      await fc.assert(law, { numRuns: RUNS, seed: 5 });
      expect(proven).toBeGreaterThan(RUNS / 3);
    },
    TIMEOUT,
  );

  it(
    'are not proven without one of their records',
    async () => {
      await property(4, async ({ text, from, to }) => {
        const { output } = await migrateText(text, { to });
        expect(judge(text, output, from, to)).toBeNull();
        const lines = output.trimEnd().split('\n');
        // One that was put there, and one of the original.
        for (const at of [lines.findIndex((line) => line.includes('"migrated":')), lines.length >> 1]) {
          if (at < 1) continue;
          const less = `${lines.filter((_, n) => n !== at).join('\n')}\n`;
          expect(harmless(lines[at]) || judge(text, less, from, to) !== null).toBe(true);
        }
      });
    },
    TIMEOUT,
  );
});

/** Which records are missing, again and again: about one in thirty, ten, or three. */
const gaps: fc.Arbitrary<readonly boolean[]> = fc.constantFrom(30, 10, 3).chain((rarity) =>
  fc.array(
    fc.nat(rarity - 1).map((n) => n === 0),
    { minLength: 97, maxLength: 97 },
  ),
);

/** A trace without some of its records; its header and marks stay. */
function withGaps(text: string, missing: readonly boolean[]): string {
  const lines = text.split('\n');
  return lines.filter((line, i) => i === 0 || line.includes('"mark"') || missing[i % 97] !== true).join('\n');
}

/** A line that a migration itself could have left out: a map that was refused, which changes nothing. */
const harmless = (line: string): boolean => line.startsWith('{"op":"map"') && !line.includes('"ret":"ok"');

const key = ({ line, place }: { readonly line: number; readonly place: number }): string => `${line}.${place}`;

/** The edits without one of them, for each of them; a moved unmap goes back to where it was. */
function undone(edits: readonly Edit[]): Edit[][] {
  const moved = new Set(edits.flatMap((edit) => (edit.kind === 'unmap' && edit.from !== null ? [key(edit.from)] : [])));
  const all: Edit[][] = [];
  for (const one of edits) {
    if (one.kind === 'unmap')
      all.push(
        edits.filter(
          (edit) => edit !== one && !(edit.kind === 'drop' && one.from !== null && key(edit) === key(one.from)),
        ),
      );
    else if (one.kind === 'drop' && !moved.has(key(one))) all.push(edits.filter((edit) => edit !== one));
  }
  return all;
}
