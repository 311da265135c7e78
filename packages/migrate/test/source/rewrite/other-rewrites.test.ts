import { describe, expect, it } from 'vitest';
import type { SourceSite } from '../../../src/source/site.ts';
import { proposalFor, type Said } from './marked-sites.ts';

type Say = (sites: readonly SourceSite[]) => readonly [number, Said];
const say =
  (said: Said, at = 0): Say =>
  () => [at, said];
/** Says a verdict that rests on a piece of the text. */
const about = (text: string, piece: string, said: Said): Say => {
  const start = text.indexOf(piece);
  return say({ ...said, test: { start, end: start + piece.length } });
};
const MAP = 'seL4_X86_Page_Map(a, root, at, seL4_ReadWrite, 0)';

describe('an answer that nobody heeds', () => {
  const fn = (type: string, lines: string, end = ''): string =>
    `${type} f(seL4_CPtr a, seL4_CPtr root, uintptr_t at, int n)\n{\n${lines}${end}}\n`;
  const swallows = say({ verdict: 'swallows the error', result: 'ignored' });

  it.each([
    [
      'seL4_Error',
      '    return seL4_NoError;\n',
      `    seL4_Error error = ${MAP};\n    if (error != seL4_NoError) {\n        return error;\n    }\n`,
    ],
    ['int', '    if (n) return -1;\n    return 0;\n', `    if (${MAP} != seL4_NoError) {\n        return -1;\n    }\n`],
    ['int', '    return 0;\n', `    if (${MAP} != seL4_NoError) {\n        return -1;\n    }\n`],
    ['bool', '    return true;\n', `    if (${MAP} != seL4_NoError) {\n        return false;\n    }\n`],
    [
      'void *',
      '    if (n) return NULL;\n    return g();\n',
      `    if (${MAP} != seL4_NoError) {\n        return NULL;\n    }\n`,
    ],
  ])('a function of %s fails as it does', (type, end, done) => {
    const text = fn(type, `    ${MAP};\n`, end);
    expect(proposalFor('f.c', text, swallows).text).toBe(text.replace(`    ${MAP};\n`, done));
  });

  it.each([
    ['behind a label', 'f.c', `    switch (n) {\n    case 1:\n        ${MAP};\n    }\n`],
    ['where C++ could jump over it', 'f.cc', `    if (n) {\n        goto out;\n    }\n    ${MAP};\nout:\n`],
  ])('declares no variable %s', (_, file, lines) => {
    expect(proposalFor(file, fn('seL4_Error', lines, '    return seL4_NoError;\n'), swallows).proposal?.kind).toBe(
      'explanation',
    );
  });

  it.each([
    ['a number that means success', 'int', '    if (!n) return 0;\n', '    return 1;\n'],
    ['the same number on both ways', 'int', '    if (!n) return 1;\n', '    return 1;\n'],
    ['a bound, and a count', 'int', '    if (n > 3) return 3;\n', '    return n;\n'],
    ['true for a failure', 'bool', '    if (!n) return true;\n', '    return false;\n'],
  ])('is left where it is not clear what failure is: %s', (_, type, begin, end) => {
    const text = fn(type, `${begin}    ${MAP};\n`, end);
    const said = proposalFor('f.c', text, swallows);
    expect([said.proposal?.kind, said.text]).toEqual(['explanation', text]);
  });

  it('takes (void) off', () => {
    const text = fn('int', `    (void)${MAP};\n`, '    return 0;\n');
    expect(proposalFor('f.c', text, swallows).text).toContain(`    if (${MAP} != seL4_NoError) {`);
  });

  it('looks at a variable that nobody reads, and leaves where an error was only printed', () => {
    const kept = fn('seL4_Error', `    seL4_Error e = ${MAP}; // kept\n`, '    return 0;\n');
    expect(proposalFor('f.c', kept, say({ verdict: 'swallows the error', result: 'stored and not read' })).text).toBe(
      kept.replace('// kept\n', '// kept\n    if (e != seL4_NoError) {\n        return e;\n    }\n'),
    );
    const printed = fn(
      'int',
      `    int e = ${MAP};\n    if (e) {\n        printf("no\\n");\n    }\n`,
      '    return 0;\n',
    );
    expect(proposalFor('f.c', printed, say({ verdict: 'swallows the error', result: 'printed' })).text).toBe(
      printed.replace('no\\n");\n', 'no\\n");\n        return -1;\n'),
    );
  });

  it.each([
    ['void', ''],
    ['struct page *', '    return g();\n'],
    ['int', '    return n * 2;\n'],
  ])('cannot be told by a function of %s', (type, end) => {
    expect(proposalFor('f.c', fn(type, `    ${MAP};\n`, end), swallows).proposal?.kind).toBe('explanation');
  });

  it('is passed on in Rust', () => {
    const text =
      'fn f(a: Cap) -> sel4::Result<()> {\n    let _ = a.frame_map(v, at, r, d);\n    a.frame_map(v, at, r, d).ok();\n    Ok(())\n}\n';
    expect(proposalFor('f.rs', text, swallows).text).toContain('{\n    a.frame_map(v, at, r, d)?;\n');
    expect(proposalFor('f.rs', text, say({ verdict: 'swallows the error' }, 1)).text).toContain(
      '    a.frame_map(v, at, r, d)?;\n    Ok',
    );
    const other = text.replace('sel4::Result<()>', 'Result<(), String>');
    expect(proposalFor('f.rs', other, swallows).proposal?.kind).toBe('explanation');
  });
});

