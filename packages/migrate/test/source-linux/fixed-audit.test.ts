import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditSummary, Finding } from '@overmap/report';
import { afterAll, describe, expect, it } from 'vitest';
import { auditSource, type Evidence, LINUX_SOURCE_RULES, readEvidence } from '../../src/index.ts';

const scratch = mkdtempSync(join(tmpdir(), 'overmap-fixed-audit-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let made = 0;

async function audited(files: Readonly<Record<string, string>>, evidence?: Evidence) {
  const folder = join(scratch, String(made++));
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const findings: Finding[] = [];
  let sites: readonly object[] = [];
  let summary: AuditSummary | undefined;
  await auditSource(
    folder,
    { version: 'test', ...(evidence === undefined ? {} : { evidence }) },
    {
      begin: () => {},
      finding: (finding) => findings.push(finding),
      sites: (all) => void (sites = all),
      end: (said) => void (summary = said),
    },
  );
  if (summary === undefined) throw new Error('no summary');
  const fired = findings.map(({ rule, severity, line }) => `${rule} ${severity} ${line}`);
  return { findings, fired, sites, summary };
}

const WINDOW = `void clear(int *frames, int n)
{
    for (int i = 0; i < n; i++) {
        int error = seL4_ARM_Page_Map(frames[i], vspace, WINDOW, rights, 0);
        assert(!error);
        memset((void *)WINDOW, 0, 4096);
    }
}
`;
const HEAP = `void *heap(void)
{
    void *p = mmap((void *)0x200000000000, 4096, PROT_READ,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}
`;
const UNCHECKED = HEAP.replace('MAP_FIXED', 'MAP_FIXED_NOREPLACE');
const COMMIT = `void *commit(void)
{
    char *p = mmap(NULL, 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return mmap(p, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}
`;

describe('an audit of source', () => {
  it('has nothing new to say of a tree without MAP_FIXED', async () => {
    const { summary, fired } = await audited({ 'a.c': WINDOW });
    expect(fired).toEqual(['OM101 warning 4']);
    expect(summary).not.toHaveProperty('linuxSource');
    expect(summary.events).toBe(1);
  });

  it('tells calls of Linux behind the others, and lists them by themselves', async () => {
    const { findings, fired, sites, summary } = await audited({
      'a.c': HEAP,
      'b.c': WINDOW,
      'c.c': COMMIT,
      'd.c': UNCHECKED,
    });
    expect(fired).toEqual(['OM101 warning 4', 'OL101 note 3', 'OL102 warning 3']);
    expect(findings.map(({ event }) => event)).toEqual([0, 1, 3]);
    expect(findings[1]).toMatchObject({ fix: { kind: 'noreplace' }, site: { function: 'heap', line: 3 } });
    expect(sites).toHaveLength(1);
    expect(summary.events).toBe(4);
    expect(summary.source?.sites).toBe(1);
    expect(summary.linuxSource).toMatchObject({
      files: 3,
      sites: 3,
      byVerdict: { 'fixed address': 1, 'reserve, then commit': 1, 'NOREPLACE, not compared': 1 },
      errors: 0,
      warnings: 1,
      calls: [
        {
          line: 3,
          column: 15,
          function: 'heap',
          callee: 'mmap',
          call: 'mmap',
          address: '(void *)0x200000000000',
          result: 'tested',
        },
        {
          verdict: 'reserve, then commit',
          rule: null,
          path: [{ line: 3, what: 'the range is reserved' }, { line: 4 }],
        },
        { rule: 'OL102' },
      ],
    });
  });

  it('suppresses with a reason, and says what suppresses nothing', async () => {
    const ignore = (rule: string) => `/* overmap-ignore ${rule}: by agreement */\n`;
    const { fired, findings } = await audited({
      'a.c': HEAP.replace('    void', `    ${ignore('OL101')}    void`),
      'b.c': COMMIT.replace('    return', `    ${ignore('OL101')}    return`),
    });
    expect(fired).toEqual(['OM903 warning 4']);
    expect(findings[0]?.message).toMatch(/suppresses nothing/);
  });
});

/** The audit of a recorded run, as far as it matters. */
const run = (counts: { clean?: number; meant?: number; lost?: number }, name = 'heap'): Evidence => {
  const { clean = 0, meant = 0, lost = 0 } = counts;
  const site = {
    file: '/bin/app',
    line: 0,
    function: name,
    fixed: clean + meant + lost,
    clean,
    meant,
    lost,
    processes: 2,
  };
  // A finding of the run has a site, too, and joins with no call of seL4.
  const finding = { rule: 'OL001', severity: 'warning', site: { file: '/bin/app', line: 0, function: name } };
  return readEvidence(JSON.stringify({ kind: 'audit', findings: [finding], summary: { linux: { sites: [site] } } }));
};

describe('with a recorded run', () => {
  it.each([
    [{ clean: 12 }, 'note', /called it 12 times in 2 processes, .*likely safe to harden.*One run is no proof/],
    [{ clean: 11, lost: 1 }, 'error', /took away live memory once/],
    [{ meant: 12 }, 'note', /each call filled or gave back .*meant/],
    [{ clean: 2, meant: 10 }, 'note', /10 of them filled or gave back .*meant/],
  ] as const)('%o', async (counts, severity, says) => {
    const { findings, summary } = await audited({ 'a.c': HEAP, 'b.c': WINDOW }, run(counts));
    const [, linux] = findings;
    expect(linux).toMatchObject({ rule: 'OL101', severity, message: expect.stringMatching(says) });
    expect(summary.source?.evidence).toEqual({ proved: 0, clean: 0, notExercised: 1, unmatched: 0 });
    expect(summary.linuxSource?.errors).toBe(severity === 'error' ? 1 : 0);
  });

  it('what fills a reservation stays a statement', async () => {
    const { fired, summary } = await audited({ 'a.c': COMMIT }, run({ lost: 3 }, 'commit'));
    expect(fired).toEqual([]);
    expect(summary.linuxSource?.evidence).toEqual({ likelySafe: 0, lost: 1, meant: 0, unmatched: 0 });
  });

  it('sites that fit no call are counted', async () => {
    const { summary } = await audited({ 'a.c': HEAP }, run({ clean: 3 }, 'other'));
    expect(summary.linuxSource?.evidence).toEqual({ likelySafe: 0, lost: 0, meant: 0, unmatched: 1 });
  });
});

describe('the rules', () => {
  it.each(LINUX_SOURCE_RULES)(
    '$id: the analysis finds the bad code and not the good one',
    async ({ id, severity, bad, good }) => {
      const head = '#include <sys/mman.h>\n';
      const found = await audited({ 'a.c': `${head}${bad.lines.join('\n')}\n` });
      expect(found.findings.map((finding) => [finding.rule, finding.severity])).toEqual([[id, severity]]);
      expect((await audited({ 'a.c': `${head}${good.lines.join('\n')}\n` })).fired).toEqual([]);
    },
  );
});
