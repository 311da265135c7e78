import {
  type AuditSummary,
  countPairs,
  grouped,
  type Html,
  html,
  SEVERITIES,
  severityHtml,
  verdict,
} from '@overmap/report';
import type { AuditResult } from './audit-result.ts';
import { kindOf, letterOf } from './report-findings.ts';

const SYSTEMS: Readonly<Record<string, string>> = { sel4: 'seL4', linux: 'Linux', redox: 'Redox', freebsd: 'FreeBSD' };

/** The verdict of an audit as sentences; also of one that ended early. */
export function sentencesOf({ head, summary, error }: AuditResult): readonly string[] {
  if (summary === null) return ['The audit ended early.', error ?? ''].filter((text) => text !== '');
  const { sentences } = verdict(head, summary);
  return sentences.length > 0 ? sentences : ['Nothing to complain of.'];
}

/** Findings by severity, those that are counted and not listed among them. */
export function tally(audits: readonly AuditResult[]): Readonly<Record<(typeof SEVERITIES)[number], number>> {
  const sum = { note: 0, warning: 0, error: 0 };
  for (const { summary, findings } of audits)
    for (const severity of SEVERITIES)
      sum[severity] += summary?.severities[severity] ?? findings.filter((one) => one.severity === severity).length;
  return sum;
}

export const tallyHtml = (audits: readonly AuditResult[]): Html => {
  const counts = tally(audits);
  return html`<ul class="tally" aria-label="Findings">${SEVERITIES.toReversed().map(
    (severity) => html`<li>${severityHtml(severity, counts[severity])}</li>`,
  )}</ul>`;
};

/** What was audited, by which policies, and all counts. */
export function runHtml(audit: AuditResult, n: number, several: boolean): Html {
  const { head, summary } = audit;
  return html`<article class="run" id="run-${letterOf(n).toLowerCase()}">
<h3>${several && html`<span class="letter">${letterOf(n)}</span>`}<span class="mono">${head.input === '-' ? 'standard input' : head.input}</span></h3>
${several && html`<p>${sentencesOf(audit).join(' ')}</p>`}
<dl class="facts">${factsOf(audit).map(
    ([name, value]) => html`<div class="${value.length > 60 ? 'long' : ''}"><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl>
${summary !== null && countsHtml(summary)}
</article>`;
}

function factsOf(audit: AuditResult): (readonly [name: string, value: string])[] {
  const { head, summary } = audit;
  const text = (key: string): string => (typeof head.header[key] === 'string' ? head.header[key] : '');
  const system = text('system');
  const kind = kindOf(audit);
  const rows: (readonly [string, string])[] = [];
  if (kind === 'source') rows.push(['What', 'source']);
  else rows.push(['System', [SYSTEMS[system] ?? system, text('arch')].filter((word) => word !== '').join(', ')]);
  if (kind !== 'source') rows.push(['Recorded under', head.from], ['Held against', head.to]);
  if (summary !== null)
    rows.push(
      kind === 'source' ? ['Calls that map', grouped(summary.source?.sites ?? 0)] : ['Events', grouped(summary.events)],
    );
  if (head.baseline !== undefined) rows.push(['New since', head.baseline]);
  rows.push(['Made by', `${head.tool.name} ${head.tool.version}`]);
  if (text('source') !== '') rows.push(['Recording', text('source')]);
  return rows;
}

function countsHtml(summary: AuditSummary): Html {
  const rows = countPairs(summary);
  return html`<details class="counts"><summary>All counts</summary>
<table><caption class="visually-hidden">Counts of this audit</caption><tbody>${rows.map(([label, value]) => {
    const depth = (label.length - label.trimStart().length) / 2;
    return html`<tr><th scope="row" class="${depth > 0 && `depth-${Math.min(depth, 4)}`}">${label.trim()}</th><td class="number">${grouped(value)}</td></tr>`;
  })}</tbody></table></details>`;
}
