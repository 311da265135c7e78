import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyseText } from '../../src/source/analyse.ts';

/** Functions of each kind, in C. */
const SAMPLES = [
  'int f(int frame, long at) { int error = seL4_ARM_Page_Map(frame, vspace, at, 1, 2); if (error) { return error; } return 0; }',
  'void f(int *frames, int n) { for (int i = 0; i < n; i++) { int error = seL4_ARM_Page_Map(frames[i], vspace, WINDOW, 1, 2); assert(!error); use(WINDOW); } }',
  'void f(int *frames, int n) { for (int i = 0; i < n; i++) { int error = seL4_ARM_Page_Map(frames[i], vspace, WINDOW, 1, 2); assert(!error); seL4_ARM_Page_Unmap(frames[i]); } }',
  'int f(int frame, long at) { int error = seL4_ARM_Page_Map(frame, vspace, at, 1, 2); if (error == seL4_DeleteFirst) { return 0; } return error; }',
  'int f(int frame, int table, long at) { int error = seL4_ARM_Page_Map(frame, vspace, at, 1, 2); if (error) { seL4_ARM_PageTable_Map(table, vspace, at, 2); error = seL4_ARM_Page_Map(frame, vspace, at, 1, 2); } return error; }',
  'void f(int frame, long at) { seL4_ARM_Page_Map(frame, vspace, at, 1, 2); }',
  'int f(int a, int b) { int error = seL4_ARM_Page_Map(a, vspace, 0x1000, 1, 2); if (error) return error; error = seL4_ARM_Page_Map(b, vspace, 0x1000, 1, 2); return error; }',
  'int f(int a) { int error; if ((error = seL4_ARM_Page_Map(a, vspace, 0x1000, 1, 2)) != seL4_NoError) goto out; done(); out: return error; }',
];

const judged = (text: string) =>
  analyseText('a.c', 'c', text).sites.map(({ verdict, result, chain }) => ({ verdict, result, chain }));
const sample = fc.constantFrom(...SAMPLES);
/** What may stand between two words without a meaning. */
const gap = fc.constantFrom(
  ' ',
  '\n',
  '\t',
  '  ',
  ' /* seL4_ARM_Page_Map(x); */ ',
  ' // if (error == seL4_DeleteFirst)\n',
  '\r\n',
);

describe('what a call is judged to be', () => {
  it('the samples are of several kinds', () => {
    expect(new Set(SAMPLES.flatMap(judged).map(({ verdict }) => verdict)).size).toBeGreaterThanOrEqual(6);
  });

  it('does not depend on white space and comments', () => {
    fc.assert(
      fc.property(sample, fc.array(gap, { minLength: 1, maxLength: 20 }), (text, gaps) => {
        let n = 0;
        const spaced = text.replace(/ /g, () => gaps[n++ % gaps.length] ?? ' ');
        expect(judged(spaced)).toEqual(judged(text));
      }),
      { numRuns: 60 },
    );
  });

  it('does not depend on the names of variables', () => {
    fc.assert(
      fc.property(sample, fc.stringMatching(/^[a-z]{3,6}$/), (text, name) => {
        const renamed = text.replace(/\b(?:error|frames?|at|i|n|a|b|table)\b/g, (word) => `${name}_${word}_`);
        expect(judged(renamed)).toEqual(judged(text));
      }),
      { numRuns: 60 },
    );
  });

  it('does not depend on what stands around the function', () => {
    fc.assert(
      fc.property(sample, fc.integer({ min: 0, max: 5 }), (text, n) => {
        const other = 'static int other(int x) { return x ? x : other(x - 1); }\n'.repeat(n);
        expect(judged(`${other}${text}\n${other.replaceAll('other', 'another')}`)).toEqual(judged(text));
      }),
      { numRuns: 30 },
    );
  });

  it('ends with a judgement for any text', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '(',
      ')',
      ';',
      'if',
      'for',
      'int f(void)',
      'return',
      '#if A\n',
      '#else\n',
      '#endif\n',
      'seL4_ARM_Page_Map(a, b, c, d, e)',
      'error =',
      '"',
      "'",
      '/*',
      '\\\n',
      'goto x',
      'x:',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 40 }),
        fc.constantFrom('c' as const, 'cpp' as const, 'rust' as const, 'markdown' as const),
        (pieces, kind) => {
          expect(Array.isArray(analyseText('a', kind, pieces.join(' ')).sites)).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });
});
