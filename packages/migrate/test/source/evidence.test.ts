import { describe, expect, it } from 'vitest';
import { EvidenceError, joinEvidence, readEvidence } from '../../src/source/evidence.ts';
import type { SourceSite } from '../../src/source/site.ts';
import { callsIn } from './rewrite/marked-sites.ts';

const TEXT = `int a(void)
{
    return seL4_ARM_Page_Map(f, v, x,
                             r, 3);
}
int b(void)
{
    seL4_ARM_Page_Map(f, v, x, r, 3);
    return seL4_ARM_Page_Map(g, v, x, r, 3);
}
`;
const sitesOf = (...files: string[]): SourceSite[] => files.flatMap((file) => callsIn(file, TEXT, /Map$/));
const lastLine = (site: SourceSite): number => TEXT.slice(0, site.end).split('\n').length;
const finding = (file: string, line: number, name: string | null, rule = 'OM001', severity = 'error') => ({
  rule,
  severity,
  site: { file, line, function: name },
});
const audit = (findings: readonly object[], sites: readonly object[] = []): string =>
  JSON.stringify({ kind: 'audit', findings, summary: { sel4: { sites } } });
const join = (text: string, files = ['src/arch/map.c']) =>
  joinEvidence(sitesOf(...files), readEvidence(text), lastLine);
const places = ({ of }: ReturnType<typeof join>) => [...of].map(([site, { kind }]) => [site.file, site.line, kind]);

describe('joinEvidence', () => {
  it.each([
    ['the same path', 'src/arch/map.c'],
    ['a path of the machine that built it', '/build/client/src/arch/map.c'],
    ['a shorter path', 'map.c'],
    ['a path of Windows', 'C:\\build\\src\\arch\\map.c'],
  ])('finds a file by %s', (_, file) => {
    expect(places(join(audit([finding(file, 3, 'a')])))).toEqual([['src/arch/map.c', 3, 'proved']]);
  });

  it('takes any line of the call, and its function where the lines have moved', () => {
    expect(places(join(audit([finding('map.c', 4, 'a')])))).toEqual([['src/arch/map.c', 3, 'proved']]);
    expect(places(join(audit([finding('map.c', 90, 'a')])))).toEqual([['src/arch/map.c', 3, 'proved']]);
    expect(places(join(audit([finding('map.c', 12, 'b')])))).toEqual([['src/arch/map.c', 9, 'proved']]);
  });

  it.each([
    ['another function on that line', finding('map.c', 3, 'z')],
    ['no function, and no call on that line', finding('map.c', 5, null)],
    ['another file', finding('unmap.c', 3, 'a')],
  ])('joins nothing with %s', (_, each) => {
    const joined = join(audit([each]));
    expect(places(joined)).toEqual([]);
    expect(joined.unmatched).toHaveLength(1);
  });

  it('prefers the path that has more in common, and joins nothing with two that have as much', () => {
    const files = ['x/arm/map.c', 'x/riscv/map.c'];
    expect(places(join(audit([finding('/b/riscv/map.c', 3, 'a')]), files))).toEqual([['x/riscv/map.c', 3, 'proved']]);
    expect(places(join(audit([finding('/b/map.c', 3, 'a')]), files))).toEqual([]);
  });

  it('says what was run and clean; notes prove nothing', () => {
    const joined = join(
      audit(
        [finding('map.c', 3, 'a', 'OM003', 'note')],
        [{ file: 'map.c', line: 3, function: 'a', maps: 12, refused: 0 }],
      ),
    );
    expect([...joined.of.values()]).toMatchObject([{ kind: 'clean', maps: 12 }]);
  });
});

describe('readEvidence', () => {
  it('adds up several audits, one a line', () => {
    const one = audit(
      [finding('m.c', 3, 'a'), { rule: 'OM001', severity: 'error', site: null }],
      [{ file: 'm.c', line: 3, function: 'a', maps: 2, refused: 1 }],
    );
    const { audits, homeless, sites } = readEvidence(`${one}\n${one}\n`);
    expect({ audits, homeless }).toEqual({ audits: 2, homeless: 2 });
    expect(sites).toMatchObject([{ file: 'm.c', maps: 4, refused: 2, findings: new Map([['OM001', 2]]) }]);
  });

  it.each([
    ['', 'is empty'],
    ['{"kind":"audit"', 'is not JSON'],
    ['{"kind":"migration"}', 'no audit'],
    ['[1]', 'no audit'],
  ])('refuses %j', (text, message) => {
    expect(() => readEvidence(text)).toThrow(EvidenceError);
    expect(() => readEvidence(text)).toThrow(message);
  });
});
