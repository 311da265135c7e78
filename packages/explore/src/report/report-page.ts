import {
  cardHtml,
  counted,
  grouped,
  type Html,
  html,
  htmlText,
  pageDocument,
  type RuleCard,
  SEVERITIES,
  tableHtml,
  themeSwitch,
} from '@overmap/report';
import { REPORT_DATA, type PageFinding, type ReportData } from '../page-format/report-data.ts';
import { runHtml, sentencesOf, tally, tallyHtml } from './audit-part.ts';
import type { AuditResult } from './audit-result.ts';
import type { BenchResult } from './bench-result.ts';
import { benchVerdict } from './bench-verdict.ts';
import { chartHtml, chartsOf, tablesOf } from './charts.ts';
import { comparisonHtml, policiesHtml } from './comparison-part.ts';
import { type GatheredFindings, gatherFindings, kindOf, letterOf } from './report-findings.ts';
import { REPORT_STYLES } from './report-styles.ts';
import type { NamedResult, SourceFixes } from './run-file.ts';

/** Bytes of a page at most. */
const MOST = 4_900_000;

/** What a report is made with. */
export interface ReportOptions {
  /** Every rule that there is; the page has the cards of those that occur. */
  readonly cards: readonly RuleCard[];
  /** The program that runs in the page: `pageProgram('report')`. */
  readonly program: string;
  /** Of this program. */
  readonly version: string;
}

/** A report. */
export interface Report {
  /** One HTML document. */
  readonly page: string;
  /** Those in the page, the most severe first. */
  readonly findings: readonly PageFinding[];
  /** What had to be left out, in sentences. */
  readonly left: readonly string[];
}

/**
 * Makes one page of results: audits with their findings, costs as charts, and the cards of the rules.
 *
 * @param results - at least one, in the order in which the page shows them
 */
export function reportPage(results: readonly NamedResult[], { cards, program, version }: ReportOptions): Report {
  const audits = results.flatMap(({ result }) => (result.kind === 'audit' ? [result] : []));
  const benches = results.flatMap(({ result }) => (result.kind === 'bench' ? [result] : []));
  const fixes = results.flatMap(({ result }) => (result.kind === 'fixes' ? [result] : []));
  const occurring = new Set(audits.flatMap(({ findings }) => findings.map(({ rule }) => rule)));
  const shown = cards.filter(({ id }) => occurring.has(id));
  const titles = Object.fromEntries(shown.map(({ id, title }) => [id, title]));
  const build = (gathered: GatheredFindings): string => {
    const { runs, findings, hunks } = gathered;
    const data: ReportData = { runs, findings, hunks, titles };
    return pageDocument({
      title: titleOf(audits, benches),
      body: bodyOf({ audits, benches, fixes, shown, version, gathered }),
      styles: [REPORT_STYLES],
      scripts: [program],
      data: { [REPORT_DATA]: data },
    });
  };
  // What surrounds the findings is known only when it is there; what escaping adds to them, too.
  let room = MOST - Buffer.byteLength(build(gatherFindings(audits, fixes, 0)));
  for (;;) {
    const gathered = gatherFindings(audits, fixes, room);
    const page = build(gathered);
    const over = Buffer.byteLength(page) - MOST;
    if (over <= 0 || room <= 0) return { page, findings: gathered.findings, left: leftOut(gathered) };
    room -= over + 10_000;
  }
}

function leftOut({ dropped, withoutEvents }: GatheredFindings): string[] {
  const size = `to keep the page below ${MOST / 1e6} MB`;
  return [
    ...(dropped > 0
      ? [`${counted(dropped, 'finding is', 'findings are')} not in the page, ${size}: the least severe.`]
      : []),
    ...(withoutEvents > 0
      ? [`${counted(withoutEvents, 'finding has', 'findings have')} no events in the page, ${size}.`]
      : []),
  ];
}

function titleOf(audits: readonly AuditResult[], benches: readonly BenchResult[]): string {
  const first = audits[0];
  if (first === undefined) return benches.length === 0 ? 'overmap report' : 'Costs · overmap report';
  return `${first.head.input}${audits.length > 1 ? ` and ${audits.length - 1} more` : ''} · overmap report`;
}

interface BodyParts {
  readonly audits: readonly AuditResult[];
  readonly benches: readonly BenchResult[];
  readonly fixes: readonly SourceFixes[];
  readonly shown: readonly RuleCard[];
  readonly version: string;
  readonly gathered: GatheredFindings;
}

function bodyOf(parts: BodyParts): Html {
  const { audits, benches, shown, version, gathered } = parts;
  const comparison = comparisonHtml(audits, gathered.findings);
  const policies = policiesHtml(audits);
  const sections: (readonly [id: string, name: string, there: boolean])[] = [
    ['findings', 'Findings', audits.length > 0],
    ['comparison', 'Run against run', comparison !== null],
    ['policies', 'Policies', policies !== null],
    ['costs', 'Costs', benches.length > 0],
    ['rules', 'Rules', shown.length > 0],
    ['runs', 'What was audited', audits.length > 0],
  ];
  return html`<a class="skip" href="#main">Skip to the content</a>
<header class="wrap top"><span class="mark">overmap report</span>
<nav aria-label="Sections"><ul>${sections.filter(([, , there]) => there).map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
${themeSwitch()}</header>
<main class="wrap" id="main" tabindex="-1">
${heroHtml(audits, benches)}
${audits.length > 0 && findingsHtml(gathered)}
${comparison}
${policies}
${benches.length > 0 && costsHtml(benches, audits.length === 0)}
${shown.length > 0 && html`<section id="rules"><h2>The rules</h2>${shown.map(cardHtml)}</section>`}
${audits.length > 0 && html`<section id="runs"><h2>What was audited</h2><div class="runs">${audits.map((audit, n) => runHtml(audit, n, audits.length > 1))}</div></section>`}
${missingHtml(parts)}
</main>
<footer class="wrap"><p class="foot">Made by overmap ${version}. This page asks for nothing over a network.</p></footer>`;
}

