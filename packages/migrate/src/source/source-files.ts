import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type FileKind, fileKind } from './languages.ts';

/** Larger files are no source that anybody writes. */
const LARGEST = 4 << 20;
const SKIPPED_FOLDERS =
  /^(?:\.git|\.hg|\.svn|\.repo|node_modules|build|build[-_].*|_build|cmake-build.*|target|dist|out|\.cache|__pycache__|\.venv|venv)$/;

/** A file of a known language. */
export interface SourceFile {
  readonly path: string;
  readonly kind: FileKind;
  readonly bytes: number;
}

/** What a path holds. */
export interface SourceList {
  /** In the order of their paths. */
  readonly files: readonly SourceFile[];
  readonly skipped: readonly { readonly path: string; readonly why: string }[];
}

/**
 * The source files of a path, which is a file or a folder. Symbolic links in a folder are not followed.
 *
 * @throws what the file system says when the path itself cannot be read
 */
export function listSources(path: string): SourceList {
  const files: SourceFile[] = [];
  const skipped: { path: string; why: string }[] = [];
  const add = (at: string, bytes: number): void => {
    const kind = fileKind(at);
    if (kind === undefined) return;
    if (bytes > LARGEST) skipped.push({ path: at, why: 'larger than 4 MiB' });
    else files.push({ path: at, kind, bytes });
  };
  const walk = (folder: string): void => {
    let names: string[];
    try {
      names = readdirSync(folder);
    } catch (error) {
      skipped.push({ path: folder, why: error instanceof Error ? error.message : String(error) });
      return;
    }
    for (const name of names.toSorted()) {
      const at = join(folder, name);
      const stat = lstatSync(at, { throwIfNoEntry: false });
      if (stat === undefined) continue;
      if (stat.isSymbolicLink()) {
        if (fileKind(at) !== undefined) skipped.push({ path: at, why: 'a symbolic link' });
      } else if (stat.isDirectory()) {
        if (SKIPPED_FOLDERS.test(name)) skipped.push({ path: at, why: 'a folder that is not written by hand' });
        else walk(at);
      } else if (stat.isFile()) add(at, stat.size);
    }
  };
  readdirSyncOrFile(path, walk, (bytes) => {
    const kind = fileKind(path);
    if (kind !== undefined && bytes <= LARGEST) files.push({ path, kind, bytes });
    else skipped.push({ path, why: kind === undefined ? 'no source by its name' : 'larger than 4 MiB' });
  });
  return { files, skipped };
}

function readdirSyncOrFile(path: string, folder: (path: string) => void, file: (bytes: number) => void): void {
  // A link that is named on the command line is meant.
  const names = (() => {
    try {
      return readdirSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOTDIR') throw error;
      return undefined;
    }
  })();
  if (names !== undefined) folder(path);
  else file(lstatSync(path).size);
}
