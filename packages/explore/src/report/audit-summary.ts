import { type AuditSummary, SEVERITIES } from '@overmap/report';
import { countsAt, listAt, numbersAt, objectAt, optional } from './json-shape.ts';

const COUNTS = [
  'maps',
  'mapsOk',
  'unmaps',
  'tableMaps',
  'remaps',
  'overmaps',
  'staleRemaps',
  'aliasMaps',
  'aliasUnmaps',
  'deadUnmaps',
  'deadDeletes',
  'reusedAsid',
  'staleAtTestEnd',
  'staleAtNextStart',
  'staleAtEnd',
  'outcomeChanges',
];
const LINUX = [
  'calls',
  'execs',
  'forks',
  'vmClones',
  'mmap',
  'munmap',
  'mprotect',
  'mremap',
  'brk',
  'mapFixed',
  'mapFixedOk',
  'replacing',
  'noReplace',
  'mremapFixed',
  'bytesReplaced',
  'bytesAtRisk',
  'unseen',
  'outcomeChanges',
  'guessedParents',
];
const KINDS = ['sameFile', 'anonOverFile', 'overReserved', 'anonOverAnon', 'fileOverAnon', 'other'];
const PCUABI = [
  'calls',
  'execs',
  'replayed',
  'placedAnew',
  'refused',
  'consequences',
  'unusable',
  'assumed',
  'brk',
  'guessedParents',
];
const SOURCE = ['files', 'lines', 'sites', 'direct', 'wrapped'];
const LINUX_SOURCE = ['files', 'sites', 'errors', 'warnings'];
const FREEBSD = [
  'scenarios',
  'sequences',
  'operations',
  'pagesLost',
  'pagesLostUnderTarget',
  'pagesLostKeyZero',
  'pagesInherited',
  'pagesLeft',
  'pagesOtherKey',
  'answers',
];
const REDOX = ['sessions', 'operations', 'operationsChanged', 'panics'];

/**
 * What is read of a summary is checked; the rest stays as it is.
 *
 * @throws {@link RunFileError} - when it is none
 */
export function auditSummary(value: unknown): AuditSummary {
  const summary = objectAt(value, 'summary');
  numbersAt(summary, ['events', 'states', 'badLines', 'otherLines', 'assumed', 'divergences'], 'summary');
  numbersAt(objectAt(summary['severities'], 'summary.severities'), SEVERITIES, 'summary.severities');
  countsAt(summary['findings'], 'summary.findings');
  countsAt(summary['truncated'], 'summary.truncated');
  optional(summary['known'], (known) => countsAt(known, 'summary.known'));
  const { sel4, linux, pcuabi, source, linuxSource, freebsd, redox } = summary;
  if (sel4 !== undefined) {
    const counts = objectAt(sel4, 'summary.sel4');
    numbersAt(counts, COUNTS, 'summary.sel4');
    countsAt(counts['undecidable'], 'summary.sel4.undecidable');
    for (const test of Object.values(objectAt(counts['byTest'], 'summary.sel4.byTest')))
      numbersAt(objectAt(test, 'a test of summary.sel4.byTest'), COUNTS, 'a test of summary.sel4.byTest');
  }
  if (linux !== undefined) {
    const counts = objectAt(linux, 'summary.linux');
    numbersAt(counts, LINUX, 'summary.linux');
    numbersAt(objectAt(counts['kinds'], 'summary.linux.kinds'), KINDS, 'summary.linux.kinds');
  }
  if (pcuabi !== undefined) {
    const counts = objectAt(pcuabi, 'summary.pcuabi');
    numbersAt(counts, PCUABI, 'summary.pcuabi');
    countsAt(counts['refusedBy'], 'summary.pcuabi.refusedBy');
  }
  if (source !== undefined) {
    const counts = objectAt(source, 'summary.source');
    numbersAt(counts, SOURCE, 'summary.source');
    countsAt(counts['byVerdict'], 'summary.source.byVerdict');
    listAt(counts['unparsed'], 'summary.source.unparsed');
    optional(counts['evidence'], (evidence) => countsAt(evidence, 'summary.source.evidence'));
  }
  if (linuxSource !== undefined) {
    const counts = objectAt(linuxSource, 'summary.linuxSource');
    numbersAt(counts, LINUX_SOURCE, 'summary.linuxSource');
    countsAt(counts['byVerdict'], 'summary.linuxSource.byVerdict');
    listAt(counts['unparsed'], 'summary.linuxSource.unparsed');
    optional(counts['evidence'], (evidence) => countsAt(evidence, 'summary.linuxSource.evidence'));
  }
  if (freebsd !== undefined) {
    const counts = objectAt(freebsd, 'summary.freebsd');
    numbersAt(counts, FREEBSD, 'summary.freebsd');
    countsAt(counts['lostBy'], 'summary.freebsd.lostBy');
    countsAt(counts['skipped'], 'summary.freebsd.skipped');
  }
  if (redox !== undefined) {
    const counts = objectAt(redox, 'summary.redox');
    numbersAt(counts, REDOX, 'summary.redox');
    for (const key of ['reached', 'changed', 'skipped']) countsAt(counts[key], `summary.redox.${key}`);
  }
  return summary as unknown as AuditSummary;
}
