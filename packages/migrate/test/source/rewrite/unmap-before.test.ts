import { describe, expect, it } from 'vitest';
import type { SourceSite } from '../../../src/source/site.ts';
import { proposalFor, type Said } from './marked-sites.ts';

/** Says that a call relies on replacing what another one mapped. */
const over =
  (at: number, before: number, more: Partial<SourceSite> = {}) =>
  (sites: readonly SourceSite[]): readonly [number, Said] => {
    const site = sites[before];
    const { file = '', line = 0, frame = null } = site ?? {};
    return [at, { verdict: 'relies', earlier: { frame: frame?.text ?? '', file, line, inScope: true }, ...more }];
  };

const body = (text: string): string =>
  `int f(seL4_CPtr a, seL4_CPtr b, seL4_CPtr root, uintptr_t at, int n)\n{\n${text}}\n`;
const map = (frame: string, at = 'at'): string => `seL4_ARM_Page_Map(${frame}, root, ${at}, seL4_ReadWrite, 0)`;

describe('one map after another', () => {
  it('unmaps the earlier capability in front of the later map', () => {
    const text = body(
      `    int e = ${map('a')};\n    if (e) return e;\n    use(at);\n    e = ${map('b')};\n    return e;\n`,
    );
    const done = proposalFor('f.c', text, over(1, 0));
    expect(done.proposal).toMatchObject({ kind: 'edit', rewrite: 'unmap-before' });
    expect(done.text).toBe(text.replace('    e = ', '    seL4_ARM_Page_Unmap(a);\n    e = '));
  });

  it('goes in front of the comment above, and keeps CRLF and tabs', () => {
    const text = body(
      `\tint e = ${map('a')};\n\n\t/* The second\n\t   page. */\n\t// Now.\n\te = ${map('b')};\n\treturn e;\n`,
    ).replaceAll('\n', '\r\n');
    const done = proposalFor('f.c', text, over(1, 0));
    expect(done.text).toBe(text.replace('\t/* The', '\tseL4_ARM_Page_Unmap(a);\r\n\t/* The'));
  });

  it('gives a branch braces where it has none', () => {
    const text = body(`    int e = ${map('a')};\n    if (n)\n        e = ${map('b')};\n    return e;\n`);
    expect(proposalFor('f.c', text, over(1, 0)).text).toContain(
      `    if (n) {\n        seL4_ARM_Page_Unmap(a);\n        e = ${map('b')};\n    }\n`,
    );
    const short = body(`    int e = ${map('a')};\n    if (n) e = ${map('b')};\n    return e;\n`);
    expect(proposalFor('f.c', short, over(1, 0)).text).toContain(
      `    if (n) { seL4_ARM_Page_Unmap(a); e = ${map('b')}; }\n`,
    );
  });

  it('writes Rust as the map is written', () => {
    const text =
      'fn f(a: Cap, b: Cap, v: Cap, at: usize) -> Result<()> {\n    a.frame_map(v, at, r, d)?;\n    b.frame_map(v, at, r, d)?;\n    Ok(())\n}\n';
    expect(proposalFor('f.rs', text, over(1, 0)).text).toBe(
      text.replace('    b.frame', '    a.frame_unmap()?;\n    b.frame'),
    );
    const fatal = text.replaceAll('?;', '.unwrap();');
    expect(proposalFor('f.rs', fatal, over(1, 0)).text).toContain('    a.frame_unmap().unwrap();\n    b.frame');
  });

  it('uses offsets of the file behind what is no ASCII, and inside of a fence', () => {
    const text = `# Déjà vu 😀\n\n\`\`\`c\n${body(`    ${map('a')};\n    ${map('b')};\n    return 0;\n`)}\`\`\`\n`;
    expect(proposalFor('f.md', text, over(1, 0)).text).toBe(
      text.replace(`    ${map('b')}`, `    seL4_ARM_Page_Unmap(a);\n    ${map('b')}`),
    );
  });

  it.each<[string, string, Partial<SourceSite>?]>([
    ['the capability means another one by now', `    ${map('a')};\n    a = b;\n    ${map('b')};\n`],
    ['the address was changed in between', `    ${map('a')};\n    at += 4096;\n    ${map('b')};\n`],
    ['the addresses are written otherwise', `    ${map('a')};\n    ${map('b', 'n')};\n`],
    [
      'the earlier map was in a loop whose index has moved on',
      `    int i;\n    for (i = 0; i < n; i++) {\n        ${map('a[i]')};\n    }\n    ${map('b')};\n`,
    ],
    [
      'the earlier capability is set in a branch only',
      `    seL4_CPtr c;\n    if (n) {\n        c = alloc_frame();\n        ${map('c')};\n    }\n    ${map('b')};\n`,
    ],
    ['the map may not run', `    ${map('a')};\n    if (n && ${map('b')}) return 1;\n`],
    ['the map is an operand of ?', `    ${map('a')};\n    int e = n ? ${map('b')} : 0;\n`],
    ['the map is a loop’s condition', `    ${map('a')};\n    while (${map('b')}) n++;\n`],
    ['it is in a macro', `    ${map('a')};\n    ${map('b')};\n`, { inMacro: true }],
    ['the earlier one was declared in another block', `    { seL4_CPtr c = n; ${map('c')}; }\n    ${map('b')};\n`],
    [
      'the invocation is not known',
      `    ${map('a')};\n    ${map('b')};\n`,
      { kind: 'function pointer', callee: 'map' },
    ],
  ])('changes nothing where %s', (_, text, more = {}) => {
    const done = proposalFor('f.c', body(text), over(1, 0, more));
    expect(done.proposal?.kind).toBe('explanation');
  });

  it('changes nothing where the earlier capability was mapped elsewhere since', () => {
    const text = body(`    ${map('a')};\n    ${map('a', '0x9000')};\n    ${map('b')};\n`);
    const done = proposalFor('f.c', text, over(2, 0));
    expect(done.proposal).toMatchObject({
      kind: 'explanation',
      says: expect.stringContaining('Line 4 maps a elsewhere'),
    });
  });
});

