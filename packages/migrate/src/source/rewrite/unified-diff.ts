import { structuredPatch } from 'diff';

/** Lines around a change. */
const CONTEXT = 3;

/**
 * A change of a file as a unified diff that `git apply` and `patch -p1` take.
 *
 * @param file - its path with `/`, relative to where the patch is to be applied; an absolute one loses its first slash
 * @returns '' where nothing changed
 */
export function unifiedDiff(file: string, before: string, after: string): string {
  if (before === after) return '';
  const name = file
    .replaceAll('\\', '/')
    .replace(/^(?:\.\/)+/, '')
    .replace(/^\/+/, '');
  const { hunks } = structuredPatch(name, name, before, after, undefined, undefined, { context: CONTEXT });
  const text = hunks.map(
    ({ oldStart, oldLines, newStart, newLines, lines }) =>
      `@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@\n${lines.map((line) => `${line}\n`).join('')}`,
  );
  return `--- ${quoted(`a/${name}`)}\n+++ ${quoted(`b/${name}`)}\n${text.join('')}`;
}

const range = (start: number, lines: number): string => (lines === 1 ? String(start) : `${start},${lines}`);

/** A name with a space ends with a tab, and one with other odd characters stands in quotes, as git writes them. */
function quoted(name: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what has to be quoted
  if (!/["\\\u0000-\u001f\u007f]/.test(name)) return name.includes(' ') ? `${name}\t` : name;
  const bytes = [...Buffer.from(name, 'utf8')].map((byte) =>
    byte === 0x22 || byte === 0x5c
      ? `\\${String.fromCharCode(byte)}`
      : byte < 0x20 || byte > 0x7e
        ? `\\${byte.toString(8).padStart(3, '0')}`
        : String.fromCharCode(byte),
  );
  return `"${bytes.join('')}"`;
}
