import {
  type AuditHead,
  type AuditSummary,
  type ContextRecord,
  type Finding,
  type FindingPlace,
  type FindingSite,
  type NearMapping,
  type RelatedEvent,
  SEVERITIES,
  type TargetSummary,
} from '@overmap/report';
import { auditSummary } from './audit-summary.ts';
import {
  isObject,
  type JsonObject,
  listAt,
  nullable,
  numberAt,
  numbersAt,
  objectAt,
  oneOfAt,
  optional,
  RunFileError,
  textAt,
} from './json-shape.ts';

/** An audit as `--format json` has written it. */
export interface AuditResult {
  readonly kind: 'audit';
  readonly head: AuditHead;
  readonly findings: readonly ReportedFinding[];
  /** null = the audit ended early, and `error` says why. */
  readonly summary: AuditSummary | null;
  readonly error: string | null;
  /** Of a comparison: what each policy would do to the client. */
  readonly targets: Readonly<Record<string, TargetSummary>> | null;
}

/** Every finding of a report has a fingerprint: its anchor is made of it. */
export type ReportedFinding = Finding & { readonly fingerprint: string };

/** @throws {@link RunFileError} - when it is none */
export function auditResult(value: JsonObject): AuditResult {
  const findings = listAt(value['findings'], 'findings').map((one, n) => finding(one, `findings[${n}]`));
  const { targets } = value;
  return {
    kind: 'audit',
    head: auditHead(value),
    findings,
    summary: value['summary'] === null ? null : auditSummary(value['summary']),
    error: optional(value['error'], (text) => textAt(text, 'error')) ?? null,
    targets: optional(targets, policies) ?? null,
  };
}

/** @throws {@link RunFileError} - when it is none */
export function auditHead(value: JsonObject): AuditHead {
  const tool = objectAt(value['tool'], 'tool');
  return {
    kind: 'audit',
    tool: { name: textAt(tool['name'], 'tool.name'), version: textAt(tool['version'], 'tool.version') },
    input: textAt(value['input'], 'input'),
    header: objectAt(value['header'], 'header'),
    from: textAt(value['from'], 'from'),
    to: textAt(value['to'], 'to'),
    ...(value['baseline'] === undefined ? {} : { baseline: textAt(value['baseline'], 'baseline') }),
  };
}

const TARGET = [
  'refused',
  'refusedOnlyHere',
  'newlyAccepted',
  'otherError',
  'displacing',
  'windows',
  'staleAtTestEnd',
  'staleAtNextStart',
  'staleAtEnd',
];

function policies(value: unknown): Readonly<Record<string, TargetSummary>> {
  const targets = objectAt(value, 'targets');
  for (const counts of Object.values(targets)) numbersAt(objectAt(counts, 'a policy of targets'), TARGET, 'targets');
  return targets as unknown as Readonly<Record<string, TargetSummary>>;
}

const ROLES = Object.keys({
  mapped: true,
  cleared: true,
  table: true,
  cause: true,
  refused: true,
  key: true,
} satisfies Record<RelatedEvent['role'], true>) as RelatedEvent['role'][];

/**
 * A finding, with the keys that a report shows.
 *
 * @throws {@link RunFileError} - when it is none
 */
