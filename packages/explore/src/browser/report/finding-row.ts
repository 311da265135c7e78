import type { PageFinding, PageSeverity, ReportData } from '../../page-format/report-data.ts';
import { SEVERITY_SIGNS } from '../severity-sign.ts';
import { element } from '../element.ts';
import { bytes, counted, grouped, pageSize } from './figures.ts';
import { firstOf } from './select-findings.ts';
import { story } from './story.ts';

/** The sign of a severity alone; its word has to stand beside it. */
export const severitySign = (severity: PageSeverity): HTMLElement =>
  element('span', { class: `sign sign-${severity}`, 'aria-hidden': 'true' }, SEVERITY_SIGNS[severity]);

/** A severity as a badge: sign, word, colour. */
export const severityBadge = (severity: PageSeverity): HTMLElement =>
  element(
    'span',
    { class: `severity severity-${severity}` },
    element('span', { 'aria-hidden': 'true' }, SEVERITY_SIGNS[severity]),
    severity,
  );

/** A finding as one line that opens; its story is made when it does. */
export function findingRow(data: ReportData, finding: PageFinding): HTMLDetailsElement {
  const first = firstOf(finding);
  const { vaddr, bits, length, line, count, confidence } = first;
  const where = [
    first.site?.line === line && first.path !== undefined ? undefined : `line ${grouped(line)}`,
    vaddr,
    bits !== undefined ? pageSize(bits) : length !== undefined ? bytes(length) : undefined,
    count !== undefined && count > 1 ? counted(count, 'occurrence') : undefined,
    confidence === undefined ? undefined : 'less certain',
  ].filter((text) => text !== undefined);
  const row = element(
    'details',
    { class: `finding finding-${finding.severity}`, id: `f-${finding.id}` },
    element(
      'summary',
      {},
      severitySign(finding.severity),
      element('span', { class: 'visually-hidden' }, `${finding.severity}: `),
      element('span', { class: 'says' }, first.message),
      element(
        'span',
        { class: 'where' },
        element('span', { class: 'at' }, first.place),
        where.join(' · '),
        data.runs.length < 2 ? null : element('span', { class: 'in-runs' }, inRuns(data, finding)),
      ),
    ),
  );
  row.addEventListener('toggle', () => {
    if (row.open && row.childElementCount === 1) row.append(stories(data, finding, row.clientWidth));
  });
  return row;
}

/** "in A and C", "in every run". */
function inRuns(data: ReportData, { seen }: PageFinding): string {
  if (seen.length === data.runs.length) return 'in every run';
  return `only in ${seen.map(({ run }) => data.runs[run]?.letter ?? '?').join(', ')}`;
}

/** The story as the first run tells it, with buttons for the others. */
function stories(data: ReportData, finding: PageFinding, room: number): HTMLElement {
  const first = firstOf(finding);
  const holder = element('div', {}, story(data, finding, first, room));
  if (finding.seen.length === 1) return holder;
  const buttons = finding.seen.map((occurrence) => {
    const letter = data.runs[occurrence.run]?.letter ?? '?';
    const button = element(
      'button',
      { type: 'button', 'aria-pressed': String(occurrence === first) },
      `as in ${letter}`,
    );
    button.addEventListener('click', () => {
      for (const other of buttons) other.setAttribute('aria-pressed', String(other === button));
      holder.replaceChildren(story(data, finding, occurrence, room));
    });
    return button;
  });
  return element(
    'div',
    {},
    element('div', { class: 'in-run', role: 'group', 'aria-label': 'Run' }, ...buttons),
    holder,
  );
}
