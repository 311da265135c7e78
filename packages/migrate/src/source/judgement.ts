import type { MapCall } from './map-calls.ts';
import type { SiteVerdict } from './site.ts';

/** A place that a judgement rests on, by its offset. */
export interface JudgedPlace {
  readonly at: number;
  readonly what: string;
}

/** What a call site was judged to be. */
export interface Judgement {
  readonly verdict: SiteVerdict;
  readonly why: string;
  readonly path: readonly JudgedPlace[];
  readonly confidence: 'high' | 'medium' | 'low';
  /** The map that was at the place before. */
  readonly earlier: MapCall | null;
}

/** The answer is lost. */
export const LOST: ReadonlySet<string> = new Set(['ignored', 'stored and not read', 'printed']);
