import type { AuditSink } from './audit-sink.ts';
import { countRows } from './count-rows.ts';
import type { AuditHead, AuditSummary, Finding } from './finding.ts';
import { FindingGroups, type FindingGroup, type RuleGroup } from './finding-groups.ts';
import { markdownCode, markdownText } from './markdown-escape.ts';
import type { TextSink } from './output.ts';
import { verdict } from './verdict.ts';
import { counted, grouped, pageSize } from './words.ts';

/** Places of one rule that are listed. */
const GROUPS = 20;
/** Characters of a name, and of a message. */
const NAME = 120;
const MESSAGE = 600;

/** An audit in Markdown, to be pasted into a merge request: the result, a table of the places, the counts. */
export class MarkdownAuditWriter implements AuditSink {
  private readonly out: TextSink;
  private readonly titleOf: (rule: string) => string | undefined;
  private head: AuditHead | undefined;
  private groups: FindingGroups = fresh();
  private audits = 0;

  /** @param titleOf - what a rule is called, if it is known */
  constructor(out: TextSink, titleOf: (rule: string) => string | undefined = () => undefined) {
    this.out = out;
    this.titleOf = titleOf;
  }

  begin(head: AuditHead): void {
    this.head = head;
    this.groups = fresh();
  }

  finding(finding: Finding): void {
    this.groups.add(finding);
  }

  end(summary: AuditSummary): void {
    const { head } = this;
    if (head === undefined) return;
    this.head = undefined;
    const { error, warning, note } = summary.severities;
    const known = Object.values(summary.known ?? {}).reduce((sum, n) => sum + n, 0);
    const counts = [counted(error, 'error'), counted(warning, 'warning'), counted(note, 'note')];
    if (known > 0) counts.push(`${grouped(known)} known before`);
    this.section(head, `**${counts.join(', ')}.** ${markdownText(verdict(head, summary).text, MESSAGE)}`);
    this.lines(['<details><summary>Counts</summary>', '', '```text', ...countRows(summary).map(fenced), '```', '']);
    this.lines(['</details>', '']);
  }

  fail(message: string): void {
    const { head } = this;
    if (head === undefined) return;
    this.head = undefined;
    this.section(head, `**The audit ended early, so there are no counts:** ${markdownText(message, MESSAGE)}`);
  }

  close(): void {
    // Every section is complete by itself.
  }

  /** Heading, result, table, and what to do. */
  private section(head: AuditHead, result: string): void {
    const { input, from, to, header } = head;
    const arch = typeof header['arch'] === 'string' ? `${markdownCode(header['arch'], 40)}, ` : '';
    if (this.audits++ > 0) this.lines(['']);
    this.lines([`### overmap: ${markdownCode(input, 200)}`, '']);
    const policies =
      header['system'] === 'source' ? [] : [`${arch}${markdownCode(from, NAME)} → ${markdownCode(to, NAME)}`, ''];
    this.lines([...policies, result, '']);
    const rules = this.groups.rules();
    if (rules.length === 0) return;
    this.lines(['| severity | rule | where | findings | first |', '|---|---|---|---:|---|']);
    for (const rule of rules) this.rows(rule);
    this.lines(['']);
    for (const { rule, fix } of rules)
      if (typeof fix === 'string') this.lines([`- ${markdownText(rule, 20)}: ${markdownText(fix, MESSAGE)}`]);
    this.lines(['']);
  }

  private rows(rule: RuleGroup): void {
    const title = this.titleOf(rule.rule);
    const name = markdownText(title === undefined ? rule.rule : `${rule.rule} ${title}`, NAME);
    for (const group of rule.groups.slice(0, GROUPS)) {
      const cells = [rule.severity, name, markdownCode(group.label, 300), grouped(group.occurrences), first(group)];
      this.lines([`| ${cells.join(' | ')} |`]);
    }
    const more = rule.groups.slice(GROUPS).reduce((sum, group) => sum + group.occurrences, rule.elsewhere);
    if (more > 0) this.lines([`| ${rule.severity} | ${name} | other places | ${grouped(more)} | |`]);
  }

  private lines(lines: readonly string[]): void {
    for (const line of lines) this.out.write(`${line}\n`);
  }
}

const fresh = (): FindingGroups => new FindingGroups({ error: 1, warning: 1, note: 1 });

function first({ kept: [finding] }: FindingGroup): string {
  if (finding === undefined) return '';
  const parts = [`line ${finding.line}`];
  if (finding.vaddr !== undefined) parts.push(markdownText(finding.vaddr, 20));
  if (finding.bits !== undefined) parts.push(pageSize(finding.bits));
  return parts.join(', ');
}

/** A line of a fenced block, which only a fence could end; rules that are counted may have any name. */
const fenced = (line: string): string => line.replaceAll('`', "'").replace(/\p{C}/gu, ' ');
