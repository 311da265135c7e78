import { architecture, CAP_WORDS, type Columns, type KernelConfig } from '@overmap/core';
import { LINUX_RULES, RULES } from '@overmap/migrate';
import { counted, grouped } from '@overmap/report';
import { escapeText } from '@overmap/trace';
import { ByteWriter } from '../page-format/explore/bytes.ts';
import { writeRows } from '../page-format/explore/event-columns.ts';
import { type FollowerState, writeChange } from '../page-format/explore/follower-state.ts';
import {
  CALL_KEYS,
  LIFE_KEYS,
  type LinuxHead,
  type PageFinding,
  type PageHead,
  type Sel4Head,
  STALE_KEYS,
} from '../page-format/explore/page-data.ts';
import { freshFollower } from '../page-format/explore/fresh-follower.ts';
import { stateOf } from '../page-format/explore/follower-state.ts';
import { joinSections, writeTable } from '../page-format/explore/sections.ts';
import type { Gathered } from './gather.ts';
import type { Jump, RecordedTrace, TraceRecorder } from './trace-recorder.ts';

/** Characters of a name and of a message that a page shows. */
const NAME = 200;
const MESSAGE = 2000;
/** Findings that a page lists at most; the worst come first. */
const LISTED = 5000;
const SEVERITY = { error: 0, warning: 1, note: 2 } as const;

/** The data of a page, uncompressed: its head and its columns. */
export interface PageBytes {
  readonly head: PageHead;
  readonly bytes: Uint8Array;
}

/** @param input - its name as it is shown */
export function pageBytes(input: string, gathered: Gathered): PageBytes {
  const { recorder } = gathered;
  const { trace } = recorder;
  const lives = writeTable(LIFE_KEYS, recorder.lives.table);
  if (trace === null) {
    const head: LinuxHead = { system: 'linux', ...common(input, gathered, recorder.calls.event.length) };
    return { head, bytes: joinSections(head, [writeTable(CALL_KEYS, recorder.calls), lives]) };
  }
  const { columns } = recorder.rows;
  const stale = recorder.stale?.table;
  const head: Sel4Head = {
    system: 'sel4',
    ...common(input, gathered, columns.count),
    ...machine(trace),
    ...namesOf(trace, columns, recorder.jumps, stale?.slot ?? []),
    to: (recorder.head?.to ?? 'strict') as Sel4Head['to'],
  };
  const rows = new ByteWriter();
  writeRows(rows, columns);
  const sections = [
    rows.done(),
    lives,
    stale === undefined ? new Uint8Array(0) : writeTable(STALE_KEYS, stale),
    jumpBytes(head, recorder.jumps),
  ];
  return { head, bytes: joinSections(head, sections) };
}

function machine({
  header,
  from,
}: RecordedTrace): Pick<
  Sel4Head,
  'arch' | 'variant' | 'config' | 'asidPoolSlot' | 'rootTaskAssigned' | 'from' | 'source'
> {
  const { hyp, paBits, ptLevels, hugePage, userTop, smp, pcid } = header.config;
  const known = { hyp, paBits, ptLevels, hugePage, userTop, smp, pcid };
  const config = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)) as KernelConfig;
  return {
    arch: header.arch,
    variant: architecture(header.arch, config).variant,
    config,
    asidPoolSlot: header.asidPoolSlot,
    rootTaskAssigned: header.config.slots === undefined,
    from,
    source: escapeText(header.source, MESSAGE),
  };
}

function common(input: string, { recorder, choice }: Gathered, shown: number): Omit<LinuxHead, 'system'> {
  const { seen: events, lives, texts } = recorder;
  const all = recorder.findings.toSorted((a, b) => a.event - b.event);
  const worst =
    all.length <= LISTED ? all : all.toSorted((a, b) => SEVERITY[a.severity] - SEVERITY[b.severity]).slice(0, LISTED);
  const findings = worst.toSorted((a, b) => a.event - b.event).map(pageFinding);
  const named = new Set(findings.map(({ rule }) => rule));
  const rules = [...RULES, ...LINUX_RULES].filter(({ id }) => named.has(id)).map(({ id, title }) => ({ id, title }));
  return {
    tool: recorder.head?.tool ?? { name: 'overmap', version: '' },
    input: escapeText(input, MESSAGE),
    events,
    shown,
    windows: choice.windows.map((window, n) => ({ ...window, test: recorder.tests[n] ?? null })),
    leftOut: leftOut(recorder, choice.reach, choice.missed, choice.windows.length, shown, all.length - worst.length),
    spaces: lives.spaces.map(({ number, name }) => ({ number, name: escapeText(name, NAME) })),
    texts: texts.all,
    findings,
    rules,
  };
}

