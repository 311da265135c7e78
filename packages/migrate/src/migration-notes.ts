import { CAP_WORDS, type Columns, type Kernel, OBJECT, OBJECT_HI } from '@overmap/core';
import type { Finding, UnmigratedMap, UnmigratedReason } from '@overmap/report';
import { sizeOf } from './place-holders.ts';
import { OM012 } from './rules/index.ts';
import type { TraceNames } from './sel4-findings.ts';
import type { TestMarks } from './test-marks.ts';
import { hex, sayBytes } from './words.ts';

/** Windows, and maps that could not be migrated, that are listed; all are counted. */
const LISTED = 1000;

/** What a migration has to tell of single records. */
export class MigrationNotes {
  readonly windows: Finding[] = [];
  windowCount = 0;
  readonly unmigratedMaps: UnmigratedMap[] = [];
  readonly reasons: Record<UnmigratedReason, number> = { 'no-holder': 0, refused: 0 };
  /** Refused maps that the target refuses with another error. */
  answersChanged = 0;
  /** Maps of a partial trace whose recorded answer does not follow from what is known: left as they are. */
  unknown = 0;
  private readonly kernel: Kernel;
  private readonly names: TraceNames;
  private readonly marks: TestMarks;

  constructor(kernel: Kernel, names: TraceNames, marks: TestMarks) {
    this.kernel = kernel;
    this.names = names;
    this.marks = marks;
  }

  /**
   * Before the map of row `i`, the page at its place was unmapped.
   *
   * @param slot - the capability that held it
   * @param made - the map that had written it
   */
  window(columns: Columns, i: number, slot: number, made: { readonly event: number; readonly line: number }): void {
    if (this.windowCount++ >= LISTED) return;
    const k = this.kernel;
    const bits = k.sizeBits[sizeOf(k, columns.cap[i])];
    const vaddr = hex(columns.vaddrHi[i], columns.vaddrLo[i]);
    const { test, cleanup } = this.marks;
    this.windows.push({
      rule: OM012.id,
      severity: OM012.severity,
      message: OM012.say({
        op: 'map',
        cap: this.names.slot(columns.cap[i]),
        vaddr,
        size: sayBytes(bits),
        frame: '',
        held: '',
        obstacle: '',
        mappedLine: made.line,
        from: '',
        to: '',
        fromAnswer: '',
        toAnswer: '',
        asid: 0,
        count: 1,
        detail: this.names.slot(slot),
      }),
      event: columns.event[i],
      line: columns.line[i],
      test,
      ...(cleanup ? { phase: 'cleanup' as const } : {}),
      site: this.names.site(columns.site[i]),
      vaddr,
      bits,
      related: made.line > 0 ? [{ ...made, role: 'mapped' }] : [],
      fix: OM012.fix,
    });
  }

  /** The map of row `i` stays as it is. */
  unmigrated(columns: Columns, i: number, reason: UnmigratedReason, message: string): void {
    this.reasons[reason]++;
    if (this.unmigratedMaps.length >= LISTED) return;
    const k = this.kernel;
    const c = columns.cap[i] * CAP_WORDS;
    this.unmigratedMaps.push({
      event: columns.event[i],
      line: columns.line[i],
      test: this.marks.test,
      site: this.names.site(columns.site[i]),
      cap: this.names.slot(columns.cap[i]),
      frame: hex(k.caps[c + OBJECT_HI], k.caps[c + OBJECT]),
      vaddr: hex(columns.vaddrHi[i], columns.vaddrLo[i]),
      bits: k.sizeBits[sizeOf(k, columns.cap[i])],
      reason,
      message,
    });
  }
}
