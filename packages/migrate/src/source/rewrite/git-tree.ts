import { spawnSync } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { realpathSync } from 'node:fs';

/** Whether what is about to be rewritten can be had back. */
export type TreeState =
  | { readonly kind: 'clean' }
  /** Files with changes that are not committed. */
  | { readonly kind: 'dirty'; readonly changed: readonly string[] }
  /** Files that no git tree knows. */
  | { readonly kind: 'unknown'; readonly files: readonly string[] };

/**
 * Whether git could give each of these files back as it is now: it tracks them, and nothing that it tracks in their
 * trees was changed since the last commit.
 *
 * @param files - paths
 */
export function treeState(files: readonly string[]): TreeState {
  const roots = new Map<string, string[]>();
  const unknown: string[] = [];
  for (const file of files) {
    const path = real(file);
    const root = git(dirname(path), ['rev-parse', '--show-toplevel'])?.trim();
    const tracked = root !== undefined && git(dirname(path), ['ls-files', '--error-unmatch', '--', path]) !== undefined;
    if (!tracked) unknown.push(file);
    else roots.set(root, [...(roots.get(root) ?? []), path]);
  }
  const changed = [...roots.keys()].flatMap((root) =>
    (git(root, ['status', '--porcelain', '--untracked-files=no']) ?? '? git status fails')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.slice(3)),
  );
  if (changed.length > 0) return { kind: 'dirty', changed };
  return unknown.length > 0 ? { kind: 'unknown', files: unknown } : { kind: 'clean' };
}

/** What git prints; undefined where it fails, or is not there. Programs that a repository's own settings name do not run. */
function git(folder: string, args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync('git', ['-c', 'core.fsmonitor=false', ...args], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  return status === 0 ? stdout : undefined;
}

function real(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return resolve(file);
  }
}