describe('DeleteFirst', () => {
  const verdict = 'DeleteFirst taken for success';
  const change = (path: string, text: string, piece: string): string =>
    proposalFor(path, text, about(text, piece, { verdict })).text;

  it.each([
    ['if (e != seL4_NoError && e != seL4_DeleteFirst) {', 'if (e != seL4_NoError) {'],
    ['if (e != seL4_DeleteFirst && e != seL4_NoError) {', 'if (e != seL4_NoError) {'],
    ['if ((e != seL4_NoError) && (e != seL4_DeleteFirst)) {', 'if ((e != seL4_NoError)) {'],
    ['if (e == seL4_NoError || e == seL4_DeleteFirst) {', 'if (e == seL4_NoError) {'],
  ])('goes out of %s', (before, after) => {
    const text = `int f(void)\n{\n    int e = ${MAP};\n    ${before}\n        return g();\n    }\n    return 0;\n}\n`;
    expect(change('f.c', text, before)).toBe(text.replace(before, after));
  });

  it('is no case of its own before a general test', () => {
    const special = '    if (e == seL4_DeleteFirst) {\n        return 0;\n    }\n';
    const text = `int f(void)\n{\n    int e = ${MAP};\n${special}    return e;\n}\n`;
    expect(change('f.c', text, 'e == seL4_DeleteFirst')).toBe(text.replace(special, ''));
  });

  it('falls to the default of a switch', () => {
    const text = `int f(void)\n{\n    switch (${MAP}) {\n    case seL4_NoError:\n    case seL4_DeleteFirst:\n        return 0;\n    default:\n        return -1;\n    }\n}\n`;
    expect(change('f.c', text, 'seL4_DeleteFirst')).toBe(text.replace('    case seL4_DeleteFirst:\n', ''));
    const alone = text.replace('    default:\n        return -1;\n', '');
    expect(change('f.c', alone, 'seL4_DeleteFirst')).toBe(alone);
  });

  it('goes out of a match', () => {
    const text =
      'fn f() -> R {\n    match a.frame_map(v, at, r, d) {\n        Ok(()) | Err(sel4::Error::DeleteFirst) => Ok(()),\n        Err(error) => Err(error),\n    }\n}\n';
    expect(change('f.rs', text, 'Err(sel4::Error::DeleteFirst)')).toBe(
      text.replace(' | Err(sel4::Error::DeleteFirst)', ''),
    );
  });

  it.each([
    [
      'its branch does something',
      `int f(void)\n{\n    int e = ${MAP};\n    if (e == seL4_DeleteFirst) {\n        free_object(a);\n        return 0;\n    }\n    return e;\n}\n`,
    ],
    [
      'nothing tests the error afterwards',
      `int f(void)\n{\n    int e = ${MAP};\n    if (e == seL4_DeleteFirst) {\n        return 0;\n    }\n    return 1;\n}\n`,
    ],
    [
      'the branch has an else',
      `int f(void)\n{\n    int e = ${MAP};\n    if (e == seL4_DeleteFirst) {\n        return 0;\n    } else {\n        n++;\n    }\n    return e;\n}\n`,
    ],
  ])('stays where %s', (_, text) => {
    expect(change('f.c', text, 'e == seL4_DeleteFirst')).toBe(text);
  });

  it('stays where a further branch is for it alone', () => {
    const text = `int f(void)\n{\n    int e = ${MAP};\n    if (e && e != seL4_DeleteFirst) {\n        return e;\n    } else if (e == seL4_DeleteFirst) {\n        check();\n    }\n    return 0;\n}\n`;
    expect(change('f.c', text, 'e && e != seL4_DeleteFirst')).toBe(text);
    const alone = text.replace(' else if (e == seL4_DeleteFirst) {\n        check();\n    }', '');
    expect(change('f.c', alone, 'e && e != seL4_DeleteFirst')).toBe(alone.replace(' && e != seL4_DeleteFirst', ''));
  });
});