export function finding(value: unknown, what: string): ReportedFinding {
  const one = objectAt(value, what);
  const { fingerprint } = one;
  if (typeof fingerprint !== 'string' || !/^[0-9a-f]{32}$/.test(fingerprint))
    throw new RunFileError(`${what} has no fingerprint: make the file anew with this version`);
  const text = (key: string) => (given: unknown) => textAt(given, `${what}.${key}`);
  const number = (key: string) => (given: unknown) => numberAt(given, `${what}.${key}`);
  const { phase, vaddr, bits, length, process, time, path, confidence, cause, count, context, neighbourhood } = one;
  const { operation, protectionKey } = one;
  return {
    fingerprint,
    rule: text('rule')(one['rule']),
    severity: oneOfAt(one['severity'], SEVERITIES, `${what}.severity`),
    message: text('message')(one['message']),
    event: number('event')(one['event']),
    line: number('line')(one['line']),
    test: nullable(one['test'], text('test')),
    site: nullable(one['site'], (given) => site(given, `${what}.site`)),
    related: listAt(one['related'], `${what}.related`).map((given) => related(given, `${what}.related`)),
    fix: nullable(one['fix'], (given) => fix(given, `${what}.fix`)),
    ...(phase === 'cleanup' ? { phase } : {}),
    ...present(
      'vaddr',
      optional(vaddr, (given) => hexAt(given, `${what}.vaddr`)),
    ),
    ...present(
      'bits',
      optional(bits, (given) => bitsAt(given, `${what}.bits`)),
    ),
    ...present('length', optional(length, number('length'))),
    ...present('operation', optional(operation, text('operation'))),
    ...present('protectionKey', optional(protectionKey, number('protectionKey'))),
    ...present('process', optional(process, text('process'))),
    ...present('time', optional(time, number('time'))),
    ...present(
      'path',
      optional(path, (given) => listAt(given, `${what}.path`).map((at) => place(at, `${what}.path`))),
    ),
    ...present('confidence', optional(confidence, text('confidence'))),
    ...present('cause', optional(cause, number('cause'))),
    ...present('count', optional(count, number('count'))),
    ...present(
      'context',
      optional(context, (given) => listAt(given, `${what}.context`).map((at) => record(at, what))),
    ),
    ...present(
      'neighbourhood',
      optional(neighbourhood, (given) => near(given, `${what}.neighbourhood`)),
    ),
  };
}

/** A key, unless its value is absent. */
const present = <K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } =>
  (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };

function site(value: unknown, what: string): FindingSite {
  const one = objectAt(value, what);
  return {
    file: textAt(one['file'], `${what}.file`),
    line: numberAt(one['line'], `${what}.line`),
    function: nullable(one['function'], (name) => textAt(name, `${what}.function`)),
  };
}

function related(value: unknown, what: string): RelatedEvent {
  const one = objectAt(value, what);
  return {
    event: numberAt(one['event'], `${what}.event`),
    line: numberAt(one['line'], `${what}.line`),
    role: oneOfAt(one['role'], ROLES, `${what}.role`),
  };
}

function fix(value: unknown, what: string): { readonly kind: string; readonly text: string } {
  const one = objectAt(value, what);
  return { kind: textAt(one['kind'], `${what}.kind`), text: textAt(one['text'], `${what}.text`) };
}

function place(value: unknown, what: string): FindingPlace {
  const one = objectAt(value, what);
  return {
    file: textAt(one['file'], `${what}.file`),
    line: numberAt(one['line'], `${what}.line`),
    what: textAt(one['what'], `${what}.what`),
  };
}

function record(value: unknown, what: string): ContextRecord {
  const one = objectAt(value, `${what}.context`);
  numbersAt(one, ['event', 'line'], `${what}.context`);
  return one as unknown as ContextRecord;
}

function near(value: unknown, what: string): NonNullable<Finding['neighbourhood']> {
  const one = objectAt(value, what);
  const mappings = (side: string): NearMapping[] =>
    listAt(one[side], `${what}.${side}`).map((given) => {
      const page = objectAt(given, `${what}.${side}`);
      return {
        vaddr: hexAt(page['vaddr'], `${what}.${side}.vaddr`),
        bits: bitsAt(page['bits'], `${what}.${side}.bits`),
        frame: nullable(page['frame'], (text) => textAt(text, `${what}.${side}.frame`)),
        event: nullable(page['event'], (n) => numberAt(n, `${what}.${side}.event`)),
      };
    });
  return { before: mappings('before'), after: mappings('after') };
}

function hexAt(value: unknown, what: string): string {
  if (typeof value === 'string' && /^0x[0-9a-f]{1,16}$/i.test(value)) return value;
  throw new RunFileError(`${what} is no address in hex`);
}

function bitsAt(value: unknown, what: string): number {
  const bits = numberAt(value, what);
  if (Number.isInteger(bits) && bits >= 0 && bits <= 63) return bits;
  throw new RunFileError(`${what} is no size of a page`);
}

/** Whether a value could be a part of an audit as lines. */
export const isAuditLine = (value: unknown): value is JsonObject =>
  isObject(value) && ['audit', 'finding', 'site', 'summary', 'error'].includes(String(value['kind']));
