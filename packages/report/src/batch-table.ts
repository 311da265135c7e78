import { jsonText } from './json-text.ts';
import { PLAIN, type Style } from './style.ts';
import { grouped } from './words.ts';
import { wrap } from './wrap.ts';

/** What operations cost, by name: before and after they were batched. */
export interface BatchedCost {
  readonly what: string;
  readonly single: number;
  readonly batched: number;
}

/** What became of a trace whose operations were folded into batches. */
export interface BatchReport {
  readonly input: string;
  readonly output: string;
  /** Events in, without states and marks; and maps and unmaps among them. */
  readonly events: number;
  readonly operations: number;
  /** Operations that are in a batch, batches, and invocations in their place. */
  readonly batched: number;
  readonly batches: number;
  /** How many batches there are of each size. */
  readonly sizes: readonly (readonly [size: number, count: number])[];
  /** Why runs were not longer. */
  readonly cuts: Readonly<Record<string, number>>;
  readonly costs: readonly BatchedCost[];
  /** Where the states differ in the end; null = nowhere. */
  readonly difference: string | null;
}

/** The report as one line of JSON. */
export const batchJson = (report: BatchReport): string => `${jsonText(report)}\n`;

/** The report for people. */
export function batchTable(
  report: BatchReport,
  { style = PLAIN, width = 100 }: { readonly style?: Style; readonly width?: number } = {},
): string {
  const { operations, batched, batches, sizes, cuts, costs } = report;
  const lines = [
    `${grouped(report.events)} events, ${grouped(operations)} of them maps and unmaps`,
    `${grouped(batched)} in ${grouped(batches)} batches, ${grouped(operations - batched)} by themselves`,
  ];
  if (sizes.length > 0) lines.push(...wrap(`sizes: ${ranges(sizes)}`, width, '', '  '));
  const reasons = Object.entries(cuts)
    .filter(([, n]) => n > 0)
    .toSorted(([, a], [, b]) => b - a);
  if (reasons.length > 0)
    lines.push(
      ...wrap(`runs ended by: ${reasons.map(([cut, n]) => `${cut} ${grouped(n)}`).join(', ')}`, width, '', '  '),
    );
  lines.push('');
  const rows = costs.map(({ what, single, batched: less }) => [
    what,
    grouped(single),
    grouped(less),
    single === 0 ? '' : `${(((single - less) / single) * 100).toFixed(1)} %`,
  ]);
  const table = [['', 'one by one', 'batched', 'saved'], ...rows];
  const widths = [0, 1, 2, 3].map((n) => Math.max(...table.map((row) => (row[n] ?? '').length)));
  table.forEach((row, n) => {
    const cells = row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)));
    const line = `  ${cells.join('  ')}`.trimEnd();
    lines.push(n === 0 ? style.faint(line) : line);
  });
  lines.push('');
  lines.push(
    report.difference === null
      ? 'The states after both are the same.'
      : style.error(`The states after both are not the same: ${report.difference}. Nothing was written.`),
  );
  return `${lines.join('\n')}\n`;
}

/** Sizes in powers of two: "2-3: 17, 16-31: 204". */
function ranges(sizes: BatchReport['sizes']): string {
  const byRange = new Map<number, number>();
  for (const [size, count] of sizes) {
    const low = 1 << (31 - Math.clz32(size));
    byRange.set(low, (byRange.get(low) ?? 0) + count);
  }
  return [...byRange]
    .toSorted(([a], [b]) => a - b)
    .map(([low, count]) => `${low}-${low * 2 - 1}: ${grouped(count)}`)
    .join(', ');
}
