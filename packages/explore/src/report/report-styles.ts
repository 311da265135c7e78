/** The look of the report, on top of what all pages share. */
export const REPORT_STYLES = `
.wrap { max-width: 76rem; margin: 0 auto; padding: 0 clamp(1rem, 4vw, 2.5rem); }
.top { display: flex; flex-wrap: wrap; align-items: center; gap: var(--gap-s) var(--gap-m); padding-block: 0.85rem; }
.top .mark { font-weight: 650; letter-spacing: -0.01em; }
.top nav { margin-left: auto; }
.top nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.1rem; list-style: none; padding: 0; font-size: var(--text-s); }
.top nav a { color: var(--soft); text-decoration: none; padding: 0.3rem 0; display: inline-block; }
.top nav a:hover { color: var(--ink); text-decoration: underline; }
.hero { padding-block: clamp(1.75rem, 5vw, 3.5rem) clamp(1.5rem, 4vw, 2.5rem); border-top: 1px solid var(--line); }
.hero .eyebrow { color: var(--soft); font-size: var(--text-s); margin-bottom: var(--gap-s); }
.hero h1 { max-width: 40ch; }
.hero .lead { max-width: 68ch; margin-top: var(--gap-m); font-size: var(--text-l); color: var(--soft); line-height: 1.5; }
.tally { display: flex; flex-wrap: wrap; gap: var(--gap-s); margin-top: var(--gap-l); list-style: none; padding: 0; }
.tally .severity { font-size: var(--text-m); padding: 0.2rem 0.75rem; }
.verdicts { list-style: none; padding: 0; margin-top: var(--gap-l); display: grid; gap: var(--gap-m); max-width: 80ch; }
.verdicts li { display: flex; gap: 0.8rem; align-items: flex-start; }
.verdicts .letter { text-decoration: none; margin-top: 0.15rem; }
main > section { padding-block: var(--gap-l); border-top: 1px solid var(--line); }
main > section > h2 { margin-bottom: var(--gap-m); }
.intro { max-width: 72ch; color: var(--soft); margin-bottom: var(--gap-m); }

.runs { display: grid; gap: var(--gap-m); grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); }
.run { background: var(--card); border: 1px solid var(--line); border-radius: var(--round); padding: 1.1rem 1.25rem; min-width: 0; }
.run h3 { font-size: var(--text-m); display: flex; gap: 0.6rem; align-items: baseline; }
.letter { flex: none; display: inline-grid; place-items: center; min-width: 1.5rem; height: 1.5rem; padding: 0 0.3rem; border-radius: 6px; background: var(--accent-soft); color: var(--accent); font-size: var(--text-s); font-weight: 700; }
.run > p { margin-top: var(--gap-s); }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 13rem), 1fr)); gap: 0.6rem 1.5rem; margin-top: var(--gap-m); }
.facts dt { color: var(--soft); font-size: var(--text-s); }
.facts dd { margin: 0; }
.facts .long { grid-column: 1 / -1; }
.counts { margin-top: var(--gap-m); }
.counts summary { color: var(--accent); width: fit-content; }
.counts table { margin-top: var(--gap-s); max-width: 34rem; }
.counts td, .counts th { padding: 0.2rem 0.5rem 0.2rem 0; }
.depth-1 { padding-left: 1.1rem !important; } .depth-2 { padding-left: 2.2rem !important; } .depth-3 { padding-left: 3.3rem !important; } .depth-4 { padding-left: 4.4rem !important; }
.missing { margin-top: var(--gap-m); padding: 0.9rem 1.1rem 0.9rem 2.2rem; background: var(--sunken); border-radius: var(--round); color: var(--soft); font-size: var(--text-s); }

.toolbar { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: var(--gap-s) var(--gap-m); align-items: end; margin-bottom: var(--gap-s); }
.labelled { display: grid; gap: 0.25rem; min-width: 0; }
.labelled > span, .severities legend { font-size: var(--text-s); line-height: 1.4; color: var(--soft); padding: 0; }
.labelled input, .labelled select { width: 100%; }
.labelled.find, .severities { grid-column: 1 / -1; }
.severities { border: 0; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 0 1rem; min-width: 0; }
.severities legend { margin-bottom: 0.25rem; float: left; width: 100%; }
.severities label { display: inline-flex; align-items: center; gap: 0.35rem; min-height: 2.25rem; cursor: pointer; white-space: nowrap; }
.severities input { width: 1.05rem; height: 1.05rem; accent-color: var(--accent); margin: 0; }
.severities .sign { font-size: 0.7rem; }
.sign-error { color: var(--error); } .sign-warning { color: var(--warning); } .sign-note { color: var(--note); }
@media (min-width: 1000px) {
  .toolbar { grid-template-columns: minmax(14rem, 1fr) auto; grid-auto-flow: column; grid-auto-columns: 12rem; }
  .labelled.find, .severities { grid-column: auto; }
}
.status { font-size: var(--text-s); min-height: 1.6em; margin-bottom: var(--gap-s); }
.empty { padding: var(--gap-l); text-align: center; color: var(--soft); background: var(--sunken); border-radius: var(--round); }

.rule-group { margin-top: var(--gap-l); }
.rule-group:first-child { margin-top: 0; }
.rule-group > header { display: flex; flex-wrap: wrap; align-items: center; gap: 0.3rem 0.75rem; padding-bottom: var(--gap-s); }
.rule-group h3 { font-size: var(--text-l); }
.fold { all: unset; cursor: pointer; padding-block: 0.2rem; font-weight: 650; border-radius: 4px; }
.fold::before { content: '▾'; display: inline-block; width: 1.1em; color: var(--soft); }
.fold[aria-expanded='false']::before { content: '▸'; }
.fold:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.fold .mono { color: var(--soft); font-weight: 500; }
.numbers { font-size: var(--text-s); }
.about { margin-left: auto; padding-block: 0.25rem; }
@media (pointer: coarse) { .fold, .about { padding-block: 0.6rem; } }
.rows { border: 1px solid var(--line); border-radius: var(--round); background: var(--card); overflow: clip; }
.place { padding: 0.5rem 1rem; background: var(--sunken); font-size: var(--text-s); font-weight: 600; border-bottom: 1px solid var(--line); }
.finding + .place, .more + .place { border-top: 1px solid var(--line); }
.finding + .finding { border-top: 1px solid var(--line); }
.finding > summary { display: grid; grid-template-columns: 1.1rem minmax(0, 1fr) minmax(9rem, 17rem); gap: 0.1rem 0.75rem; padding: 0.6rem 1rem; list-style: none; align-items: baseline; }
.finding > summary::-webkit-details-marker { display: none; }
.finding > summary:hover { background: var(--hover); }
.finding > summary:focus-visible { outline-offset: -3px; border-radius: var(--round); }
.sign { font-size: 0.75rem; }
.says { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
.finding[open] > summary .says { -webkit-line-clamp: none; display: block; }
.finding { scroll-margin-top: 3.5rem; }
.where { color: var(--soft); font-size: var(--text-s); text-align: right; }
.at { display: block; color: var(--ink); }
[data-headed] .at { display: none; }
.in-runs { display: block; color: var(--accent); }
.finding[open] { background: var(--card); box-shadow: inset 3px 0 0 var(--accent); }
.in-run { display: flex; flex-wrap: wrap; gap: var(--gap-s); padding: 0.5rem 1rem 0 2.85rem; }
.more { display: block; width: 100%; border: 0; border-top: 1px solid var(--line); border-radius: 0; color: var(--accent); background: none; min-height: 2.75rem; }
.story { padding: 0.5rem 1.25rem 1.5rem 2.85rem; display: grid; gap: var(--gap-l) 2.5rem; min-width: 0; }
.story .main:empty, .story .below:empty { display: none; }
.story .main, .story .beside, .story .below { display: grid; gap: 1.35rem; align-content: start; min-width: 0; }
.story section { min-width: 0; }
.story .message { font-size: 1.0625rem; max-width: 75ch; }
.story .facts { margin-top: 0; }
@media (min-width: 1000px) {
  .story { grid-template-columns: minmax(0, 1fr) 17rem; }
  .story .facts { grid-template-columns: 1fr; }
  .story .below { grid-column: 1 / -1; }
}
.story h4 { margin-bottom: var(--gap-s); }
.story p { max-width: 75ch; }
.story p + p { margin-top: var(--gap-s); }
.story button { margin-top: var(--gap-s); }
.address-figure { overflow-x: auto; }
.address-line { display: block; max-width: 100%; height: auto; }
.address-line text { font: 11px var(--mono); fill: var(--ink); }
.address-line .lane { font: 12px var(--sans); fill: var(--soft); }
.address-line .none { font: 12px var(--sans); fill: var(--soft); }
.address-line .address { fill: var(--soft); }
.address-line .frame { text-anchor: middle; }
.address-line .ground, .address-line .tick { stroke: var(--edge); }
.address-line .page { fill: var(--sunken); stroke: var(--edge); stroke-width: 1; }
.address-line .goes { fill: var(--error-soft); stroke: var(--error); stroke-dasharray: 5 3; stroke-width: 1.5; }
.address-line .comes { fill: var(--accent-soft); stroke: var(--accent); stroke-width: 3; }
.capabilities { width: auto; }
.capabilities td, .capabilities th { padding: 0.25rem 1.75rem 0.25rem 0; }
.capabilities tbody th { color: var(--soft); font-weight: 400; }
.events th, .events td { padding: 0.28rem 0.9rem 0.28rem 0; font-size: var(--text-s); white-space: nowrap; }
.events .number { color: var(--soft); }
.events .own { background: var(--accent-soft); }
.events .own th { font-weight: 700; }
.events .number, .events td:first-child { padding-left: 0.5rem; }
.role { font: 600 0.75rem/1.4 var(--sans); margin-left: 0.6rem; padding: 0 0.4rem; border: 1px solid var(--edge); border-radius: 999px; }
.places { padding-left: 1.4rem; }
.diff { margin-top: var(--gap-s); }
.diff figcaption { padding: 0.3rem 0; color: var(--soft); }
.diff .added { background: var(--good-soft); } .diff .removed { background: var(--error-soft); }
.diff span { display: block; width: max-content; min-width: 100%; white-space: pre; }

.rule-card { border-top: 1px solid var(--line); padding-block: 0.7rem; }
.rule-card > summary { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.2rem 0.75rem; list-style: none; }
.rule-card > summary::-webkit-details-marker { display: none; }
.rule-card > summary::before { content: '▸'; color: var(--soft); }
.rule-card[open] > summary::before { content: '▾'; }
.rule-card h3 { font-size: var(--text-m); }
.rule-card h3 .mono { color: var(--soft); font-weight: 500; margin-right: 0.3rem; }
.rule-body { padding: var(--gap-s) 0 var(--gap-m) 1.5rem; display: grid; gap: var(--gap-s); max-width: 82ch; }
.rule-body > * { min-width: 0; }
.rule-body h4 { margin-top: var(--gap-s); }
.data-table { margin-top: var(--gap-m); }
.data-table caption { font-weight: 600; }
.data-table table { width: auto; }
.data-table td, .data-table th { font-size: var(--text-s); }
.data-table th[scope='row'] { min-width: 9rem; max-width: 40ch; }
.data-table figcaption { margin-top: var(--gap-s); max-width: 80ch; display: grid; gap: 0.3rem; }
.tables > summary { color: var(--accent); width: fit-content; margin-top: var(--gap-m); }
.chart { margin-top: var(--gap-l); min-width: 0; }
.chart svg { display: block; width: 100%; height: auto; max-width: 60rem; filter: var(--picture); }
.chart .wide svg { margin-left: -1.6rem; }
.chart .narrow svg { width: calc(100% + 3rem); margin-left: -1.5rem; max-width: none; }
.chart .narrow { overflow: clip; }
.chart svg > rect:first-of-type { fill: none; }
.chart .narrow { display: none; }
@media (max-width: 640px) {
  .chart .wide { display: none; } .chart .narrow { display: block; }
  .top nav { margin-left: 0; order: 3; width: 100%; }
  .top .theme { margin-left: auto; }
  .finding > summary { grid-template-columns: 1.1rem minmax(0, 1fr); padding-inline: 0.75rem; }
  .where { grid-column: 2; text-align: left; }
  .story { padding: 0.25rem 0.9rem 1.25rem; }
  .in-run { padding-left: 0.9rem; }
  .rule-body { padding-left: 0; }
  .about { margin-left: 0; }
}
.foot { padding-block: var(--gap-l) var(--gap-xl); border-top: 1px solid var(--line); color: var(--soft); font-size: var(--text-s); }
@media print { .says { -webkit-line-clamp: none; display: block; } .about, .fold::before, .more { display: none; } .rows { overflow: visible; } }
`;
