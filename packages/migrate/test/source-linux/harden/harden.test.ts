import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lacks } from '../../../../../test/tools.ts';
import { hardenSource, type HardenOptions } from '../../../src/source-linux/harden/migrate-noreplace.ts';
import { DRIVER, type Form, FORMS, OLD_KERNEL, sourceOf } from './forms.ts';

const scratch = mkdtempSync(join(tmpdir(), 'overmap-harden-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let made = 0;

function tree(files: Readonly<Record<string, string>>): string {
  const folder = join(scratch, String(made++));
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** The text of a file after the migration, what was left, and the same once more. */
function hardened(text: string, options: HardenOptions = { withoutEvidence: true }, name = 'a.c') {
  const folder = tree({ [name]: text });
  const done = hardenSource([folder], options);
  const after = done.files[0]?.after ?? text;
  return { ...done, after, folder };
}

const nameOf = ({ language }: Form): string => (language === 'c' ? 'a.c' : 'a.cc');
const tool = ({ language }: Form): string => (language === 'c' ? 'cc' : 'c++');

function run(program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

describe('MAP_FIXED becomes MAP_FIXED_NOREPLACE, with the comparison', () => {
  it.each(FORMS)('in $name', (form) => {
    const { after, changes, left } = hardened(sourceOf(form), undefined, nameOf(form));
    expect(left).toEqual([]);
    expect(changes).toHaveLength(1);
    expect(after).toContain(form.expected);
    expect(after).not.toMatch(/MAP_FIXED\b/);
    // A second run has nothing to do, and lines that were not touched are as they were.
    expect(hardened(after, undefined, nameOf(form)).files).toEqual([]);
    const old = new Set(after.split('\n'));
    expect(
      sourceOf(form)
        .split('\n')
        .filter((line) => !old.has(line) && !/mmap|MAP_FIXED/.test(line)),
    ).toEqual([]);
  });

  it.skipIf(lacks('cc', 'c++')).each(FORMS)(
    'in $name: it compiles without a word, and does on this kernel and an old one what it should (needs cc)',
    (form) => {
      const before = sourceOf(form);
      const { after } = hardened(before, undefined, nameOf(form));
      const folder = tree({ [nameOf(form)]: after + DRIVER, before: before + DRIVER, 'old.c': OLD_KERNEL });
      const at = (name: string): string => join(folder, name);
      const cc = tool(form);
      const strict = ['-Wall', '-Wextra', '-Werror', '-x', form.language === 'c' ? 'c' : 'c++'];
      run(cc, ...strict, '-o', at('was'), at('before'));
      run(cc, ...strict, '-o', at('is'), at(nameOf(form)));
      expect(run(at('was'))).toBe('free 0 taken mapped page lost\n');
      expect(run(at('is'))).toBe('free 0 taken EEXIST page kept\n');
      // The same program on a kernel that does not know the flag.
      run('cc', '-c', '-o', at('old.o'), at('old.c'));
      const link = form.language === 'c' ? '' : 'extern "C" ';
      const declared = `${link}void *old_kernel_mmap(void *, size_t, int, int, int, off_t);\n`;
      const shimmed = (after + DRIVER).replace('#define AT ', `${declared}#define mmap old_kernel_mmap\n#define AT `);
      writeFileSync(at(`shim-${nameOf(form)}`), shimmed);
      run(cc, '-Wall', '-Wextra', '-Werror', '-o', at('on-old'), at(`shim-${nameOf(form)}`), at('old.o'));
      expect(run(at('on-old'))).toBe('free 0 taken EEXIST page kept\n');
    },
    60_000,
  );

  it.skipIf(lacks('cc'))(
    'the comparison is what an old kernel needs: without it the program goes on elsewhere (needs cc)',
    () => {
      const [form] = FORMS;
      if (form === undefined) throw new Error('no form');
      const flagOnly = sourceOf(form).replace('MAP_FIXED', 'MAP_FIXED_NOREPLACE');
      const declared = 'void *old_kernel_mmap(void *, size_t, int, int, int, off_t);\n#define mmap old_kernel_mmap\n';
      const folder = tree({
        'a.c': (flagOnly + DRIVER).replace('#define AT ', `${declared}#define AT `),
        'old.c': OLD_KERNEL,
      });
      run('cc', '-o', join(folder, 'a'), join(folder, 'a.c'), join(folder, 'old.c'));
      expect(run(join(folder, 'a'))).toBe('free 0 taken mapped page kept\n');
    },
  );
});
