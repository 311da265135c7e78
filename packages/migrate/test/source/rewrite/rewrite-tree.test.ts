import { describe, expect, it } from 'vitest';
import { type AnalyseTexts, rewriteTree } from '../../../src/source/rewrite/rewrite-tree.ts';
import type { SourceSite } from '../../../src/source/site.ts';
import { callsIn } from './marked-sites.ts';

const MAP = 'seL4_X86_Page_Map(a, root, at, seL4_ReadWrite, 0)';
const IGNORES = `int f(void)\n{\n    ${MAP};\n    return 0;\n}\n`;
const CHECKS = IGNORES.replace(`    ${MAP};\n`, `    if (${MAP} != seL4_NoError) {\n        return -1;\n    }\n`);

/** An analysis that says something of each call in turn. */
const analysing =
  (judge: (site: SourceSite, text: string) => Partial<SourceSite>): AnalyseTexts =>
  (texts) =>
    Promise.resolve({
      files: texts.size,
      lines: 0,
      sites: [...texts].flatMap(([path, text]) =>
        callsIn(path, text, /Map$/).map((site) => ({ ...site, ...judge(site, text) })),
      ),
      unparsed: [],
      skipped: [],
    });
/** What is an expression statement drops its answer. */
const honest = analysing((site, text) =>
  /^\s*;/.test(text.slice(site.end)) ? { verdict: 'swallows the error', result: 'ignored' } : {},
);
const tree = (...texts: string[]): Map<string, string> => new Map(texts.map((text, i) => [`${i}.c`, text]));

describe('rewriteTree', () => {
  it('rewrites what the analysis finds, and counts what it finds no more', async () => {
    const { files, findings, fixed, added, explanations } = await rewriteTree(tree(IGNORES, CHECKS), honest);
    expect(files).toEqual([{ file: '0.c', before: IGNORES, after: CHECKS }]);
    expect({ findings, fixed, added, explanations }).toEqual({ findings: 1, fixed: 1, added: 0, explanations: [] });
  });

  it('takes back what did not help, and says so', async () => {
    const stubborn = analysing(() => ({ verdict: 'swallows the error', result: 'ignored' }));
    const { files, changes, fixed, explanations } = await rewriteTree(tree(IGNORES), stubborn);
    expect({ files, changes, fixed }).toEqual({ files: [], changes: [], fixed: 0 });
    expect(explanations).toMatchObject([
      { line: 3, rule: 'OM103', says: expect.stringContaining('taken back') as unknown },
    ]);
  });

  it('keeps what helped when something else of that round did not', async () => {
    const half = analysing((site, text) =>
      site.file === '1.c' || /^\s*;/.test(text.slice(site.end))
        ? { verdict: 'swallows the error', result: 'ignored' }
        : {},
    );
    const { files, fixed } = await rewriteTree(tree(IGNORES, IGNORES), half);
    expect(files.map(({ file }) => file)).toEqual(['0.c']);
    expect(fixed).toBe(1);
  });

  it('goes on with what a rewrite brings to light', async () => {
    const behind = analysing((site, text) => {
      const checked = !/^\s*;/.test(text.slice(site.end));
      if (!checked) return { verdict: 'swallows the error', result: 'ignored' };
      if (/Page_Unmap\(b\)/.test(text)) return {};
      return { verdict: 'relies', earlier: { frame: 'b', file: site.file, line: 1, inScope: true } };
    });
    const { findings, fixed, added, explanations } = await rewriteTree(tree(IGNORES), behind);
    // The second one has no earlier map that could be found, and is explained where it stood at first.
    expect({ findings, fixed, added }).toEqual({ findings: 1, fixed: 1, added: 1 });
    expect(explanations).toMatchObject([{ rule: 'OM101', line: 3, after: { line: 3 } }]);
  });

  it('leaves alone what is frozen, and what is not selected', async () => {
    const frozen = await rewriteTree(tree(IGNORES), honest, { frozen: new Set(['0.c']) });
    expect(frozen.files).toEqual([]);
    expect(frozen.explanations).toMatchObject([{ says: expect.stringContaining('not UTF-8') as unknown }]);
    const none = await rewriteTree(tree(IGNORES), honest, { select: () => new Set() });
    expect(none).toMatchObject({ files: [], explanations: [], findings: 0 });
  });
});
