import { escapeText } from '@overmap/trace';
import type { AuditSink } from './audit-sink.ts';
import type { AuditHead, AuditSummary, Finding } from './finding.ts';
import { jsonText } from './json-text.ts';
import type { Mapping, MappingEnd, MappingWriter } from './mapping-writer.ts';
import type { TextSink } from './output.ts';
import type { RangeEnd, RangeLife, RangeWriter } from './range-writer.ts';
import { pageSize } from './words.ts';

const NAME = 200;
/** Findings are about a trace as a whole: their track is the first. */
const FINDINGS = 0;

/**
 * Audits as Chrome trace events, which Perfetto opens: a process for each input, a thread for each vspace; the life of
 * each mapping is an asynchronous slice (they overlap as they like), those of one address of one vspace in one row; a
 * replacement is an instant on the thread of its vspace, and a finding one of the whole process. There is no time in a
 * trace: one microsecond of the axis is one event. An strace log has a thread for each process; its axis is the clock of
 * the log, or one microsecond for each line where it has none.
 *
 * Source: Chromium, Trace Event Format.
 */
export class TraceEventsAuditWriter implements AuditSink, MappingWriter, RangeWriter {
  readonly mappings: MappingWriter = this;
  readonly ranges: RangeWriter = this;
  private readonly out: TextSink;
  private tool: AuditHead['tool'] | undefined;
  private first = true;
  private process = 0;
  private hasRanges = false;
  private slices = 0;
  private vspaces: Set<number> = new Set();

  constructor(out: TextSink) {
    this.out = out;
  }

  begin(head: AuditHead): void {
    if (this.tool === undefined) this.out.write('{"displayTimeUnit":"ns","traceEvents":[\n');
    this.tool = head.tool;
    this.process++;
    this.vspaces = new Set();
    const name = `${escapeText(head.input, NAME)}: ${escapeText(head.from, NAME)} to ${escapeText(head.to, NAME)}`;
    this.event({ ph: 'M', name: 'process_name', tid: FINDINGS, args: { name } });
    this.event({ ph: 'M', name: 'thread_name', tid: FINDINGS, args: { name: 'findings' } });
  }

  mapping(mapping: Mapping, event: number, line: number, how: MappingEnd | null): void {
    const { vspace: tid, vspaceName, vaddr, bits, frame, cap, site } = mapping;
    if (!this.vspaces.has(tid)) {
      this.vspaces.add(tid);
      this.event({ ph: 'M', name: 'thread_name', tid, args: { name: escapeText(vspaceName, NAME) } });
    }
    // Rows are made by name.
    const slice = {
      cat: 'mapping',
      id: ++this.slices,
      name: `${escapeText(vspaceName, NAME)} ${escapeText(vaddr, NAME)}`,
      tid,
    };
    const at = site === null ? {} : { site: `${escapeText(site.file, NAME)}:${site.line}` };
    const begun = {
      frame: escapeText(frame, NAME),
      size: pageSize(bits),
      cap: escapeText(cap, NAME),
      event: mapping.event,
      line: mapping.line,
    };
    this.event({ ph: 'b', ...slice, ts: mapping.event, args: { ...begun, ...at } });
    this.event({ ph: 'e', ...slice, ts: event, args: { ended: how ?? 'not ended', event, line } });
    if (how === 'replaced')
      this.event({ ph: 'i', s: 't', cat: 'mapping', name: `replaced ${escapeText(vaddr, NAME)}`, tid, ts: event });
  }

  range(life: RangeLife, how: RangeEnd | null): void {
    const { space: tid, spaceName, vaddr, length, what, access, thread, event, line, endEvent, endLine } = life;
    this.hasRanges = true;
    if (!this.vspaces.has(tid)) {
      this.vspaces.add(tid);
      this.event({ ph: 'M', name: 'thread_name', tid, args: { name: escapeText(spaceName, NAME) } });
    }
    const name = `${escapeText(what, NAME)} ${access}`;
    const slice = { cat: 'mapping', id: ++this.slices, name, tid };
    const begun = { vaddr: escapeText(vaddr, NAME), length, thread, event, line };
    this.event({ ph: 'b', ...slice, ts: life.from, args: begun });
    const ended = { ended: how ?? 'not ended', event: endEvent, line: endLine };
    this.event({ ph: 'e', ...slice, ts: Math.max(life.to, life.from), args: ended });
    if (how === 'replaced')
      this.event({ ph: 'i', s: 't', cat: 'mapping', name: `replaced ${escapeText(vaddr, NAME)}`, tid, ts: life.to });
  }

  finding({ rule, severity, message, event, line, test, vaddr, process, time, fix }: Finding): void {
    // The axis of an strace log is its clock, or its lines.
    const ts = process === undefined ? event : time === undefined ? line : Math.round(time * 1e6);
    const said = {
      severity,
      message: escapeText(message, 1000),
      line,
      ...(vaddr === undefined ? {} : { vaddr: escapeText(vaddr, NAME) }),
    };
    const args = {
      ...said,
      ...(test === null ? {} : { test: escapeText(test, NAME) }),
      ...(process === undefined ? {} : { process: escapeText(process, NAME) }),
      ...(fix === null ? {} : { fix: escapeText(fix.text, 1000) }),
    };
    this.event({ ph: 'i', s: 'p', cat: `finding,${severity}`, name: rule, tid: FINDINGS, ts, args });
  }

  end(summary: AuditSummary): void {
    if (summary.interrupted === true) this.remark('interrupted: the audit covers the beginning of the trace');
  }

  fail(message: string): void {
    if (this.process > 0) this.remark(escapeText(message, 400));
  }

  close(): void {
    if (this.tool === undefined) return;
    const otherData = {
      tool: `${this.tool.name} ${this.tool.version}`,
      'time axis': this.hasRanges
        ? 'the clock of the log; where it has no time stamps, one microsecond is one line'
        : 'not time: one microsecond is one event of the trace (its index, from 0)',
    };
    this.out.write(`\n],"otherData":${jsonText(otherData)}}\n`);
  }

  /** Something about the audit as a whole: a label of its process. */
  private remark(labels: string): void {
    this.event({ ph: 'M', name: 'process_labels', tid: FINDINGS, args: { labels } });
  }

  private event(event: object): void {
    this.out.write(`${this.first ? '' : ',\n'}${jsonText({ pid: this.process, ...event })}`);
    this.first = false;
  }
}
