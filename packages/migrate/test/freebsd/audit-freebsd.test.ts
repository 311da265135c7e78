import { gunzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { freebsd } from '@overmap/core';
import type { AuditSummary, Finding, FreebsdSummary } from '@overmap/report';
import { describe, expect, it } from 'vitest';
import { type AuditOptions, auditTrace, FREEBSD_RULES, WrongTargetError } from '../../src/index.ts';
import { readKeyScenario } from '../../src/recordings/freebsd/key-scenario.ts';
import { recording } from '../recorded.ts';
import { textFile } from '../small-trace.ts';

type Name = freebsd.KeyPolicyName;
const NAMES = Object.keys(freebsd.KEY_POLICIES) as Name[];
const SCENARIOS = recording('freebsd/policies-derived.jsonl.gz');
const SEQUENCES = recording('freebsd/pkru-recorded.jsonl.gz');

async function audit(path: string, from: Name, to: Name, options: Partial<AuditOptions> = {}) {
  const findings: Finding[] = [];
  let summary: AuditSummary | null = null;
  const ended = await auditTrace(
    path,
    { version: '0', freebsd: { from, to }, ...options },
    { begin() {}, finding: (one) => findings.push(one), end: (last) => (summary = last) },
  );
  const keys = (summary as AuditSummary | null)?.freebsd;
  if (keys === undefined) throw new Error('no summary');
  const counts: FreebsdSummary = keys;
  const fired = findings.map((one) => `${one.rule}@${one.line} ${one.vaddr}+${Number(one.length) / 4096}`);
  return { findings, fired, counts, ended };
}

const lines = (...records: readonly unknown[]): string =>
  textFile(`${records.map((record) => JSON.stringify(record)).join('\n')}\n`);
const scenario = (...ops: readonly unknown[]) => ({ name: 'a', pages: [], ops, keyRangeAfter: {} });
const KEYED = [
  ['mmap', 16, 20],
  ['touch', 16, 16, 20],
  ['set', 16, 20, 5],
];

describe('the derived scenarios', () => {
  it('the kernel before the fix: 30 pages lose their key by swapout, mprotect and msync', async () => {
    const { counts, findings } = await audit(SCENARIOS, 'every_pmap_remove', 'pmap_map_delete');
    expect(counts).toMatchObject({
      scenarios: 32,
      operations: 130,
      pagesLost: 30,
      lostBy: { swapout: 16, mprotect: 10, msync_inv: 4 },
      pagesLostUnderTarget: 0,
      skipped: {},
    });
    const swapped = findings.find(({ test }) => test === 'swapout then swap in and fault');
    expect(swapped).toMatchObject({ rule: 'OF001', line: 4, event: 3, vaddr: '0x10000', length: 0x4000 });
    expect(swapped?.message).toContain('The swapout (operation 3) takes key 5 (set by operation 2)');
  });

  // Held against the keys that the recording gives: whatever differs in the end was told, whoever lost it.
  it.each(NAMES.flatMap((from) => NAMES.filter((to) => to !== from).map((to) => [from, to] as const)))(
    '%s against %s: each page whose recorded keys differ is named',
    async (from, to) => {
      const { findings } = await audit(SCENARIOS, from, to);
      const records = gunzipSync(readFileSync(SCENARIOS)).toString('utf8').trim().split('\n');
      const missed = records.flatMap((text, i) => {
        const { pages, keyRangeAfter } = JSON.parse(text) as {
          pages: number[];
          keyRangeAfter: Record<string, (number | null)[]>;
        };
        const told = findings.filter(({ line }) => line === i + 1);
        const isNamed = (address: number): boolean =>
          told.some(({ vaddr, length }) => Number(vaddr) <= address && address < Number(vaddr) + Number(length));
        return pages.filter((page, at) => keyRangeAfter[from][at] !== keyRangeAfter[to][at] && !isNamed(page * 4096));
      });
      expect(missed).toEqual([]);
    },
  );

  it('the other way round it is the target that loses', async () => {
    const { counts, findings } = await audit(SCENARIOS, 'pmap_map_delete', 'every_pmap_remove');
    expect(counts).toMatchObject({ pagesLost: 0, pagesLostUnderTarget: 30 });
    expect(new Set(findings.map(({ rule }) => rule))).toEqual(new Set(['OF002']));
  });
});

describe('the recorded sequences', () => {
  it('each removal that kept its mapping and took a key is told, with the line that set it', async () => {
    const { counts, findings } = await audit(SEQUENCES, 'every_pmap_remove', 'pmap_map_delete');
    expect(counts).toMatchObject({ sequences: 16, operations: 921, skipped: {} });
    const records = gunzipSync(readFileSync(SEQUENCES)).toString('utf8').trim().split('\n');
    for (const { rule, line, message, related } of findings.filter(({ rule }) => rule === 'OF001')) {
      const { op } = JSON.parse(records[line - 1]) as { op: string };
      expect({ rule, op }).toEqual({ rule, op: 'remove_keep' });
      const [setter] = related;
      const set = JSON.parse(records[setter.line - 1]) as { op: string; key: number };
      expect(set.op).toBe('set');
      expect(message).toContain(`takes key ${set.key} (set by line ${setter.line})`);
    }
    expect(findings.filter(({ rule }) => rule === 'OF001').length).toBeGreaterThan(10);
  });

  it('a removal of part of the memory is no swapout; of all of it, it is', async () => {
    const start = { seq: 0, op: 'new', base: '0x0', pages: 4, pku: true, maxUser: '0x800000000000' };
    const state = { ret: 'ok', ranges: [], ptes: [] };
    const steps = (addr: string, len: string) => [
      start,
      { seq: 0, i: 0, op: 'enter', pages: ['0x1000'], ...state },
      { seq: 0, i: 1, op: 'set', addr: '0x1000', len: '0x1000', key: 3, flags: [], ...state },
      { seq: 0, i: 2, op: 'remove_keep', addr, len, ...state },
    ];
    const part = lines(...steps('0x1000', '0x1000'));
    const all = lines(...steps('0x0', '0x800000000000'));
    expect((await audit(part, 'pmap_remove_swapout', 'pmap_map_delete')).fired).toEqual(['OF001@4 0x1000+1']);
    expect((await audit(all, 'pmap_remove_swapout', 'pmap_map_delete')).fired).toEqual([]);
    expect((await audit(all, 'every_pmap_remove', 'pmap_map_delete')).fired).toEqual(['OF001@4 0x1000+1']);
  });

  it('counts what it cannot run, and goes on behind it', async () => {
    const path = lines(
      { seq: 0, op: 'new', base: '0x0', pages: 4, pku: true, maxUser: '0x800000000000' },
      { seq: 0, i: 0, op: 'promote', ret: 'ok', ranges: [], ptes: [] },
      { seq: 0, i: 1, op: 'clear', addr: '0x0', len: '0x1000', ret: 'ok', ranges: [], ptes: [] },
      scenario(...KEYED, ['sbrk', 1]),
      scenario(...KEYED, ['swapout']),
      { other: 1 },
    );
    const { counts, fired } = await audit(path, 'every_pmap_remove', 'pmap_map_delete');
    expect(counts.skipped).toEqual({
      'rest of a sequence: operation "promote" is not known': 1,
      'step of a sequence that could not be followed': 1,
      'rest of a scenario: operation "sbrk" is not known': 1,
      'a record that is neither a step of a sequence nor a scenario': 1,
    });
    expect(fired).toEqual(['OF001@5 0x10000+4']);
  });

  it('a malformed line is told, and the sequence behind it is not guessed', async () => {
    const path = lines(
      { seq: 0, op: 'new', base: '0x0', pages: 4, pku: true, maxUser: '0x800000000000' },
      { seq: 0, i: 0, op: 'clear', addr: 5, len: '0x1000', ret: 'ok', ranges: [], ptes: [] },
      { seq: 0, i: 1, op: 'clear', addr: '0x0', len: '0x1000', ret: 'ok', ranges: [], ptes: [] },
    );
    const { counts, ended } = await audit(path, 'every_pmap_remove', 'pmap_map_delete');
    expect(ended.badLines).toBe(1);
    expect(counts).toMatchObject({ operations: 0, skipped: { 'step of a sequence that could not be followed': 1 } });
  });
});

describe('mappings made where the policies disagree already', () => {
  it('a hole with a key: told when the key stays there, and when something is mapped there', async () => {
    const path = lines(scenario(...KEYED, ['munmap', 16, 20], ['mmap', 17, 19]));
    const { fired, counts } = await audit(path, 'explicit_only', 'pmap_map_delete');
    expect(fired).toEqual(['OF004@1 0x10000+4', 'OF003@1 0x11000+2']);
    expect(counts).toMatchObject({ pagesLeft: 4, pagesInherited: 2 });
  });

  it('an exclusive key is refused under one policy only, and the keys differ then', async () => {
    const path = lines(scenario(...KEYED, ['swapout'], ['set_excl', 16, 18, 6]));
    const { fired, findings } = await audit(path, 'every_pmap_remove', 'pmap_map_delete');
    expect(fired).toEqual(['OF001@1 0x10000+4', 'OF005@1 0x10000+2', 'OF006@1 0x10000+2']);
    expect(findings[2].message).toContain('refused under pmap_map_delete, and done under every_pmap_remove');
  });

  it('the child of a fork is named by its number', async () => {
    const path = lines(scenario(...KEYED, ['inherit_none', 16, 20], ['fork_child']));
    const { findings } = await audit(path, 'entry_owned', 'pmap_map_delete');
    expect(findings.map(({ message }) => message)).toEqual([expect.stringContaining("at process 1's pages 0x10000")]);
  });
});

describe('the cards', () => {
  it.each(FREEBSD_RULES)('$id: the bad sequence is found, the good one is not', async ({ id, severity, bad, good }) => {
    const found = async ({ to = '', lines: text }: typeof bad) => {
      const [from, target] = to.split(':') as [Name, Name];
      const { ops } = JSON.parse(text[0]) as { ops: unknown[] };
      expect(readKeyScenario(ops).uncovered).toBeUndefined();
      return (await audit(textFile(`${text.join('\n')}\n`), from, target)).findings.filter(({ rule }) => rule === id);
    };
    expect((await found(bad)).map((one) => one.severity)).toContain(severity);
    expect(await found(good)).toEqual([]);
  });
});

describe('what does not fit', () => {
  it.each([
    [{ freebsd: undefined, to: 'strict' as const }, /the policy strict is about traces of seL4.*every_pmap_remove/],
    [{ freebsd: undefined, from: 'legacy' as const }, /the policy legacy is about traces of seL4/],
    [{ freebsd: undefined, linuxTo: 'pcuabi' as const }, /is no strace log/],
    [{ drift: true }, /leave --drift out/],
  ])('%j is refused', async (options, message) => {
    const asked = { ...options } as Partial<AuditOptions>;
    const run = auditTrace(SCENARIOS, { version: '0', ...asked } as AuditOptions, {
      begin() {},
      finding() {},
      end() {},
    });
    await expect(run).rejects.toThrow(WrongTargetError);
    await expect(run).rejects.toThrow(message);
  });

  it('key policies are refused for a log of Linux', async () => {
    const run = auditTrace(
      recording('strace/ls.strace.gz'),
      { version: '0', freebsd: { to: 'explicit_only' } },
      { begin() {}, finding() {}, end() {} },
    );
    await expect(run).rejects.toThrow(/is an strace log of Linux, and the policy explicit_only is about FreeBSD/);
  });
});
