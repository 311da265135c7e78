import { escapeText } from '@overmap/trace';
import type { AuditSink } from './audit-sink.ts';
import { countRows } from './count-rows.ts';
import type { AuditHead, AuditSummary, Finding } from './finding.ts';
import { type FindingGroup, FindingGroups, type RuleGroup } from './finding-groups.ts';
import type { TextSink } from './output.ts';
import type { LinuxSummary } from './linux-summary.ts';
import { PLAIN, type Style } from './style.ts';
import { verdict } from './verdict.ts';
import { counted, grouped, pageSize } from './words.ts';
import { wrap } from './wrap.ts';

/** How an audit is shown to people. */
export interface TableOptions {
  readonly style?: Style;
  /** Columns; 100 by default. */
  readonly width?: number;
  /** Show every finding, notes too. */
  readonly all?: boolean;
  /** How to get `all`, in words: "--verbose shows all". */
  readonly hint?: string;
  /** The report with these findings, as people name it: each finding says its anchor in it. */
  readonly page?: string;
  /** What a rule is called, if it is known. */
  readonly titleOf?: (rule: string) => string | undefined;
}

/** Findings of one group, groups of one rule, and groups of notes that are shown unless all are. */
const FINDINGS = 5;
const GROUPS = 20;
const NOTES = 5;

/** What the audit of an strace log answers, by what it was held against. */
const STRACE_QUESTION = 'what MAP_FIXED replaced';
const STRACE_QUESTIONS: Readonly<Record<string, string>> = {
  noreplace: 'what MAP_FIXED replaced, and MAP_FIXED_NOREPLACE would refuse',
  pcuabi: 'what PCuABI would refuse',
};
const SYSTEMS: Readonly<Record<string, string>> = { sel4: 'seL4', linux: 'Linux', redox: 'Redox', freebsd: 'FreeBSD' };

/** An audit for people. Keeps the first findings of each group and prints at the end. */
export class AuditTableWriter implements AuditSink {
  private readonly out: TextSink;
  private readonly style: Style;
  private readonly width: number;
  private readonly all: boolean;
  private readonly hint: string;
  private readonly titleOf: (rule: string) => string | undefined;
  private readonly page: string | undefined;
  private head: AuditHead | undefined;
  private groups: FindingGroups;
  private audits = 0;

  constructor(out: TextSink, options: TableOptions = {}) {
    this.out = out;
    this.style = options.style ?? PLAIN;
    this.width = Math.max(40, options.width ?? 100);
    this.all = options.all ?? false;
    this.hint = options.hint === undefined ? '' : ` (${options.hint})`;
    this.page = options.page;
    this.titleOf = options.titleOf ?? (() => undefined);
    this.groups = this.fresh();
  }

  begin(head: AuditHead): void {
    this.head = head;
    this.groups = this.fresh();
  }

  finding(finding: Finding): void {
    this.groups.add(finding);
  }

  end(summary: AuditSummary): void {
    const { head } = this;
    if (head === undefined) return;
    this.head = undefined;
    this.top(head);
    this.rules(summary);
    if (this.all && summary.linux !== undefined) this.processes(summary.linux);
    this.lines(['', this.style.strong('counts'), ...countRows(summary), '']);
    const { text, clean } = verdict(head, summary);
    if (text !== '') this.lines(wrap(text, this.width, '').map(clean ? this.style.good : this.style.strong));
  }

  fail(message: string): void {
    const { head } = this;
    if (head === undefined) return;
    this.head = undefined;
    this.top(head);
    this.rules(undefined);
    const text = `The audit ended early, so there are no counts: ${escapeText(message, 400)}`;
    this.lines(['', ...wrap(text, this.width, '').map(this.style.error)]);
  }

  close(): void {
    // Every table is complete by itself.
  }

  private fresh(): FindingGroups {
    const keep = this.all ? Number.POSITIVE_INFINITY : FINDINGS;
    return new FindingGroups({ error: keep, warning: keep, note: this.all ? keep : 0 });
  }

  private lines(lines: readonly string[]): void {
    for (const line of lines) this.out.write(`${line}\n`);
  }

  private top(head: AuditHead): void {
    const { header } = head;
    if (this.audits++ > 0) this.lines(['', '']);
    this.lines([this.style.strong(escapeText(head.input, 200))]);
    const system = ofHeader(header['system']);
    if (system === 'source') return;
    if (system === 'linux' && header['source'] === 'strace') {
      this.lines([`Linux, strace log: ${STRACE_QUESTIONS[head.to] ?? STRACE_QUESTION}`]);
      return;
    }
    const names = [SYSTEMS[system] ?? system, ofHeader(header['arch'])].filter((name) => name !== '');
    this.lines([`${names.join(', ')}: ${escapeText(head.from, 60)} → ${escapeText(head.to, 60)}`]);
    const source = ofHeader(header['source'], 400);
    if (source !== '') this.lines(wrap(source, this.width, '').map(this.style.faint));
  }

  private rules(summary: AuditSummary | undefined): void {
    const rules = this.groups.rules();
    if (rules.length === 0) this.lines(['', 'No findings.']);
    for (const rule of rules) {
      this.lines(['', this.ruleHead(rule, summary)]);
      if (rule.severity === 'note' && !this.all) this.noteGroups(rule);
      else this.fullGroups(rule);
      if (typeof rule.fix === 'string') this.fix(rule.fix, '  ');
    }
  }

