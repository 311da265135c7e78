import { escapeText } from '@overmap/trace';
import type { AuditSummary, SourceSummary } from './finding.ts';
import type { LinuxSourceSummary } from './linux-source-summary.ts';
import type { FreebsdSummary } from './freebsd-summary.ts';
import type { LinuxSummary } from './linux-summary.ts';
import type { PcuabiSummary } from './pcuabi-summary.ts';
import type { RedoxSummary } from './redox-summary.ts';
import { grouped } from './words.ts';

/** A count and what it counts; a label is indented by two spaces for each level that it is a part of. */
export type Row = readonly [label: string, value: number];

/** Rows of counts, aligned: labels left, figures with thousands separators right. */
function aligned(rows: readonly Row[]): string[] {
  const labels = Math.max(...rows.map(([label]) => label.length));
  const figures = Math.max(...rows.map(([, value]) => grouped(value).length));
  return rows.map(([label, value]) => `  ${label.padEnd(labels)}  ${grouped(value).padStart(figures)}`);
}

/**
 * The counts of an audit as lines. What every trace has is always shown, and so is what an audit looks for, also when
 * it is 0.
 */
export const countRows = (summary: AuditSummary): string[] => aligned(countPairs(summary));

/** The same as pairs. */
export function countPairs(summary: AuditSummary): Row[] {
  const { sel4, source, linux, linuxSource, pcuabi, freebsd, redox } = summary;
  const rows: Row[] = [source, linux, pcuabi, freebsd, redox].every((part) => part === undefined)
    ? [
        ['events', summary.events],
        ['states', summary.states],
      ]
    : [
        ...(source === undefined ? [] : sourceRows(source)),
        ...(linuxSource === undefined ? [] : linuxSourceRows(linuxSource)),
        ...(linux === undefined ? [] : linuxRows(linux)),
        ...(pcuabi === undefined ? [] : pcuabiRows(pcuabi)),
        ...(freebsd === undefined ? [] : freebsdRows(freebsd)),
        ...(redox === undefined ? [] : redoxRows(redox)),
      ];
  if (sel4 !== undefined) {
    rows.push(
      ['maps', sel4.maps],
      ['  successful', sel4.mapsOk],
      ['    remaps', sel4.remaps],
      ['    over-maps', sel4.overmaps],
      ['    stale remaps', sel4.staleRemaps],
      ['    alias maps', sel4.aliasMaps],
      ['table maps', sel4.tableMaps],
      ['unmaps', sel4.unmaps],
      ['  dead unmaps', sel4.deadUnmaps],
      ['  alias unmaps', sel4.aliasUnmaps],
      ['dead deletes', sel4.deadDeletes],
      ['calls through a reused ASID', sel4.reusedAsid],
      ["stale capabilities at a test's end", sel4.staleAtTestEnd],
      ["stale at the next test's start", sel4.staleAtNextStart],
      ['stale at the end of the trace', sel4.staleAtEnd],
      ['calls that would be answered differently', sel4.outcomeChanges],
    );
    for (const [rule, n] of Object.entries(sel4.undecidable)) rows.push([`cannot tell (${rule})`, n]);
  }
  const known = Object.values(summary.known ?? {}).reduce((sum, n) => sum + n, 0);
  if (summary.known !== undefined) rows.push(['findings that the baseline has, not listed', known]);
  if (summary.divergences > 0) rows.push(['recorded answers that are not those of the model', summary.divergences]);
  if (summary.assumed > 0) rows.push(['capabilities that the trace never created', summary.assumed]);
  if (summary.otherLines > 0) rows.push(['lines of other output, skipped', summary.otherLines]);
  if (summary.badLines > 0) rows.push(['malformed lines, left out', summary.badLines]);
  return rows;
}

/** Every verdict that was given, those with the most calls first. */
function sourceRows({ files, lines, sites, direct, wrapped, byVerdict, evidence, unparsed }: SourceSummary): Row[] {
  const verdicts = Object.entries(byVerdict).toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return [
    ['files', files],
    ['lines', lines],
    ['calls that map', sites],
    ["  by the kernel's names", direct],
    ['  through wrappers, libraries, macros and pointers', wrapped],
    ...verdicts.map(([verdict, n]): Row => [`  ${verdict}`, n]),
    ...(evidence === undefined
      ? []
      : ([
          ['calls that a recorded run proves', evidence.proved],
          ['calls that were exercised, and clean', evidence.clean],
          ['calls that no recorded run made', evidence.notExercised],
          ['recorded sites that fit no single call', evidence.unmatched],
        ] as const)),
    ...(unparsed.length === 0 ? [] : [['files that did not parse whole', unparsed.length] as const]),
  ];
}

