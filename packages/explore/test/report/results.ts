/** Results as the command writes them, small, for tests. */
import { createHash } from 'node:crypto';

type Json = Readonly<Record<string, unknown>>;

/** A fingerprint. */
export const fingerprint = (n: number | string): string => createHash('md5').update(String(n)).digest('hex');

const SEL4 = Object.fromEntries(
  [
    'maps',
    'mapsOk',
    'unmaps',
    'tableMaps',
    'remaps',
    'overmaps',
    'staleRemaps',
    'aliasMaps',
    'aliasUnmaps',
    'deadUnmaps',
    'deadDeletes',
    'reusedAsid',
    'staleAtTestEnd',
    'staleAtNextStart',
    'staleAtEnd',
    'outcomeChanges',
  ].map((key) => [key, 0]),
);

/** A finding of a trace. */
export const findingJson = (n: number, more: Json = {}): Json => ({
  rule: 'OM001',
  severity: 'error',
  message: `Mapping capability ${n} replaced a live page.`,
  event: n,
  line: n + 2,
  test: null,
  site: null,
  related: [],
  fix: { kind: 'unmap-first', text: 'Unmap first.' },
  vaddr: `0x${(0x400000 + n * 4096).toString(16)}`,
  bits: 12,
  fingerprint: fingerprint(n),
  ...more,
});

/** Records around an event. */
export const contextJson = (event: number): Json[] =>
  [event - 1, event, event + 1].map((at) => ({
    event: at,
    line: at + 2,
    op: 'map',
    cap: at,
    vspace: 2,
    vaddr: '0x400000',
    ret: 'ok',
  }));

/** An audit of a trace. */
export function auditJson(findings: readonly Json[], more: Json = {}): Json {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  return {
    kind: 'audit',
    tool: { name: 'overmap', version: '1.2.3' },
    input: 'client.jsonl',
    header: { trace: 'overmap', system: 'sel4', arch: 'x86_64', source: 'a test' },
    from: 'legacy',
    to: 'strict',
    findings,
    summary: {
      events: 100,
      states: 0,
      findings: { OM001: findings.length },
      severities: { error: errors, warning: 0, note: findings.length - errors },
      truncated: {},
      badLines: 0,
      otherLines: 0,
      assumed: 0,
      divergences: 0,
      sel4: { ...SEL4, mapsOk: 50, overmaps: errors, outcomeChanges: errors, undecidable: {}, byTest: {} },
    },
    ...more,
  };
}
