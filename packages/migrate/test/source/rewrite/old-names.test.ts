import { describe, expect, it } from 'vitest';
import { loadParser } from '../../../src/source/grammar.ts';
import { oldNames, renames } from '../../../src/source/rewrite/old-names.ts';
import { applyEdits } from '../../../src/source/rewrite/text-edit.ts';
import { TreeWords } from '../../../src/source/rewrite/tree-words.ts';

function renamed(text: string, path = 'f.c', tree: Readonly<Record<string, string>> = {}): string {
  const words = new TreeWords(new Map([[path, text], ...Object.entries(tree)]), []);
  return applyEdits(text, renames(oldNames(loadParser()('c', text), path, words), 0));
}
const left = (text: string, path = 'f.c'): string[] =>
  oldNames(loadParser()('c', text), path, new TreeWords(new Map([[path, text]]), [])).flatMap(({ name, change }) =>
    'why' in change ? [name] : [],
  );

describe('old names', () => {
  it.each([
    [
      'int f(seL4_IA32_Page p) { return seL4_IA32_Page_Map(p, v, x, r, seL4_IA32_Default_VMAttributes); }',
      'int f(seL4_X86_Page p) { return seL4_X86_Page_Map(p, v, x, r, seL4_X86_Default_VMAttributes); }',
    ],
    ['int f(void) { g(seL4_CapInitThreadPD); }', 'int f(void) { g(seL4_CapInitThreadVSpace); }'],
    [
      'void f(seL4_CapRights rights) { seL4_CapRights all = seL4_AllRights; }',
      'void f(seL4_CapRights_t rights) { seL4_CapRights_t all = seL4_AllRights; }',
    ],
  ])('are renamed in %s', (before, after) => {
    expect(renamed(before)).toBe(after);
    expect(renamed(after)).toBe(after);
  });

  it.each([
    ['strings and comments', 'char *s = "seL4_IA32_Page_Map"; // seL4_IA32_Page_Map\n'],
    ['Remap, which has another shape now', 'int f(void) { return seL4_IA32_Page_Remap(p, v, r, a); }'],
    ['AArch32’s page directory', 'int f(void) { return seL4_ARM_PageDirectory_Map(d, v, x, a); }'],
    ['rights made of flags', 'void f(void) { seL4_CapRights r = seL4_CanRead | seL4_CanWrite; }'],
    ['the end of user memory, which changed its meaning', 'int f(void) { return x < seL4_UserTop; }'],
  ])('stay in %s', (_, text) => {
    expect(renamed(text)).toBe(text);
  });

  it('stay where the tree defines them itself', () => {
    const text = 'int f(void) { return seL4_IA32_Page_Map(p, v, x, r, a); }';
    for (const own of [
      '#define seL4_IA32_Page_Map my_map\n',
      'seL4_Error seL4_IA32_Page_Map(seL4_CPtr f);\n',
      'static inline int\nseL4_IA32_Page_Map(int x) { return x; }\n',
      'typedef int seL4_IA32_Page_Map;\n',
    ])
      expect(renamed(text, 'f.c', { 'compat.h': own }), own).toBe(text);
    expect(
      renamed(text, 'f.c', {
        'g.c': 'int g(void) { int e = seL4_IA32_Page_Map(p, v, x, r, a); return seL4_IA32_Page_Map(q, v, x, r, a); }',
      }),
    ).not.toBe(text);
  });

  const upper =
    'int f(void) { return seL4_ARM_PageUpperDirectory_Map(d, v, x, a) + seL4_ARM_PageDirectory_Map(d, v, x, a); }\n';
  const table = upper.replace(/Page(?:Upper)?Directory/g, 'PageTable');

  it.each([
    ['an #ifdef', `#ifdef CONFIG_ARCH_AARCH64\n${upper}#endif\n`, `#ifdef CONFIG_ARCH_AARCH64\n${table}#endif\n`],
    [
      'an #if',
      `#if defined(CONFIG_ARCH_AARCH64)\n${upper}#else\n${upper}#endif\n`,
      `#if defined(CONFIG_ARCH_AARCH64)\n${table}#else\n${upper}#endif\n`,
    ],
    [
      'an #elif',
      `#if defined(X)\n${upper}#elif defined(CONFIG_ARCH_AARCH64)\n${table}#endif\n`,
      `#if defined(X)\n${upper}#elif defined(CONFIG_ARCH_AARCH64)\n${table}#endif\n`,
    ],
    ['an #ifndef', `#ifndef CONFIG_ARCH_AARCH64\n${upper}#endif\n`, `#ifndef CONFIG_ARCH_AARCH64\n${upper}#endif\n`],
    [
      'an #if with an alternative',
      `#if defined(AARCH64) || defined(ARM)\n${upper}#endif\n`,
      `#if defined(AARCH64) || defined(ARM)\n${upper}#endif\n`,
    ],
  ])('of AArch64’s tables are renamed as %s says', (_, before, after) => {
    expect(renamed(before)).toBe(after);
  });

  it('of AArch64’s tables are renamed in a folder that says so, and told elsewhere', () => {
    expect(renamed(upper, 'arch/aarch64/vspace.c')).toBe(table);
    expect(left(upper)).toEqual(['seL4_ARM_PageUpperDirectory_Map']);
    expect(left('int f(void) { return x < seL4_UserTop; }')).toEqual(['seL4_UserTop']);
  });
});
