import { type ErrorName } from './errors.ts';
import { MEMORY_TYPES, type MemoryType } from './flags.ts';

/** What a handle of the memory scheme maps, by its number. */
export const MEMORY_HANDLES = ['zeroed', 'physical', 'translation'] as const;

/** A handle of the memory scheme. */
export interface MemoryHandle {
  readonly handle: (typeof MEMORY_HANDLES)[number];
  readonly memory: MemoryType;
  readonly contiguous: boolean;
  /** As the kernel numbers it: handle, memory type << 8, contiguous << 16. */
  readonly number: number;
}

/** Longest path that is looked at, in bytes. */
const LONGEST_PATH = 64;

const bytesOf = (text: string): number => {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4;
  }
  return bytes;
};

/**
 * Open a path of the memory scheme: `[zeroed|physical|translation][@[wb|wc|uc|dev][?phys_contiguous]]`.
 *
 * @param user - 0 may open all; others plain zeroed memory only
 * @returns the handle; ENOENT for a part that is not known, or EACCES. `scheme-root` is the root
 */
export function openMemory(path: string, user: number): MemoryHandle | ErrorName | 'scheme-root' {
  if (bytesOf(path) > LONGEST_PATH) return 'ENOENT';
  const trimmed = path.replace(/^\/+/, '');
  if (trimmed === 'scheme-root') return 'scheme-root';
  // A question mark means something behind an @ only (seen in the recording, docs/redox/observed.md).
  const [type, rest] = cut(trimmed, '@');
  const [memoryName, after] = cut(rest, '?');
  const handle = MEMORY_HANDLES.indexOf(type === '' ? 'zeroed' : (type as (typeof MEMORY_HANDLES)[number]));
  const memory = MEMORY_TYPES.indexOf(memoryName === '' ? 'wb' : (memoryName as MemoryType));
  const options = after.split(',').filter((option) => option !== '');
  if (handle < 0 || memory < 0 || options.some((option) => option !== 'phys_contiguous')) return 'ENOENT';
  const contiguous = options.length > 0;
  const number = handle | (memory << 8) | (contiguous ? 1 << 16 : 0);
  if (user !== 0 && number !== 0) return 'EACCES';
  return { handle: MEMORY_HANDLES[handle], memory: MEMORY_TYPES[memory], contiguous, number };
}

/** A text before and after the first of a character; nothing after where there is none. */
function cut(text: string, character: string): readonly [string, string] {
  const at = text.indexOf(character);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
