import type { PageOccurrence, PageRecord, PageRun } from '../../page-format/report-data.ts';
import { element } from '../element.ts';
import { counted, grouped } from './figures.ts';

/** Keys that have columns of their own, or say where a record is. */
const SHOWN = new Set(['event', 'line', 'op', 'cap', 'vspace', 'vaddr', 'ret', 'at', 'name']);

const ROLES: Readonly<Record<string, string>> = {
  mapped: 'made the mapping',
  cleared: 'cleared it',
  table: 'the page table went',
  cause: 'where it began',
  refused: 'was refused',
  key: 'set the key',
};

/** The records of a finding's context, or none. */
export const recordsOf = (run: PageRun | undefined, { records }: PageOccurrence): readonly PageRecord[] =>
  run === undefined || records === undefined ? [] : run.records.slice(records[0], records[1] + 1);

/**
 * The events that led to a finding and those that followed: at first those about its capabilities, its address and its
 * tests, on demand all that the run has.
 */
export function eventsTable(run: PageRun, occurrence: PageOccurrence): HTMLElement {
  const all = recordsOf(run, occurrence);
  const close = closeTo(all, occurrence);
  const body = element('tbody');
  const fill = (records: readonly PageRecord[]): void =>
    body.replaceChildren(...records.map((record) => row(record, occurrence)));
  fill(close);
  const table = element(
    'div',
    { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': 'Events' },
    element(
      'table',
      { class: 'events' },
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          ...['line', 'what', 'capability', 'vspace', 'address', 'answer', 'more'].map((text) =>
            element('th', { scope: 'col', class: text === 'line' ? 'number' : null }, text),
          ),
        ),
      ),
      body,
    ),
  );
  if (close.length === all.length) return table;
  const button = element(
    'button',
    { type: 'button', 'aria-expanded': 'false' },
    `Show all ${grouped(all.length)} recorded events`,
  );
  button.addEventListener('click', () => {
    const open = button.getAttribute('aria-expanded') === 'true';
    fill(open ? close : all);
    button.setAttribute('aria-expanded', String(!open));
    button.textContent = open
      ? `Show all ${grouped(all.length)} recorded events`
      : `Show the ${counted(close.length, 'event')} about it`;
  });
  return element('div', {}, table, button);
}

/** Those about the same capabilities or the same address, the event's neighbours, and marks. */
function closeTo(all: readonly PageRecord[], { event, related }: PageOccurrence): readonly PageRecord[] {
  const about = all.filter((record) => record.event === event || related.some((other) => other.event === record.event));
  const caps: ReadonlySet<unknown> = new Set(about.map((record) => record['cap']).filter((cap) => cap !== undefined));
  const places = new Set(about.filter((record) => record['vaddr'] !== undefined).map(placeOf));
  const close = all.filter(
    (record) =>
      about.includes(record) ||
      Math.abs(record.event - event) <= 2 ||
      record['op'] === 'mark' ||
      caps.has(record['cap']) ||
      (record['vaddr'] !== undefined && places.has(placeOf(record))),
  );
  return close.length < 3 ? all : close;
}

const placeOf = (record: PageRecord): string => `${String(record['vspace'])} ${String(record['vaddr'])}`;

function row(record: PageRecord, { event, related }: PageOccurrence): HTMLTableRowElement {
  const own = record.event === event;
  const role = own ? 'this event' : (ROLES[related.find((other) => other.event === record.event)?.role ?? ''] ?? '');
  const cell = (value: unknown): HTMLTableCellElement =>
    element('td', { class: 'mono' }, value === undefined ? '' : wordOf(value));
  const more = Object.entries(record).filter(([key]) => !SHOWN.has(key));
  const what = [record['op'], record['at'], record['name']]
    .flatMap((word) => (word === undefined ? [] : [wordOf(word)]))
    .join(' ');
  return element(
    'tr',
    { class: own ? 'own' : role === '' ? null : 'related' },
    element('td', { class: 'number' }, grouped(record.line)),
    element('th', { scope: 'row', class: 'mono' }, what, role === '' ? null : element('span', { class: 'role' }, role)),
    cell(record['cap']),
    cell(record['vspace']),
    cell(record['vaddr']),
    cell(record['ret']),
    element('td', { class: 'mono soft' }, more.map(([key, value]) => `${key} ${wordOf(value)}`).join(', ')),
  );
}

const wordOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
