import { cardFix, withoutLinks } from '../card-markdown.ts';
import type { CardSequence, CardTable, RuleCard } from '../rule-card.ts';
import { type Html, html, htmlText } from './html.ts';
import { severityHtml } from './severity-html.ts';

/** A rule's card inside of a page, at `#rule-OM001`; closed until somebody opens it. */
export function cardHtml(card: RuleCard): Html {
  const { id, title, severity, notes = [] } = card;
  return html`<details class="rule-card" id="rule-${id}">
<summary><h3><span class="mono">${id}</span> ${title}</h3> ${severityHtml(severity)}</summary>
<div class="rule-body">
${paragraph(card.detects)}
<h4>Why it matters</h4>
${paragraph(card.why)}
<h4>What the manual promises</h4>
${paragraph(card.promise)}
<h4>What the kernel answers</h4>
${card.answers.map((part) => (typeof part === 'string' ? paragraph(part) : table(part)))}
<h4>Found</h4>
${sequence(card.bad)}
<h4>Not found</h4>
${sequence(card.good)}
<h4>What to change</h4>
${paragraph(cardFix(card))}
${notes.length > 0 && html`<h4>Notes</h4>${notes.map(paragraph)}`}
<h4>Where it stands</h4>
${paragraph(card.source)}
</div>
</details>`;
}

const paragraph = (text: string): Html => html`<p>${inline(text)}</p>`;

/** A card's little Markdown: code, and bold; links lead to pages that are not at hand, so only their words stay. */
const inline = (text: string): readonly Html[] =>
  withoutLinks(text)
    .split(/(`[^`]*`|\*\*[^*]*\*\*)/)
    .map((part) => {
      if (part.startsWith('`')) return html`<code>${part.slice(1, -1)}</code>`;
      return part.startsWith('**') ? html`<strong>${part.slice(2, -2)}</strong>` : htmlText(part);
    });

const table = ({
  columns,
  rows,
}: CardTable): Html => html`<div class="scroll" tabindex="0" role="group" aria-label="Table"><table>
<thead><tr>${columns.map((text) => html`<th scope="col">${inline(text)}</th>`)}</tr></thead>
<tbody>${rows.map(
  (cells) =>
    html`<tr>${cells.map((cell, n) => (n === 0 ? html`<th scope="row">${inline(cell)}</th>` : html`<td>${inline(cell)}</td>`))}</tr>`,
)}</tbody></table></div>`;

const sequence = ({ about, to, lines }: CardSequence): Html => html`${paragraph(about)}
<pre tabindex="0">${lines.join('\n')}</pre>
${to !== undefined && html`<p class="small soft">Audited with <code>--to ${to}</code>.</p>`}`;
