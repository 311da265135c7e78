import { escapeText } from '@overmap/trace';
import type { ReplayReport } from './finding.ts';
import { jsonText } from './json-text.ts';
import { PLAIN, type Style } from './style.ts';
import { counted, grouped } from './words.ts';
import { wrap } from './wrap.ts';

/** How a replay is shown to people. */
export interface ReplayTableOptions {
  readonly style?: Style;
  /** Columns; 100 by default. */
  readonly width?: number;
  /** All divergences, where the report holds only the first. */
  readonly divergenceCount?: number;
  /** How to see more of them: "--verbose shows more". */
  readonly hint?: string;
}

/**
 * A replay as one line of JSON.
 *
 * @param divergenceCount - all divergences; those that the report does not hold are counted in `truncated`
 */
export function replayJson(report: ReplayReport, divergenceCount: number = report.divergences.length): string {
  const { events, states, skipped, divergences } = report;
  const truncated = divergenceCount - divergences.length;
  return `${jsonText({ events, states, skipped, divergences, ...(truncated > 0 ? { truncated } : {}) })}\n`;
}

/** A replay for people. The last line is "N events, N states, N divergences", in plain digits: scripts read it. */
export function replayTable(report: ReplayReport, options: ReplayTableOptions = {}): string {
  const { style = PLAIN, width = 100, divergenceCount = report.divergences.length, hint } = options;
  const lines: string[] = [];
  for (const { input, line, event, field, expected, actual } of report.divergences) {
    const place = `${escapeText(input, 200)}:${line}`;
    lines.push(`${style.strong(place)} ${style.faint(`event ${event}`)} ${style.error(escapeText(field, 40))}`);
    lines.push(...wrap(`expected ${value(expected)}`, width, '    ', '  '));
    lines.push(...wrap(`got ${value(actual)}`, width, '    ', '       '));
  }
  const more = divergenceCount - report.divergences.length;
  if (more > 0) lines.push(`and ${counted(more, 'more divergence')}${hint === undefined ? '' : ` (${hint})`}`);
  const skipped = Object.entries(report.skipped).filter(([, n]) => n > 0);
  if (lines.length > 0) lines.push('');
  if (skipped.length > 0) {
    const kinds = skipped.map(([kind, n]) => `${escapeText(kind, 60)} ${grouped(n)}`).join(', ');
    lines.push(...wrap(`not compared: ${kinds}`, width, '  ', ''));
  }
  lines.push(`${report.events} events, ${report.states} states, ${divergenceCount} divergences`);
  return `${lines.join('\n')}\n`;
}

/** A value of a record, short: a state's entries may be thousands. */
function value(of: unknown): string {
  if (of === undefined) return 'nothing';
  return escapeText(typeof of === 'string' ? of : (JSON.stringify(of) ?? String(of)), 200);
}
