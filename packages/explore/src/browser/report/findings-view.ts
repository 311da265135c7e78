import type { PageFinding, PageSeverity, ReportData } from '../../page-format/report-data.ts';
import { element } from '../element.ts';
import { counted, grouped } from './figures.ts';
import { findingRow, severityBadge, severitySign } from './finding-row.ts';
import { byRule, firstOf, prepareSearch, type RuleRows, type Selection, selectFindings } from './select-findings.ts';

/** Rows of a rule that are there at first, and how many more each step brings. */
const FIRST = 25;
const STEP = 100;
/** What a place is called that is none. */
const NOWHERE = 'outside of any test';
/** Milliseconds after the last key before the list is made anew. */
const PAUSE = 120;

const SEVERITIES: readonly PageSeverity[] = ['error', 'warning', 'note'];

/** The list of findings with its controls. Only rows that somebody has asked for are in the page. */
export class FindingsView {
  private readonly data: ReportData;
  private readonly list: HTMLElement = element('div', { class: 'rules' });
  private readonly status: HTMLElement = element('p', { class: 'status soft', role: 'status' });
  private readonly search: HTMLInputElement = element('input', {
    type: 'search',
    id: 'find',
    placeholder: 'Message, test, file, address …',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  private readonly rule: HTMLSelectElement;
  private readonly sort: HTMLSelectElement;
  private readonly runs: HTMLSelectElement;
  private readonly severities: readonly (readonly [PageSeverity, HTMLInputElement])[];
  /** Rows asked for, by rule. */
  private shown = new Map<string, number>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(data: ReportData, place: HTMLElement) {
    this.data = data;
    this.rule = choice('rule', [['', 'All rules'], ...ruleOptions(data)]);
    this.sort = choice('sort', [
      ['severity', 'Severity'],
      ['order', 'Order of the run'],
      ['address', 'Address'],
    ]);
    this.runs = choice('runs', [
      ['all', 'All runs'],
      ['every', 'In every run'],
      ...data.runs.map(({ letter, input }, n): [string, string] => [
        String(n),
        `Only in ${letter}: ${input.slice(-60)}`,
      ]),
    ]);
    this.severities = SEVERITIES.map(
      (severity) => [severity, element('input', { type: 'checkbox', checked: true, id: `show-${severity}` })] as const,
    );
    place.replaceChildren(this.toolbar(), this.status, this.list);
    this.search.addEventListener('input', () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.refresh(), PAUSE);
    });
    for (const control of [this.rule, this.sort, this.runs, ...this.severities.map(([, box]) => box)])
      control.addEventListener('change', () => this.refresh());
    addEventListener('beforeprint', () => this.showAll());
    this.refresh();
    setTimeout(() => prepareSearch(data.findings), 100);
  }

  /**
   * Shows a finding: clears what hides it, opens it, and leads the keyboard there.
   *
   * @returns whether there is one of that fingerprint
   */
  open(id: string): boolean {
    const finding = this.data.findings.find((one) => one.id === id);
    if (finding === undefined) return false;
    let rows = this.rowsOf(finding);
    if (rows === undefined) {
      this.clear();
      rows = this.rowsOf(finding);
    }
    const at = rows?.rows.indexOf(finding) ?? 0;
    if (at >= this.limit(finding.rule)) this.shown.set(finding.rule, at + 1);
    this.refresh();
    const row = document.getElementById(`f-${id}`);
    if (!(row instanceof HTMLDetailsElement)) return false;
    row.open = true;
    row.scrollIntoView({ block: 'start', behavior: 'instant' });
    row.querySelector('summary')?.focus({ preventScroll: true });
    return true;
  }

  private rowsOf(finding: PageFinding): RuleRows | undefined {
    return this.selected().find(({ rows }) => rows.includes(finding));
  }

  private limit(rule: string): number {
    return this.shown.get(rule) ?? FIRST;
  }

  private clear(): void {
    this.search.value = '';
    this.rule.value = '';
    this.runs.value = 'all';
    for (const [, box] of this.severities) box.checked = true;
  }

  private selection(): Selection {
    const runs = this.runs.value;
    const sort = this.sort.value;
    return {
      text: this.search.value,
      severities: new Set(this.severities.filter(([, box]) => box.checked).map(([severity]) => severity)),
      rule: this.rule.value,
      runs: runs === 'all' || runs === 'every' ? runs : Number(runs),
      sort: sort === 'order' || sort === 'address' ? sort : 'severity',
    };
  }

  private selected(): RuleRows[] {
    const selection = this.selection();
    return byRule(selectFindings(this.data.findings, selection, this.data.runs.length), selection.sort);
  }

  private refresh(): void {
    const groups = this.selected();
    const found = groups.reduce((sum, { rows }) => sum + rows.length, 0);
    const all = this.data.findings.length;
    this.status.textContent =
      found === all
        ? `${counted(all, 'finding')} of ${counted(groups.length, 'rule')}`
        : `${grouped(found)} of ${counted(all, 'finding')}`;
    // What is open stays open.
    const open = new Map(
      [...this.list.querySelectorAll<HTMLDetailsElement>('details[open]')].map((row) => [row.id, row]),
    );
    const closed = new Set(
      [...this.list.querySelectorAll<HTMLElement>('.rule-group[data-closed]')].map(({ id }) => id),
    );
    this.list.replaceChildren(...groups.map((group) => this.group(group, open, closed)));
    if (found === 0)
      this.list.append(
        element(
          'p',
          { class: 'empty' },
          all === 0 ? 'No findings.' : 'No finding is like that. Clear the search, or choose more severities.',
        ),
      );
  }

