import type { Finding } from './finding.ts';
import { jsonText } from './json-text.ts';
import type { ReplacedKinds } from './linux-summary.ts';
import { PLAIN, type Style } from './style.ts';
import { counted, grouped } from './words.ts';
import { wrap } from './wrap.ts';

/** A call of an strace log that was left as it is. */
export interface UnmigratedCall {
  readonly event: number;
  /** On which it was entered. */
  readonly line: number;
  readonly vaddr: string;
  /** Bytes. */
  readonly length: number;
  /** It was interrupted, and its range changed meanwhile. */
  readonly reason: 'interrupted';
  readonly message: string;
}

/** What became of an strace log that was rewritten so that nothing is replaced. */
export interface NoReplaceReport {
  readonly kind: 'linux-migration';
  readonly input: string;
  readonly output: string;
  readonly from: 'linux';
  readonly to: 'noreplace';
  /** System calls, of whatever name. */
  readonly calls: { readonly in: number; readonly out: number };
  readonly edits: {
    /** Calls of munmap put in front of others. */
    readonly munmaps: number;
    /** Calls of mmap that got MAP_FIXED_NOREPLACE for MAP_FIXED. */
    readonly noReplace: number;
    /** Calls that only got an unmap: mremap has no such flag, and with MAP_SHARED_VALIDATE a file's mmap does not take it. */
    readonly mremaps: number;
    readonly keptFlag: number;
  };
  /** Migrated calls of mmap by what they had replaced, as an audit counts them, and the bytes that calls had replaced. */
  readonly kinds: Readonly<ReplacedKinds>;
  readonly bytesReplaced: number;
  readonly windows: readonly Finding[];
  /** All windows, and those in an address space that several threads have. */
  readonly windowCount: number;
  readonly sharedWindows: number;
  readonly unmigrated: readonly UnmigratedCall[];
  readonly unmigratedCount: number;
  /** Calls after which address spaces were compared, and why they are not the same; null = they are. */
  readonly proof: {
    readonly compared: number;
    readonly failure: { readonly event: number; readonly line: number; readonly message: string } | null;
  };
}

/** The report as one line of JSON. */
export const noReplaceJson = (report: NoReplaceReport): string => `${jsonText(report)}\n`;

/** Windows, and calls that were left alone, that are shown unless all are asked for. */
const SHOWN = 5;
const KINDS: readonly (readonly [keyof ReplacedKinds, string])[] = [
  ['sameFile', 'another part of the same file'],
  ['anonOverFile', 'anonymous memory over a file'],
  ['overReserved', 'a reservation (PROT_NONE)'],
  ['anonOverAnon', 'anonymous memory over such memory'],
  ['fileOverAnon', 'a file over anonymous memory'],
  ['other', 'something else'],
];

/** The report for people. */
export function noReplaceTable(
  report: NoReplaceReport,
  {
    style = PLAIN,
    width = 100,
    verbose = false,
  }: { readonly style?: Style; readonly width?: number; readonly verbose?: boolean } = {},
): string {
  const { calls, edits, kinds, proof, windowCount, unmigratedCount } = report;
  const lines = [
    `linux to noreplace: ${counted(calls.in, 'call')} in, ${grouped(calls.out)} out`,
    `edits: ${counted(edits.munmaps, 'munmap')} inserted, ${counted(edits.noReplace, 'call')} with MAP_FIXED_NOREPLACE`,
  ];
  if (edits.mremaps > 0)
    lines.push(`${counted(edits.mremaps, 'mremap')} with an unmap alone: there is no such flag for it`);
  if (edits.keptFlag > 0)
    lines.push(
      `${counted(edits.keptFlag, 'mmap')} with an unmap alone: MAP_SHARED_VALIDATE of a file refuses the flag`,
    );
  const replaced = KINDS.filter(([kind]) => kinds[kind] > 0);
  if (replaced.length > 0) lines.push('', `what they had replaced (${grouped(report.bytesReplaced)} bytes)`);
  for (const [kind, what] of replaced) lines.push(`  ${grouped(kinds[kind]).padStart(9)}  ${what}`);
  const listed = (all: readonly { line: number; message: string }[], count: number): void => {
    const shown = all.slice(0, verbose ? Number.POSITIVE_INFINITY : SHOWN);
    for (const { line, message } of shown) lines.push(...wrap(`line ${line}: ${message}`, width, '    ', '  '));
    if (count > shown.length) lines.push(`  and ${grouped(count - shown.length)} more`);
  };
  if (windowCount > 0) {
    const shared =
      report.sharedWindows === 0
        ? ''
        : `, ${grouped(report.sharedWindows)} while several threads share the address space`;
    lines.push('', `note OM012 window: ${grouped(windowCount)}${shared}`);
    listed(report.windows, windowCount);
  }
  if (unmigratedCount > 0) {
    lines.push('', style.error(`not migrated: ${counted(unmigratedCount, 'call')}`));
    listed(report.unmigrated, unmigratedCount);
  }
  lines.push('');
  if (proof.failure === null)
    lines.push(
      ...wrap(
        `Proven: the same mappings after each of ${counted(proof.compared, 'call')}${windowCount === 0 ? '' : ', but for the windows'}, and ${unmigratedCount === 0 ? 'no call is refused' : 'no other call is refused'}.`,
        width,
        '',
        '',
      ),
    );
  else
    lines.push(
      ...wrap(
        style.error(
          `Not proven${proof.failure.line > 0 ? `, at line ${proof.failure.line}` : ''}: ${proof.failure.message}. Nothing was written.`,
        ),
        width,
        '',
        '',
      ),
    );
  return `${lines.join('\n')}\n`;
}
