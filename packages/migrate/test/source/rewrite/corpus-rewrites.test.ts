import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lacks } from '../../../../../test/tools.ts';
import { loadParser } from '../../../src/source/grammar.ts';
import { type MigratedSource, migrateSource, writeRewritten } from '../../../src/source/migrate-source.ts';
import { REWRITES } from '../../../src/source/rewrite/proposal.ts';
import { expectationsIn, FIXTURES, filesOf, TREES } from '../corpus.ts';
import { DISAGREEMENTS } from '../disagreements.ts';

const scratch = mkdtempSync(join(tmpdir(), 'overmap-corpus-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
cpSync(FIXTURES, scratch, { recursive: true });

const paths = TREES.map((tree) => join(scratch, tree));
const first: MigratedSource[] = [];
for (const path of paths) first.push(await migrateSource([path]));
for (const { files } of first) writeRewritten(files);
const changes = first.flatMap((tree) =>
  tree.changes.map((change) => ({ ...change, file: change.file.slice(scratch.length + 1) })),
);

const GOOD = new Set(['safe', 'remap', 'already strict']);
const expectations = TREES.flatMap((tree) => filesOf(tree).flatMap(expectationsIn));

describe('the rewritten corpus', () => {
  it('has a rewrite of each kind', () => {
    expect([...new Set(changes.map(({ rewrite }) => rewrite))].toSorted()).toEqual([...REWRITES].toSorted());
  });

  it('was not changed for a call that is safe', () => {
    const wrong = changes.filter(({ file, line, rewrite }) => {
      if (rewrite === 'old-names') return false;
      const expected = expectations.find((each) => each.file === file && each.line === line);
      const known = DISAGREEMENTS.some((each) => each.file === file && each.line === line);
      return !known && (expected === undefined || expected.verdicts.every((verdict) => GOOD.has(verdict)));
    });
    expect(wrong).toEqual([]);
  });

  it.skipIf(lacks('cc', 'c++'))(
    'compiles as the original did, for each architecture (needs cc)',
    () => {
      const run = (tool: string, std: string, files: readonly string[], more: readonly string[]): void => {
        const args = [`-std=${std}`, '-Wall', '-Werror', '-fsyntax-only', '-I', join(FIXTURES, 'include'), ...more];
        const compiled = (root: string) =>
          spawnSync(tool, [...args, ...files.map((file) => join(root, file))], { encoding: 'utf8' });
        expect(compiled(FIXTURES)).toMatchObject({ status: 0, stderr: '' });
        expect(compiled(scratch)).toMatchObject({ status: 0, stderr: '' });
      };
      const c = filesOf('c').filter((file) => file.endsWith('.c'));
      for (const arch of ['', '-DCONFIG_ARCH_ARM', '-DCONFIG_ARCH_RISCV', '-DCONFIG_ARCH_AARCH64'])
        run('cc', 'gnu11', c, arch === '' ? [] : [arch, '-Wno-unused-function']);
      run(
        'c++',
        'c++17',
        filesOf('cpp').filter((file) => file.endsWith('.cc')),
        [],
      );
    },
    120_000,
  );

  it('is Rust that parses', () => {
    for (const file of filesOf('rust')) {
      const root = loadParser()('rust', readFileSync(join(scratch, file), 'utf8'));
      expect(root.findAll({ rule: { kind: 'ERROR' } } as never), file).toEqual([]);
    }
  });

  it('is not changed by a second run', async () => {
    for (const [i, path] of paths.entries()) {
      const second = await migrateSource([path]);
      expect(second.files.map(({ file }) => file)).toEqual([]);
      // It says again what is left, at the lines where it is now.
      const left = ({ file, callee, rule, after }: MigratedSource['explanations'][number]) => [
        file,
        after.line,
        callee,
        rule,
        after.says,
      ];
      const again = second.explanations.map(left);
      const before = (first[i]?.explanations ?? []).filter(({ says }) => !/taken back/.test(says)).map(left);
      expect(again).toEqual(expect.arrayContaining(before));
    }
  });

  it('keeps the ends of lines and everything that is not rewritten', async () => {
    const name = join(scratch, 'c/window-straight-bad.c');
    const crlf = readFileSync(join(FIXTURES, 'c/window-straight-bad.c'), 'utf8').replaceAll('\n', '\r\n');
    writeFileSync(name, crlf);
    const [file] = (await migrateSource([name])).files;
    const added = (file?.after ?? '').split('\r\n');
    expect(file?.after.replaceAll('\r\n', '')).not.toContain('\n');
    const kept = crlf.split('\r\n').every((line) => added.includes(line));
    expect({ kept, more: added.length > crlf.split('\r\n').length }).toEqual({ kept: true, more: true });
  });
});
