import type { SourceSite } from '../site.ts';
import type { Node } from './syntax.ts';
import type { TextEdit } from './text-edit.ts';

/** The kinds of rewrites; each has a semantic patch of its own where one can say it. */
export const REWRITES = [
  'unmap-before',
  'unmap-in-loop',
  'check-result',
  'no-delete-first',
  'only-failed-lookup',
  'undo-prefix',
  'remap-to-map',
  'old-names',
] as const;
/** A kind of rewrite. */
export type RewriteKind = (typeof REWRITES)[number];

/** What can be done about a finding. */
export type Proposal =
  | {
      readonly kind: 'edit';
      readonly rewrite: RewriteKind;
      /** In the file. */
      readonly edits: readonly TextEdit[];
      /** What it does, as a sentence. */
      readonly says: string;
    }
  | {
      readonly kind: 'explanation';
      /** Why nothing is rewritten, and what a person can do: a sentence or two. */
      readonly says: string;
    };

/** A call in its syntax tree, with what a rewriter may look at. */
export interface SiteContext {
  readonly site: SourceSite;
  /** The whole file. */
  readonly text: string;
  /** Where the parsed text (the file, or a fence of a page) begins in the file. */
  readonly base: number;
  readonly call: Node;
  /** The function around the call; the parsed text where there is none. */
  readonly scope: Node;
  /** The other sites of this file in this function, in their order. */
  readonly neighbours: readonly SourceSite[];
  readonly tree: TreeFacts;
}

/** What a rewriter may ask of the whole tree. */
export interface TreeFacts {
  /** Whether a word stands anywhere in the tree's code. */
  readonly mentions: (word: string) => boolean;
  /** Whether the tree itself defines or declares this name. */
  readonly defines: (name: string) => boolean;
  /** The type that a function of this name returns, as its definitions in the tree say; null = none does, or they differ. */
  readonly returns: (name: string) => string | null;
  /** Callees of the direct calls inside of a function of this name. */
  readonly mapsWithin: (name: string) => ReadonlySet<string>;
}

export const explanation = (says: string): Proposal => ({ kind: 'explanation', says });
