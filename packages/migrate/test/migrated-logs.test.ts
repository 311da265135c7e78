import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readLogLine } from '@overmap/trace';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { migrateTrace, replayTrace } from '../src/index.ts';
import { migrateText, textOf } from './migration.ts';
import { recording } from './recorded.ts';
import { type Line, map, smallWorld, unmap } from './small-trace.ts';

const folder = mkdtempSync(join(tmpdir(), 'overmap-migrated-logs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const V = '0x400000';
const HEADER = { trace: 'overmap', version: 1, system: 'sel4', arch: 'aarch64', policy: 'legacy' };
const LOGGER = '{"level":"info","fields":{"a":[1]}}';

/** What a reader takes from a text, one record (or header) a line. */
const recordsOf = (text: string): string =>
  text
    .split('\n')
    .flatMap((line) =>
      readLogLine(line)
        .objects.filter(({ value }) => 'op' in value || 'trace' in value)
        .map(({ start, end }) => `${line.slice(start, end)}\n`),
    )
    .join('');

describe('a client whose records share lines', () => {
  const plain = gunzipSync(readFileSync(recording('sel4test/slices/slice-aarch32-PT0002.jsonl.gz'))).toString();
  const objects = plain.trimEnd().split('\n');

  it.each([
    ['from the header on', 0],
    ['from the first record on', 1],
  ])(
    'two a line, %s: PT0002 is migrated as it is alone',
    async (_, first) => {
      const input = join(folder, 'in.log');
      const glued = objects.slice(0, first);
      for (let n = first; n < objects.length; n += 2) glued.push(objects.slice(n, n + 2).join(''));
      writeFileSync(input, `${glued.join('\n')}\n`);
      const alone = await migrateText(plain);
      expect(alone.edited).toHaveLength(4);
      for (const name of ['out.jsonl', 'out.log']) {
        const output = join(folder, name);
        const made = await migrateTrace(input, output, { to: 'strict' });
        expect([made.misbehaviour, made.failure, made.badLines]).toEqual([null, null, 0]);
        expect(made.planner.script).toMatchObject({ inserted: 0, moved: 4, dropped: 0 });
        const text = readFileSync(output, 'utf8');
        expect(name.endsWith('.log') ? recordsOf(text) : text).toBe(alone.output);
        const { divergenceCount, assumed, report } = await replayTrace(output, { check: true, policy: 'strict' });
        expect([divergenceCount, assumed]).toEqual([0, 0]);
        expect(report.events).toBe(made.eventsOut);
      }
      // Other lines stay whole: new are the header's, four unmaps, both halves of the lines into which they go, and what
      // is left of those that they come from.
      const out = readFileSync(join(folder, 'out.log'), 'utf8').trimEnd().split('\n');
      expect(out.filter((line) => !glued.includes(line)).length).toBeLessThanOrEqual(1 + 4 + 8 + 4);
    },
    60_000,
  );
});

describe('a line of a log', () => {
  const world = smallWorld('aarch64');
  const glue = (...lines: readonly Line[]): string => lines.map((line) => JSON.stringify(line)).join('');
  const header = JSON.stringify({ ...HEADER, config: { asidPool: 1 } });
  const begin = [header, ...world.map((line) => JSON.stringify(line))];
  const strictly = header.replace('"version":1', '"version":2').replace('legacy', 'strict');
  const inserted = (cap: number, how = 'inserted'): string => JSON.stringify(unmap(cap, { migrated: how }));

  /** The lines behind the set-up. */
  async function migrated(lines: readonly string[], output = 'out.log'): Promise<string[]> {
    const made = await migrateText([...begin, ...lines, ''].join('\n'), { to: 'strict' }, { input: 'in.log', output });
    expect([made.planned.planner.misbehaviour, made.failure]).toEqual([null, null]);
    const again = await migrateText(made.output, { to: 'strict' }, { input: output, output });
    expect(again.output).toBe(made.output);
    return made.output.trimEnd().split('\n').slice(begin.length);
  }

  it('is parted in front of a record that needs an unmap', async () => {
    const [a, b] = [glue(map(20, V)), glue(map(21, V))];
    expect(await migrated([`[1] ${a} - ${b} end`])).toEqual([`[1] ${a} - `, inserted(20), `${b} end`]);
    expect(await migrated([a + b])).toEqual([a, inserted(20), b]);
  });

  it('gives its records away one by one', async () => {
    const [a, b, c, d] = [glue(map(20, V)), glue(map(21, V)), glue(unmap(20)), glue(unmap(21))];
    const moved = inserted(20, 'moved');
    expect(await migrated([a, b, c + d])).toEqual([a, moved, b, d]);
    expect(await migrated([a, b, `[1] ${c} and ${d}`])).toEqual([a, moved, b, `[1]  and ${d}`]);
    expect(await migrated([a + b + c + d])).toEqual([a, moved, b + d]);
    expect(await migrated([a, `x ${b}${c} y`])).toEqual([a, moved, `x ${b} y`]);
    // Nothing stays of a line without records, as where each has a line of its own.
    expect(await migrated([a, b, `[1] ${c} end`])).toEqual([a, moved, b]);
    expect(await migrated([a, b, `${LOGGER}${c}`])).toEqual([a, moved, b]);
  });

  it('keeps the object of a logger, and is edited behind it', async () => {
    const [a, b] = [glue(map(20, V)), glue(map(21, V))];
    expect(await migrated([`${LOGGER} ${a}`, `${LOGGER} ${b}`])).toEqual([
      `${LOGGER} ${a}`,
      inserted(20),
      `${LOGGER} ${b}`,
    ]);
    expect(await migrated([`${LOGGER}${a}${LOGGER}${b}${LOGGER}`])).toEqual([
      `${LOGGER}${a}${LOGGER}`,
      inserted(20),
      `${b}${LOGGER}`,
    ]);
    expect(await migrated([`${LOGGER}${a}${LOGGER}${b}${LOGGER}`], 'out.jsonl')).toEqual([a, inserted(20), b]);
  });

  it('has records behind the header', async () => {
    const records = [...world, map(20, V)].map((line) => JSON.stringify(line)).join('');
    const text = `boot\n> ${header} ${records}${glue(map(21, V))}\nhalt\n`;
    const made = await migrateText(text, { to: 'strict' }, { input: 'a.log', output: 'b.log' });
    expect(made.failure).toBeNull();
    expect(made.output).toBe(`boot\n> ${strictly} ${records}\n${inserted(20)}\n${glue(map(21, V))}\nhalt\n`);
    const directly = `${header}${glue(map(20, V))}${glue(map(21, V))}\n`;
    const partial = await migrateText(directly, { to: 'strict' }, { input: 'a.log', output: 'b.log' });
    expect(partial.output).toBe(`${strictly}${glue(map(20, V))}\n${inserted(20)}\n${glue(map(21, V))}\n`);
  });

  it('that is malformed keeps what was read from it', async () => {
    const [a, b] = [glue(map(20, V)), glue(map(21, V))];
    const broken = `{"op":"map","ca{"op":"nonsense"}${a}`;
    expect(await migrated([broken, b])).toEqual([a, inserted(20), b]);
    expect(await migrated([`${a}{"op":"nonsense"}${b}`])).toEqual([a, inserted(20), b]);
  });

  it('that has the header again keeps it in a log, and not in JSON Lines', async () => {
    const [a, b] = [glue(map(20, V)), glue(map(21, V))];
    expect(await migrated([a, `${header}${b}`])).toEqual([a, `${strictly}`, inserted(20), b]);
    expect(await migrated([a, `${header}${b}`], 'out.jsonl')).toEqual([a, inserted(20), b]);
  });

  it('may stand anywhere among others, and hold as many records as it likes', async () => {
    const replacing: Line[] = Array.from({ length: 30 }, (_, n) =>
      n % 5 === 4 ? unmap(20 + ((n + 2) % 3)) : map(20 + (n % 3), n % 7 === 6 ? '0x401000' : V),
    );
    const legal: Line[] = [];
    // A capability is mapped at one place at a time.
    const at = new Map<unknown, unknown>();
    for (const line of replacing) {
      const { op, cap, vaddr } = line;
      if (op === 'map' && at.has(cap) && at.get(cap) !== vaddr) continue;
      if (op === 'map') at.set(cap, vaddr);
      else at.delete(cap);
      legal.push(line);
    }
    const lines = [{ ...HEADER, config: { asidPool: 1 } }, ...world, ...legal];
    const alone = await migrateText(textOf(lines));
    expect(alone.failure).toBeNull();
    expect(alone.edited.length).toBeGreaterThan(5);
    const gap = fc.constantFrom('', ' ', '\n', '\n', ` ${LOGGER}`, LOGGER, '\n[2.5] ', `\n${LOGGER} `, ' } \\ ');
    await fc.assert(
      fc.asyncProperty(
        fc.array(gap, { minLength: lines.length, maxLength: lines.length }),
        fc.boolean(),
        async (gaps, plain) => {
          const text = `boot\n${lines.map((line, n) => JSON.stringify(line) + gaps[n]).join('')}\nhalt\n`;
          const output = plain ? 'out.jsonl' : 'out.log';
          const made = await migrateText(text, { to: 'strict' }, { input: 'in.log', output });
          expect(made.failure).toBeNull();
          // Blank lines stay.
          expect(plain ? made.output.replace(/\n+/g, '\n') : recordsOf(made.output)).toBe(alone.output);
          const again = await migrateText(made.output, { to: 'strict' }, { input: output, output });
          expect(again.output).toBe(made.output);
        },
      ),
      { numRuns: 60, seed: 4 },
    );
  }, 60_000);
});
