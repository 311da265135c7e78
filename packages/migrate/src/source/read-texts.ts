import { readFileSync } from 'node:fs';
import type { SourceFile } from './source-files.ts';

/** The texts of files, and what cannot be read or changed. */
export interface SourceTexts {
  /** By path, in the order of the files. */
  readonly texts: ReadonlyMap<string, string>;
  /** Paths of files that are no UTF-8: their text does not give the same bytes again, so nothing may be written. */
  readonly frozen: ReadonlySet<string>;
  readonly unread: readonly { readonly path: string; readonly why: string }[];
}

/** Reads files as UTF-8. */
export function readTexts(files: readonly SourceFile[]): SourceTexts {
  const texts = new Map<string, string>();
  const frozen = new Set<string>();
  const unread: { path: string; why: string }[] = [];
  for (const { path } of files) {
    try {
      const bytes = readFileSync(path);
      const text = bytes.toString('utf8');
      texts.set(path, text);
      if (text.includes('\uFFFD') && !Buffer.from(text, 'utf8').equals(bytes)) frozen.add(path);
    } catch (error) {
      unread.push({ path, why: error instanceof Error ? error.message : String(error) });
    }
  }
  return { texts, frozen, unread };
}
