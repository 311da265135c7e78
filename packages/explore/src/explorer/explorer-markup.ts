import { type Html, html, themeSwitch } from '@overmap/report';
import type { PageHead } from '../page-format/explore/page-data.ts';

const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ['← →', 'the event before, the next one'],
  ['Shift ← →', 'ten events'],
  ['[ ]', 'the finding before, the next one'],
  ['Home End', 'the first event, the last one'],
  ['+ −', 'zoom the lanes'],
  ['0', 'show all the time in the lanes'],
  ['?', 'these keys'],
];

/** The body of an explorer. Its program fills it. */
export function explorerMarkup({ input, system, leftOut, windows }: PageHead): Html {
  const name = input.slice(input.lastIndexOf('/') + 1);
  const sel4 = system === 'sel4';
  return html`<a class="skip" href="#event">Skip to the event</a>
<header class="top">
  <div class="top-words"><p class="kicker">overmap explorer</p><h1>${name}</h1><p class="soft" data-subtitle></p></div>
  ${themeSwitch()}
</header>
<p class="loading" data-loading role="status">Opening the trace…</p>
<noscript><p class="loading">This page needs JavaScript: the kernel's model runs in it. It asks for nothing over a network.</p></noscript>
<main data-explorer hidden>
  ${leftOut.length > 0 && leftOutMarkup(leftOut, windows)}
  <p class="notice" data-anchor-note role="status" hidden></p>
  <section class="player" aria-label="Time">
    <div class="player-row">
      <div class="buttons" role="group" aria-label="Go to">
        <button type="button" data-go="first" aria-label="First event" class="phone-less">⇤</button>
        <button type="button" data-go="back" aria-label="−10 events" class="wide-only">−10</button>
        <button type="button" data-go="previous" aria-label="Event before">←</button>
        <button type="button" data-go="next" aria-label="Next event">→</button>
        <button type="button" data-go="on" aria-label="+10 events" class="wide-only">+10</button>
        <button type="button" data-go="last" aria-label="Last event" class="phone-less">⇥</button>
      </div>
      <label class="event-number">Event <input type="text" inputmode="numeric" autocomplete="off" data-event-number></label>
      <div class="buttons" role="group" aria-label="Findings">
        <button type="button" data-go="finding-previous" aria-label="Finding before"><span aria-hidden="true">[</span><span class="phone-less"> Finding</span></button>
        <button type="button" data-go="finding-next" aria-label="Next finding"><span class="phone-less">Finding </span><span aria-hidden="true">]</span></button>
      </div>
      <p class="status" data-status></p>
      <button type="button" data-go="keys" class="keys-button" aria-label="Keys">?</button>
    </div>
    <div class="overview"><canvas data-overview aria-hidden="true"></canvas></div>
    <p class="now" data-now role="status" aria-atomic="true"></p>
    <input type="range" class="slider" min="0" value="0" step="1" data-slider aria-label="Event">
  </section>
  <div class="stage">
    <div class="stage-main">
      <section class="card lanes" aria-labelledby="lanes-title">
        <div class="card-head">
          <h2 id="lanes-title">Address spaces over time</h2>
          <div class="buttons" role="group" aria-label="View">
            <button type="button" data-lanes-left aria-label="Earlier">‹</button>
            <button type="button" data-lanes-out aria-label="Zoom out">−</button>
            <button type="button" data-lanes-in aria-label="Zoom in">+</button>
            <button type="button" data-lanes-right aria-label="Later">›</button>
            <button type="button" data-lanes-fit>All</button>
            <button type="button" data-lanes-one aria-pressed="false">Only this ${sel4 ? 'vspace' : 'process'}</button>
          </div>
        </div>
        <canvas class="lanes-axis" data-lanes-axis aria-hidden="true"></canvas>
        <div class="lanes-scroll" data-lanes-scroll tabindex="0" role="group" aria-label="Lanes: one for each address space"></div>
        <p class="small soft hint" data-lanes-hint data-rest=""></p>
        ${legend(sel4)}
        <details data-lanes-table><summary>What is in view, as a table</summary>
          <div class="scroll" tabindex="0" role="group" aria-label="Mappings in view"><table>
            <thead><tr><th scope="col">Address space</th><th scope="col">Address</th><th scope="col">Size</th><th scope="col">${sel4 ? 'Capability' : 'Mapping'}</th><th scope="col">From event</th><th scope="col">To event</th></tr></thead>
            <tbody data-lanes-rows></tbody>
          </table></div>
        </details>
      </section>
      <div class="panels panels-${system}">
       <div class="column">
        <section class="card event" id="event" aria-labelledby="event-title" tabindex="-1">
          <p class="small soft" data-event-where></p>
          <h2 id="event-title" data-event-title></h2>
          <p class="remark" data-event-remark hidden></p>
          <dl class="facts" data-event-facts></dl>
          <div data-event-findings></div>
        </section>
        <section class="card" aria-labelledby="effects-title">
          <h2 id="effects-title">What it did</h2>
          <ul class="effects" data-effects></ul>
          <div data-bits></div>
        </section>
       </div>
       <div class="column">
        <section class="card" aria-labelledby="answers-title">
          <h2 id="answers-title">${sel4 ? 'What the policies answer' : 'If it could not replace'}</h2>
          <p class="about" data-answers-about></p>
          <ul class="answers" data-answers></ul>
          <p class="verdict" data-answers-verdict></p>
        </section>
        <section class="card memory" aria-labelledby="memory-title">
          <h2 id="memory-title" data-memory-title>Memory</h2>
          <p class="small soft">As it is after this event. ● changed by it, ◆ over-mapped by it; a line on the left marks its place.</p>
          <div class="memory-tree" data-memory tabindex="0" role="group" aria-label="Memory after this event"></div>
        </section>
       </div>
        <section class="card capabilities" aria-labelledby="capabilities-title" data-capabilities-section>
          <div class="card-head">
            <div><h2 id="capabilities-title">Capabilities</h2><p class="small soft" data-capabilities-count></p></div>
            <div class="buttons" role="group" aria-label="Which capabilities">
              <button type="button" data-capabilities="here" aria-pressed="true">This vspace</button>
              <button type="button" data-capabilities="stale" aria-pressed="false">Stale</button>
              <button type="button" data-capabilities="all" aria-pressed="false">All</button>
            </div>
          </div>
          <div class="scroll capability-scroll" tabindex="0" role="group" aria-label="Capabilities after this event"><table>
            <thead><tr><th scope="col">Slot</th><th scope="col">What</th><th scope="col">Records</th><th scope="col">Mark</th></tr></thead>
            <tbody data-capability-rows></tbody>
          </table></div>
          <button type="button" data-capabilities-more hidden></button>
        </section>
      </div>
    </div>
    <aside class="card findings" aria-labelledby="findings-title">
      <h2 id="findings-title">Findings</h2>
      <p class="small soft" data-findings-count aria-live="polite"></p>
      <div class="filters">
        <label><span class="visually-hidden">Search in the findings</span><input type="search" placeholder="Search" data-findings-search></label>
        <label><span class="visually-hidden">Rule</span><select data-findings-rule><option value="">All rules</option></select></label>
      </div>
      <ul class="findings-list" data-findings tabindex="0" aria-label="Findings"></ul>
    </aside>
  </div>
</main>
<dialog class="keys" data-keys aria-labelledby="keys-title">
  <h2 id="keys-title">Keys</h2>
  <dl>${KEYS.map(([keys, what]) => html`<div><dt><kbd>${keys}</kbd></dt><dd>${what}</dd></div>`)}</dl>
  <button type="button" data-keys-close>Close</button>
</dialog>`;
}

