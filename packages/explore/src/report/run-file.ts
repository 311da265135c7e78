import { escapeText } from '@overmap/trace';
import {
  type AuditResult,
  auditHead,
  auditResult,
  finding,
  isAuditLine,
  type ReportedFinding,
} from './audit-result.ts';
import { auditSummary } from './audit-summary.ts';
import { type BenchResult, benchResult } from './bench-result.ts';
import { isObject, type JsonObject, listAt, RunFileError, textAt } from './json-shape.ts';
import { type Hunk, looksLikePatch, patchHunks } from './patch-hunks.ts';

/** Changes of source: a patch, and what is said of each change where it was written as JSON. */
export interface SourceFixes {
  readonly kind: 'fixes';
  readonly hunks: readonly Hunk[];
  readonly says: readonly Said[];
}

/** What a migration of source says of a call: what its change does, or why there is none. */
interface Said {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  readonly says: string;
  /** There is a change. */
  readonly changed: boolean;
}

/** What one result of a file is. */
export type RunResult = AuditResult | BenchResult | SourceFixes;

/** A result, and the file that it came from. */
export interface NamedResult {
  readonly name: string;
  readonly result: RunResult;
}

/** Results that a file can hold, as a sentence names them. */
const KNOWN =
  'what "overmap audit --format json" (or jsonl), "overmap bench --format json" and "overmap migrate source" write';

/**
 * Reads the results that a file holds.
 *
 * @param text - objects in JSON, one on each line or one in all, or a patch
 * @throws {@link RunFileError} - with what is wrong
 */
export function readRunFile(text: string): RunResult[] {
  if (looksLikePatch(text)) return [{ kind: 'fixes', hunks: patchHunks(text), says: [] }];
  const results: RunResult[] = [];
  const lines = new AuditLines(results);
  for (const value of objectsOf(text)) {
    if (lines.take(value)) continue;
    results.push(resultOf(value));
  }
  lines.end();
  if (results.length === 0) throw new RunFileError('it is empty');
  return results;
}

function resultOf(value: unknown): RunResult {
  if (isObject(value)) {
    if (value['kind'] === 'audit') return auditResult(value);
    if (value['kind'] === 'bench') return benchResult(value);
    if (value['kind'] === 'source-migration') return sourceFixes(value);
    const { kind, overmap } = value;
    const what = typeof kind === 'string' ? kind : typeof overmap === 'string' ? overmap : undefined;
    if (what !== undefined) throw new RunFileError(`it holds "${escapeText(what, 40)}"; a report is made of ${KNOWN}`);
    if (value['trace'] === 'overmap')
      throw new RunFileError('it is a trace: audit it first, with overmap audit TRACE --context --format json');
  }
  throw new RunFileError(`it holds something else than ${KNOWN}`);
}

function sourceFixes(value: JsonObject): SourceFixes {
  const patch = textAt(value['patch'], 'patch');
  const said = (key: 'changes' | 'explanations'): Said[] =>
    listAt(value[key], key).map((given) => {
      if (!isObject(given) || typeof given['line'] !== 'number') throw new RunFileError(`${key} is malformed`);
      return {
        file: textAt(given['file'], `${key}.file`),
        line: given['line'],
        rule: textAt(given['rule'], `${key}.rule`),
        says: textAt(given['says'], `${key}.says`),
        changed: key === 'changes',
      };
    });
  return {
    kind: 'fixes',
    hunks: patch === '' ? [] : patchHunks(patch),
    says: [...said('changes'), ...said('explanations')],
  };
}

/** Audits as `--format jsonl` writes them: a head, findings, a summary or an error. */
class AuditLines {
  private readonly results: RunResult[];
  private head: JsonObject | undefined;
  private findings: ReportedFinding[] = [];

  constructor(results: RunResult[]) {
    this.results = results;
  }

  /** @returns whether it was a part of such an audit */
  take(value: unknown): boolean {
    if (!isAuditLine(value)) return false;
    const { kind } = value;
    if (kind === 'audit') {
      if ('findings' in value) return false;
      this.end();
      this.head = value;
      return true;
    }
    if (this.head === undefined) throw new RunFileError(`a "${String(kind)}" comes before its audit`);
    if (kind === 'finding') this.findings.push(finding(value, `finding ${this.findings.length + 1}`));
    else if (kind === 'summary') this.push(value, undefined);
    else if (kind === 'error') this.push(undefined, textAt(value['message'], 'message'));
    return true;
  }

  /** The last one may have no end, if the run was killed. */
  end(): void {
    if (this.head !== undefined) this.push(undefined, 'the file ends before its audit does');
  }

  private push(summary: JsonObject | undefined, error: string | undefined): void {
    const { head, findings } = this;
    if (head === undefined) return;
    this.head = undefined;
    this.findings = [];
    this.results.push({
      kind: 'audit',
      head: auditHead(head),
      findings,
      summary: summary === undefined ? null : auditSummary(summary),
      error: error ?? null,
      targets: null,
    });
  }
}

/** An object on each line; or the whole is one object, or a list of them, that something has laid out anew. */
function* objectsOf(text: string): Iterable<unknown> {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length > 1 && parse(lines[0] ?? '') === undefined) {
    const whole = parse(text);
    if (whole === undefined) throw new RunFileError('it is no JSON');
    yield* Array.isArray(whole.value) ? (whole.value as unknown[]) : [whole.value];
    return;
  }
  for (const [n, line] of lines.entries()) {
    const parsed = parse(line);
    if (parsed === undefined) throw new RunFileError(`its line ${n + 1} is no JSON`);
    yield* Array.isArray(parsed.value) ? (parsed.value as unknown[]) : [parsed.value];
  }
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}
