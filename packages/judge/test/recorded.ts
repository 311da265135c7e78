import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { BuildName } from '../src/builds.ts';

const kernels = fileURLToPath(new URL('../../../recordings/sel4', import.meta.url));

/** An event of a recording, as it stands there. */
export interface Recorded {
  readonly op: string;
  readonly cap?: number;
  readonly src?: number;
  readonly n?: number;
  readonly bits?: number;
  readonly vspace?: number;
  readonly vaddr?: string;
  readonly rights?: string;
  readonly attr?: number;
  readonly ret?: string;
  readonly paddr?: string;
  readonly entries?: readonly (readonly [string, number, string])[];
}

/** The recordings of a real kernel, sorted. */
export function recordingsOf(build: BuildName, policy: 'legacy' | 'strict'): string[] {
  const folder = join(kernels, build, policy);
  return readdirSync(folder)
    .sort()
    .map((file) => join(folder, file));
}

/** The events of a recording, without its header. */
export const eventsOf = (path: string): Recorded[] =>
  gunzipSync(readFileSync(path))
    .toString('utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line) as Recorded);
