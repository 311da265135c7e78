import type { Severity } from '../finding.ts';
import { counted } from '../words.ts';
import { type Html, html } from './html.ts';

/** Signs that tell severities apart without colours. */
const SIGNS: Readonly<Record<Severity, string>> = { error: '✕', warning: '▲', note: '●' };

/** A severity as a badge: sign, word, colour; with a count "4 errors". */
export const severityHtml = (severity: Severity, count?: number): Html =>
  html`<span class="severity severity-${count === 0 ? 'none' : severity}"><span aria-hidden="true">${SIGNS[severity]}</span>${count === undefined ? severity : counted(count, severity)}</span>`;
