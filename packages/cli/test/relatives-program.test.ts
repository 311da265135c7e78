import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { makeFolder, overmap } from './program.ts';

const folder = makeFolder();
const root = fileURLToPath(new URL('../../../', import.meta.url));
const KEYS = `${root}recordings/freebsd/policies-derived.jsonl.gz`;
const VECTORS = `${root}recordings/redox/vectors.jsonl.gz`;
const SWAPOUT = `${root}docs/examples/freebsd-swapout.jsonl`;

/** A session of a guide: a command, and what it prints. */
interface Shown {
  readonly args: readonly string[];
  /** Lines from the end that are shown; all without a number. */
  readonly tail: number | null;
  readonly output: string;
}

/** The sessions with this program in a guide. */
function sessions(page: string): Shown[] {
  const text = readFileSync(`${root}docs/${page}`, 'utf8');
  return [...text.matchAll(/^```console\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((one) => {
        const [command = '', ...output] = one.split('\n');
        const [words = '', pipe] = command.split(' | ');
        const tail = /^tail -(\d+)$/.exec(pipe ?? '')?.[1];
        return {
          args: words.split(' ').slice(1),
          tail: tail === undefined ? null : Number(tail),
          output: output.join('\n'),
        };
      }),
  );
}

describe.each(['guide-freebsd.md', 'guide-redox.md'])('%s', (page) => {
  it.each(sessions(page).map((one) => [one.args.join(' '), one] as const))(
    'shows what overmap %s prints',
    async (_, one) => {
      const { stdout, stderr } = await overmap([...one.args], { cwd: root, env: { NO_COLOR: '1' } });
      expect(stderr).toBe('');
      const lines = stdout.trimEnd().split('\n');
      expect(`${(one.tail === null ? lines : lines.slice(-one.tail)).join('\n')}\n`).toBe(one.output);
    },
  );
});

describe('overmap audit of recordings of FreeBSD and Redox', () => {
  it.each([
    [[SWAPOUT], 1],
    [[SWAPOUT, '--fail-on', 'never'], 0],
    [[SWAPOUT, '--from', 'pmap_remove_swapout'], 0],
    [[KEYS, '--from', 'explicit_only', '--fail-on', 'error'], 0],
    [[KEYS, '--from', 'explicit_only', '--fail-on', 'warning'], 1],
    [[KEYS, '--off', 'OF001'], 0],
    [[VECTORS, '--to', 'B2'], 0],
    [[VECTORS, '--to', 'B2', '--fail-on', 'warning'], 1],
    [[VECTORS, '--to', 'movedWritable'], 1],
  ])('%j ends with %i', async (args, code) => {
    expect((await overmap(['audit', ...args])).code).toBe(code);
  });

  it.each(['json', 'jsonl', 'sarif', 'github', 'csv', 'md', 'trace-events'])('writes %s', async (format) => {
    const { stdout, stderr, code } = await overmap(['audit', SWAPOUT, '--format', format]);
    expect({ stderr, code }).toEqual({ stderr: '', code: 1 });
    expect(stdout).toContain('OF001');
    if (format !== 'json') return;
    const { from, to, findings, summary } = JSON.parse(stdout) as Record<string, unknown>;
    expect({ from, to }).toEqual({ from: 'every_pmap_remove', to: 'pmap_map_delete' });
    expect(findings).toMatchObject([
      { rule: 'OF001', line: 1, vaddr: '0x10000', length: 8192, operation: 'swapout', protectionKey: 5 },
    ]);
    expect(summary).toMatchObject({ freebsd: { pagesLost: 2, lostBy: { swapout: 2 } } });
  });

  it('a baseline keeps quiet what is known', async () => {
    const { stdout } = await overmap(['audit', SWAPOUT, '--format', 'json']);
    const known = folder.path('known.json');
    writeFileSync(known, stdout);
    const again = await overmap(['audit', SWAPOUT, '--baseline', known]);
    expect(again.code).toBe(0);
    expect(again.stdout).toMatch(/findings that the baseline has, not listed +1\n/);
  });

  it('explains the rules', async () => {
    const { stdout, code } = await overmap(['explain', 'OF001', 'or004']);
    expect(code).toBe(0);
    expect(stdout).toContain('protection key lost while the mapping stays');
    expect(stdout).toContain('moved memory is writable although its frame is shared');
  });

  it.each([
    [
      [KEYS, '--to', 'strict'],
      "is a recording of FreeBSD's protection keys, and the policy strict is about traces of seL4",
    ],
    [[KEYS, '--to', 'explict_only'], 'There is no policy "explict_only". Did you mean "explicit_only"?'],
    [[KEYS, '--from', 'legacy', '--to', 'entry_owned'], 'are of different systems'],
    [[KEYS, '--from', 'entry_owned', '--to', 'entry_owned'], 'a policy agrees with itself'],
    [[KEYS, '--to', 'B4'], "is a recording of FreeBSD's protection keys, and --to B4 is about Redox' memory calls"],
    [[VECTORS, '--to', 'B4,B99'], '"B99" is no defect of Redox. Known: B1 to B16'],
    [[VECTORS, '--to', 'asIs'], '--to asIs is how Redox was recorded'],
    [[VECTORS, '--to', 'exact'], "is a recording of Redox' memory calls, and the policy exact is about traces of seL4"],
    [[VECTORS, '--from', 'strict', '--to', 'B4'], 'are of different systems'],
    [[`${root}recordings/strace/ls.strace.gz`, '--to', 'entry_owned'], 'is an strace log of Linux'],
    [[`${root}recordings/pcuabi/scenarios.jsonl.gz`], 'there is nothing to audit: overmap replay --check runs it'],
  ])('%j is a mistake that is explained', async (args, message) => {
    const { code, stderr } = await overmap(['audit', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
