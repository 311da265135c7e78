import { describe, expect, it } from 'vitest';
import { MacroBook, macrosUsing, nameBuilders, plainName } from '../../src/source/macro-book.ts';

/** A book of the macros in a text, with those that use them. */
function bookOf(text: string): MacroBook {
  const book = new MacroBook();
  for (const macro of nameBuilders(text, 'a.h')) book.add(macro);
  for (let n = 0; n < 4; n++) for (const macro of macrosUsing(text, 'a.h', new Set(book.builders))) book.add(macro);
  return book;
}

describe('macros that build names', () => {
  it.each([
    ['#define MAP(a) seL4_##a##_Page_Map', 'MAP', ['X86'], 'seL4_X86_Page_Map'],
    ['#define CAT(a, b) a ## b', 'CAT', ['seL4_ARM_Page', '_Map'], 'seL4_ARM_Page_Map'],
    // An operand of ## is not expanded; one level more, and it is.
    ['#define ARCH ARM\n#define CAT(a, b) a##b', 'CAT', ['seL4_', 'ARCH'], 'seL4_ARCH'],
    ['#define ARCH ARM\n#define CAT(a, b) a##b\n#define XCAT(a, b) CAT(a, b)', 'XCAT', ['seL4_', 'ARCH'], 'seL4_ARM'],
    ['#define CALL(op, ...) seL4_##op(__VA_ARGS__)', 'CALL', ['Page_Map', 'f', 'v'], 'seL4_Page_Map(f,v)'],
    ['#define CALL(op, args...) seL4_##op(args)', 'CALL', ['Page_Map', 'f'], 'seL4_Page_Map(f)'],
    ['#define LONG(a) \\\n  seL4_##a \\\n  ##_Page_Map', 'LONG', ['ARM'], 'seL4_ARM_Page_Map'],
    // What a macro makes may be the name of the next one, whose arguments follow.
    [
      '#define PICK(a) a##_OF\n#define MAP_OF(x) seL4_##x\n#define BOTH(a, x) PICK(a)(x)',
      'BOTH',
      ['MAP', 'Y'],
      'seL4_Y',
    ],
    // No macro is expanded inside of itself.
    ['#define A(x) A(x##1)', 'A', ['y'], 'A(y1)'],
  ])('%s', (text, name, args, made) => {
    expect(bookOf(text).expand(name, args, 'a.h')).toBe(made);
  });

  it('that make too much are given up', () => {
    const text = Array.from({ length: 24 }, (_, i) => `#define M${i}(x) M${i + 1}(x##_)M${i + 1}(x##_)`).join('\n');
    expect(bookOf(text).expand('M0', ['a'], 'a.h')).toBeNull();
  });

  it('of the same file come first', () => {
    const book = new MacroBook();
    for (const file of ['x86.h', 'arm.h'])
      for (const macro of nameBuilders(`#define MAP(a) ${file.slice(0, -2)}_##a`, file)) book.add(macro);
    expect(book.expand('MAP', ['it'], 'arm.h')).toBe('arm_it');
    expect(book.expand('MAP', ['it'], 'other.c')).toBe('x86_it');
  });

  it.each([
    ['(name)', 'name'],
    ['name(x)', null],
    ['a b', null],
  ])('%s is one name: %s', (text, name) => expect(plainName(text)).toBe(name));
});
