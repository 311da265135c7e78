import { lineEnd, type TextEdit } from '../../source/rewrite/text-edit.ts';

/** Flags that the C library shows under the same condition as MAP_FIXED_NOREPLACE: who uses one sees that, too. */
const SAME_CONDITION =
  /\bMAP_(?:ANON|ANONYMOUS|NORESERVE|POPULATE|STACK|HUGETLB|LOCKED|GROWSDOWN|NONBLOCK|DENYWRITE|FIXED_NOREPLACE)\b/;

/** What a file needs for the flag and for errno, as edits; a sentence where there is no place for it. */
export function headerEdits(
  text: string,
  needs: { readonly errno: boolean; readonly flag: boolean },
): { readonly edits: readonly TextEdit[]; readonly says: readonly string[] } | string {
  const edits: TextEdit[] = [];
  const says: string[] = [];
  const errno = needs.errno && !/\berrno\b|<errno\.h>|<cerrno>/.test(text);
  const guard = needs.flag && !SAME_CONDITION.test(text);
  if (!errno && !guard) return { edits, says };
  const place = includePlace(text);
  if (place === null)
    return 'The file includes nothing itself, so there is no place for <errno.h>: include that first.';
  const eol = lineEnd(text, place.end - 1);
  const put = (at: number, lines: readonly string[]): void =>
    void edits.push({ start: at, end: at, text: lines.map((line) => line + eol).join('') });
  const guarded = ['#ifndef MAP_FIXED_NOREPLACE', '#define MAP_FIXED_NOREPLACE 0x100000', '#endif'];
  if (errno) says.push('<errno.h> is included, for EEXIST.');
  if (guard)
    says.push(
      'MAP_FIXED_NOREPLACE is defined where the headers have it not: the file uses no other flag that they show under the same condition.',
    );
  if (errno && !place.own) put(place.end, ['#include <errno.h>', ...(guard ? guarded : [])]);
  else {
    if (errno) put(place.start, ['#include <errno.h>']);
    if (guard) put(place.end, guarded);
  }
  return { edits, says };
}

/** The include of <sys/mman.h>, or else the last one that no condition has. */
function includePlace(text: string): { readonly start: number; readonly end: number; readonly own: boolean } | null {
  let depth = 0;
  let found: { start: number; end: number; own: boolean } | null = null;
  for (const match of text.matchAll(/^[ \t]*#[ \t]*(if|endif|include)\w*\b[^\n]*(?:\n|$)/gm)) {
    if (match[1] === 'if') depth++;
    else if (match[1] === 'endif') depth--;
    else if (depth === 0 && match[0].endsWith('\n')) {
      const { index } = match;
      found = { start: index, end: index + match[0].length, own: match[0].includes('sys/mman.h') };
      if (found.own) break;
    }
  }
  return found;
}
