import { escapeText } from '@overmap/trace';
import type { AuditSink } from './audit-sink.ts';
import { cardHelp } from './card-markdown.ts';
import { cardText } from './card-text.ts';
import { fileUri } from './file-uri.ts';
import type { AuditHead, AuditSummary, Finding } from './finding.ts';
import { jsonText } from './json-text.ts';
import type { TextSink } from './output.ts';
import type { RuleCard } from './rule-card.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json';
/** Characters of a text from outside, of a path, and of a message. */
const NAME = 200;
const PATH = 4096;
const MESSAGE = 4000;
/** Columns of the plain help. */
const HELP_WIDTH = 80;

/**
 * Audits as SARIF 2.1.0: one log, one run for each input. Results are written as they come; a run ends with its
 * invocation, which says whether the audit was complete. What a trace names is escaped in every text, and
 * percent-encoded in every URI.
 *
 * Source: OASIS, Static Analysis Results Interchange Format Version 2.1.0.
 */
export class SarifAuditWriter implements AuditSink {
  private readonly out: TextSink;
  private readonly rules: readonly RuleCard[];
  private readonly indexes: ReadonlyMap<string, number>;
  private readonly page: string | undefined;
  private head: AuditHead | undefined;
  private firstResult = true;
  private runs = 0;

  /**
   * @param rules - those that a finding may name
   * @param page - the URI of the report that has, or will have, these findings and the cards of their rules
   */
  constructor(out: TextSink, rules: readonly RuleCard[], page?: string) {
    this.out = out;
    this.rules = rules;
    this.page = page;
    this.indexes = new Map(rules.map(({ id }, n) => [id, n]));
  }

  begin(head: AuditHead): void {
    this.head = head;
    this.firstResult = true;
    const before = this.runs++ === 0 ? `{"$schema":${jsonText(SCHEMA)},"version":"2.1.0","runs":[` : ',';
    const { name, version } = head.tool;
    const run = {
      tool: {
        driver: {
          name,
          version,
          semanticVersion: version,
          rules: this.rules.map((card) => descriptor(card, this.page)),
        },
      },
      // What comes before the last slash is the category: the same input in the next run replaces this one.
      automationDetails: { id: `${name}/${plain(head.from)}-${plain(head.to)}/${fileUri(cut(head.input, PATH))}/` },
      columnKind: 'utf16CodeUnits',
      artifacts: [{ location: artifact(head.input), roles: ['analysisTarget'] }],
    };
    this.out.write(`${before}${jsonText(run).slice(0, -1)},"results":[`);
  }

  finding(finding: Finding): void {
    const { head } = this;
    if (head === undefined) return;
    this.out.write((this.firstResult ? '' : ',') + jsonText(this.result(finding, head)));
    this.firstResult = false;
  }

  end(summary: AuditSummary): void {
    const interrupted = summary.interrupted === true;
    this.endRun(interrupted ? 'The audit was interrupted: it covers the beginning of the trace.' : undefined, summary);
  }

  fail(message: string): void {
    this.endRun(message, undefined);
  }

  close(): void {
    if (this.runs > 0) this.out.write(']}\n');
  }

  private endRun(problem: string | undefined, summary: AuditSummary | undefined): void {
    const { head } = this;
    if (head === undefined) return;
    this.head = undefined;
    const notification = { level: 'error', message: { text: words(problem ?? '') } };
    const invocation = {
      executionSuccessful: problem === undefined,
      ...(problem === undefined ? {} : { toolExecutionNotifications: [notification] }),
    };
    // The counts of single tests have names from the trace, and are many.
    const counts = summary && {
      ...summary,
      sel4: summary.sel4 && { ...summary.sel4, byTest: undefined },
      linux: summary.linux && { ...summary.linux, processes: undefined },
    };
    const properties = { from: plain(head.from), to: plain(head.to), summary: counts };
    this.out.write(`],"invocations":[${jsonText(invocation)}],"properties":${jsonText(properties)}}`);
  }