/** What was left out: the figures at a glance, the rest on demand. */
const leftOutMarkup = (
  [first = '', ...more]: readonly string[],
  windows: PageHead['windows'],
): Html => html`<details class="notice"><summary>${first.replace(/: the page shows .*/, '.')}</summary>
  <p>${first}</p>${more.map((sentence) => html`<p>${sentence}</p>`)}
  ${
    windows.length > 1 &&
    html`<ul>${windows.map(({ first, last, why, test }) => html`<li>events <a href="#e-${first}">${first.toLocaleString('en')}</a> to ${last.toLocaleString('en')}: ${why}${test === null ? '' : `; begins in ${test}`}</li>`)}</ul>`
  }
</details>`;

/** What the shapes of the lanes mean; the pictures are drawn by styles. */
const legend = (sel4: boolean): Html => html`<ul class="legend small" aria-label="What the shapes mean">
  <li><span class="key key-mapped"></span>mapped</li>
  <li><span class="key key-replaced">◆</span>${sel4 ? 'over-mapped: another frame took its place' : 'replaced by another mapping'}</li>
  ${sel4 && html`<li><span class="key key-stale"></span>stale: a capability records it, and it is not there</li><li><span class="key key-table">◥</span>went with its table</li><li data-legend-gap hidden><span class="key key-gap"></span>empty for a while after a migration</li>`}
  <li><span class="key">✕ ▲ ●</span>finding: error, warning, note</li>
</ul>`;