describe('any error taken for a missing table', () => {
  const verdict = 'any error taken for a missing table';
  const guard = '        if (e != seL4_FailedLookup) {\n            return e;\n        }\n';

  it('ends the function at another error, in an if and in a loop', () => {
    for (const head of ['if (e)', 'while (e != seL4_NoError)']) {
      const text = `int f(void)\n{\n    int e = ${MAP};\n    ${head} {\n        add();\n        e = ${MAP};\n    }\n    return e;\n}\n`;
      expect(proposalFor('f.c', text, about(text, head, { verdict })).text).toBe(
        text.replace(`${head} {\n`, `${head} {\n${guard}`),
      );
    }
  });

  it('ends it behind a test for success', () => {
    const text = `int f(void)\n{\n    for (;;) {\n        int e = ${MAP};\n        if (e == 0) {\n            return 0;\n        }\n        if (add()) {\n            return -1;\n        }\n    }\n    return -1;\n}\n`;
    const done = proposalFor('f.c', text, about(text, 'e == 0', { verdict })).text;
    expect(done).toBe(
      text.replace(
        '            return 0;\n        }\n',
        `            return 0;\n        }\n${guard.replace('return e', 'return -1')}`,
      ),
    );
  });

  it.each([
    [
      'there is no variable',
      `int f(void)\n{\n    while (${MAP}) {\n        add();\n    }\n    return 0;\n}\n`,
      'while (',
    ],
    [
      'the function returns nothing',
      `void f(void)\n{\n    int e = ${MAP};\n    if (e) {\n        add();\n    }\n}\n`,
      'if (e)',
    ],
  ])('stays where %s', (_, text, piece) => {
    expect(proposalFor('f.c', text, about(text, piece, { verdict })).proposal?.kind).toBe('explanation');
  });
});

describe('a prefix', () => {
  const verdict = 'prefix left';
  const loop = (inside: string, head = 'for (size_t i = 0; i < n; i++)'): string =>
    `int f(void)\n{\n    ${head} {\n${inside}    }\n    return 0;\n}\n`;
  const map = MAP.replace('(a, root, at', '(a[i], root, at + i * 4096');
  const undo = (indent: string): string =>
    `${indent}for (size_t j = 0; j < i; j++) {\n${indent}    seL4_X86_Page_Unmap(a[j]);\n${indent}}\n`;

  it('is unmapped where the map failed', () => {
    const text = loop(`        int e = ${map};\n        if (e) {\n            return e;\n        }\n`);
    expect(proposalFor('f.c', text, say({ verdict })).text).toBe(
      text.replace('        if (e) {\n', `        if (e) {\n${undo('            ')}`),
    );
  });

  it('stays where the function tells how much of it is there', () => {
    const text = loop(`        int e = ${map};\n        if (e) {\n            return i;\n        }\n`);
    const said = proposalFor('f.c', text, say({ verdict }));
    expect([said.proposal?.kind, said.text]).toEqual(['explanation', text]);
  });

  it('gives a jump without braces some', () => {
    const text = loop(`        if (${map})\n            goto fail;\n`);
    expect(proposalFor('f.c', text, say({ verdict })).text).toBe(
      text
        .replace(`(${map})\n`, `(${map}) {\n${undo('            ')}`)
        .replace('goto fail;\n', 'goto fail;\n        }\n'),
    );
  });

  it('is unmapped in Rust', () => {
    const text =
      'fn f(frames: &[Cap]) -> sel4::Result<()> {\n    for (i, frame) in frames.iter().enumerate() {\n        frame.frame_map(v, at + i * 4096, r, d)?;\n    }\n    Ok(())\n}\n';
    expect(proposalFor('f.rs', text, say({ verdict })).text).toBe(
      text.replace(
        '        frame.frame_map(v, at + i * 4096, r, d)?;\n',
        [
          '        if let Err(error) = frame.frame_map(v, at + i * 4096, r, d) {',
          '            for mapped in &frames[..i] {',
          '                let _ = mapped.frame_unmap();',
          '            }',
          '            return Err(error);',
          '        }\n',
        ].join('\n'),
      ),
    );
  });

  it.each([
    ['frames are not kept', loop(`        int e = ${MAP};\n        if (e) {\n            return e;\n        }\n`)],
    [
      'pages are passed over',
      loop(
        `        if (b[i]) continue;\n        int e = ${map};\n        if (e) {\n            return e;\n        }\n`,
      ),
    ],
    [
      'the loop has no counter',
      loop(`        int e = ${map};\n        if (e) {\n            return e;\n        }\n`, 'while (more())'),
    ],
    [
      'the counter is changed inside',
      loop(`        int e = ${map};\n        if (e) {\n            return e;\n        }\n        i += 2;\n`),
    ],
  ])('stays where %s', (_, text) => {
    expect(proposalFor('f.c', text, say({ verdict })).proposal?.kind).toBe('explanation');
  });
});

