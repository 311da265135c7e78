import { escapeText } from '@overmap/trace';
import type { Finding, FindingSite } from './finding.ts';
import { jsonText } from './json-text.ts';
import { PLAIN, type Style } from './style.ts';
import { counted, grouped } from './words.ts';
import { wrap } from './wrap.ts';

/** Why a map could not be migrated: nothing records the page in the way, or the target refuses it anyway. */
export type UnmigratedReason = 'no-holder' | 'refused';

/** A map that was left as it is. */
export interface UnmigratedMap {
  readonly event: number;
  readonly line: number;
  readonly test: string | null;
  readonly site: FindingSite | null;
  /** The invoked capability, as the trace names it, and its frame's physical address. */
  readonly cap: string;
  readonly frame: string;
  readonly vaddr: string;
  /** log2 of the page's size in bytes. */
  readonly bits: number;
  readonly reason: UnmigratedReason;
  readonly message: string;
}

/** What became of a trace that was rewritten for another policy. */
export interface MigrationReport {
  readonly kind: 'migration';
  readonly input: string;
  readonly output: string;
  readonly from: string;
  readonly to: string;
  /** Records that are neither states nor marks. */
  readonly events: { readonly in: number; readonly out: number };
  readonly edits: {
    /** Unmaps that no one called. */
    readonly inserted: number;
    /** Unmaps that were called later. */
    readonly moved: number;
    /** Refused maps that the target would accept. */
    readonly deleted: number;
    /** Events inserted and deleted, each move being both. */
    readonly cost: number;
  };
  /** Refused calls that the target refuses with another error. */
  readonly answersChanged: number;
  readonly windows: readonly Finding[];
  /** All windows, those that are not listed included. */
  readonly windowCount: number;
  readonly unmigrated: readonly UnmigratedMap[];
  readonly unmigratedCount: number;
  readonly reasons: Readonly<Record<UnmigratedReason, number>>;
  /** Maps of a partial trace about which nothing can be told: they stay as they are. */
  readonly unknown: number;
  readonly assumed: number;
  /** The cost of strictness, in invocations of the client. */
  readonly strictness: {
    /** Maps, unmaps and table maps in the original. */
    readonly mappingInvocations: number;
    /** Unmaps that the client must call and did not. */
    readonly extra: number;
    /** Unmaps that the client called too late. */
    readonly deferred: number;
    /** Of the extra ones: capabilities that were stale to the end, since nobody unmapped or deleted them. */
    readonly leaked: number;
    /** Of the extra ones: capabilities that were mapped again, deleted, or unmapped by another thread while stale. */
    readonly mappedAgain: number;
    readonly deleted: number;
    readonly unmappedElsewhere: number;
    /** Shares of the mapping invocations, 0 to 1. */
    readonly share: { readonly extra: number; readonly deferred: number; readonly leaked: number };
  };
  /** Records of the original after which the mappings were compared, and why they are not the same; null = they are. */
  readonly proof: {
    readonly compared: number;
    readonly failure: { readonly event: number; readonly line: number; readonly message: string } | null;
  };
}

/** The report as one line of JSON. */
export const migrationJson = (report: MigrationReport): string => `${jsonText(report)}\n`;

/** Windows, and unmigrated maps, that are shown unless all are asked for. */
const SHOWN = 5;

/** The report for people. */
export function migrationTable(
  report: MigrationReport,
  {
    style = PLAIN,
    width = 100,
    verbose = false,
  }: { readonly style?: Style; readonly width?: number; readonly verbose?: boolean } = {},
): string {
  const { events, edits, answersChanged, strictness, proof, from, to } = report;
  const lines = [
    `${from} to ${to}: ${grouped(events.in)} events in, ${grouped(events.out)} out`,
    `edits: ${counted(edits.inserted, 'unmap')} inserted, ${grouped(edits.moved)} moved, ${counted(edits.deleted, 'refused map')} deleted (cost ${grouped(edits.cost)})`,
  ];
  if (answersChanged > 0) lines.push(`${counted(answersChanged, 'refused map')} answered with another error`);
  if (report.unknown > 0) lines.push(`${counted(report.unknown, 'map')} left alone: the trace does not tell`);
  lines.push('', 'the cost of strictness');
  const share = (n: number): string => `${(n * 100).toFixed(3)} %`;
  const rows: [string, number, number, string][] = [
    ['extra', strictness.extra, strictness.share.extra, 'unmaps that the client must call and did not'],
    ['  leaked', strictness.leaked, strictness.share.leaked, 'of capabilities that stayed stale to the end'],
    ['deferred', strictness.deferred, strictness.share.deferred, 'unmaps that the client called too late'],
  ];
  for (const [name, n, part, what] of rows)
    lines.push(`  ${name.padEnd(10)}  ${grouped(n).padStart(9)}  ${share(part).padStart(9)}  ${what}`);
  lines.push(`  of ${grouped(strictness.mappingInvocations)} maps, unmaps and table maps`);
  const most = verbose ? Number.POSITIVE_INFINITY : SHOWN;
  const place = (line: number, site: FindingSite | null): string =>
    site === null ? `line ${line}` : `line ${line}, ${escapeText(site.file, 200)}:${site.line}`;
  const listed = <T extends { line: number; site: FindingSite | null; message: string }>(
    all: readonly T[],
    count: number,
  ): void => {
    for (const { line, site, message } of all.slice(0, most))
      lines.push(...wrap(`${place(line, site)}: ${message}`, width, '    ', '  '));
    const more = count - Math.min(all.length, most);
    if (more > 0) lines.push(`  and ${grouped(more)} more`);
  };
  if (report.windowCount > 0) {
    lines.push('', `note OM012 window: ${grouped(report.windowCount)}`);
    listed(report.windows, report.windowCount);
  }
  if (report.unmigratedCount > 0) {
    lines.push('', style.error(`not migrated: ${counted(report.unmigratedCount, 'map')}`));
    listed(report.unmigrated, report.unmigratedCount);
  }
  lines.push('');
  if (proof.failure === null)
    lines.push(
      `Proven: the same mappings after each of ${counted(proof.compared, 'record')}${report.windowCount === 0 ? '' : ', but for the windows'}${report.unmigratedCount === 0 ? '' : ', if what is not migrated goes as recorded'}.`,
    );
  else
    lines.push(
      ...wrap(
        style.error(
          `Not proven${proof.failure.line > 0 ? `, at line ${proof.failure.line}` : ''}: ${proof.failure.message}. Nothing was written.`,
        ),
        width,
        '',
        '',
      ),
    );
  return `${lines.join('\n')}\n`;
}
