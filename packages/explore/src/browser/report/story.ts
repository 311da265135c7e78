import type { PageFinding, PageOccurrence, PageRecord, PageRun, ReportData } from '../../page-format/report-data.ts';
import { element, type Child } from '../element.ts';
import { addressLine } from './address-line.ts';
import { eventsTable, recordsOf } from './events-table.ts';
import { bytes, counted, grouped, pageSize } from './figures.ts';

/**
 * All that the page knows of a finding, in the order in which a person asks: what happened, where, to which capabilities,
 * what led to it, what to change.
 *
 * @param room - pixels that it is wide
 */
export function story(data: ReportData, finding: PageFinding, occurrence: PageOccurrence, room: number): HTMLElement {
  const run = data.runs[occurrence.run];
  const first = finding.seen[0];
  const main: Child[] = [
    // The row says it already, as the first run has it.
    occurrence.message === first?.message ? null : element('p', { class: 'message' }, occurrence.message),
    titled('The address line', run?.kind === 'trace' ? addressLine(occurrence, room) : null),
    titled('The capabilities', capabilities(recordsOf(run, occurrence), occurrence)),
    titled('The places in the source', places(occurrence)),
    titled('The change', patch(data, occurrence)),
  ];
  const beside: Child[] = [
    titled('What to change', change(data, finding, occurrence)),
    titled('Where', facts(finding, occurrence)),
  ];
  return element(
    'div',
    { class: 'story' },
    element('div', { class: 'main' }, ...main),
    element('div', { class: 'beside' }, ...beside),
    element('div', { class: 'below' }, titled('The events', events(run, occurrence))),
  );
}

const titled = (title: string, content: Child): Child =>
  content === null || content === undefined || content === false
    ? null
    : element('section', {}, element('h4', {}, title), content);

function facts(
  finding: PageFinding,
  {
    event,
    line,
    vaddr,
    bits,
    length,
    operation,
    protectionKey,
    process,
    time,
    test,
    cleanup,
    site,
    confidence,
    cause,
    count,
    path,
  }: PageOccurrence,
): HTMLElement {
  const rows: [string, Child][] = [];
  if (vaddr !== undefined) {
    const size = bits !== undefined ? `, ${pageSize(bits)}` : length !== undefined ? `, ${bytes(length)}` : '';
    rows.push(['Address', element('span', {}, element('span', { class: 'mono' }, vaddr), size)]);
  }
  rows.push(path === undefined ? ['Line of the file', grouped(line)] : ['Line', grouped(line)]);
  if (path === undefined) rows[rows.length - 1] = ['Event', `${grouped(event)}, on line ${grouped(line)}`];
  if (test !== null) rows.push(['Test', cleanup ? `${test}, in its clean-up` : test]);
  if (site !== null) {
    const name = site.function === null ? '' : `, in ${site.function}`;
    rows.push([
      'Call',
      element(
        'span',
        {},
        element('span', { class: 'mono' }, site.line === 0 ? site.file : `${site.file}:${site.line}`),
        name,
      ),
    ]);
  }
  if (operation !== undefined) rows.push(['Operation', element('span', { class: 'mono' }, operation)]);
  if (protectionKey !== undefined) rows.push(['Protection key', grouped(protectionKey)]);
  if (process !== undefined) rows.push(['Process', process]);
  if (time !== undefined) rows.push(['Time', `${time} s on the clock of the log`]);
  if (count !== undefined) rows.push(['Stands for', counted(count, 'occurrence')]);
  if (confidence !== undefined) rows.push(['Less certain', CONFIDENCE[confidence] ?? confidence]);
  if (cause !== undefined) rows.push(['Follows from', `event ${grouped(cause)}`]);
  rows.push(['Anchor', element('a', { class: 'mono', href: `#f-${finding.id}` }, `#f-${finding.id}`)]);
  return element(
    'dl',
    { class: 'facts' },
    ...rows.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
  );
}

const CONFIDENCE: Readonly<Record<string, string>> = {
  'after-divergence': 'recording and model disagreed before this event',
  assumed: 'the capability was never created in the trace',
};

