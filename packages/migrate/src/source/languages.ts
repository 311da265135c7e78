import type { SourceLanguage } from './site.ts';

/** What a file holds, by its name. */
export type FileKind = SourceLanguage | 'header' | 'markdown';

const KINDS: Readonly<Record<string, FileKind>> = {
  c: 'c',
  h: 'header',
  cc: 'cpp',
  cpp: 'cpp',
  cxx: 'cpp',
  hh: 'cpp',
  hpp: 'cpp',
  hxx: 'cpp',
  inl: 'cpp',
  ipp: 'cpp',
  tpp: 'cpp',
  rs: 'rust',
  md: 'markdown',
  markdown: 'markdown',
  mdx: 'markdown',
};

/** What a file of this name holds; undefined = no source. */
export function fileKind(path: string): FileKind | undefined {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  const dot = name.lastIndexOf('.');
  return dot < 0 ? undefined : KINDS[name.slice(dot + 1).toLowerCase()];
}

/** A header is C++ if it has words that C has not. */
export const headerLanguage = (text: string): SourceLanguage =>
  /^\s*(?:class|namespace|template\s*<|using\s+\w+\s*=|public\s*:|private\s*:|protected\s*:)|\b(?:static_cast|constexpr|noexcept|nullptr)\b/m.test(
    text,
  )
    ? 'cpp'
    : 'c';

/** A block of code in Markdown. */
export interface Fence {
  readonly language: SourceLanguage;
  /** Offsets of its text, without the fences. */
  readonly start: number;
  readonly end: number;
}

const TAGS: Readonly<Record<string, SourceLanguage>> = {
  '': 'c',
  c: 'c',
  h: 'c',
  'c++': 'cpp',
  cpp: 'cpp',
  cc: 'cpp',
  cxx: 'cpp',
  hpp: 'cpp',
  rust: 'rust',
  rs: 'rust',
};

/**
 * The fenced blocks of a Markdown text whose language is one of ours, or not given.
 *
 * Source: CommonMark 0.31, fenced code blocks; a fence in a list item or a quotation may be indented.
 */
export function fencesOf(text: string): Fence[] {
  const fences: Fence[] = [];
  let open: { readonly mark: string; readonly tag: string; readonly start: number } | undefined;
  for (const match of text.matchAll(/^[ \t>]*(`{3,}|~{3,})[ \t]*([^\n]*)$/gm)) {
    const mark = match[1] ?? '';
    const info = (match[2] ?? '').trim();
    if (open === undefined) {
      if (mark.startsWith('`') && info.includes('`')) continue;
      const tag = /^\{?\s*\.?([\w+#-]*)/.exec(info)?.[1]?.toLowerCase() ?? '';
      open = { mark, tag, start: match.index + match[0].length + 1 };
    } else if (info === '' && mark[0] === open.mark[0] && mark.length >= open.mark.length) {
      const language = TAGS[open.tag];
      if (language !== undefined && match.index > open.start) {
        fences.push({ language, start: open.start, end: match.index });
      }
      open = undefined;
    }
  }
  const language = open === undefined ? undefined : TAGS[open.tag];
  if (open !== undefined && language !== undefined) fences.push({ language, start: open.start, end: text.length });
  return fences;
}
