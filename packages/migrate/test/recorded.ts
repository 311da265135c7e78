import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bundled = fileURLToPath(new URL('../../../recordings', import.meta.url));

/** Every trace below a folder, sorted; none when the folder is missing. */
function tracesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.jsonl(\.gz)?$/.test(file))
    .sort()
    .map((file) => join(folder, file));
}

/** A bundled recording. */
export const recording = (path: string): string => join(bundled, path);

/** The bundled recordings of the kernels. */
export const kernelTraces = (): string[] => tracesBelow(join(bundled, 'sel4'));

/** The bundled recordings of clients. */
export const clientTraces = (): string[] => tracesBelow(join(bundled, 'sel4test'));

/** Recordings in the folder that OVERMAP_RECORDINGS names, if it is set: those with an seL4 header are replayed too. */
export const furtherTraces = (): string[] => ['sel4', 'sel4test'].flatMap(furtherOf);

/** The same of another system: those in a folder of this name there. */
export function furtherOf(part: string): string[] {
  const folder = process.env.OVERMAP_RECORDINGS;
  return folder === undefined || folder === '' ? [] : tracesBelow(join(folder, part));
}

/** Recordings of a live Linux: those that are bundled, and those in the folder that OVERMAP_RECORDINGS names. */
export function linuxRecordings(): { bundled: string[]; further: string[] } {
  const folder = process.env.OVERMAP_RECORDINGS;
  const further = folder === undefined || folder === '' ? [] : tracesBelow(join(folder, 'linux'));
  return { bundled: tracesBelow(join(bundled, 'linux')), further };
}
