import { type Columns, Flag, Op } from '@overmap/core';
import { type AuditObserver, WrongTargetError } from '@overmap/migrate';
import type { AuditHead, AuditSummary, AuditWriter, Finding } from '@overmap/report';

/** Unmaps of a migration that are kept at most; of more, every second, fourth … one. */
const MOST_EDITS = 2 ** 15;

/** Learns how long an input is, what an audit finds in it, and where a migration has put or moved unmaps. */
export class AuditScout implements AuditWriter, AuditObserver {
  readonly findings: Finding[] = [];
  summary: AuditSummary | null = null;
  /** One more than the index of the last record or call. */
  events = 0;
  /** Events of unmaps that a migration put in or moved; evenly thinned out where there are very many. */
  edits: number[] = [];
  private edited = 0;
  private every = 1;

  /** @throws {@link WrongTargetError} - where there is no address space to walk through */
  begin({ header: { system, source } }: AuditHead): void {
    const name = system === 'freebsd' ? 'FreeBSD' : system === 'redox' ? 'Redox' : null;
    if (name === null || source === 'strace') return;
    throw new WrongTargetError(
      `is a recording of ${name}, and explore shows traces of seL4 and strace logs: audit it, and make a page of the result with overmap report.`,
    );
  }

  finding(finding: Finding): void {
    this.findings.push(finding);
  }

  end(summary: AuditSummary): void {
    this.summary = summary;
  }

  begins(): void {}

  row(columns: Columns, i: number): void {
    this.events++;
    if (columns.op[i] !== Op.unmap || (columns.flags[i] & (Flag.inserted | Flag.moved)) === 0) return;
    if (this.edited++ % this.every !== 0) return;
    this.edits.push(columns.event[i]);
    if (this.edits.length < MOST_EDITS) return;
    this.edits = this.edits.filter((_, n) => n % 2 === 0);
    this.every *= 2;
  }

  called({ event }: { readonly event: number }): void {
    this.events = Math.max(this.events, event + 1);
  }
}
