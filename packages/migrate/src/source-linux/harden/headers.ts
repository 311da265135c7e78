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
  const place = behindIncludes(text);
  if (place === null)
    return 'The file includes nothing itself, so there is no place for <errno.h>: include that first.';
  const eol = lineEnd(text, place.at - 1);
  const lines: string[] = [];
  if (errno) {
    lines.push('#include <errno.h>');
    says.push('<errno.h> is included, for EEXIST.');
  }
  if (guard) {
    lines.push('#ifndef MAP_FIXED_NOREPLACE', '#define MAP_FIXED_NOREPLACE 0x100000', '#endif');
    says.push(
      'MAP_FIXED_NOREPLACE is defined where the headers have it not: the file uses no other flag that they show under the same condition.',
    );
  }
  edits.push({ start: place.at, end: place.at, text: lines.map((line) => line + eol).join('') });
  return { edits, says };
}

/** Behind the include of <sys/mman.h>, or else behind the last one that no condition has. */
function behindIncludes(text: string): { readonly at: number } | null {
  let depth = 0;
  let last = -1;
  for (const match of text.matchAll(/^[ \t]*#[ \t]*(if|endif|include)\w*\b[^\n]*(?:\n|$)/gm)) {
    if (match[1] === 'if') depth++;
    else if (match[1] === 'endif') depth--;
    else if (depth === 0 && match[0].endsWith('\n')) {
      last = match.index + match[0].length;
      if (match[0].includes('sys/mman.h')) break;
    }
  }
  return last < 0 ? null : { at: last };
}