  private showAll(): void {
    for (const { rule, rows } of this.selected()) this.shown.set(rule, Math.min(rows.length, 2000));
    this.refresh();
  }

  private group(
    group: RuleRows,
    open: ReadonlyMap<string, HTMLDetailsElement>,
    closed: ReadonlySet<string>,
  ): HTMLElement {
    const { rule, severity, rows, places, occurrences } = group;
    const title = this.data.titles[rule];
    const limit = Math.min(rows.length, this.limit(rule));
    const numbers = [
      counted(rows.length, 'finding'),
      occurrences > rows.length ? counted(occurrences, 'occurrence') : undefined,
      places > 1 ? `in ${counted(places, 'place')}` : undefined,
    ].filter((text) => text !== undefined);
    const body = element('div', { class: 'rows' });
    const toggle = element(
      'button',
      { type: 'button', class: 'fold', 'aria-expanded': 'true' },
      element('span', { class: 'mono' }, rule),
      title === undefined ? null : ` ${title}`,
    );
    const section = element(
      'section',
      { class: 'rule-group', id: `group-${rule}` },
      element(
        'header',
        {},
        element('h3', {}, toggle),
        severityBadge(severity),
        element('span', { class: 'numbers soft' }, numbers.join(', ')),
        title === undefined ? null : element('a', { class: 'about small', href: `#rule-${rule}` }, 'About this rule'),
      ),
      body,
    );
    toggle.addEventListener('click', () => {
      body.hidden = !body.hidden;
      toggle.setAttribute('aria-expanded', String(!body.hidden));
      section.toggleAttribute('data-closed', body.hidden);
    });
    if (closed.has(section.id)) toggle.click();
    this.append(body, group, 0, limit, open);
    return section;
  }

  /** Rows from one index to another, with a heading where a place begins, and a button where there are more. */
  private append(
    body: HTMLElement,
    group: RuleRows,
    from: number,
    to: number,
    open: ReadonlyMap<string, HTMLDetailsElement>,
  ): void {
    const { rule, rows, places } = group;
    // A heading for each place is worth its line where places have several findings.
    const headed = this.selection().sort === 'severity' && rows.length >= 2 * places && firstPlace(rows) !== NOWHERE;
    for (let n = from; n < to; n++) {
      const finding = rows[n];
      if (finding === undefined) break;
      const { place } = firstOf(finding);
      const before = rows[n - 1];
      if (headed && (before === undefined || firstOf(before).place !== place))
        body.append(
          element(
            'h4',
            { class: 'place' },
            place,
            element(
              'span',
              { class: 'soft' },
              ` ${grouped(rows.filter((one) => firstOf(one).place === place).length)}`,
            ),
          ),
        );
      const row = open.get(`f-${finding.id}`) ?? findingRow(this.data, finding);
      row.toggleAttribute('data-headed', headed);
      body.append(row);
    }
    if (to >= rows.length) return;
    const next = Math.min(rows.length, to + STEP);
    const more = element(
      'button',
      { type: 'button', class: 'more' },
      `Show ${grouped(next - to)} more of ${grouped(rows.length - to)}`,
    );
    more.addEventListener('click', () => {
      this.shown.set(rule, next);
      more.remove();
      this.append(body, group, to, next, new Map());
      body.querySelectorAll<HTMLElement>('.finding')[to]?.querySelector('summary')?.focus();
    });
    body.append(more);
  }

  private toolbar(): HTMLElement {
    const counts = new Map(
      SEVERITIES.map((severity) => [severity, this.data.findings.filter((one) => one.severity === severity).length]),
    );
    return element(
      'form',
      { class: 'toolbar no-print', role: 'search' },
      labelled('Find', this.search, 'labelled find'),
      element(
        'fieldset',
        { class: 'severities' },
        element('legend', {}, 'Severity'),
        ...this.severities.map(([severity, box]) =>
          element(
            'label',
            { for: box.id },
            box,
            severitySign(severity),
            severity,
            element('span', { class: 'soft' }, ` ${grouped(counts.get(severity) ?? 0)}`),
          ),
        ),
      ),
      labelled('Rule', this.rule),
      labelled('Sort by', this.sort),
      this.data.runs.length > 1 ? labelled('Runs', this.runs) : null,
    );
  }
}

const firstPlace = (rows: readonly PageFinding[]): string => (rows[0] === undefined ? '' : firstOf(rows[0]).place);

function ruleOptions(data: ReportData): [string, string][] {
  const rules = [...new Set(data.findings.map(({ rule }) => rule))].sort();
  return rules.map((rule) => [rule, data.titles[rule] === undefined ? rule : `${rule} ${data.titles[rule]}`]);
}

const labelled = (text: string, control: HTMLElement, name: string = 'labelled'): HTMLElement =>
  element('label', { class: name }, element('span', {}, text), control);

function choice(id: string, options: readonly (readonly [value: string, text: string])[]): HTMLSelectElement {
  return element(
    'select',
    { id: `choose-${id}` },
    ...options.map(([value, text]) => element('option', { value }, text)),
  );
}