/** The capability of the event, and the one that made the mapping that it is about. */
function capabilities(
  records: readonly PageRecord[],
  { event, related, before = [], after = [] }: PageOccurrence,
): HTMLElement | null {
  const own = records.find((record) => record.event === event);
  if (own?.['cap'] === undefined) return null;
  const mapped = related.find(({ role }) => role === 'mapped');
  const other = mapped === undefined ? undefined : records.find((record) => record.event === mapped.event);
  const columns: {
    readonly title: string;
    readonly record: PageRecord | undefined;
    readonly frame: string | null | undefined;
    readonly line: number;
  }[] = [
    { title: 'of this call', record: own, frame: after.find((page) => page.event === event)?.frame, line: own.line },
  ];
  if (mapped !== undefined && mapped.event !== event)
    columns.push({
      title: 'of the mapping',
      record: other,
      frame: before.find((page) => page.event === mapped.event)?.frame,
      line: mapped.line,
    });
  const rows: [string, (column: (typeof columns)[number]) => Child][] = [
    ['Capability', ({ record }) => (record === undefined ? 'outside of the recorded events' : shown(record['cap']))],
    ['Call', ({ record, line }) => `${record === undefined ? '' : `${shown(record['op'])} `}on line ${grouped(line)}`],
    [
      'Frame',
      ({ frame }) => (frame === undefined || frame === null ? 'not told' : element('span', { class: 'mono' }, frame)),
    ],
    ['VSpace', ({ record }) => shown(record?.['vspace'])],
    ['Address', ({ record }) => element('span', { class: 'mono' }, shown(record?.['vaddr']))],
    ['Rights', ({ record }) => shown(record?.['rights'])],
  ];
  return element(
    'div',
    { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': 'Capabilities' },
    element(
      'table',
      { class: 'capabilities' },
      element(
        'thead',
        {},
        element('tr', {}, element('td'), ...columns.map(({ title }) => element('th', { scope: 'col' }, title))),
      ),
      element(
        'tbody',
        {},
        ...rows
          .filter(
            ([name]) =>
              name === 'Capability' ||
              name === 'Call' ||
              columns.some(({ record, frame }) =>
                name === 'Frame'
                  ? frame !== undefined
                  : record?.[name.toLowerCase() === 'address' ? 'vaddr' : name.toLowerCase()] !== undefined,
              ),
          )
          .map(([name, value]) =>
            element(
              'tr',
              {},
              element('th', { scope: 'row' }, name),
              ...columns.map((column) => element('td', {}, value(column))),
            ),
          ),
      ),
    ),
  );
}

const shown = (value: unknown): string =>
  value === undefined ? '–' : typeof value === 'string' ? value : JSON.stringify(value);

function places({ path }: PageOccurrence): HTMLElement | null {
  if (path === undefined || path.length === 0) return null;
  return element(
    'ol',
    { class: 'places' },
    ...path.map(({ file, line, what }) =>
      element('li', {}, element('span', { class: 'mono' }, `${file}:${line}`), ` ${what}`),
    ),
  );
}

function events(run: PageRun | undefined, occurrence: PageOccurrence): Child {
  if (run === undefined || run.kind === 'source') return null;
  const { related, cut } = occurrence;
  const others = related.map(({ line, role }) => element('li', {}, `${ROLES[role] ?? role} on line ${grouped(line)}`));
  const list = others.length === 0 ? null : element('ul', { class: 'related' }, ...others);
  const why =
    cut === true
      ? 'The events around this finding were left out, to keep the page small.'
      : run.kind === 'log'
        ? 'A log of strace has no records to show: the line above is where the call is.'
        : run.kind === 'recording'
          ? 'Of a recording of this system an audit keeps no records: the line above is where the operation is.'
          : 'This run was made without --context: there are no events to show.';
  if (occurrence.records === undefined) return element('div', {}, list, element('p', { class: 'soft' }, why));
  return eventsTable(run, occurrence);
}

const ROLES: Readonly<Record<string, string>> = {
  mapped: 'The mapping was made',
  cleared: 'It was cleared',
  table: 'Its page table went',
  cause: 'The difference began',
  refused: 'The map was refused',
  key: 'The key was set',
};

function change(data: ReportData, { rule }: PageFinding, { fix, hunks = [], says, site }: PageOccurrence): HTMLElement {
  return element(
    'div',
    {},
    fix === null
      ? element('p', { class: 'soft' }, 'The rule has no general advice for this one.')
      : element('p', {}, ...inline(fix)),
    says === undefined ? null : element('p', {}, ...inline(says)),
    hunks.length === 0 && says === undefined && site !== null
      ? element(
          'p',
          { class: 'soft small' },
          'No change of the source was given for this place: "overmap migrate source … --format json" makes one.',
        )
      : null,
    data.titles[rule] === undefined
      ? null
      : element('p', {}, element('a', { href: `#rule-${rule}` }, `About ${rule}: ${data.titles[rule]}`)),
  );
}

/** The pieces of patches that are about the finding. */
function patch(data: ReportData, { hunks = [] }: PageOccurrence): HTMLElement | null {
  const pieces = hunks.flatMap((n) => data.hunks[n] ?? []);
  if (pieces.length === 0) return null;
  const line = (text: string): HTMLElement =>
    element('span', { class: text.startsWith('+') ? 'added' : text.startsWith('-') ? 'removed' : null }, `${text}\n`);
  return element(
    'div',
    {},
    ...pieces.map(({ file, from, text }) =>
      element(
        'figure',
        { class: 'diff' },
        element('figcaption', { class: 'mono small' }, `${file}, from line ${grouped(from)}`),
        element('pre', { tabindex: 0 }, ...text.map(line)),
      ),
    ),
  );
}

/** A text with `code` in it. */
const inline = (text: string): Child[] =>
  text.split(/(`[^`]*`)/).map((part) => (part.startsWith('`') ? element('code', {}, part.slice(1, -1)) : part));
