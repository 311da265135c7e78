import type { AuditHead, Finding } from '@overmap/report';
import { describe, expect, it } from 'vitest';
import { SarifAuditWriter } from '../src/sarif.ts';
import { card } from './cards.ts';
import { Collected, finding, head, note, summaryOf } from './samples.ts';
import { schemaErrors } from './sarif-schema.ts';

interface Place {
  readonly physicalLocation: { readonly artifactLocation: { readonly uri: string }; readonly region?: object };
  readonly message?: { readonly text: string };
  readonly logicalLocations?: readonly object[];
}
interface Result {
  readonly ruleId: string;
  readonly ruleIndex?: number;
  readonly level: string;
  readonly baselineState?: string;
  readonly message: { readonly text: string };
  readonly locations: readonly Place[];
  readonly relatedLocations?: readonly Place[];
  readonly codeFlows?: readonly {
    readonly threadFlows: readonly { readonly locations: readonly { readonly location: Place }[] }[];
  }[];
  readonly partialFingerprints?: object;
}
interface Run {
  readonly tool: {
    readonly driver: {
      readonly name: string;
      readonly version: string;
      readonly rules: readonly { id: string; name: string; help: { text: string; markdown: string } }[];
    };
  };
  readonly automationDetails: { readonly id: string };
  readonly results: readonly Result[];
  readonly invocations: readonly {
    readonly executionSuccessful: boolean;
    readonly toolExecutionNotifications?: readonly object[];
  }[];
}

/** Writes a log, and has it checked by the schema. */
function log(write: (writer: SarifAuditWriter) => void): readonly Run[] {
  const out = new Collected();
  const writer = new SarifAuditWriter(out, [card]);
  write(writer);
  writer.close();
  const parsed = JSON.parse(out.text) as { readonly version: string; readonly runs: readonly Run[] };
  expect(schemaErrors(parsed)).toEqual([]);
  expect(parsed.version).toBe('2.1.0');
  return parsed.runs;
}
/** The result for one finding. */
function result(more: Partial<Finding>, of: Partial<AuditHead> = {}): Result | undefined {
  const [run] = log((writer) => {
    writer.begin({ ...head, ...of });
    writer.finding({ ...finding, ...more });
    writer.end(summaryOf({}));
  });
  return run?.results[0];
}
const site = { file: 'src/driver.c', line: 88, function: 'swap' };

describe('a log', () => {
  it('has one run for each input', () => {
    const runs = log((writer) => {
      writer.begin(head);
      writer.finding(finding);
      writer.finding(note);
      writer.end(summaryOf({}));
      writer.begin({ ...head, input: 'other dir/trace.jsonl' });
      writer.end(summaryOf({}));
    });
    expect(runs.map(({ results }) => results.length)).toEqual([2, 0]);
    expect(runs.map(({ automationDetails: { id } }) => id)).toEqual([
      'overmap/legacy-strict/trace.jsonl/',
      'overmap/legacy-strict/other%20dir/trace.jsonl/',
    ]);
    expect(runs[0]?.invocations).toEqual([{ executionSuccessful: true }]);
  });

  it('names the tool and its rules', () => {
    const [run] = log((writer) => {
      writer.begin(head);
      writer.end(summaryOf({}));
    });
    const driver = run?.tool.driver;
    expect(driver).toMatchObject({ name: 'overmap', version: '1.2.3' });
    expect(driver?.rules).toMatchObject([{ id: 'OM001', name: 'OverMap', defaultConfiguration: { level: 'error' } }]);
    expect(driver?.rules[0]?.help.text).toContain('Unmap first.');
    expect(driver?.rules[0]?.help.markdown).toContain('## Fix\n\nUnmap first.');
  });

  it('is nothing where no input could be read', () => {
    const out = new Collected();
    const writer = new SarifAuditWriter(out, [card]);
    writer.fail('no such file');
    writer.close();
    expect(out.text).toBe('');
  });

  it('says that an audit failed, or was interrupted', () => {
    const runs = log((writer) => {
      writer.begin(head);
      writer.finding(finding);
      writer.fail('broken {here}');
      writer.begin(head);
      writer.end(summaryOf({}, {}, { interrupted: true }));
    });
    expect(runs.map(({ invocations }) => invocations[0]?.executionSuccessful)).toEqual([false, false]);
    expect(runs[0]?.invocations[0]?.toolExecutionNotifications).toEqual([
      { level: 'error', message: { text: 'broken {{here}}' } },
    ]);
    expect(runs[0]?.results).toHaveLength(1);
  });

  it('is written as findings come', () => {
    const out = new Collected();
    const writer = new SarifAuditWriter(out, [card]);
    writer.begin(head);
    const before = out.pieces.length;
    writer.finding(finding);
    expect(out.pieces.length).toBe(before + 1);
  });
});

