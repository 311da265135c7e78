import {
  AUDIT_FORMATS,
  type AuditFormat,
  type AuditHead,
  auditSink,
  type Finding,
  type Mapping,
  type MigrationReport,
  migrationJson,
  migrationTable,
} from '@overmap/report';
import { describe, expect, it } from 'vitest';
import { card } from './cards.ts';
import { Collected, finding, head, hostile, summaryOf, UNSAFE } from './samples.ts';
import { schemaErrors } from './sarif-schema.ts';

/** What some reader of some format would act on. */
const attacks: Readonly<Record<string, string>> = {
  ...hostile,
  command: 'x\n::error file=a::owned\r\n::set-output name=a::b',
  oldCommand: 'x ##[add-path]/tmp/evil',
  firstCommand: '::error::owned',
  wrappedCommand: `${'x'.repeat(70)} ${'::add-mask::e '.repeat(20)}`,
  property: 'a,line=1,title=b::c%0A::stop-commands::d',
  formula: '=HYPERLINK("http://evil.example","x")',
  at: "@SUM(1+1)*cmd|' /C calc'!A0",
  plus: '+1',
  minus: '-2+3',
  wideFormula: '\uff1dSUM(1)',
  quote: 'a","b"\n=1+1',
  markup: '<script>alert(1)</script><img src=x onerror=alert(1)>',
  cell: 'a | b \\| c `d` \\',
  heading: '\n# heading\n\n- item\n> quote\n```\nfence\n~~~',
  link: '[click](http://evil.example) ![x](http://evil.example/x.png) <http://evil.example> www.evil.example',
  mention: '@everyone #1 !2 GH-3 user@evil.example :tada:',
  braces: '{0} {{1}} [a](2)',
  json: '"}],"results":[{"x":1',
  closing: '</code></details>',
};

/** An audit in which every text from outside is this one. */
async function written(format: AuditFormat, text: string): Promise<string> {
  const out = new Collected();
  const sink = await auditSink(format, out, { rules: [card], table: { all: true } });
  const evilHead: AuditHead = {
    ...head,
    input: text,
    from: text,
    to: text,
    baseline: text,
    header: { ...head.header, arch: text, source: text, system: text },
  };
  const bad: Finding = {
    ...finding,
    message: text,
    test: text,
    vaddr: text,
    confidence: text,
    fix: { kind: text, text },
    site: { file: text, line: 7, function: text },
    fingerprint: 'f',
  };
  const mapping: Mapping = {
    event: 1,
    line: 3,
    vspace: 1,
    vspaceName: text,
    vaddr: text,
    frame: text,
    bits: 12,
    cap: text,
    site: bad.site,
  };
  const byTest = { [text]: { overmaps: 1 } };
  sink.begin(evilHead);
  sink.mappings?.mapping(mapping, 5, 7, 'replaced');
  sink.finding(bad);
  sink.finding({ ...bad, site: null });
  sink.end(summaryOf({ overmaps: 1, mapsOk: 2 }, byTest));
  sink.begin(evilHead);
  sink.fail(text);
  sink.close();
  return out.text;
}

const LOSSLESS: readonly AuditFormat[] = ['json', 'jsonl'];

const lines = (text: string): string[] => text.split('\n').slice(0, -1);

/** The cells of CSV, row by row. */
function rows(text: string): string[][] {
  const all: string[][] = [];
  for (const line of lines(text)) {
    const cells = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)];
    expect(cells.map(([whole]) => whole).join('')).toBe(line); // nothing else is in it
    all.push(cells.map(([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? ''));
  }
  return all;
}

