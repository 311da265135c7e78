import { describe, expect, it } from 'vitest';
import { byRule, type Selection, selectFindings } from '../../src/browser/report/select-findings.ts';
import type { PageFinding, PageOccurrence } from '../../src/page-format/report-data.ts';

const occurrence = (run: number, more: Partial<PageOccurrence> = {}): PageOccurrence => ({
  run,
  severity: 'note',
  message: 'a message',
  event: 1,
  line: 3,
  test: null,
  cleanup: false,
  place: 'outside of any test',
  site: null,
  related: [],
  fix: null,
  ...more,
});
const finding = (
  id: string,
  more: Partial<PageFinding> & { readonly as?: Partial<PageOccurrence> } = {},
): PageFinding => {
  const { as = {}, ...rest } = more;
  return { id, rule: 'OM001', severity: 'note', seen: [occurrence(0, as)], ...rest };
};
const all: Selection = {
  text: '',
  severities: new Set(['error', 'warning', 'note']),
  rule: '',
  runs: 'all',
  sort: 'severity',
};
const ids = (findings: readonly PageFinding[]): string[] => findings.map(({ id }) => id);

describe('selectFindings', () => {
  const list = [
    finding('a', { severity: 'error', as: { message: 'Replaced a Frame', vaddr: '0x400000' } }),
    finding('b', { rule: 'OM004', as: { place: 'client.c:12 (start)' } }),
    finding('c', { seen: [occurrence(0), occurrence(1)] }),
    finding('d', { seen: [occurrence(1)] }),
  ];

  it('finds all words anywhere, whatever their case', () => {
    expect(ids(selectFindings(list, { ...all, text: 'FRAME 0x4000' }, 2))).toEqual(['a']);
    expect(ids(selectFindings(list, { ...all, text: 'client.c:12' }, 2))).toEqual(['b']);
    expect(ids(selectFindings(list, { ...all, text: 'frame client' }, 2))).toEqual([]);
  });

  it('keeps severities, a rule, and what one run or every run has', () => {
    expect(ids(selectFindings(list, { ...all, severities: new Set(['error']) }, 2))).toEqual(['a']);
    expect(ids(selectFindings(list, { ...all, rule: 'OM004' }, 2))).toEqual(['b']);
    expect(ids(selectFindings(list, { ...all, runs: 'every' }, 2))).toEqual(['c']);
    expect(ids(selectFindings(list, { ...all, runs: 1 }, 2))).toEqual(['d']);
  });
});

describe('byRule', () => {
  it('has the most severe rule first, and places together', () => {
    const list = [
      finding('a', { as: { event: 1, place: 'one' } }),
      finding('b', { as: { event: 2, place: 'two' } }),
      finding('c', { as: { event: 3, place: 'one' } }),
      finding('d', { rule: 'OM009', severity: 'warning' }),
    ];
    expect(byRule(list, 'severity').map(({ rule, rows, places }) => [rule, ids(rows), places])).toEqual([
      ['OM009', ['d'], 1],
      ['OM001', ['a', 'c', 'b'], 2],
    ]);
    expect(ids(byRule(list, 'order').at(-1)?.rows ?? [])).toEqual(['a', 'b', 'c']);
  });

  it('orders addresses as numbers, and those without at the end', () => {
    const list = [
      finding('a', { as: { vaddr: '0x10000' } }),
      finding('b', {}),
      finding('c', { as: { vaddr: '0x9000' } }),
      finding('d', { as: { vaddr: '0xffff800000000000' } }),
    ];
    expect(ids(byRule(list, 'address')[0]?.rows ?? [])).toEqual(['c', 'a', 'd', 'b']);
  });
});
