import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { auditLog } from './strace-log.ts';
import { COLUMNS, TRUTH } from './truth.ts';

const BUNDLED = fileURLToPath(new URL('../../../../recordings/strace/', import.meta.url));
const given = process.env.OVERMAP_RECORDINGS;
const pathOf = (name: string): string | undefined =>
  [BUNDLED, ...(given === undefined ? [] : [join(given, 'strace')])]
    .map((folder) => join(folder, `${name}.strace.gz`))
    .find(existsSync);

const present = Object.keys(TRUTH).filter((name) => pathOf(name) !== undefined);

describe('recorded programs', () => {
  it('are there', () => {
    expect(present.length).toBeGreaterThanOrEqual(given === undefined ? 5 : 14);
  });

  it.each(present)('every number of %s is what an independent script has counted', async (name) => {
    const { linux, summary } = await auditLog(pathOf(name) ?? '');
    const counts = { ...linux, ...linux.kinds } as unknown as Record<string, number>;
    expect(COLUMNS.map((column) => counts[column])).toEqual(TRUTH[name]);
    // In these programs no call with MAP_FIXED failed.
    expect(linux.mapFixedOk).toBe(linux.mapFixed);
    expect(summary.badLines + summary.otherLines).toBe(0);
    expect(linux.processes.reduce((sum, { bytesReplaced }) => sum + bytesReplaced, 0)).toBe(linux.bytesReplaced);
    for (const { origins, bytesReplaced } of linux.processes)
      expect(origins.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(bytesReplaced);
  });

  it.each(present.filter((name) => name !== 'java'))('%s, an ordinary program, has notes at most', async (name) => {
    const { summary } = await auditLog(pathOf(name) ?? '');
    expect(summary.severities).toMatchObject({ warning: 0, error: 0 });
  });

  it('java puts 12 mappings over memory that had been writable', async () => {
    const { findings, linux } = await auditLog(pathOf('java') ?? '');
    const risky = findings.filter(({ severity }) => severity !== 'note');
    expect(risky.map(({ rule }) => rule)).toEqual(Array.from({ length: 12 }, () => 'OL001'));
    expect(new Set(risky.map(({ confidence }) => confidence))).toEqual(new Set(['writes-not-traced']));
    expect(linux.kinds.anonOverAnon + linux.kinds.fileOverAnon).toBe(12);
    expect(risky[0]).toMatchObject({ line: 76, related: [{ line: 52, role: 'mapped' }], vaddr: '0x7f94918e0000' });
  });

  it.skipIf(given === undefined)('the control, whose mappings are known', async () => {
    const { linux } = await auditLog(join(given ?? '', 'strace/control_101.strace.gz'));
    expect(linux).toMatchObject({ mapFixedOk: 53, replacing: 32 });
  });
});