/** What each format must be, whatever it was given. */
const checks: Readonly<Record<AuditFormat, (text: string) => void>> = {
  table: () => {},
  json: (text) => {
    for (const line of lines(text)) JSON.parse(line);
    expect(lines(text)).toHaveLength(2);
  },
  jsonl: (text) => {
    const kinds = lines(text).map((line) => (JSON.parse(line) as { readonly kind: string }).kind);
    expect(kinds).toEqual(['audit', 'finding', 'finding', 'summary', 'audit', 'error']);
  },
  sarif: (text) => {
    const log = JSON.parse(text) as { readonly runs: readonly { readonly results: readonly object[] }[] };
    expect(schemaErrors(log)).toEqual([]);
    expect(log.runs.map(({ results }) => results.length)).toEqual([2, 0]);
    // No link and no placeholder in a message.
    const { runs } = JSON.parse(text, (key, value: unknown) => {
      if (key !== 'message' || typeof value !== 'object') return value;
      const { text: message = '' } = value as { readonly text?: string };
      expect(message.replaceAll('\\\\', '').replaceAll(/\\[[\]]/g, '')).not.toMatch(/[[\]]/);
      expect(message.replaceAll('{{', '').replaceAll('}}', '')).not.toMatch(/[{}]/);
      return value;
    }) as { readonly runs: readonly object[] };
    expect(runs).toHaveLength(2);
  },
  github: (text) => {
    const all = lines(text);
    expect(all).toHaveLength(4);
    expect(all[0]).toMatch(/^::error file=[^,:]*,line=7,title=[^,:]*::/);
    expect(all[1]).toMatch(/^::error file=[^,:]*,line=12,title=[^,:]*::/);
    expect(all[2]).toMatch(/^overmap: /);
    expect(all[3]).toMatch(/^::error title=overmap::/);
    expect(text).not.toContain('##[');
    // Nothing but what the escaping itself writes is unescaped again into a line's end.
    expect(text).not.toMatch(/%0[AD]/i);
  },
  csv: (text) => {
    const all = rows(text);
    expect(all.map((row) => row.length)).toEqual([19, 19, 19]);
    for (const row of all) for (const cell of row) expect(cell).not.toMatch(/^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/);
  },
  md: (text) => {
    expect(text.replace(/<\/?(?:code|details|summary)>/g, '')).not.toMatch(/[<>]/);
    expect(text.match(/<code>/g)?.length).toBe(text.match(/<\/code>/g)?.length);
    const table = lines(text).filter((line) => line.startsWith('|'));
    for (const line of table) expect(line.split('|')).toHaveLength(7);
    expect(text.match(/^#/gm)).toHaveLength(2);
    expect(text.match(/^```/gm)).toHaveLength(2);
    const outside = text.replace(/^```text$[\s\S]*?^```$/gm, '').replace(/&#\d+;/g, '');
    expect(outside.replace(/^### |^\|[-:|]+$/gm, '').replaceAll('**', '')).not.toMatch(/[@#[\]`*_~!\\]|:\S|www\./);
  },
  'trace-events': (text) => {
    const log = JSON.parse(text) as { readonly traceEvents: readonly { readonly ph: string }[] };
    expect(log.traceEvents.map(({ ph }) => ph).join('')).toBe('MMMbeiiiMMM');
  },
};

describe.each(AUDIT_FORMATS)('%s', (format) => {
  it.each(Object.keys(attacks))('lets nothing through of %s', async (name) => {
    const attack = attacks[name] ?? '';
    // JSON loses nothing; json.test.ts does it with the whole text.
    const text = await written(format, LOSSLESS.includes(format) ? attack.slice(0, 100_000) : attack);
    expect(text).not.toMatch(UNSAFE);
    // A CI service looks for commands in whatever a job prints.
    expect(text).not.toContain('##[');
    const commands = lines(text).filter((line) => /^\s*::/.test(line));
    expect(commands.length).toBe(format === 'github' ? 3 : 0);
    checks[format](text);
  });
});

it.each(AUDIT_FORMATS.filter((format) => !LOSSLESS.includes(format)))(
  '%s stays readable whatever is in it',
  async (format) => {
    expect((await written(format, hostile.long)).length).toBeLessThan(100_000);
  },
);

/** A migration in which every text from outside is this one. */
function migration(text: string): MigrationReport {
  const site = { file: text, line: 7, function: text };
  const window: Finding = { ...finding, test: text, site };
  const map = { event: 1, line: 3, test: text, site, cap: '7', frame: '0x1000', vaddr: '0x1000', bits: 12 };
  const none = { events: { in: 2, out: 3 }, reasons: { 'no-holder': 1, refused: 0 }, unknown: 0, assumed: 0 };
  return {
    ...none,
    kind: 'migration',
    input: text,
    output: text,
    from: 'legacy',
    to: 'strict',
    edits: { inserted: 1, moved: 0, deleted: 0, cost: 1 },
    answersChanged: 0,
    windows: [window],
    windowCount: 1,
    unmigrated: [{ ...map, reason: 'no-holder', message: 'nothing records the page' }],
    unmigratedCount: 1,
    strictness: {
      mappingInvocations: 2,
      extra: 1,
      deferred: 0,
      leaked: 0,
      mappedAgain: 0,
      deleted: 0,
      unmappedElsewhere: 0,
      share: { extra: 0.5, deferred: 0, leaked: 0 },
    },
    proof: { compared: 2, failure: null },
  };
}

it.each(Object.keys(attacks))('a migration lets nothing through of %s', (name) => {
  const report = migration(attacks[name] ?? '');
  for (const text of [migrationTable(report), migrationJson(report)]) {
    expect(text).not.toMatch(UNSAFE);
    expect(text).not.toContain('##[');
    expect(text).not.toMatch(/^\s*::/m);
  }
});
