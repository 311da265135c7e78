import { escapeText } from '@overmap/trace';
import type { AuditHead, AuditSummary, Sel4Summary } from './finding.ts';
import type { LinuxSourceSummary } from './linux-source-summary.ts';
import type { FreebsdSummary } from './freebsd-summary.ts';
import type { PcuabiSummary } from './pcuabi-summary.ts';
import type { RedoxSummary } from './redox-summary.ts';
import { counted, grouped, listed } from './words.ts';

/** Tests that a verdict names. */
const NAMED = 5;

/** The result of an audit, in a sentence or a few. */
export interface Verdict {
  /** Without line breaks. */
  readonly text: string;
  readonly sentences: readonly string[];
  /** There is nothing to complain of. */
  readonly clean: boolean;
}

/** The result of an audit. */
export function verdict(head: AuditHead, summary: AuditSummary): Verdict {
  const clean = summary.severities.error === 0 && summary.severities.warning === 0 && summary.interrupted !== true;
  const sentences: string[] = [];
  if (summary.interrupted === true) sentences.push('Interrupted: the figures cover what was read until then.');
  if (summary.sel4 !== undefined) sentences.push(...ofMaps(escapeText(head.to, 60), summary.sel4));
  else if (summary.source !== undefined) sentences.push(...ofSource(summary));
  else if (summary.linux !== undefined) sentences.push(...ofFixed(head.to === 'noreplace', summary));
  else if (summary.pcuabi !== undefined) sentences.push(ofCalls(summary.pcuabi));
  else if (summary.freebsd !== undefined) sentences.push(ofKeys(head, summary.freebsd));
  else if (summary.redox !== undefined) sentences.push(ofDefects(summary.redox));
  else if (clean) sentences.push('No error and no warning.');
  if (summary.badLines > 0) {
    sentences.push(`${counted(summary.badLines, 'line was', 'lines were')} malformed and left out.`);
  }
  return { text: sentences.join(' '), sentences, clean };
}

function ofMaps(to: string, sel4: Sel4Summary): string[] {
  const replaced = sel4.overmaps + sel4.staleRemaps;
  const maps = counted(sel4.mapsOk, 'successful map');
  const sentences: string[] = [];
  if (replaced === 0) {
    sentences.push(`None of ${maps} replaced another frame; ${changes(to, sel4)}.`);
    return sentences;
  }
  const kinds = sel4.overmaps > 0 && sel4.staleRemaps > 0 ? ` (${kindsOf(sel4)})` : '';
  sentences.push(`${grouped(replaced)} of ${maps} replaced another frame${kinds}; ${changes(to, sel4)}.`);
  const tests = Object.entries(sel4.byTest);
  const hit = tests.filter(([, counts]) => counts.overmaps + counts.staleRemaps > 0);
  if (hit.length > 0) {
    const names = hit.map(([name]) => escapeText(name, 60));
    const they = replaced === 1 ? 'It is' : 'They are';
    const outside = hit.reduce((n, [, counts]) => n - counts.overmaps - counts.staleRemaps, replaced);
    const rest = outside > 0 ? `, and ${grouped(outside)} outside of any test` : '';
    sentences.push(
      `${they} in ${grouped(hit.length)} of ${counted(tests.length, 'test')}: ${listed(names, NAMED)}${rest}.`,
    );
  }
  return sentences;
}

/** What calls with MAP_FIXED replaced. */
function ofFixed(refuses: boolean, { linux, findings }: AuditSummary): string[] {
  if (linux === undefined) return [];
  const { mapFixedOk, replacing, bytesAtRisk, bytesGivenBack } = linux;
  const calls = counted(mapFixedOk, 'successful MAP_FIXED call');
  if (replacing === 0) return [`None of ${calls} replaced anything that the log shows.`];
  const risky = (findings['OL001'] ?? 0) + (findings['OL005'] ?? 0) + (findings['OL010'] ?? 0);
  const data =
    risky === 0
      ? `none took away what could have been written${bytesGivenBack === 0 ? '' : `, but for ${grouped(bytesGivenBack)} bytes that the process gave back`}`
      : `${counted(risky, 'call')} took away memory that may have held data (${grouped(bytesAtRisk)} bytes; an strace log shows no writes)`;
  const refused = refuses ? ` MAP_FIXED_NOREPLACE would refuse ${replacing === 1 ? 'it' : 'them all'}.` : '';
  return [`${grouped(replacing)} of ${calls} replaced live memory; ${data}.${refused}`];
}