/** The verdict: of one audit its own, of several what they come to. */
function heroHtml(audits: readonly AuditResult[], benches: readonly BenchResult[]): Html {
  const [only] = audits;
  if (only !== undefined && audits.length === 1) {
    const [first = '', ...rest] = sentencesOf(only);
    const { from, to, input } = only.head;
    const policies = kindOf(only) === 'source' ? '' : ` · ${from} → ${to}`;
    return html`<div class="hero"><p class="eyebrow"><span class="mono">${htmlText(input === '-' ? 'standard input' : input, 300)}</span>${htmlText(policies, 300)}</p>
<h1>${first}</h1>${rest.length > 0 && html`<p class="lead">${rest.join(' ')}</p>`}${tallyHtml(audits)}</div>`;
  }
  if (audits.length > 1) {
    const counts = tally(audits);
    const worst = SEVERITIES.toReversed().filter((severity) => counts[severity] > 0);
    const found =
      worst.length === 0 ? 'no findings' : worst.map((severity) => counted(counts[severity], severity)).join(', ');
    return html`<div class="hero"><p class="eyebrow">${counted(audits.length, 'audit')}</p><h1>${counted(audits.length, 'audit')}: ${found}.</h1>
<ul class="verdicts">${audits.map(
      (audit, n) =>
        html`<li><a class="letter" href="#run-${letterOf(n).toLowerCase()}">${letterOf(n)}</a> <span><span class="mono small soft">${audit.head.input}, ${audit.head.from} → ${audit.head.to}</span><br>${sentencesOf(audit).join(' ')}</span></li>`,
    )}</ul></div>`;
  }
  const [bench] = benches;
  return html`<div class="hero"><h1>${bench === undefined ? 'Nothing was audited.' : benchVerdict(bench)}</h1></div>`;
}

const findingsHtml = ({ findings }: GatheredFindings): Html => html`<section id="findings"><h2>Findings</h2>
<div id="findings-list"><noscript><p>${counted(findings.length, 'finding')}: the list needs JavaScript, which this page brings and this browser does not run.</p></noscript></div>
</section>`;

/** @param told - the verdict of the first one stands above the page already */
function costsHtml(benches: readonly BenchResult[], told: boolean): Html {
  return html`<section id="costs"><h2>What it costs</h2>
${benches.map(
  (bench, n) => html`${(n > 0 || !told) && html`<p class="intro">${benchVerdict(bench)}</p>`}
${chartsOf(bench).map(([name, chart], n) => (n < 2 ? chartHtml(chart) : html`<details class="tables"><summary>${name}</summary>${chartHtml(chart)}</details>`))}
<details class="tables"><summary>The figures</summary>${tablesOf(bench).map(tableHtml)}</details>
<p class="small soft">${provenance(bench)}</p>`,
)}</section>`;
}

/** Machine and versions. */
function provenance({ of, document }: BenchResult): string {
  const made = `Made by overmap ${document.tool.version}`;
  if (of === 'trace') return `${made}, by the model, of ${document.trace} on ${document.build ?? document.arch}.`;
  if (of === 'modelled') return `${made}, by the model, with seed ${document.seed}: no machine has a part in it.`;
  const { cpu, cores, memory, platform, node, v8 } = document.machine;
  return `${made} with seed ${document.seed}, on ${cpu || 'an unknown processor'}, ${counted(cores, 'core')}, ${(memory / 2 ** 30).toFixed(1)} GiB, ${platform}, Node ${node}, V8 ${v8}; load ${document.load.start.toFixed(2)} to ${document.load.end.toFixed(2)}.`;
}

/** What a reader may look for in vain, and why it is not here. */
function missingHtml({ audits, benches, gathered }: BodyParts): Html | null {
  const several = audits.length > 1;
  const of = (n: number): string => (several ? `${letterOf(n)}: ` : '');
  const texts = audits.flatMap((audit, n) => {
    const { summary, error, findings } = audit;
    const cut = Object.entries(summary?.truncated ?? {}).map(([rule, count]) => `${grouped(count)} of ${rule}`);
    return [
      ...(summary === null
        ? [`${of(n)}the audit ended early${error === null ? '' : ` (${error})`}: there are no counts.`]
        : []),
      ...(summary?.interrupted === true ? [`${of(n)}the audit was interrupted: the figures cover what was read.`] : []),
      ...(kindOf(audit) === 'trace' && findings.length > 0 && !findings.some(({ context }) => context !== undefined)
        ? [`${of(n)}made without --context: there are no events and no address lines to show.`]
        : []),
      ...(cut.length > 0
        ? [`${of(n)}counted and not listed, beyond 1,000 of a rule at one place: ${cut.join(', ')}.`]
        : []),
      ...((summary?.badLines ?? 0) > 0
        ? [
            `${of(n)}${counted(summary?.badLines ?? 0, 'malformed line was', 'malformed lines were')} left out of the audit.`,
          ]
        : []),
    ];
  });
  texts.push(...leftOut(gathered));
  if (audits.length > 0 && benches.length === 0)
    texts.push('No result of overmap bench was given: there are no costs.');
  if (texts.length === 0) return null;
  return html`<section id="missing"><h2>What is not here</h2><ul class="missing">${texts.map((text) => html`<li>${text}</li>`)}</ul></section>`;
}
