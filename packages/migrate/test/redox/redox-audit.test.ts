import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { redox } from '@overmap/core';
import type { AuditSummary, Finding, RedoxSummary } from '@overmap/report';
import { describe, expect, it } from 'vitest';
import { auditTrace, REDOX_RULES } from '../../src/index.ts';
import { recording } from '../recorded.ts';
import { textFile } from '../small-trace.ts';

const VECTORS = recording('redox/vectors.jsonl.gz');
const ALL = { name: 'intended', repaired: redox.REDOX_POLICIES.asIs };
const only = (name: redox.DefectName) => ({ name, repaired: redox.DEFECTS[name] });

async function audit(path: string, target = ALL) {
  const findings: Finding[] = [];
  let summary: AuditSummary | null = null;
  const ended = await auditTrace(
    path,
    { version: '0', redox: target },
    { begin() {}, finding: (one) => findings.push(one), end: (last) => (summary = last) },
  );
  const found = (summary as AuditSummary | null)?.redox;
  if (found === undefined) throw new Error('no summary');
  const counts: RedoxSummary = found;
  return { findings, counts, ended, fired: [...new Set(findings.map(({ rule }) => rule))].sort() };
}

const auditLines = (lines: readonly string[], target = ALL) => audit(textFile(`${lines.join('\n')}\n`), target);

describe('the bundled recording', () => {
  it('names the operations of the defects that it ran into', async () => {
    const { counts, findings, fired } = await audit(VECTORS);
    expect(counts).toMatchObject({ sessions: 94, operations: 5483 });
    expect(fired).toEqual(['OR001', 'OR002', 'OR003', 'OR004', 'OR005', 'OR007', 'OR010', 'OR012']);
    const lines = gunzipSync(readFileSync(VECTORS)).toString('utf8').split('\n');
    for (const { line, test, message, rule } of findings) {
      const record = JSON.parse(lines[line - 1]) as { kind: string; session: number; in: { op: string; as: number } };
      expect(record.kind).toBe('aspace-op');
      expect(test).toBe(`session ${record.session}`);
      expect(message).toContain(`The ${record.in.op} of space ${record.in.as}`);
      expect(message).toContain(`with B${Number(rule.slice(2))} repaired`);
    }
    // What a single function was asked is no operation on an address space.
    expect(Object.keys(counts.skipped).every((reason) => reason.endsWith('not an operation on an address space'))).toBe(
      true,
    );
  });

  // The recording says itself where an entry became writable that must not be, and where entries are left over.
  it('finds B4 and B7 exactly where the recording first shows their hazards', async () => {
    const { findings } = await audit(VECTORS);
    const records = gunzipSync(readFileSync(VECTORS)).toString('utf8').trim().split('\n');
    const at = (rule: string): Set<number> =>
      new Set(findings.filter((one) => one.rule === rule).map(({ line }) => line));
    const [moved, left, gone] = [at('OR004'), at('OR007'), at('OR010')];
    const hazardous = (kind: string): number[] =>
      records.flatMap((text, i) => {
        const { hazards = [], after_hazard: after = [] } = JSON.parse(text) as {
          hazards?: string[];
          after_hazard?: string[];
        };
        return after.length === 0 && hazards.includes(kind) ? [i + 1] : [];
      });
    const writable = hazardous('cow-frame-mapped-writable');
    const ungranted = hazardous('pte-without-grant');
    expect([writable.length, ungranted.length].every((count) => count > 0)).toBe(true);
    expect(writable.filter((line) => !moved.has(line))).toEqual([]);
    expect(ungranted.filter((line) => !left.has(line) && !gone.has(line))).toEqual([]);
  });

  it('looks at the defects that were asked for only', async () => {
    const { fired, counts } = await audit(VECTORS, only('movedWritable'));
    expect(fired).toEqual(['OR004']);
    expect(Object.keys(counts.changed)).toEqual(['B4 movedWritable']);
  });
});

describe('the cards', () => {
  it.each(REDOX_RULES)('$id: the bad session is found, the good one is not', async (rule) => {
    const { id, severity, defect, bad, good } = rule;
    const inBad = await auditLines(bad.lines);
    expect(inBad.findings.filter((one) => one.rule === id).map((one) => one.severity)).toContain(severity);
    expect(inBad.ended.badLines).toBe(0);
    const inGood = await auditLines(good.lines, only(defect));
    expect(inGood.findings).toEqual([]);
    expect(inGood.counts.skipped).toEqual({});
    expect(redox.DEFECT_NAMES[Number(id.slice(2)) - 1]).toBe(defect);
  });
});

describe('what cannot be run', () => {
  const begin = JSON.stringify({
    kind: 'aspace-session',
    origin: 'x',
    session: 0,
    remote_cpus: [[]],
    state: { 0: {} },
  });
  const step = (input: object, session = 0): string =>
    JSON.stringify({ kind: 'aspace-op', origin: 'x', session, in: input });

  it('an unknown operation ends its session, and is counted', async () => {
    const { counts } = await auditLines([
      begin,
      step({ op: 'read', as: 0, page: 1 }),
      step({ op: 'madvise', as: 0 }),
      step({ op: 'read', as: 0, page: 1 }),
      step({ op: 'read', as: 0, page: 1 }, 5),
    ]);
    expect(counts).toMatchObject({
      operations: 1,
      skipped: {
        'aspace-op: operation "madvise" is not known': 1,
        'aspace-op: step behind one that is not covered': 1,
        'aspace-op: no session': 1,
      },
    });
  });

  it('a malformed step is a bad line, and what follows it is not guessed', async () => {
    const { counts, ended } = await auditLines([
      begin,
      step({ op: 'read', as: 7, page: 1 }),
      step({ op: 'read', as: 0, page: 1 }),
    ]);
    expect(ended.badLines).toBe(1);
    expect(counts).toMatchObject({ operations: 0, skipped: { 'aspace-op: after a malformed line': 1 } });
  });
});
