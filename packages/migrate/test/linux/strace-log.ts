import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditHead, AuditSummary, Finding, LinuxSummary, RangeEnd, RangeLife } from '@overmap/report';
import { afterAll } from 'vitest';
import { type AuditOptions, auditTrace } from '../../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'overmap-strace-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

/** A log as a file. */
export function logFile(lines: readonly string[] | string): string {
  const path = join(folder, `${++files}.strace`);
  writeFileSync(path, typeof lines === 'string' ? lines : `${lines.join('\n')}\n`);
  return path;
}

/** What the audit of a log says. */
export interface AuditedLog {
  readonly head: AuditHead;
  readonly findings: Finding[];
  /** "OL001@3": the rule and the line. */
  readonly fired: string[];
  readonly summary: AuditSummary;
  readonly linux: LinuxSummary;
  readonly ranges: (RangeLife & { readonly how: RangeEnd | null })[];
}

/** Audit a log. */
export async function auditLog(path: string, options: Partial<AuditOptions> = {}): Promise<AuditedLog> {
  const findings: Finding[] = [];
  const ranges: AuditedLog['ranges'] = [];
  let head: AuditHead | undefined;
  let summary: AuditSummary | undefined;
  await auditTrace(
    path,
    { version: 'test', ...options },
    {
      ranges: { range: (life, how) => void ranges.push({ ...life, how }) },
      begin: (begun) => {
        head = begun;
      },
      finding: (finding) => void findings.push(finding),
      end: (ended) => {
        summary = ended;
      },
    },
  );
  if (head === undefined || summary?.linux === undefined) throw new Error(`${path} is no strace log`);
  const fired = findings.map(({ rule, line }) => `${rule}@${line}`);
  return { head, findings, fired, summary, linux: summary.linux, ranges };
}

/** Audit the lines of a log. */
export const auditLines = (lines: readonly string[], options: Partial<AuditOptions> = {}): Promise<AuditedLog> =>
  auditLog(logFile(lines), options);

const FLAGS = { anon: 'MAP_PRIVATE|MAP_ANONYMOUS', fixed: 'MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS' } as const;

/** `mmap` of anonymous memory, in pages from 0x10000000 on; placed by MAP_FIXED if asked so. */
export function mmap(
  page: number,
  pages: number,
  more: { prot?: string; fixed?: boolean; pid?: number; flags?: string; fd?: string } = {},
): string {
  const { prot = 'PROT_READ|PROT_WRITE', fixed = false, pid = 1, fd = '-1' } = more;
  const flags = more.flags ?? FLAGS[fixed ? 'fixed' : 'anon'];
  return `${pid} mmap(${fixed ? at(page) : 'NULL'}, ${pages * 4096}, ${prot}, ${flags}, ${fd}, 0) = ${at(page)}`;
}

/** Address of a page. */
export const at = (page: number): string => `0x${(0x10000000 + page * 4096).toString(16)}`;