  private result(finding: Finding, head: AuditHead): object {
    const { rule, severity, message, site, event, line, fingerprint, related, fix, count, path } = finding;
    const index = this.indexes.get(rule);
    // A finding in source is where its call is; one in a trace is at its line, and its call is related.
    const inSource = path !== undefined && site !== null;
    const here = {
      ...location(inSource ? site.file : head.input, line),
      ...(inSource && site.function !== null
        ? { logicalLocations: [{ name: plain(site.function), kind: 'function' }] }
        : {}),
      ...(finding.test === null ? {} : { logicalLocations: [{ name: plain(finding.test), kind: 'test' }] }),
    };
    const { phase, bits, confidence, cause, test, length, process, time, recorded } = finding;
    const vaddr = finding.vaddr && plain(finding.vaddr);
    const advice = fix === null ? '' : ` Fix: ${fix.text}`;
    return {
      ruleId: rule,
      ...(index === undefined ? {} : { ruleIndex: index }),
      level: severity,
      ...(head.baseline === undefined ? {} : { baselineState: 'new' }),
      message: { text: words(message + advice) },
      locations: [here],
      ...(site === null || inSource ? {} : { relatedLocations: [{ id: 1, ...siteLocation(site) }] }),
      ...(path === undefined || path.length < 2 ? {} : { codeFlows: [sourceFlow(path)] }),
      ...(related.length === 0 ? {} : { codeFlows: [flow(finding, head.input)] }),
      ...(fingerprint === undefined ? {} : { partialFingerprints: { 'overmapFinding/v1': fingerprint } }),
      ...(count === undefined ? {} : { occurrenceCount: count }),
      ...(this.page === undefined || fingerprint === undefined
        ? {}
        : { hostedViewerUri: `${this.page}#f-${fingerprint}` }),
      properties: {
        event,
        test: test === null ? null : plain(test),
        phase,
        vaddr,
        bits,
        length,
        process: process && plain(process),
        time,
        confidence: confidence && plain(confidence),
        cause,
        recorded,
        fix: fix && plain(fix.kind),
      },
    };
  }
}

/** The places in source that a finding rests on. */
function sourceFlow(path: NonNullable<Finding['path']>): object {
  const locations = path.map(({ file, line, what }, n) => ({
    location: { ...location(file, line), message: { text: words(what) } },
    executionOrder: n + 1,
    importance: 'essential',
  }));
  return { threadFlows: [{ locations }] };
}

/** From the events that led to it to the finding, in the order of the trace. */
function flow({ related, event, line, message, site }: Finding, input: string): object {
  const before = related.toSorted((a, b) => a.event - b.event).filter((other) => other.event !== event);
  const steps = before.map((other) => ({
    location: { ...location(input, other.line), message: { text: `${STEPS[other.role]} (event ${other.event})` } },
    executionOrder: other.event,
    importance: 'essential',
  }));
  const last = { ...location(input, line), message: { text: words(message) } };
  const at = site === null ? [] : [{ location: siteLocation(site), executionOrder: event, importance: 'important' }];
  return {
    threadFlows: [{ locations: [...steps, { location: last, executionOrder: event, importance: 'essential' }, ...at] }],
  };
}

const STEPS = {
  mapped: 'The mapping is made here',
  cleared: 'The mapping is cleared here',
  table: 'The page table goes here',
  cause: 'The difference begins here',
  refused: 'The map is refused here',
  key: 'The key is set here',
} as const;

function siteLocation({ file, line, function: name }: NonNullable<Finding['site']>): object {
  return {
    // A line of 0 says that the recorder does not know it.
    ...location(file, line),
    ...(name === null ? {} : { logicalLocations: [{ name: plain(name), kind: 'function' }] }),
    message: { text: 'The call in the source of the client' },
  };
}

const location = (path: string, line: number): { readonly physicalLocation: object } => ({
  physicalLocation: { artifactLocation: artifact(path), ...(line > 0 ? { region: { startLine: line } } : {}) },
});

const artifact = (path: string): object =>
  path === '-' ? { uri: '-', description: { text: 'Standard input' } } : { uri: fileUri(cut(path, PATH)) };

function descriptor(card: RuleCard, page: string | undefined): object {
  const { id, title, severity, detects } = card;
  return {
    id,
    name: title.replace(/[^a-z0-9]+(.?)/gi, (_, next: string) => next.toUpperCase()).replace(/^./, upper),
    shortDescription: { text: title },
    fullDescription: { text: detects },
    defaultConfiguration: { level: severity },
    ...(page === undefined ? {} : { helpUri: `${page}#rule-${id}` }),
    help: { text: cardText(card, { width: HELP_WIDTH }), markdown: cardHelp(card) },
    properties: {
      tags: [id.startsWith('OL') ? 'Linux' : 'seL4', 'virtual-memory'],
      'problem.severity': PROBLEMS[severity],
    },
  };
}

/** The words that code scanning has for severities. */
const PROBLEMS = { error: 'error', warning: 'warning', note: 'recommendation' } as const;
const upper = (text: string): string => text.toUpperCase();

const cut = (text: string, most: number): string => (text.length > most ? text.slice(0, most) : text);
const plain = (text: string): string => escapeText(text, NAME);

/** A text as the message of a result: braces would be placeholders, and brackets make links. */
const words = (text: string): string =>
  escapeText(text, MESSAGE)
    .replace(/[[\]\\]/g, '\\$&')
    .replace(/[{}]/g, '$&$&');
