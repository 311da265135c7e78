/** The look of the explorer, on top of what all pages share. */
export const EXPLORER_STYLES = `
body { padding: 0 clamp(0.75rem, 2vw, 2rem) var(--gap-xl); max-width: 2200px; margin-inline: auto; }
.top { display: flex; flex-wrap: wrap; gap: var(--gap-m); justify-content: space-between; align-items: start; padding: var(--gap-m) 0; }
.top-words { min-width: 0; flex: 1 1 18rem; }
.kicker { color: var(--accent); font-size: var(--text-s); font-weight: 650; }
.top h1 { font-size: var(--text-xl); }
.top .soft { font-size: var(--text-s); margin-top: 0.15rem; }
.loading { padding: var(--gap-xl) 0; text-align: center; color: var(--soft); }
.notice { background: var(--warning-soft); border: 1px solid var(--line); border-left: 4px solid var(--warning); border-radius: var(--round); padding: var(--gap-s) var(--gap-m); margin-bottom: var(--gap-m); font-size: var(--text-s); }
.notice p { margin-top: 0.3rem; }
.notice summary { font-weight: 600; }
summary { padding-block: 0.15rem; }
@media (pointer: coarse) { summary { padding-block: 0.55rem; } .buttons button, .keys-button { min-width: 2.75rem; min-height: 2.75rem; } }
.notice ul { padding-left: 1.2rem; margin-top: 0.3rem; }
.player { position: sticky; top: 0; z-index: 5; background: var(--paper); padding: var(--gap-s) 0 0.15rem; border-bottom: 1px solid var(--line); margin-bottom: var(--gap-m); }
.player-row { display: flex; flex-wrap: wrap; gap: var(--gap-s) var(--gap-m); align-items: center; margin-bottom: var(--gap-s); }
.buttons { display: inline-flex; flex-wrap: wrap; gap: 4px; }
.buttons button { min-width: 2.4rem; padding: 0.2rem 0.6rem; }
.event-number { display: inline-flex; align-items: center; gap: 0.5rem; font-weight: 600; }
.event-number input { width: 7.5rem; font-variant-numeric: tabular-nums; }
[hidden] { display: none !important; }
.now { font-size: var(--text-s); margin-top: 0.3rem; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.now strong { margin-right: 0.6rem; }
.now span { margin-left: 0.6rem; }
.status { color: var(--soft); font-size: var(--text-s); flex: 1 1 12rem; min-width: 0; }
.keys-button { min-width: 2.25rem; }
.overview { border-radius: 6px; overflow: hidden; border: 1px solid var(--line); }
.overview canvas { display: block; touch-action: none; cursor: pointer; }
.slider { width: 100%; margin: 0.1rem 0 0; padding: 0 1px; accent-color: var(--accent); height: 1.5rem; }
.stage { display: grid; grid-template-columns: minmax(0, 1fr) clamp(17rem, 22vw, 24rem); gap: var(--gap-m); align-items: start; }
.stage-main { min-width: 0; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: var(--gap-m); min-width: 0; }
.card h2 { font-size: var(--text-l); }
.card-head { display: flex; flex-wrap: wrap; gap: var(--gap-s) var(--gap-m); justify-content: space-between; align-items: start; margin-bottom: var(--gap-s); }
.lanes { margin-bottom: var(--gap-m); }
.lanes-scroll { position: relative; max-height: min(44vh, 34rem); min-height: 8rem; overflow: auto; border: 1px solid var(--line); border-radius: 0 0 6px 6px; touch-action: pan-y; cursor: crosshair; }
.lanes-axis { display: block; }
.lanes-all { min-height: 100%; }
.lanes-seen { position: sticky; top: 0; }
.lanes-seen canvas { display: block; }
.lanes-seen .lanes-above { position: absolute; left: 0; top: 0; pointer-events: none; }
.hint { min-height: 1.6em; margin-top: 0.4rem; }
.legend { display: flex; flex-wrap: wrap; gap: 0.3rem 1.1rem; list-style: none; padding: 0; margin: 0.3rem 0 var(--gap-s); color: var(--soft); }
.legend li { display: inline-flex; align-items: center; gap: 0.45rem; }
.key { display: inline-block; min-width: 1.6rem; height: 0.95rem; line-height: 0.95rem; text-align: center; border-radius: 2px; }
.key-mapped { background: var(--accent-soft); border: 1px solid var(--accent); }
.key-replaced { color: var(--error); background: repeating-linear-gradient(135deg, var(--error) 0 1px, transparent 1px 4px); }
.key-stale { border: 1.5px dashed var(--warning); background: repeating-linear-gradient(135deg, var(--warning) 0 1px, transparent 1px 7px); }
.key-gap { border: 1.5px solid var(--note); background: var(--note-soft); }
.panels { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: var(--gap-m); align-items: start; }
.panels .column { display: grid; gap: var(--gap-m); min-width: 0; }
.panels > .capabilities { grid-column: 1 / -1; }
@media (min-width: 1700px) { .panels-sel4 { grid-template-columns: repeat(3, minmax(0, 1fr)); } .panels > .capabilities { grid-column: auto; } }
.event h2 { font-size: var(--text-xl); margin: 0.1rem 0 var(--gap-s); }
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.25rem var(--gap-m); }
.facts dt { color: var(--soft); }
.facts dd { margin: 0; }
.remark { padding: 0.4rem 0.7rem; background: var(--note-soft); border-left: 3px solid var(--note); border-radius: 4px; margin-bottom: var(--gap-s); }
.says-ok { color: var(--good); font-weight: 600; }
.says-no { color: var(--error); font-weight: 600; }
.finding-box { margin-top: var(--gap-m); padding: 0.7rem 0.9rem; border: 1px solid var(--line); border-left-width: 4px; border-radius: 6px; display: grid; gap: 0.4rem; }
.finding-box-error { border-left-color: var(--error); }
.finding-box-warning { border-left-color: var(--warning); }
.finding-box-note { border-left-color: var(--note); }
.related { padding-left: 1.1rem; font-size: var(--text-s); }
.about { margin: 0.2rem 0 var(--gap-s); }
.answers { list-style: none; padding: 0; display: grid; gap: 4px; }
.answer { display: flex; flex-wrap: wrap; gap: 0.2rem var(--gap-m); align-items: baseline; padding: 0.4rem 0.7rem; border: 1px solid var(--line); border-left: 4px solid transparent; border-radius: 6px; }
.answer-who { flex: 0 0 8.5rem; font-family: var(--mono); font-size: var(--text-s); }
.answer-who + * { flex: 1 0 auto; max-width: 100%; }
.answer-recorded { background: var(--sunken); }
.answer-differs { border-left-color: var(--warning); }
.answer-first { border: 2px solid var(--error); background: var(--error-soft); }
.answer-flag { font-size: var(--text-s); font-weight: 600; }
.answer-differs .answer-flag { color: var(--warning); }
.answer-first .answer-flag { color: var(--error); }
.verdict { margin-top: var(--gap-s); color: var(--soft); font-size: var(--text-s); }
.effects { padding-left: 1.1rem; margin-top: 0.2rem; display: grid; gap: 0.2rem; }
.entry-bits { margin-top: var(--gap-m); padding: 0.7rem 0.9rem; background: var(--sunken); border: 1px solid var(--line); border-radius: 6px; }
.entry-bits figcaption { font-weight: 600; font-size: var(--text-s); margin-bottom: 0.4rem; }
.bits-row { display: grid; grid-template-columns: 3.6rem 9.5rem minmax(0, 1fr); gap: 0 0.8rem; align-items: start; padding: 0.2rem 0; }
.bits-label { color: var(--soft); font-size: var(--text-s); }
.bits-hex { font-family: var(--mono); font-size: var(--text-s); overflow-wrap: anywhere; }
.bits { display: flex; flex-wrap: wrap; gap: 0.15rem 0.55em; font-size: 0.75rem; line-height: 1.6; }
.nibble { white-space: nowrap; }
.bit-address { text-decoration: underline; text-decoration-color: var(--edge); text-underline-offset: 0.25em; }
.bit-changed { outline: 1.5px solid var(--error); outline-offset: 0; border-radius: 2px; color: var(--error); }
.memory-tree { max-height: 34rem; overflow: auto; margin-top: var(--gap-s); }
.tree { list-style: none; padding: 0; margin: 0; }
.tree .tree { padding-left: 1.1rem; border-left: 1px solid var(--line); margin-left: 0.3rem; }
.tree summary::marker { color: var(--soft); }
.line { display: inline-flex; flex-wrap: wrap; gap: 0 0.9rem; padding: 0.1rem 0.45rem; border-left: 3px solid transparent; border-radius: 3px; vertical-align: top; max-width: calc(100% - 1.2rem); }
.line-range { color: var(--ink); white-space: nowrap; }
.line-what { font-size: var(--text-s); }
.line-detail { color: var(--soft); font-size: var(--text-s); }
.line-touched { border-left-color: var(--ink); }
.line-changed { background: var(--accent-soft); }
.line-changed .line-detail { color: var(--ink); }
.line-over { background: var(--error-soft); }
.line-change { font-size: var(--text-s); }
.line-over .line-change { color: var(--error); }
.capability-scroll { max-height: 30rem; overflow: auto; }
.capabilities td, .capabilities th { padding: 0.25rem 0.6rem; font-size: var(--text-s); }
.capabilities tbody th { white-space: nowrap; overflow-wrap: normal; }
.capabilities thead th { position: sticky; top: 0; background: var(--card); }
.capabilities [data-capabilities-more] { margin-top: var(--gap-s); }
.is-stale { background: var(--warning-soft); }
.is-touched { background: var(--accent-soft); }
.flag { display: inline-block; white-space: nowrap; font-weight: 600; margin-right: 0.5rem; }
.flag-stale { color: var(--warning); }
.findings { position: sticky; top: 9.6rem; display: flex; flex-direction: column; max-height: calc(100vh - 10.5rem); }
.filters { display: grid; gap: var(--gap-s); margin: var(--gap-s) 0; }
.filters input, .filters select { width: 100%; }
.findings-list { position: relative; list-style: none; padding: 0; margin: 0 -0.4rem; overflow: auto; flex: 1; }
.finding { display: grid; gap: 0.2rem; padding: 0.6rem 0.6rem; border-left: 4px solid transparent; border-bottom: 1px solid var(--line); color: inherit; text-decoration: none; font-size: var(--text-s); }
a.finding:hover { background: var(--hover); }
.finding[aria-current='true'] { background: var(--accent-soft); border-left-color: var(--accent); }
.finding-head { display: flex; flex-wrap: wrap; gap: 0.3rem 0.6rem; align-items: center; }
.finding-message { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; }
.finding-out { opacity: 0.85; }
dialog { border: 1px solid var(--edge); border-radius: 10px; background: var(--card); color: var(--ink); padding: var(--gap-l); max-width: 30rem; }
dialog::backdrop { background: rgb(0 0 0 / 0.45); }
dialog dl { display: grid; gap: 0.4rem; margin: var(--gap-m) 0; }
dialog dl div { display: grid; grid-template-columns: 8rem 1fr; gap: var(--gap-m); }
dialog dd { margin: 0; }
kbd { font-family: var(--mono); font-size: 0.9em; padding: 0.1rem 0.4rem; border: 1px solid var(--edge); border-bottom-width: 2px; border-radius: 4px; background: var(--sunken); }
@media (max-width: 1100px) {
  .stage { grid-template-columns: minmax(0, 1fr); }
  .findings { position: static; max-height: 30rem; }
}
@media (max-width: 760px) {
  .panels { grid-template-columns: minmax(0, 1fr); }
  .panels > .capabilities { grid-column: auto; }
  .card { padding: 0.75rem; }
  .wide-only { display: none; }
  .player-row { gap: 0.4rem; margin-bottom: 0.4rem; }
  .buttons button { min-width: 2.3rem; padding: 0.2rem 0.5rem; }
  .event-number input { width: 6rem; }
  .status { display: none; }
  .player .phone-less { display: none; }
  .now { white-space: normal; }
  .overview canvas { max-height: 46px; }
  .keys-button { display: none; }
  .bits-row { grid-template-columns: 3.6rem minmax(0, 1fr); }
  .bits-row .bits { grid-column: 1 / -1; }
  .facts { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .facts dd { margin-bottom: 0.35rem; }
  .lanes-scroll { max-height: 60vh; }
}
@media print { .buttons, .event-number, .keys-button, .slider, [data-findings-search], [data-findings-rule] { display: none; } .lanes-scroll, [data-findings] { max-height: none; overflow: hidden; } .stage { display: block; } .card { break-inside: avoid; } }
@media (forced-colors: active) { .answer-first { border: 3px double; } .line-touched { border-left-color: CanvasText; } }
`;
