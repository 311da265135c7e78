import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditSummary, Finding } from '@overmap/report';
import { afterAll } from 'vitest';
import { type AuditOptions, auditTrace } from '../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'overmap-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

/** One record, as an object. */
export type Line = Readonly<Record<string, unknown>>;

/** Write a trace and return its path. */
export function traceFile(header: Line, lines: readonly Line[], name = `${files++}.jsonl`): string {
  const path = join(folder, name);
  const first = { trace: 'overmap', version: 1, system: 'sel4', policy: 'legacy', config: { asidPool: 1 }, ...header };
  writeFileSync(path, [first, ...lines].map((line) => `${JSON.stringify(line)}\n`).join(''));
  return path;
}

/** Write any text and return its path. */
export function textFile(text: string, name = `${files++}.log`): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** What an audit said. */
export interface Audited {
  readonly findings: Finding[];
  readonly summary: AuditSummary;
  /** "OM001@event" of each finding, in order. */
  readonly fired: string[];
}

/** Audit a trace and collect what it says. */
export async function audit(path: string, options: Partial<AuditOptions> = {}): Promise<Audited> {
  const findings: Finding[] = [];
  let summary: AuditSummary | undefined;
  await auditTrace(
    path,
    { version: 'test', ...options },
    { begin() {}, finding: (f) => findings.push(f), end: (s) => (summary = s) },
  );
  if (summary === undefined) throw new Error('the audit said no summary');
  return { findings, summary, fired: findings.map((f) => `${f.rule}@${f.event}`) };
}

/**
 * A vspace (slot 2) with a table for 0x400000 on aarch64 or riscv64: three levels below an aarch64 root, two below a
 * RISC-V one, and frames in slots 20, 21, … of 4 KiB.
 */
export function smallWorld(arch: 'aarch64' | 'riscv64', frames = 4): Line[] {
  const tables = arch === 'aarch64' ? 3 : 2;
  const lines: Line[] = [
    { op: 'retype', obj: 'vspace', cap: 2, n: 1, ret: 'ok', paddr: '0x10001000' },
    { op: 'assign', pool: 1, vspace: 2, ret: 'ok' },
    { op: 'retype', obj: 'table', cap: 10, n: tables, ret: 'ok', paddr: '0x10002000' },
    { op: 'retype', obj: 'page', bits: 12, cap: 20, n: frames, ret: 'ok', paddr: '0x10100000' },
  ];
  for (let n = 0; n < tables; n++)
    lines.push({ op: 'map_table', cap: 10 + n, vspace: 2, vaddr: '0x400000', attr: 0, ret: 'ok' });
  return lines;
}

/** A Page_Map record. */
export const map = (cap: number, vaddr: string, more: Line = {}): Line => ({
  op: 'map',
  cap,
  vspace: 2,
  vaddr,
  rights: 'rw',
  attr: 0,
  ret: 'ok',
  ...more,
});
/** A Page_Unmap record. */
export const unmap = (cap: number, more: Line = {}): Line => ({ op: 'unmap', cap, ret: 'ok', ...more });
/** A mark record. */
export const mark = (name: string, at: 'start' | 'end'): Line => ({
  op: 'mark',
  name,
  at,
  ...(at === 'end' ? { result: 'passed' } : {}),
});
