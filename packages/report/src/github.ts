import { escapeText } from '@overmap/trace';
import type { AuditSink } from './audit-sink.ts';
import type { AuditHead, AuditSummary, Finding } from './finding.ts';
import type { TextSink } from './output.ts';
import { verdict } from './verdict.ts';
import { counted } from './words.ts';

const COMMANDS = { error: 'error', warning: 'warning', note: 'notice' } as const;
/** Characters of a text from outside, and of a message. */
const NAME = 400;
const MESSAGE = 2000;

/**
 * Audits as workflow commands of GitHub Actions: an annotation for each finding, at its place in the client's source
 * where the trace knows it, otherwise at its line of the trace. GitHub shows ten errors, ten warnings and ten notices
 * of a step, and 50 annotations of a job; all of them stand in the step's log.
 */
export class GithubAuditWriter implements AuditSink {
  private readonly out: TextSink;
  private readonly titleOf: (rule: string) => string | undefined;
  private head: AuditHead | undefined;

  /** @param titleOf - what a rule is called, if it is known */
  constructor(out: TextSink, titleOf: (rule: string) => string | undefined = () => undefined) {
    this.out = out;
    this.titleOf = titleOf;
  }

  begin(head: AuditHead): void {
    this.head = head;
  }

  finding({ rule, severity, message, site, line, test, vaddr, fix, path }: Finding): void {
    const input = this.head?.input ?? '';
    const place =
      site === null || site.line === 0
        ? { file: input === '-' ? 'standard input' : input, line }
        : { file: site.file, line: site.line };
    const details = [
      message,
      ...(site === null || path !== undefined ? [] : [`Line ${line} of ${escapeText(input, NAME)}.`]),
      ...(test === null ? [] : [`Test ${escapeText(test, NAME)}.`]),
      ...(fix === null ? [] : [`Fix: ${fix.text}`]),
    ];
    const title = [rule, this.titleOf(rule) ?? '', vaddr === undefined ? '' : `at ${vaddr}`].filter(Boolean).join(' ');
    const properties = [`file=${property(place.file)}`, `line=${place.line}`, `title=${property(title)}`];
    this.out.write(`::${COMMANDS[severity]} ${properties.join(',')}::${data(details.join(' '))}\n`);
  }

  end(summary: AuditSummary): void {
    const { head } = this;
    if (head === undefined) return;
    this.head = undefined;
    const { error, warning, note } = summary.severities;
    const counts = `${counted(error, 'error')}, ${counted(warning, 'warning')}, ${counted(note, 'note')}`;
    const { text } = verdict(head, summary);
    this.out.write(`overmap: ${data(head.input)}: ${counts}. ${data(text)}\n`);
  }

  fail(message: string): void {
    if (this.head === undefined) return;
    this.head = undefined;
    this.out.write(`::error title=overmap::${data(message)}\n`);
  }

  close(): void {
    // Every command is complete by itself.
  }
}

/** A message: on one line, and without the older form of commands, which counts anywhere in a line. */
const data = (text: string): string => escapeText(text, MESSAGE).replaceAll('%', '%25');

/** The value of a property, which a comma or colon would end. */
const property = (text: string): string => data(escapeText(text, NAME)).replaceAll(':', '%3A').replaceAll(',', '%2C');