describe('a result', () => {
  it('is at its line of the trace', () => {
    expect(result({ fingerprint: 'f' })).toMatchObject({
      ruleId: 'OM001',
      ruleIndex: 0,
      level: 'error',
      message: { text: `${finding.message} Fix: Unmap first.` },
      locations: [
        {
          physicalLocation: { artifactLocation: { uri: 'trace.jsonl' }, region: { startLine: 12 } },
          logicalLocations: [{ name: 'PT0002', kind: 'test' }],
        },
      ],
      partialFingerprints: { 'overmapFinding/v1': 'f' },
    });
  });

  it('names the call in the source, where the trace knows it', () => {
    const { relatedLocations } = result({ site }) ?? {};
    expect(relatedLocations).toMatchObject([
      {
        id: 1,
        physicalLocation: { artifactLocation: { uri: 'src/driver.c' }, region: { startLine: 88 } },
        logicalLocations: [{ name: 'swap', kind: 'function' }],
      },
    ]);
    expect(result({ site: { ...site, line: 0 } })?.relatedLocations?.[0]?.physicalLocation.region).toBeUndefined();
    expect(result({})).not.toHaveProperty('relatedLocations');
  });

  it('shows the way from the map that was replaced', () => {
    const related = [
      { event: 9, line: 11, role: 'mapped' as const },
      { event: 8, line: 10, role: 'mapped' as const },
    ];
    const { codeFlows } = result({ related }) ?? {};
    const steps = codeFlows?.[0]?.threadFlows[0]?.locations.map(({ location }) => location);
    expect(steps?.map(({ physicalLocation }) => physicalLocation.region)).toEqual([
      { startLine: 10 },
      { startLine: 11 },
      { startLine: 12 },
    ]);
    expect(steps?.[0]?.message?.text).toBe('The mapping is made here (event 8)');
    expect(result({ related: [] })).not.toHaveProperty('codeFlows');
  });

  it('is new where there is a baseline', () => {
    expect(result({}, { baseline: 'before.json' })?.baselineState).toBe('new');
    expect(result({})).not.toHaveProperty('baselineState');
  });

  it('of an unknown rule and of standard input is still valid', () => {
    expect(result({ rule: 'OM999', test: null, fix: null }, { input: '-' })).not.toHaveProperty('ruleIndex');
  });

  it('can hold neither links nor placeholders of its message', () => {
    const text = result({ message: 'see [here](http://example.org) and {0}' })?.message.text;
    expect(text).toMatch(/^see \\\[here\\\]\(http:\/\/example\.org\) and \{\{0\}\}/);
  });
});

it('the schema finds a wrong log', () => {
  expect(schemaErrors({ version: '2.1.0', runs: [{ results: [] }] })).not.toEqual([]);
  const location = { physicalLocation: { artifactLocation: { uri: 'a b' } } };
  const run = { tool: { driver: { name: 'x' } }, results: [{ message: { text: 'x' }, locations: [location] }] };
  expect(schemaErrors({ version: '2.1.0', runs: [run] })).toHaveLength(1);
});
