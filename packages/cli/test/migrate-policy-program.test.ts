import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { begin, clean, divergent, makeFolder, overmap, overmapped, recordings } from './program.ts';

const folder = makeFolder();
const slice = join(recordings, 'sel4test/slices/slice-aarch32-PT0002.jsonl.gz');
const migrate = (input: string, output: string, ...more: string[]): ReturnType<typeof overmap> =>
  overmap(['migrate', 'trace', input, '-o', output, ...more]);
/** Nothing is left of a file that was not completed. */
const leftovers = (): string[] => readdirSync(dirname(folder.path('x'))).filter((name) => name.includes('.tmp'));

describe('migrate trace --to', () => {
  it('writes a trace that the strict kernel takes, and says what it costs', async () => {
    const out = folder.path('strict.jsonl.gz');
    const { code, stdout, stderr } = await migrate(slice, out, '--to', 'strict');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('legacy to strict: 6,991 events in, 6,991 out\n');
    expect(stdout).toContain('edits: 0 unmaps inserted, 4 moved, 0 refused maps deleted (cost 8)\n');
    expect(stdout).toContain('note OM012 window: 4\n');
    expect(stdout).toMatch(/Proven: the same mappings after each of [\d,]+ records, but for the windows\.\n$/);
    const replay = await overmap(['replay', '--check', out, '--policy', 'strict']);
    expect(replay).toMatchObject({ code: 0, stderr: '' });
    expect(replay.stdout).toMatch(/, 0 divergences\n$/);
    const audit = await overmap(['audit', out, '--to', 'strict', '--format', 'json']);
    expect((JSON.parse(audit.stdout) as { summary: { sel4: object } }).summary.sel4).toMatchObject({
      overmaps: 0,
      outcomeChanges: 0,
      deadUnmaps: 0,
    });
    const again = folder.path('again.jsonl.gz');
    expect(await migrate(out, again, '--to', 'strict')).toMatchObject({ code: 0 });
    expect(readFileSync(again).equals(readFileSync(out))).toBe(true);
  });

  it('says it in JSON', async () => {
    const input = folder.write('overmapped.jsonl', overmapped);
    const out = folder.path('json.jsonl');
    const { code, stdout } = await migrate(input, out, '--to', 'exact', '--format', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'migration',
      input,
      output: out,
      from: 'legacy',
      to: 'exact',
      events: { in: overmapped.length - 1, out: overmapped.length },
      edits: { inserted: 1, moved: 0, deleted: 0, cost: 1 },
      windows: [{ rule: 'OM012', severity: 'note', vaddr: '0x400000', bits: 12 }],
      windowCount: 1,
      unmigrated: [],
      strictness: { mappingInvocations: 5, extra: 1, deferred: 0, leaked: 1, share: { extra: 0.2, deferred: 0 } },
      proof: { failure: null },
    });
    expect(readFileSync(out, 'utf8')).toContain('{"op":"unmap","cap":20,"ret":"ok","migrated":"inserted"}\n');
  });

  it('answers 1 when something could not be migrated, and marks it', async () => {
    const map = (cap: number, vaddr: string): object => ({ ...overmapped.at(-1), cap, vaddr });
    const lines = [begin[0] ?? {}, map(20, '0x400000'), map(20, '0x401000'), map(21, '0x400000')];
    const out = folder.path('marked.jsonl');
    const { code, stdout, stderr } = await migrate(folder.write('partial.jsonl', lines), out, '--to', 'strict');
    expect(code).toBe(1);
    expect(stderr).toContain('capabilities that it never created');
    expect(stdout).toContain('not migrated: 1 map\n');
    expect(stdout).toContain('if what is not migrated goes as recorded');
    expect(readFileSync(out, 'utf8').match(/"migrated":"unmigrated"/g)).toHaveLength(1);
  });

  it('answers 4 to a recording that its policy does not explain, and leaves the output alone', async () => {
    const out = folder.path('kept.jsonl');
    writeFileSync(out, 'as it was');
    const input = folder.write('divergent.jsonl', divergent);
    const ended = await migrate(input, out, '--to', 'strict');
    expect(ended).toMatchObject({ code: 4, stdout: '' });
    expect(ended.stderr).toMatch(/:12: the recording says DeleteFirst where legacy answers ok, .* --from/);
    expect(readFileSync(out, 'utf8')).toBe('as it was');
    expect(await migrate(input, out, '--to', 'exact', '--from', 'strict')).toMatchObject({ code: 0 });
  });

  it('answers 8 to malformed lines, and writes the rest', async () => {
    const out = folder.path('rest.jsonl');
    const ended = await migrate(folder.write('bad.jsonl', [...clean, '{"op":']), out, '--to', 'strict');
    expect(ended.code).toBe(8);
    expect(ended.stderr).toContain('malformed');
    expect(readFileSync(out, 'utf8').trimEnd().split('\n')).toHaveLength(clean.length);
    expect(
      await migrate(folder.path('bad.jsonl'), folder.path('never'), '--to', 'strict', '--strict-input'),
    ).toMatchObject({ code: 8 });
  });

  const batched = [...clean, { op: 'batch', kind: 'unmap', mode: 'prefix', n: 0, ret: 'ok' }];
  it.each<[number, string, () => string[], string]>([
    [2, 'a policy that allows over-mapping', () => [slice, '--to', 'legacy'], 'Known: strict, exact, noreplace.'],
    [2, 'both at once', () => [slice, '--to', 'strict', '--batch'], 'two steps'],
    [2, 'the other policy option', () => [slice, '--to', 'strict', '--policy', 'legacy'], '--from'],
    [2, 'an option of batches', () => [slice, '--to', 'strict', '--reorder'], '--reorder belongs to --batch'],
    [2, 'standard input', () => ['-', '--to', 'strict'], 'name a file'],
    [2, 'a device', () => ['/dev/null', '--to', 'strict'], 'name a file'],
    [2, 'batches', () => [folder.write('batched.jsonl', batched), '--to', 'strict'], 'before batching it'],
    [3, 'a missing input', () => [folder.path('missing'), '--to', 'strict'], 'cannot read'],
    [8, 'no trace', () => [folder.write('none.jsonl', ['hello']), '--to', 'strict'], 'no trace'],
  ])('answers %i to %s', async (code, _, args, says) => {
    const ended = await overmap(['migrate', 'trace', ...args(), '-o', folder.path('never')]);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toContain(says);
    expect(existsSync(folder.path('never'))).toBe(false);
    expect(leftovers()).toEqual([]);
  });

  it('answers 6 to an output that cannot be written', async () => {
    expect(await migrate(slice, '/nowhere/x', '--to', 'strict')).toMatchObject({ code: 6, stdout: '' });
  });
});