describe('Remap', () => {
  const verdict = 'old API';
  const fn = (lines: string): string => `int f(seL4_CPtr a, seL4_CPtr root, uintptr_t at)\n{\n${lines}}\n`;
  const remap = 'seL4_X86_Page_Remap(a, root, seL4_CanRead, 0)';

  it('becomes Map at the address of the map before', () => {
    const text = fn(`    int e = ${MAP};\n    if (e) {\n        return e;\n    }\n    return ${remap};\n`);
    expect(proposalFor('f.c', text, say({ verdict }, 1), /[Mm]ap$/).text).toBe(
      text.replace(remap, 'seL4_X86_Page_Map(a, root, at, seL4_CanRead, 0)'),
    );
  });

  it.each([
    ['nothing says the address', `    return ${remap};\n`, 0],
    ['the address was changed', `    ${MAP};\n    at += 4096;\n    return ${remap};\n`, 1],
    ['the map is in a branch', `    if (n) {\n        ${MAP};\n    }\n    return ${remap};\n`, 1],
    ['another capability was mapped', `    ${MAP.replace('(a', '(b')};\n    return ${remap};\n`, 1],
    ['it was in another vspace', `    ${MAP.replace('root', 'other')};\n    return ${remap};\n`, 1],
  ])('stays where %s', (_, lines, at) => {
    expect(proposalFor('f.c', fn(lines), say({ verdict }, at)).proposal?.kind).toBe('explanation');
  });
});

it.each(['safe', 'remap', 'already strict'] as const)('nothing is proposed for what is %s', (verdict) => {
  expect(proposalFor('f.c', `int f(void)\n{\n    return ${MAP};\n}\n`, say({ verdict })).proposal).toBeNull();
});

