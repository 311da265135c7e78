import { realpathSync, statSync } from 'node:fs';
import { UsageError } from '../usage-error.ts';

/** @throws UsageError - when the output is the input, which it would replace while it is read */
export function refuseReplacing(input: string, output: string): void {
  if (input !== '-' && realPath(input) === realPath(output))
    throw new UsageError('The output is also the input, which it would replace: name another file.');
}

/** @throws UsageError - when a path names something that cannot be read again from its beginning, as a pipe */
export function refuseUnrepeatable(input: string): void {
  const there = statSync(input, { throwIfNoEntry: false });
  if (there !== undefined && !there.isFile() && !there.isDirectory())
    throw new UsageError('migrate trace --to reads a trace twice, which a pipe cannot be: name a file.');
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
