import type { SiteVerdict } from '../../src/source/site.ts';

/** A call of the corpus of which the analysis says something else than reading does, and why that is left so. */
export interface Disagreement {
  readonly file: string;
  readonly line: number;
  readonly says: SiteVerdict | 'not found';
  readonly why: string;
}

/** All that are known. */
export const DISAGREEMENTS: readonly Disagreement[] = [];