describe('what a wrapper answers', () => {
  const call = 'put(a, root, at)';
  const body = `int f(seL4_CPtr a, seL4_CPtr root, uintptr_t at)\n{\n    ${call};\n    return 0;\n}\n`;
  const wrapper = (type: string): string =>
    `${type}put(seL4_CPtr frame, seL4_CPtr root, uintptr_t at)\n{\n    return g(seL4_ARM_Page_Map(frame, root, at, seL4_ReadWrite, 3));\n}\n\n${body}`;
  const swallows: Say = (sites) => [
    sites.length - 1,
    { verdict: 'swallows the error', kind: 'wrapper', result: 'ignored' },
  ];

  it.each([
    ['int ', call],
    ['bool ', `!${call}`],
    ['static void *', `!${call}`],
  ])('of type %s decides the test', (type, condition) => {
    const text = wrapper(type);
    expect(proposalFor('f.c', text, swallows, /^put$|Map$/).text).toBe(
      text.replace(`    ${call};\n`, `    if (${condition}) {\n        return -1;\n    }\n`),
    );
  });

  it.each(['struct page ', 'result_t '])('of type %s is left to a person', (type) => {
    expect(proposalFor('f.c', wrapper(type), swallows, /^put$|Map$/).proposal?.kind).toBe('explanation');
  });

  it('is not known where two definitions differ, or none is there', () => {
    const two = `${wrapper('int ')}#else\nbool put(seL4_CPtr frame);\n`;
    expect(proposalFor('f.c', two, swallows, /^put$|Map$/).proposal?.kind).toBe('explanation');
    expect(proposalFor('f.c', body, swallows, /^put$/).proposal?.kind).toBe('explanation');
  });

  it('is no FailedLookup', () => {
    const text = `${wrapper('int ').split('int f')[0]}int f(void)\n{\n    int e = ${call};\n    if (e) {\n        add();\n        e = ${call};\n    }\n    return e;\n}\n`;
    const verdict = 'any error taken for a missing table';
    const says: Say = () => [
      1,
      { verdict, kind: 'wrapper', test: { start: text.indexOf('if (e)'), end: text.indexOf('if (e)') + 6 } },
    ];
    expect(proposalFor('f.c', text, says, /^put$|Map$/).proposal).toMatchObject({
      kind: 'explanation',
      says: expect.stringContaining("the kernel's own errors") as unknown,
    });
  });
});

it('puts braces before a comment that ends the line of an if', () => {
  const text = `int f(void)\n{\n    for (int i = 0; i < n; i++) {\n        if (seL4_X86_Page_Map(a[i], root, at + i, r, 0)) // no\n            return -1;\n    }\n    return 0;\n}\n`;
  expect(proposalFor('f.c', text, say({ verdict: 'prefix left' })).text).toContain(
    'r, 0)) { // no\n            for (int j = 0; j < i; j++) {\n                seL4_X86_Page_Unmap(a[j]);\n            }\n            return -1;\n        }\n    }\n',
  );
});

describe('books that are written before a map', () => {
  const c = (before: string): string =>
    `int f(struct region *r, seL4_CPtr a, seL4_CPtr root, uintptr_t at)\n{\n    int local = 0;\n    ${before}\n    ${MAP};\n    return 0;\n}\n`;
  const swallows = say({ verdict: 'swallows the error', result: 'ignored' });

  it.each(['r->count++;', 'r->mapped = true;', 'pages[next] = a;', 'total += 1;', 'list_append(&r->frames, a);'])(
    '%s is told, and nothing is rewritten',
    (before) => {
      const { proposal, text } = proposalFor('f.c', c(before), swallows);
      expect(proposal?.kind).toBe('explanation');
      expect(text).toBe(c(before));
      expect(proposal?.says).toContain('is written before the map');
    },
  );

  it.each(['local = 1;', 'int count = r->count;', 'printf("%d", local);'])('%s is no book', (before) => {
    expect(proposalFor('f.c', c(before), swallows).text).toContain('return -1;');
  });

  it('of a range are left to a person, too', () => {
    const range = (before: string): string =>
      `int f(struct region *r, seL4_CPtr *list, seL4_CPtr root, uintptr_t at, int n)\n{\n    for (int i = 0; i < n; i++) {\n        ${before}int error = seL4_X86_Page_Map(list[i], root, at + i * 4096, seL4_ReadWrite, 0);\n        if (error) {\n            return error;\n        }\n    }\n    return 0;\n}\n`;
    const prefix = say({ verdict: 'prefix left' });
    expect(proposalFor('f.c', range(''), prefix).text).toContain('seL4_X86_Page_Unmap(list[j]);');
    expect(proposalFor('f.c', range('r->count++; '), prefix).proposal?.says).toContain('r->count is written before');
  });

  it('says what a function of Rust returns', () => {
    const fn = (type: string): string =>
      `fn f(a: Granule, root: VSpace, at: usize)${type} {\n    let _ = a.frame_map(root, at, rights, attributes);\n    done()\n}\n`;
    const says = (type: string) => proposalFor('f.rs', fn(type), swallows).proposal?.says;
    expect(says('')).toContain('f returns no Result');
    expect(says(' -> Result<(), MyError>')).toContain("f returns Result<(), MyError>; whether the kernel's error");
    expect(proposalFor('f.rs', fn(' -> Result<(), sel4::Error>'), swallows).text).toContain('attributes)?;');
  });
});
