import type { SiteVerdict } from '../../src/source/site.ts';

/** A call of the corpus of which the analysis says something else than reading does, and why that is left so. */
export interface Disagreement {
  readonly file: string;
  readonly line: number;
  readonly says: SiteVerdict | 'not found';
  readonly why: string;
}

/** All that are known. */
export const DISAGREEMENTS: readonly Disagreement[] = [
  {
    file: 'c/branches.c',
    line: 38,
    says: 'relies',
    why: 'That two #if blocks of one function are compiled together is not followed: one branch maps, another one unmaps.',
  },
  {
    file: 'c/old-remap.c',
    line: 26,
    says: 'swallows the error',
    why: 'Of two things that are wrong the other one is named; the rewriter looks at the name of the invocation first.',
  },
  {
    file: 'cpp/ranges.cc',
    line: 63,
    says: 'cannot tell',
    why: 'The address of a closure is not compared from call to call; the call inside is told as latent.',
  },
];
