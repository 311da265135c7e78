import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lacks } from '../../../../test/tools.ts';
import { analyseSource } from '../../src/source/analyse.ts';
import { PROBLEMS, type SiteVerdict, type SourceSite } from '../../src/source/site.ts';
import { type Expectation, expectationsIn, FIXTURES, filesOf, ofFixtures, TREES } from './corpus.ts';
import { DISAGREEMENTS } from './disagreements.ts';

const expectations = TREES.flatMap((tree) => filesOf(tree).flatMap(expectationsIn));
const sites: SourceSite[] = [];
for (const tree of TREES) sites.push(...(await analyseSource(join(FIXTURES, tree))).sites);

/** The call that an annotation speaks of: what is there counts, and of several the first problem. */
function siteAt({ file, line }: Expectation): SourceSite | undefined {
  const there = sites.filter((site) => ofFixtures(site.file) === file && site.line === line);
  return there.find(({ verdict }) => PROBLEMS.has(verdict)) ?? there[0];
}

const pairs = expectations.map((expected) => ({ expected, site: siteAt(expected) }));
const known = ({ file, line }: Expectation, verdict: SiteVerdict | 'not found'): boolean =>
  DISAGREEMENTS.some((each) => each.file === file && each.line === line && each.says === verdict);

/**
 * Whether an answer is as good as what reading says. A problem has to be named as such. Of a call that is right, "cannot
 * tell" and "latent" are honest answers of somebody who sees one function: they are counted, and are no alarm.
 */
const agrees = ({ verdicts }: Expectation, verdict: SiteVerdict | undefined): boolean =>
  verdict !== undefined &&
  (verdicts.includes(verdict) ||
    (verdicts.some((each) => GOOD.has(each) || each === 'cannot tell') &&
      !PROBLEMS.has(verdict) &&
      verdict !== 'old API') ||
    (verdicts.includes('latent') && verdict === 'cannot tell'));

const GOOD: ReadonlySet<SiteVerdict> = new Set<SiteVerdict>(['safe', 'remap', 'already strict']);
const flagged = (verdict: SiteVerdict | undefined): boolean => verdict !== undefined && PROBLEMS.has(verdict);

describe('the corpus', () => {
  it('has bad and good sites enough', () => {
    const bad = expectations.filter(({ verdicts }) => verdicts[0] !== undefined && !GOOD.has(verdicts[0]));
    expect(bad.length).toBeGreaterThanOrEqual(40);
    expect(expectations.length - bad.length).toBeGreaterThanOrEqual(60);
  });

  it.skipIf(lacks('cc', 'c++'))(
    'is C and C++ that compiles (needs cc)',
    () => {
      const run = (tool: string, std: string, files: readonly string[]): void => {
        const args = [`-std=${std}`, '-Wall', '-Werror', '-fsyntax-only', '-I', join(FIXTURES, 'include')];
        const { status, stderr } = spawnSync(tool, [...args, ...files.map((file) => join(FIXTURES, file))], {
          encoding: 'utf8',
        });
        expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      };
      run(
        'cc',
        'gnu11',
        filesOf('c').filter((file) => file.endsWith('.c')),
      );
      run(
        'c++',
        'c++17',
        filesOf('cpp').filter((file) => file.endsWith('.cc')),
      );
    },
    60_000,
  );
});

describe('the analysis of the corpus', () => {
  it('calls nothing safe that relies on over-mapping', () => {
    const wrong = pairs.filter(
      ({ expected, site }) =>
        expected.verdicts[0] === 'relies' &&
        expected.verdicts.length === 1 &&
        site !== undefined &&
        GOOD.has(site.verdict),
    );
    expect(wrong.map(({ expected: { file, line }, site }) => `${file}:${line}: ${site?.why}`)).toEqual([]);
  });

  it('finds every call, and says of it what reading says, but for what is listed', () => {
    const wrong = pairs.filter(({ expected, site }) => !agrees(expected, site?.verdict));
    const unknown = wrong.filter(({ expected, site }) => !known(expected, site?.verdict ?? 'not found'));
    expect(
      unknown.map(
        ({ expected: { file, line, verdicts }, site }) =>
          `${file}:${line}: ${site?.verdict ?? 'not found'}, not ${verdicts.join(' or ')}: ${site?.why ?? ''}`,
      ),
    ).toEqual([]);
    // What is listed still holds.
    const stale = DISAGREEMENTS.filter(
      ({ file, line }) => !wrong.some(({ expected }) => expected.file === file && expected.line === line),
    );
    expect(stale).toEqual([]);
  });

  it('flags no call that the corpus knows nothing of', () => {
    const extra = sites.filter(
      (site) =>
        flagged(site.verdict) &&
        !expectations.some(({ file, line }) => file === ofFixtures(site.file) && line === site.line),
    );
    expect(extra.map(({ file, line, verdict }) => `${ofFixtures(file)}:${line}: ${verdict}`)).toEqual([]);
  });

  it('has these scores', () => {
    const problems = pairs.filter(({ expected: { verdicts } }) => verdicts.every((verdict) => PROBLEMS.has(verdict)));
    const hits = problems.filter(({ site }) => flagged(site?.verdict));
    const all = pairs.filter(({ site }) => flagged(site?.verdict));
    const right = all.filter(({ expected: { verdicts } }) => verdicts.some((verdict) => PROBLEMS.has(verdict)));
    const rows = [...new Set(pairs.map(({ expected }) => expected.verdicts[0]))].map((verdict) => {
      const of = pairs.filter(({ expected }) => expected.verdicts[0] === verdict);
      const same = of.filter(({ expected, site }) => site !== undefined && expected.verdicts.includes(site.verdict));
      const good = of.filter(({ expected, site }) => agrees(expected, site?.verdict));
      return `${verdict}: ${same.length} (${good.length}) of ${of.length}`;
    });
    process.stdout.write(
      `Corpus: ${pairs.length} calls; problems ${hits.length} of ${problems.length}; of ${all.length} flagged ${right.length} right; ${rows.join(', ')}.\n`,
    );
    expect(hits.length / problems.length).toBeGreaterThanOrEqual(0.85);
    expect(right.length / all.length).toBeGreaterThanOrEqual(0.75);
  });
});
