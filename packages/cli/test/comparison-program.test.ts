import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { clean, makeFolder, overmap, overmapped, recordings } from './program.ts';

const folder = makeFolder();
const good = folder.write('clean.jsonl', clean);
const bad = folder.write('overmapped.jsonl', overmapped);
const slice = join(recordings, 'sel4test/slices/slice-aarch32-PT0002.jsonl.gz');
const rule = folder.path('never.mjs');
writeFileSync(rule, "export default (slot) => (slot.entry === null ? 'ok' : 'IllegalOperation');");

interface Compared {
  readonly to: string;
  readonly findings: readonly { readonly rule: string }[];
  readonly summary: { readonly sel4: Readonly<Record<string, number>> };
  readonly targets?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
const json = (stdout: string): Compared[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Compared);

describe('audit --to with several policies', () => {
  it('is one table, with a row for each client and policy', async () => {
    const { code, stdout, stderr } = await overmap(['audit', good, bad, '--to', `strict, exact,legacy,${rule}`]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const rows = stdout.split('\n').flatMap((line) => /^ {2}(clean|overmapped)\s+legacy\s+(\S+)/.exec(line) ?? []);
    expect(rows.filter((_, n) => n % 3 > 0)).toEqual(
      ['clean', 'overmapped'].flatMap((client) =>
        ['strict', 'exact', 'legacy', rule].flatMap((policy) => [client, policy]),
      ),
    );
    expect(stdout.match(/What each policy would do/g)).toHaveLength(1);
  });

  it('gives every policy the counts that it has alone', async () => {
    const policies = ['strict', 'exact', 'permissive', rule];
    const [together] = json((await overmap(['audit', slice, '--to', policies.join(','), '--format', 'json'])).stdout);
    expect(together?.to).toBe(policies.join(','));
    expect(Object.keys(together?.targets ?? {})).toEqual(policies);
    const [first] = json((await overmap(['audit', slice, '--to', 'strict', '--format', 'json'])).stdout);
    expect(together?.findings).toEqual(first?.findings);
    for (const policy of policies) {
      const [alone] = json((await overmap(['audit', slice, '--to', policy, '--format', 'json'])).stdout);
      const { refused, newlyAccepted, otherError } = together?.targets?.[policy] ?? {};
      expect(Number(refused) + Number(newlyAccepted) + Number(otherError)).toBe(alone?.summary.sel4['outcomeChanges']);
      expect(alone).not.toHaveProperty('targets');
    }
  });

  it('shows the tests with --verbose', async () => {
    const { stdout } = await overmap(['audit', slice, '--to', 'strict,legacy', '--verbose', '--fail-on', 'never']);
    expect(stdout).toMatch(/slice-aarch32-PT0002\s+legacy\s+PT0002\s+strict\s+4/);
  });

  it('ends with the code that the first has alone', async () => {
    for (const [input, to, first] of [
      [good, 'permissive,strict', 'permissive'],
      [bad, 'legacy,strict', 'legacy'],
      [bad, 'strict,legacy', 'strict'],
    ] as const) {
      const { code } = await overmap(['audit', input, '--to', first]);
      expect(await overmap(['audit', input, '--to', to])).toMatchObject({ code });
    }
    expect(await overmap(['audit', bad, '--to', 'strict,exact', '--off', 'OM001'])).toMatchObject({ code: 0 });
    expect(await overmap(['audit', bad, folder.path('none'), '--to', 'strict,exact'])).toMatchObject({ code: 3 });
  });

  it.each<[string, string[], string]>([
    ['an unknown name', ['--to', 'strict,exakt'], 'There is no policy "exakt". Did you mean "exact"?'],
    ['an empty name', ['--to', 'strict,'], 'has an empty name'],
    ['one name twice', ['--to', 'strict,exact,strict'], '--to names "strict" twice'],
    ['a rule that is not there', ['--to', 'strict,./no.mjs'], 'There is no rule ./no.mjs'],
    ['--drift', ['--to', 'strict,exact', '--drift'], '--drift runs one policy alone'],
    ['--format sarif', ['--to', 'strict,exact', '--format', 'sarif'], 'compare as table, csv, md, json.'],
    ['--format jsonl', ['--to', 'strict,exact', '--format', 'jsonl'], 'lists findings'],
  ])('refuses %s', async (_, args, why) => {
    const { code, stdout, stderr } = await overmap(['audit', good, ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(why);
  });

  it('takes a file whose name has a comma for one rule', async () => {
    const odd = folder.path('a,b.mjs');
    writeFileSync(odd, "export default () => 'ok';");
    const { stdout } = await overmap(['audit', good, '--to', odd, '--format', 'json']);
    expect(json(stdout)[0]).toMatchObject({ to: odd });
    expect(json(stdout)[0]).not.toHaveProperty('targets');
  });

  it('finds rules from the folder of the configuration', async () => {
    folder.write('overmap.config.json', [{ to: 'strict,./never.mjs', 'fail-on': 'never' }]);
    const { code, stdout } = await overmap(['audit', bad, '--format', 'json'], { cwd: folder.path('.') });
    expect(code).toBe(0);
    expect(json(stdout)[0]?.to).toBe('strict,./never.mjs');
  });

  it('is refused for source, which no policy judges differently', async () => {
    const { code, stdout, stderr } = await overmap(['audit', folder.write('client.c', []), '--to', 'strict,exact']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('is source');
  });
});
