import { gzipSync } from 'node:zlib';
import { pageDocument } from '@overmap/report';
import type { PageFinding } from '../page-format/explore/page-data.ts';
import { pageProgram } from '../page-program.ts';
import { explorerMarkup } from './explorer-markup.ts';
import { EXPLORER_STYLES } from './explorer-styles.ts';
import { gather, type GatherOptions } from './gather.ts';
import { pageBytes } from './page-bytes.ts';

/** How a page is made. */
export interface ExplorerOptions extends Omit<GatherOptions, 'most'> {
  /** Records that the page shows at most; 100,000 if not given. */
  readonly most?: number;
}

/** A page, and what can be said of it. */
export interface ExplorerPage {
  readonly html: string;
  /** Records of the input, and those that the page shows. */
  readonly events: number;
  readonly shown: number;
  /** Sentences about what was left out. */
  readonly leftOut: readonly string[];
  /** The findings that the page lists, the worst first. */
  readonly findings: readonly PageFinding[];
  readonly badLines: number;
  readonly interrupted: boolean;
}

/** Records that a page shows at most. */
const MOST = 100_000;
const RANK = { error: 0, warning: 1, note: 2 } as const;

/**
 * One self-contained page in which the address spaces of an input can be walked through time.
 *
 * @param path - a trace of seL4 or an strace log of Linux: a file, gzipped or not, which is read twice if it is large
 * @throws as `auditTrace`; Error when the page's program was not built
 */
export async function explorerPage(path: string, options: ExplorerOptions): Promise<ExplorerPage> {
  const gathered = await gather(path, { most: MOST, ...options });
  const start = performance.now();
  const { head, bytes } = pageBytes(path, gathered);
  const packed = gzipSync(bytes, { level: 9 }).toString('base64');
  const html = pageDocument({
    title: `${head.input.slice(head.input.lastIndexOf('/') + 1)} · overmap explorer`,
    body: explorerMarkup(head),
    styles: [EXPLORER_STYLES],
    scripts: [pageProgram('explore')],
    data: { trace: { packed } },
  });
  options.onPhase?.('page', performance.now() - start);
  const { events, shown, leftOut } = head;
  const findings = head.findings.toSorted((a, b) => RANK[a.severity] - RANK[b.severity]);
  return { html, events, shown, leftOut, findings, badLines: gathered.badLines, interrupted: gathered.interrupted };
}
