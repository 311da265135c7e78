import type { AuditHead, AuditSummary, Finding, Sel4Counts, TextSink } from '@overmap/report';

/** Collects what is written, piece by piece. */
export class Collected implements TextSink {
  readonly pieces: string[] = [];
  write(text: string): void {
    this.pieces.push(text);
  }
  get text(): string {
    return this.pieces.join('');
  }
}

export const head: AuditHead = {
  kind: 'audit',
  tool: { name: 'overmap', version: '1.2.3' },
  input: 'trace.jsonl',
  header: { trace: 'overmap', version: 1, system: 'sel4', arch: 'x86_64', policy: 'legacy', source: 'a test' },
  from: 'legacy',
  to: 'strict',
};

export const finding: Finding = {
  rule: 'OM001',
  severity: 'error',
  message: 'Capability 8 replaced the page of frame 0x1000. strict answers DeleteFirst.',
  event: 10,
  line: 12,
  test: 'PT0002',
  site: null,
  vaddr: '0x400000',
  bits: 12,
  related: [{ event: 8, line: 10, role: 'mapped' }],
  fix: { kind: 'unmap-first', text: 'Unmap first.' },
};

export const note: Finding = {
  rule: 'OM003',
  severity: 'note',
  message: '3 capabilities still record mappings that are gone.',
  event: 20,
  line: 22,
  test: 'PT0002',
  phase: 'cleanup',
  site: null,
  related: [],
  fix: null,
  count: 3,
};

const noCounts: Sel4Counts = {
  maps: 0,
  mapsOk: 0,
  unmaps: 0,
  tableMaps: 0,
  remaps: 0,
  overmaps: 0,
  staleRemaps: 0,
  aliasMaps: 0,
  aliasUnmaps: 0,
  deadUnmaps: 0,
  deadDeletes: 0,
  reusedAsid: 0,
  staleAtTestEnd: 0,
  staleAtNextStart: 0,
  staleAtEnd: 0,
  outcomeChanges: 0,
};

/** A summary of a run with these counts, nothing else being remarkable. */
export function summaryOf(
  counts: Partial<Sel4Counts>,
  byTest: Readonly<Record<string, Partial<Sel4Counts>>> = {},
  rest: Partial<AuditSummary> = {},
): AuditSummary {
  const tests = Object.entries(byTest).map(([name, of]) => [name, { ...noCounts, ...of }] as const);
  return {
    events: 1_234_567,
    states: 8,
    findings: {},
    severities: { note: 0, warning: 0, error: 0 },
    truncated: {},
    badLines: 0,
    otherLines: 0,
    assumed: 0,
    divergences: 0,
    sel4: { ...noCounts, ...counts, undecidable: {}, byTest: Object.fromEntries(tests) },
    ...rest,
  };
}

/** What a terminal would act on, and a text of ten million characters. */
export const hostile = {
  ansi: '\u001b[2J\u001b]0;title\u0007',
  c1: '\u009b31m\u007f',
  bidi: '\u202egnp.exe\u2066',
  invisible: '\u200b\ufeff\u{e0041}',
  newlines: 'a\nb\r\nc\u2028d\u0085e',
  surrogate: 'x\ud800y',
  long: 'A'.repeat(10_000_000),
} as const;

/** Matches what must not reach a terminal; line feeds are checked apart. */
export const UNSAFE = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
