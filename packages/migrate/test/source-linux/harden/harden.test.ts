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

/** A function with one call, in a file that needs nothing more. */
const file = (body: string, head = '#include <errno.h>\n#include <sys/mman.h>\n'): string => `${head}
int f(void *at, unsigned long n)
{
${body}}
`;
const FIXED = 'MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED';
const CALL = `mmap((void *)0x200000000000, n, 1, ${FIXED}, -1, 0)`;
const TESTED = `    void *p = ${CALL};\n    return p == MAP_FAILED;\n`;

describe('what is left to a person, and why', () => {
  it.each<[string, string, RegExp]>([
    ['an answer that is dropped', `    ${CALL};\n    return 0;\n`, /Nothing looks at the answer/],
    ['an answer that is used first', `    char *p = ${CALL};\n    return p[0];\n`, /used before it is tested/],
    [
      'an answer that is only tested for NULL',
      `    void *p = ${CALL};\n    return p ? 0 : 1;\n`,
      /used before it is tested/,
    ],
    [
      'a length that counts',
      `    void *p = ${CALL.replace(', n,', ', n++,')};\n    return p == MAP_FAILED;\n`,
      /second time/,
    ],
    [
      'an answer that overwrites the address',
      `    char *q = (char *)0x200000000000;\n    q = mmap(q, n, 1, ${FIXED}, -1, 0);\n    return q == MAP_FAILED;\n`,
      /overwrites/,
    ],
    [
      'an answer that is a number',
      `    unsigned long p = (unsigned long)${CALL};\n    return p == -1UL || p == (unsigned long)MAP_FAILED;\n`,
      /kept as a number/,
    ],
    ['a constant', `    void *const p = ${CALL};\n    return p == MAP_FAILED;\n`, /constant/],
    ['a call behind another test', `    return n == 0 || ${CALL} == MAP_FAILED;\n`, /no statement can be put/],
    ['a loop', `    while (${CALL} == MAP_FAILED)\n        n--;\n    return 0;\n`, /no statement can be put/],
    [
      'an if without braces',
      `    void *p = at;\n    if (n)\n        p = ${CALL};\n    return p == MAP_FAILED;\n`,
      /no statement can be put/,
    ],
    [
      'an else if',
      `    if (n == 0)\n        return 0;\n    else if (${CALL} == MAP_FAILED)\n        return 1;\n    return 0;\n`,
      /no statement can be put/,
    ],
    [
      'a flag that is there sometimes',
      `    void *p = ${CALL.replace('MAP_FIXED', '(n ? MAP_FIXED : 0)')};\n    return p == MAP_FAILED;\n`,
      /in some runs only/,
    ],
  ])('%s', (_, body, why) => {
    const { files, left } = hardened(file(body));
    expect(files).toEqual([]);
    expect(left.map(({ says, note }) => ({ says, note }))).toEqual([{ says: expect.stringMatching(why), note: false }]);
  });

  it('flags that two calls read', () => {
    const two = `    int flags = ${FIXED};\n    void *p = mmap((void *)0x200000000000, n, 1, flags, -1, 0);\n    void *q = mmap(0, n, 1, flags, -1, 0);\n    return p == MAP_FAILED || q == MAP_FAILED;\n`;
    const { files, left } = hardened(file(two));
    expect(files).toEqual([]);
    expect(left[0]?.says).toMatch(/where other calls may read it/);
  });

  it('reserve, then commit, and what is mapped on purpose are left alone', () => {
    const commit = `    char *r = mmap(0, n, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);\n    void *p = mmap(r, n, 1, ${FIXED}, -1, 0);\n    return p == MAP_FAILED;\n`;
    const { files, left, kept } = hardened(file(commit));
    expect({ files, left, kept }).toEqual({ files: [], left: [], kept: { 'reserve, then commit': 1 } });
  });
});

const site = (counts: Partial<Record<'clean' | 'meant' | 'lost', number>>, line = 0, of = 'app') => {
  const { clean = 0, meant = 0, lost = 0 } = counts;
  const fixed = clean + meant + lost;
  return { file: of, line, function: 'f', fixed, clean, meant, lost, processes: 2 };
};
const evidenceOf = (...fixed: ReturnType<typeof site>[]) => ({ sites: [], audits: 1, homeless: 0, fixed });