  /** What was replaced in each process. */
  private processes({ processes, processesNotListed }: LinuxSummary): void {
    if (processes.length === 0) return;
    this.lines(['', this.style.strong('what was replaced, by process')]);
    for (const { pid, parent, program, line, replacing, bytesReplaced, origins } of processes) {
      const name = `process ${pid}${program === null ? '' : ` (${escapeText(program, 120)})`}`;
      const from = parent === null ? '' : `, forked by ${parent}`;
      const many = `${counted(replacing, 'call')}, ${grouped(bytesReplaced)} bytes`;
      this.lines([`  ${this.style.strong(name)}${from}, from line ${line}: ${many}`]);
      for (const { what, inherited, bytes } of origins)
        this.lines([`    ${grouped(bytes).padStart(15)}  ${what}${inherited ? ' (mapped before the fork)' : ''}`]);
    }
    if (processesNotListed > 0)
      this.lines([`  and ${counted(processesNotListed, 'other process', 'other processes')}`]);
  }

  private ruleHead(rule: RuleGroup, summary: AuditSummary | undefined): string {
    const title = this.titleOf(rule.rule);
    const dropped = summary?.truncated[rule.rule] ?? 0;
    const many = counted(rule.findings + dropped, 'finding');
    const occurrences = rule.occurrences > rule.findings ? `, ${grouped(rule.occurrences)} occurrences` : '';
    const cut = dropped > 0 ? ` (${grouped(dropped)} of them not listed)` : '';
    const named = `${this.style[rule.severity](rule.severity)} ${this.style.strong(rule.rule)}`;
    return `${named}${title === undefined ? '' : ` ${title}`}: ${many}${occurrences}${cut}`;
  }

  /** Every group with its first findings. */
  private fullGroups(rule: RuleGroup): void {
    const shown = this.all ? rule.groups : rule.groups.slice(0, GROUPS);
    for (const group of shown) {
      this.lines([`  ${this.style.strong(group.label)}`]);
      for (const finding of group.kept) this.one(finding, rule);
      const more = group.findings - group.kept.length;
      if (more > 0) this.lines([`    and ${grouped(more)} more${this.hint}`]);
    }
    this.moreGroups(rule, shown.length);
  }

  /** A line for each group, those with the most first. */
  private noteGroups(rule: RuleGroup): void {
    const shown = rule.groups.toSorted((a, b) => b.occurrences - a.occurrences).slice(0, NOTES);
    const labels = Math.max(...shown.map(({ label }) => label.length));
    const figure = ({ occurrences }: FindingGroup): string => grouped(occurrences);
    const figures = Math.max(...shown.map((group) => figure(group).length));
    this.lines(shown.map((group) => `  ${group.label.padEnd(labels)}  ${figure(group).padStart(figures)}`));
    this.moreGroups(rule, shown.length);
  }

  private moreGroups(rule: RuleGroup, shown: number): void {
    const more = rule.groups.length - shown;
    const kind = rule.groups.every(({ label }) => label.startsWith('test ')) ? 'test' : 'place';
    if (more > 0) this.lines([`  and in ${counted(more, `other ${kind}`)}${this.hint}`]);
    if (rule.elsewhere > 0) this.lines([`  and ${grouped(rule.elsewhere)} in places that are not kept apart`]);
  }

  private one(finding: Finding, rule: RuleGroup): void {
    const { path } = finding;
    const parts = [`line ${finding.line}`];
    if (path === undefined) parts.push(`event ${finding.event}`);
    if (finding.vaddr !== undefined) parts.push(escapeText(finding.vaddr, 20));
    if (finding.bits !== undefined) parts.push(pageSize(finding.bits));
    if (finding.length !== undefined) parts.push(`${grouped(finding.length)} bytes`);
    if (finding.site !== null && finding.process !== undefined) parts.push(escapeText(finding.process, 120));
    if (finding.site !== null && finding.test !== null) parts.push(`test ${escapeText(finding.test, 60)}`);
    if (finding.phase === 'cleanup') parts.push("in the test's clean-up");
    if (finding.confidence !== undefined) parts.push(`less certain: ${escapeText(finding.confidence, 40)}`);
    this.lines([`    ${this.style.faint(parts.join(', '))}`]);
    const message = escapeText(finding.message, 600);
    this.lines(wrap(message, this.width, '      '));
    for (const { role, line } of finding.related) {
      // Most messages say it already.
      if (!new RegExp(`line ${line}\\b`).test(message)) this.lines([`      ${RELATED[role]} at line ${line}`]);
    }
    for (const { file, line, what } of (path ?? []).filter((place) => place.line !== finding.line)) {
      this.lines([`      ${escapeText(file, 120)}:${line}: ${escapeText(what, 200)}`]);
    }
    if (finding.cause !== undefined) this.lines([`      a consequence of event ${finding.cause}`]);
    if (rule.fix === undefined && finding.fix !== null) this.fix(finding.fix.text, '      ');
    if (this.page !== undefined && finding.fingerprint !== undefined)
      this.lines([`      ${this.style.faint(`${escapeText(this.page, 400)}#f-${finding.fingerprint}`)}`]);
  }

  private fix(advice: string, indent: string): void {
    this.lines(wrap(escapeText(advice, 400), this.width, `${indent}     `, `${indent}fix: `));
  }
}

const RELATED = {
  mapped: 'mapped',
  cleared: 'cleared',
  table: 'page table',
  cause: 'caused',
  refused: 'refused',
  key: 'key set',
} as const;

const ofHeader = (value: unknown, most = 40): string => (typeof value === 'string' ? escapeText(value, most) : '');