describe('a loop', () => {
  const each = (inside: string, after = '    return 0;\n'): string =>
    body(`    for (int i = 0; i < n; i++) {\n${inside}    }\n${after}`).replace('seL4_CPtr a', 'seL4_CPtr *a');
  const self: (sites: readonly SourceSite[]) => readonly [number, Said] = () => [0, { verdict: 'relies' }];
  const one = `        int e = ${map('a[i]')};\n        if (e) return e;\n`;

  it('unmaps at the end of each round', () => {
    const text = each(`${one}        clear(at);\n`);
    const done = proposalFor('f.c', text, self);
    expect(done.proposal).toMatchObject({ kind: 'edit', rewrite: 'unmap-in-loop' });
    expect(done.text).toBe(text.replace('clear(at);\n', 'clear(at);\n        seL4_ARM_Page_Unmap(a[i]);\n'));
  });

  it('unmaps before the index moves on', () => {
    const text = body(
      `    int i = 0;\n    while (i < n) {\n${one}        clear(at);\n        i++;\n    }\n    return 0;\n`,
    );
    expect(proposalFor('f.c', text, self).text).toBe(
      text.replace('        i++;\n', '        seL4_ARM_Page_Unmap(a[i]);\n        i++;\n'),
    );
  });

  it('unmaps before a jump out of the round, but not where the map failed', () => {
    const text = each(
      `        if (${map('a[i]')}) {\n            break;\n        }\n        if (n == 7) {\n            continue;\n        }\n        clear(at);\n`,
    );
    expect(proposalFor('f.c', text, self).text).toBe(
      text
        .replace('            continue', '            seL4_ARM_Page_Unmap(a[i]);\n            continue')
        .replace('clear(at);\n', 'clear(at);\n        seL4_ARM_Page_Unmap(a[i]);\n'),
    );
  });

  it.each([
    ['the address moves', each(`        int e = ${map('a[i]', 'at + i * 4096')};\n`)],
    ['the address is computed by a call', each(`        int e = ${map('a[i]', 'place()')};\n`)],
    ['the window is used behind the loop', each(one, '    return *(int *)at;\n')],
    [
      'a pointer to it is used behind the loop',
      each(one, '    return *p;\n').replace('{\n', '{\n    int *p = (int *)at;\n'),
    ],
    ['the loop’s own condition reads it', each(one).replace('i < n', '*(int *)at')],
    ['the map stands under a condition', each(`        if (n) {\n            ${map('a[i]')};\n        }\n`)],
    ['the index moves on before the window is used', each(`${one}        i++;\n        clear(at);\n`)],
    ['a return needs the window', each(`${one}        if (n == 7) return *(int *)at;\n`)],
    ['something is unmapped in it already', each(`${one}        seL4_ARM_Page_Unmap(last);\n`)],
    ['a goto leaves it', each(`${one}        if (n == 7) goto out;\n`, 'out:\n    return 0;\n')],
  ])('stays as it is where %s', (_, text) => {
    expect(proposalFor('f.c', text, self).proposal?.kind).toBe('explanation');
  });

  it('is unmapped by the library that mapped it', () => {
    const text = each(
      '        int e = vspace_map_pages_at_vaddr(v, &a[i], 0, p, 1, 12, r);\n        if (e) return e;\n',
      '    vspace_unmap_pages(v, q, 1, 12, VSPACE_PRESERVE);\n    return 0;\n',
    );
    const done = proposalFor(
      'f.c',
      text,
      ([site]) => [
        0,
        {
          verdict: 'relies',
          kind: 'library',
          frame: site?.args[1] ?? null,
          vspace: site?.args[0] ?? null,
          vaddr: site?.args[3] ?? null,
        },
      ],
      /at_vaddr$/,
    );
    expect(done.text).toContain('return e;\n        vspace_unmap_pages(v, p, 1, 12, VSPACE_PRESERVE);\n    }');
  });
});