describe('evidence', () => {
  it('decides: nothing is rewritten without it', () => {
    const { files, left } = hardened(file(TESTED), {});
    expect(files).toEqual([]);
    expect(left).toEqual([
      expect.objectContaining({ rule: 'OL101', note: true, says: expect.stringMatching(/No recorded run/) }),
    ]);
  });

  it.each([
    ['that nothing was replaced', site({ clean: 3 }), 1, []],
    ['that live memory was taken away', site({ clean: 3, lost: 1 }), 0, [false]],
    ['that replacing is meant', site({ clean: 3, meant: 1 }), 0, [true]],
    ['of another function', { ...site({ clean: 3 }), function: 'g' }, 0, [true]],
  ])('says %s', (_, recorded, changed, left) => {
    const done = hardened(file(TESTED), { evidence: evidenceOf(recorded) });
    expect(done.changes).toHaveLength(changed);
    expect(done.left.map(({ note }) => note)).toEqual(left);
  });

  it('also for an address of which the code does not tell where it comes from', () => {
    const text = file(TESTED.replace('(void *)0x200000000000', 'at'));
    expect(hardened(text).changes).toEqual([]);
    const { changes, after } = hardened(text, { evidence: evidenceOf(site({ clean: 1 })) });
    expect(changes).toMatchObject([{ rule: 'OL190' }]);
    expect(after).toContain('if (p != MAP_FAILED && p != at) {');
  });

  it('but not where the call fills a reservation', () => {
    const commit = `    char *r = mmap(0, n, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);\n    void *p = mmap(r, n, 1, ${FIXED}, -1, 0);\n    return p == MAP_FAILED;\n`;
    expect(hardened(file(commit), { evidence: evidenceOf(site({ clean: 1 })) }).files).toEqual([]);
  });

  it('by line (strace -kk) tells calls of one function apart, also where it was inlined', () => {
    const second = `    void *q = ${CALL};\n    return q == MAP_FAILED;\n`;
    const two = file(TESTED.replace('return p == MAP_FAILED;', 'if (p == MAP_FAILED)\n        return 1;') + second);
    const at = (line: number) => ({ ...site({ clean: 1 }, line, '/home/me/src/a.c'), function: 'main' });
    const { changes } = hardened(two, { evidence: evidenceOf(at(9)) });
    expect(changes.map(({ line }) => line)).toEqual([9]);
    // Without lines nobody knows which one it was.
    const unknown = hardened(two, { evidence: evidenceOf(site({ clean: 1 })) });
    expect(unknown.changes).toEqual([]);
    expect(unknown.unmatched).toHaveLength(1);
  });

  it('of the loader and the C library is none of the tree', () => {
    const loader = { ...site({ meant: 4 }), file: '/usr/lib/ld-linux-x86-64.so.2', function: '_dl_map' };
    expect(hardened(file(TESTED), { evidence: evidenceOf(loader) }).unmatched).toEqual([]);
  });

  it('knows what a compiler and a demangler make of a name', () => {
    for (const name of ['f.constprop.0', 'f(void*, unsigned long', 'ns::f(char*'])
      expect(
        hardened(file(TESTED), { evidence: evidenceOf({ ...site({ clean: 1 }), function: name }) }).changes,
      ).toHaveLength(1);
  });
});

describe('NOREPLACE that is not compared', () => {
  const text = file(TESTED.replace('MAP_FIXED', 'MAP_FIXED_NOREPLACE'));
  it('gets the comparison without any evidence', () => {
    const { changes, after } = hardened(text, {});
    expect(changes).toMatchObject([{ rule: 'OL102' }]);
    expect(after).toContain('    if (p != MAP_FAILED && p != (void *)0x200000000000) {');
    expect(after.replace(/ {4}\/\* Before[^]*? {4}\}\n/, '')).toBe(text);
  });
  it('is left alone where it is compared', () => {
    const compared = text.replace('return p == MAP_FAILED;', 'return p != (void *)0x200000000000;');
    expect(hardened(compared, {})).toMatchObject({ files: [], left: [], kept: { 'NOREPLACE, compared': 1 } });
  });
});

describe('MAP_FIXED whose answer is compared already', () => {
  it('gets the flag, and nothing else', () => {
    const text = file(TESTED.replace('return p == MAP_FAILED;', 'return p != (void *)0x200000000000;'));
    expect(hardened(text).after).toBe(text.replace('MAP_FIXED', 'MAP_FIXED_NOREPLACE'));
  });
  it('but an assertion does not count: it may be compiled to nothing', () => {
    const asserted = TESTED.replace('return', 'assert(p == (void *)0x200000000000);\n    return');
    const { after, left } = hardened(file(`    if (n == 0)\n        return 1;\n${asserted}`));
    expect(left).toEqual([]);
    expect(after).toContain('        errno = EEXIST;\n');
  });
});

describe('the head of a file', () => {
  it('gets <errno.h> in front of <sys/mman.h>, with the ends of its lines', () => {
    const text = file(TESTED, '#define _GNU_SOURCE\n#include <stdio.h>\n#include <sys/mman.h>\n#include <unistd.h>\n');
    const { after } = hardened(text.replaceAll('\n', '\r\n'));
    expect(after).toContain('#include <stdio.h>\r\n#include <errno.h>\r\n#include <sys/mman.h>\r\n');
    expect(after.match(/(?<!\r)\n/)).toBeNull();
  });
  it('gets a definition only where the flag may be hidden', () => {
    const plain = file(TESTED.replace('MAP_ANONYMOUS | ', ''), '#include <errno.h>\n#include <sys/mman.h>\n');
    const guard = '#include <sys/mman.h>\n#ifndef MAP_FIXED_NOREPLACE\n#define MAP_FIXED_NOREPLACE 0x100000\n#endif\n';
    expect(hardened(plain).after).toContain(guard);
    expect(hardened(file(TESTED)).after).not.toContain('#ifndef');
  });
  it('has to be there', () => {
    const { files, left } = hardened(file(TESTED, ''));
    expect(files).toEqual([]);
    expect(left[0]?.says).toMatch(/includes nothing itself/);
  });
});

it('a comment that suppresses the rule keeps the call as it is', () => {
  const text = file(`    /* overmap-ignore OL101: the range is ours by agreement */\n${TESTED}`);
  const { files, left, suppressed, suppressionProblems } = hardened(text);
  expect({ files, left, suppressed: suppressed.map(({ rule }) => rule), suppressionProblems }).toEqual({
    files: [],
    left: [],
    suppressed: ['OL101'],
    suppressionProblems: [],
  });
  // Those of the other family are not looked at.
  expect(hardened(file('    /* overmap-ignore OM101: x */\n    return 0;\n')).suppressionProblems).toEqual([]);
});