/** Calls of Linux in source, by verdict as above. */
function linuxSourceRows({ sites, byVerdict, evidence }: LinuxSourceSummary): Row[] {
  const verdicts = Object.entries(byVerdict).toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return [
    ['calls of Linux that may replace what is mapped', sites],
    ...verdicts.map(([verdict, n]): Row => [`  ${verdict}`, n]),
    ...(evidence === undefined
      ? []
      : ([
          ['  in the recorded run: nothing replaced', evidence.likelySafe],
          ['  in the recorded run: replacing is meant', evidence.meant],
          ['  in the recorded run: live memory taken away', evidence.lost],
          ['recorded sites of MAP_FIXED that fit no single call', evidence.unmatched],
        ] as const)),
  ];
}

/** The counts of an strace log whose calls were made again on PCuABI. */
const pcuabiRows = (pcuabi: PcuabiSummary): Row[] => [
  ['calls', pcuabi.calls],
  ['programs begun (execve)', pcuabi.execs],
  ['made again on PCuABI', pcuabi.replayed],
  ['  placed anew', pcuabi.placedAnew],
  ['  refused', pcuabi.refused],
  ...Object.entries(pcuabi.refusedBy).map(([check, n]): Row => [`    ${check.replaceAll('-', ' ')}`, n]),
  ['  following from a refusal', pcuabi.consequences],
  ['  giving access that no pointer can use', pcuabi.unusable],
  ['about memory that the log does not show', pcuabi.assumed],
  ['processes with brk', pcuabi.brk],
  ...(pcuabi.guessedParents > 0 ? [['threads whose parent is a guess', pcuabi.guessedParents] as Row] : []),
];

const skippedRows = (skipped: Readonly<Record<string, number>>): Row[] =>
  Object.entries(skipped).map(([reason, n]): Row => [`not run: ${escapeText(reason, 80)}`, n]);

/** The counts of protection keys under two policies. */
const freebsdRows = (freebsd: FreebsdSummary): Row[] => [
  ['scenarios', freebsd.scenarios],
  ['sequences', freebsd.sequences],
  ['operations', freebsd.operations],
  ['pages that lose their key', freebsd.pagesLost],
  ...Object.entries(freebsd.lostBy).map(([op, n]): Row => [`  by ${escapeText(op, 40)}`, n]),
  ['pages that would lose it under the target', freebsd.pagesLostUnderTarget],
  ['pages that lose key 0', freebsd.pagesLostKeyZero],
  ['pages mapped anew that take an old key over', freebsd.pagesInherited],
  ['pages of holes that keep a key', freebsd.pagesLeft],
  ['pages with two keys', freebsd.pagesOtherKey],
  ['calls answered differently', freebsd.answers],
  ...skippedRows(freebsd.skipped),
];

/** The counts of Redox' defects. */
const redoxRows = (redox: RedoxSummary): Row[] => [
  ['sessions', redox.sessions],
  ['operations', redox.operations],
  ['  that come out otherwise with a defect repaired', redox.operationsChanged],
  ...Object.entries(redox.changed).map(([defect, n]): Row => [`    ${defect}`, n]),
  ['sessions in which the kernel stops', redox.panics],
  ...skippedRows(redox.skipped),
];

/** The counts of an strace log. */
const linuxRows = (linux: LinuxSummary): Row[] => [
  ['calls', linux.calls],
  ['programs begun (execve)', linux.execs],
  ['forks', linux.forks],
  ['clones that share memory', linux.vmClones],
  ['mmap', linux.mmap],
  ['  with MAP_FIXED', linux.mapFixed],
  ['    successful', linux.mapFixedOk],
  ['      replacing live memory', linux.replacing],
  ['        a mapping of the same file', linux.kinds.sameFile],
  ['        a file, by anonymous memory', linux.kinds.anonOverFile],
  ['        a reservation (PROT_NONE)', linux.kinds.overReserved],
  ['        anonymous memory, by anonymous', linux.kinds.anonOverAnon],
  ['        anonymous memory, by a file', linux.kinds.fileOverAnon],
  ['        other', linux.kinds.other],
  ['      where the log shows nothing mapped', linux.unseen],
  ['  with MAP_FIXED_NOREPLACE', linux.noReplace],
  ['munmap', linux.munmap],
  ['mprotect', linux.mprotect],
  ['mremap', linux.mremap],
  ['  with MREMAP_FIXED', linux.mremapFixed],
  ['brk', linux.brk],
  ['bytes replaced', linux.bytesReplaced],
  ['  that had been writable, and may have held data', linux.bytesAtRisk],
  ['  that had been writable, and were given back', linux.bytesGivenBack],
  ...(linux.outcomeChanges > 0 ? [['calls that would be answered differently', linux.outcomeChanges] as Row] : []),
  ...(linux.guessedParents > 0 ? [['threads whose parent is a guess', linux.guessedParents] as Row] : []),
];
