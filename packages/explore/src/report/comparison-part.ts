import { comparisonTable, type DataTable, type Html, html, severityHtml, tableHtml } from '@overmap/report';
import type { PageFinding } from '../page-format/report-data.ts';
import type { AuditResult } from './audit-result.ts';
import { letterOf } from './report-findings.ts';

/** Rows of findings that not every run has. */
const MOST = 200;

/** What several policies would do, where an audit was made of several; nothing otherwise. */
export function policiesHtml(audits: readonly AuditResult[]): Html | null {
  const compared = audits.filter(({ targets }) => targets !== null);
  if (compared.length === 0) return null;
  const table = comparisonTable(
    compared.map(({ head, summary, targets, error }) => ({
      head,
      summary: summary === null || targets === null ? null : { ...summary, targets: { ...targets } },
      ...(error === null ? {} : { error }),
    })),
  );
  return html`<section id="policies"><h2>The policies side by side</h2>${tableHtml(table)}</section>`;
}

/** Several runs side by side: findings of each rule in each, and those that only some of them have. */
export function comparisonHtml(audits: readonly AuditResult[], findings: readonly PageFinding[]): Html | null {
  if (audits.length < 2) return null;
  const some = findings.filter(({ seen }) => seen.length < audits.length);
  const common = findings.length - some.length;
  const inputs = new Set(audits.map(({ head }) => head.input));
  return html`<section id="comparison"><h2>Run against run</h2>
<p class="intro">${common} of ${findings.length} findings are in every run. A finding is the same in two runs where its rule, its place and its address are${
    inputs.size > 1 && '; these runs are of different inputs, whose findings are rarely the same'
  }.</p>
${tableHtml(byRule(audits))}
${some.length > 0 && differences(audits, some)}
</section>`;
}

function byRule(audits: readonly AuditResult[]): DataTable {
  const counts = audits.map(({ summary, findings }) => summary?.findings ?? countByRule(findings));
  const rules = [...new Set(counts.flatMap((count) => Object.keys(count)))].sort();
  return {
    title: 'Findings by rule',
    columns: [
      { key: 'rule', title: 'rule' },
      ...audits.map(({ head }, n) => ({
        key: `run_${n}`,
        title: `${letterOf(n)} (${head.from} → ${head.to})`,
        digits: 0,
      })),
    ],
    rows: rules.map((rule) => [rule, ...counts.map((count) => count[rule] ?? 0)]),
  };
}

/** Of an audit that ended before its counts. */
function countByRule(findings: AuditResult['findings']): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { rule } of findings) counts[rule] = (counts[rule] ?? 0) + 1;
  return counts;
}

function differences(audits: readonly AuditResult[], some: readonly PageFinding[]): Html {
  const shown = some.slice(0, MOST);
  return html`<details class="tables"><summary>Findings that not every run has</summary>
<figure class="data-table"><div class="scroll" tabindex="0" role="group" aria-label="Findings that not every run has"><table>
<thead><tr><th scope="col">rule</th><th scope="col">severity</th><th scope="col">finding</th>${audits.map((_, n) => html`<th scope="col">${letterOf(n)}</th>`)}</tr></thead>
<tbody>${shown.map(
    ({ id, rule, severity, seen }) => html`<tr><td class="mono">${rule}</td><td>${severityHtml(severity)}</td>
<th scope="row"><a href="#f-${id}">${seen[0]?.place}${seen[0]?.vaddr !== undefined && `, ${seen[0].vaddr}`}</a></th>${audits.map(
      (_, n) => html`<td>${seen.some(({ run }) => run === n) ? 'yes' : '–'}</td>`,
    )}</tr>`,
  )}</tbody></table></div>
${some.length > shown.length && html`<figcaption class="small soft">${some.length - shown.length} more; the list of findings can be narrowed to one run.</figcaption>`}</figure></details>`;
}
