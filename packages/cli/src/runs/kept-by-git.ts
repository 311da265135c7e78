import { treeState } from '@overmap/migrate';
import { escapeText } from '@overmap/trace';
import { UsageError } from '../usage-error.ts';

/** Files that a refusal names. */
const NAMED = 5;

/** @throws UsageError - where git could not give the files back as they are */
export function refuseUnlessKept(files: readonly string[]): void {
  if (files.length === 0) return;
  const state = treeState(files);
  if (state.kind === 'dirty')
    throw new UsageError(
      `Nothing was written: the git tree has changes that are not committed (${named(state.changed)}). Commit or stash them, or add --allow-dirty.`,
    );
  if (state.kind === 'unknown')
    throw new UsageError(
      `Nothing was written: git does not keep ${named(state.files)}, and could not give back what was there. Add --allow-dirty to write all the same.`,
    );
}

const named = (files: readonly string[]): string =>
  `${files
    .slice(0, NAMED)
    .map((file) => escapeText(file, 200))
    .join(', ')}${files.length > NAMED ? ` and ${files.length - NAMED} more` : ''}`;