/** What PCuABI would refuse. */
function ofCalls({ replayed, refused, consequences, brk }: PcuabiSummary): string {
  const more = consequences === 0 ? '' : `; ${counted(consequences, 'more follows', 'more follow')} from that`;
  const heap = brk === 0 ? '' : `, and brk in ${counted(brk, 'process', 'processes')}`;
  return `PCuABI would refuse ${grouped(refused)} of ${counted(replayed, 'call')}${heap}${more}.`;
}

/** What two policies do to protection keys. */
function ofKeys({ from, to }: AuditHead, { operations, pagesLost, pagesLostUnderTarget }: FreebsdSummary): string {
  const lost = (pages: number, policy: string, other: string): string =>
    `${counted(pages, 'page')} ${pages === 1 ? 'loses its key' : 'lose their keys'} under ${escapeText(policy, 60)} while the mapping stays, and not under ${escapeText(other, 60)}`;
  const parts = [
    ...(pagesLost > 0 ? [lost(pagesLost, from, to)] : []),
    ...(pagesLostUnderTarget > 0 ? [lost(pagesLostUnderTarget, to, from)] : []),
  ];
  const ran = counted(operations, 'operation');
  if (parts.length === 0) return `In ${ran} no page loses its key under one policy alone while its mapping stays.`;
  return `In ${ran} ${parts.join('; ')}.`;
}

/** What Redox' defects did. */
function ofDefects({ operations, operationsChanged, changed, panics }: RedoxSummary): string {
  const ran = counted(operations, 'operation');
  if (operationsChanged === 0) return `None of ${ran} comes out otherwise with the defects repaired.`;
  const stops = panics === 0 ? '' : ` The kernel stops in ${counted(panics, 'session')}.`;
  const of = counted(Object.keys(changed).length, 'defect');
  return `${grouped(operationsChanged)} of ${ran} would come out otherwise with the defects repaired (${of}).${stops}`;
}

const kindsOf = (sel4: Sel4Summary): string =>
  `${counted(sel4.overmaps, 'over-map')}, ${counted(sel4.staleRemaps, 'stale remap')}`;

/** What the target does: it refuses exactly these, or differs in so many calls. */
function changes(to: string, sel4: Sel4Summary): string {
  const { outcomeChanges, overmaps, staleRemaps, aliasMaps } = sel4;
  if (outcomeChanges === 0) return `${to} would answer every call the same`;
  // strict lets stale remaps pass, and refuses alias maps; where neither occurs, the differences are the over-maps.
  const refuses =
    (to === 'strict' || to === 'exact') && staleRemaps === 0 && aliasMaps === 0 && outcomeChanges === overmaps;
  if (refuses) return `${to} would refuse ${overmaps === 1 ? 'it' : 'them'}`;
  return `${to} would answer ${counted(outcomeChanges, 'call')} differently`;
}

/** How many of the calls break, or may; those of Linux are told by themselves. */
function ofSource({ source, linuxSource, severities }: AuditSummary): string[] {
  const linux = linuxSource === undefined ? [] : [ofLinuxSource(linuxSource)];
  const calls = counted(source?.sites ?? 0, 'call that maps', 'calls that map');
  if (source?.sites === 0) return linux.length > 0 ? linux : ['No call maps anything.'];
  const error = severities.error - (linuxSource?.errors ?? 0);
  const warning = severities.warning - (linuxSource?.warnings ?? 0);
  if (error + warning === 0) return [`None of ${calls} is known to rely on over-mapping.`, ...linux];
  return [`${calls}: ${counted(error, 'error')} and ${counted(warning, 'warning')}.`, ...linux];
}

function ofLinuxSource({ sites, errors, warnings }: LinuxSourceSummary): string {
  const calls = counted(sites, 'call of Linux that may replace', 'calls of Linux that may replace');
  if (errors + warnings === 0) return `None of ${calls} is known to lose anything.`;
  return `${calls}: ${counted(errors, 'error')} and ${counted(warnings, 'warning')}.`;
}
