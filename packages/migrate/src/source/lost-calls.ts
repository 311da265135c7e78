import type { Lines } from './line-table.ts';
import { withoutComments } from './preprocessor.ts';
import { builtIn, kernelSink } from './sinks.ts';
import type { SourceLanguage, SourceSite, TextRange } from './site.ts';

/** Calls by a kernel's name. */
const KERNEL_CALL = /\b((?:se)?[lL]4_\w*[pP]age_(?:Rem|M|rem|m)ap\w*)\s*\(/g;
/** The same, and methods of Rust's bindings. */
const KERNEL_OR_METHOD =
  /(?:\b(?=(?:se)?[lL]4_)|(?<=\.))((?:(?:se)?[lL]4_\w*[pP]age_(?:Rem|M|rem|m)ap\w*)|(?:(?:ept_|io_)?frame_map|frame_remap|(?:unchecked_)?page_map))\s*\(/g;

/**
 * Calls by a kernel's name that no tree has.
 *
 * @param code - the ranges of the text that are code
 * @param damaged - a part of the file was left out
 */
export function lostCalls(
  file: string,
  text: string,
  code: readonly (TextRange & { readonly language: SourceLanguage })[],
  damaged: boolean,
  found: ReadonlyMap<number, SourceSite>,
  lines: Lines,
): SourceSite[] {
  const lost: SourceSite[] = [];
  const covered = [...found.values()].toSorted((a, b) => a.start - b.start);
  for (const { start, end, language } of code) {
    const bare = withoutComments(text.slice(start, end));
    // The methods of Rust's bindings are common words: they count where code was left out.
    const methods = language === 'rust' && damaged;
    for (const match of bare.matchAll(methods ? KERNEL_OR_METHOD : KERNEL_CALL)) {
      const name = match[1] ?? '';
      const sink = kernelSink(name) ?? (methods ? builtIn(name) : null);
      if (sink === null) continue;
      const at = start + match.index;
      if (covers(covered, at, name) || isDeclaration(bare, match.index, name)) continue;
      const { line, column } = lines.at(at);
      const close = closing(bare, match.index + match[0].length - 1);
      const range = { start: at, end: start + close };
      lost.push({
        file,
        line,
        column,
        ...range,
        language,
        function: null,
        callee: name,
        kind: sink.kind,
        chain: [name],
        frame: null,
        vspace: null,
        vaddr: null,
        args: [],
        verdict: 'cannot tell',
        why: 'The code around this call does not parse, so that it cannot be judged.',
        path: [{ file, line, what: 'the map' }],
        confidence: 'low',
        result: 'passed on',
        resultName: null,
        statement: null,
        loop: null,
        earlier: null,
        test: null,
        inMacro: false,
      });
    }
  }
  return lost;
}

/** Whether one of the sites, which are in order, has the call of a name at a place. */
function covers(sites: readonly SourceSite[], at: number, name: string): boolean {
  let [low, high] = [0, sites.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sites[middle]?.start ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  // Calls around it begin before it; few are so deep.
  for (let i = low - 1; i >= 0 && i >= low - 64; i--) {
    const site = sites[i];
    if (site !== undefined && at < site.end && site.callee.includes(name)) return true;
  }
  return false;
}

/** A name before parentheses that is a definition or declaration, and no call. */
function isDeclaration(text: string, at: number, name: string): boolean {
  const before = text.slice(Math.max(0, at - 200), at);
  if (/\bfn\s+$/.test(before)) return true;
  const line = before.slice(Math.max(before.lastIndexOf(';'), before.lastIndexOf('}'), before.lastIndexOf('{')) + 1);
  if (/^\s*#\s*define\s+$/.test(before.slice(before.lastIndexOf('\n') + 1))) return true;
  const close = closing(text, text.indexOf('(', at + name.length));
  const after = text.slice(close, close + 40).trimStart();
  const typed = /[A-Za-z_]\w*[\s*&]+$/.test(line) && !/\b(?:return|else|do|case|goto|in|unsafe|await)\s*$/.test(line);
  return typed && /^(?:;|\{|__|[A-Z_]{4,})/.test(after);
}

/** The offset behind the parenthesis that closes the one at an offset. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length && at < open + 4000; at++) {
    if (text[at] === '(') depth++;
    else if (text[at] === ')' && --depth === 0) return at + 1;
  }
  return open + 1;
}