function leftOut(
  { seen: events, summary }: TraceRecorder,
  reach: number,
  missed: number,
  windows: number,
  shown: number,
  unlisted: number,
): string[] {
  const said: string[] = [];
  if (shown < events) {
    const what =
      reach === 0
        ? 'its beginning, since the audit found nothing'
        : `${counted(windows, 'part')} of the input, its beginning and at least ${counted(reach, 'record')} on each side of what the audit found or a migration changed. The state at the beginning of each part is that of the whole input up to there`;
    said.push(`${grouped(events - shown)} of ${counted(events, 'record')} are left out: the page shows ${what}.`);
  }
  if (missed > 0)
    said.push(
      `${counted(missed, 'event')} that findings name or a migration changed are in no part: there are too many, so the lesser ones were sampled evenly.`,
    );
  const counted_ = Object.values(summary?.truncated ?? {}).reduce((sum, n) => sum + n, 0) + unlisted;
  if (counted_ > 0) said.push(`${counted(counted_, 'finding')} more were counted and are not listed.`);
  if (summary?.interrupted === true) said.push('The audit was interrupted: this is the beginning of the input.');
  return said;
}

type Finding = TraceRecorder['findings'][number];

function pageFinding({
  fingerprint,
  rule,
  severity,
  message,
  event,
  line,
  test,
  site,
  vaddr,
  fix,
  related,
}: Finding): PageFinding {
  const place =
    site === null ? null : `${site.file}:${site.line}${site.function === null ? '' : ` (${site.function})`}`;
  return {
    fingerprint: fingerprint ?? '',
    rule,
    severity,
    message: escapeText(message, MESSAGE),
    event,
    line,
    test: test === null ? null : escapeText(test, NAME),
    site: place === null ? null : escapeText(place, NAME),
    vaddr: vaddr ?? null,
    fix: fix === null ? null : escapeText(fix.text, MESSAGE),
    related: related.map((other) => ({ event: other.event, line: other.line, role: other.role })),
  };
}

/** The names behind the numbers of what is shown. */
function namesOf(
  { tables }: RecordedTrace,
  columns: Columns,
  jumps: readonly (Jump | null)[],
  staleSlots: readonly number[],
): Pick<Sel4Head, 'names' | 'sites' | 'slots'> {
  const names: Record<string, string> = {};
  const sites: Record<string, string> = {};
  const slots: Record<string, string> = {};
  const name = (index: number): string => escapeText(String(tables.names.values[index] ?? ''), NAME);
  const slot = (dense: number): void => {
    if (dense <= 0 || slots[dense] !== undefined) return;
    const { number, cspace } = tables.slots.nameOf(dense);
    if (cspace !== undefined || number !== dense - 1)
      slots[dense] = cspace === undefined ? String(number) : `${number} of ${name(cspace)}`;
  };
  for (let i = 0; i < columns.count; i++) {
    for (const key of ['name', 'thread', 'cspace'] as const)
      if (columns[key][i] !== 0) names[columns[key][i]] = name(columns[key][i]);
    const site = tables.sites.values[columns.site[i]];
    if (columns.site[i] !== 0 && site !== undefined)
      sites[columns.site[i]] ??= escapeText(
        `${site.file}:${site.line}${site.function === undefined ? '' : ` (${site.function})`}`,
        NAME,
      );
    for (const key of ['cap', 'src', 'vspace'] as const) slot(columns[key][i]);
    for (const dense of columns.slotLists.get(i) ?? []) slot(dense);
  }
  for (const dense of staleSlots) slot(dense);
  for (const jump of jumps) {
    const caps = jump?.to.kernel.arrays[0] ?? new Int32Array(0);
    for (let c = CAP_WORDS; c < caps.length; c += CAP_WORDS) if (caps[c] !== 0) slot(c / CAP_WORDS);
  }
  return { names, sites, slots };
}

/** How the state differs where a window begins from what it was where the one before ended. */
function jumpBytes(head: Sel4Head, jumps: readonly (Jump | null)[]): Uint8Array {
  const out = new ByteWriter();
  let first: FollowerState | undefined;
  for (const jump of jumps) {
    out.unsigned(jump === null ? 0 : 1);
    if (jump === null) continue;
    first ??= stateOf(freshFollower(head));
    writeChange(out, jump.from ?? first, jump.to);
  }
  return out.done();
}
