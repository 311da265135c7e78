import {
  type Action,
  type MapMode,
  MOST_PAGES,
  type NamedBy,
  type Place,
  type Rights,
  type Source,
} from './scenario.ts';
import { type Word, WordError, type Words } from './words-of-line.ts';

/** What the steps above have declared. */
export interface Names {
  /** Pages of each area. */
  readonly areas: Map<string, number>;
  /** Pages of each memory object, copies of handles among them. */
  readonly objects: Map<string, number>;
  /** Names of new private memory. */
  readonly fresh: Set<string>;
  forked: boolean;
}

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,15}$/;
/** Pages that a large page covers on most architectures; what an area must have for one. */
const LARGE_PAGES = 512;
/** Most areas, and most memory objects: address space and memory of the smallest system. */
const MOST_NAMES = 16;
/** Keys of the processors that have them. */
const KEYS = 16;

const VERBS = {
  memory: (words, names) => {
    const name = newName(words, names);
    limit(names.objects, 'memory objects');
    const pages = count(words, MOST_PAGES);
    names.objects.set(name, pages);
    return { kind: 'memory', name, pages };
  },
  area: (words, names) => declareArea('area', words, names),
  reserve: (words, names) => declareArea('reserve', words, names),
  map: (words, names) => map(words, names),
  unmap: (words, names) => {
    const { place: at, pages } = range(words, names);
    return { kind: 'unmap', at, pages, of: words.takeIf('of') ? objectPage(words, names, pages) : null };
  },
  protect: (words, names) => {
    const { place: at, pages } = range(words, names);
    return { kind: 'protect', at, pages, rights: rights(words) };
  },
  move: (words, names) => {
    const { place: from, pages } = range(words, names);
    words.expect('to', '→', '->');
    const word = words.take('the place to move to, such as B+0');
    const to = placeOf(word, names);
    fits(to, pages, names, word);
    return { kind: 'move', from, pages, to };
  },
  touch: (words, names) => {
    const word = words.take('a place, such as A+0');
    const at = placeOf(word, names);
    fits(at, 1, names, word);
    const access = words.take('r, w or x');
    if (access.text !== 'r' && access.text !== 'w' && access.text !== 'x')
      throw new WordError(`a page is touched with r, w or x, not "${access.text}"`, access.column);
    return { kind: 'touch', at, access: access.text };
  },
  copy: (words, names) => {
    const name = objectName(words, names);
    words.expect('as');
    const as = newName(words, names);
    names.objects.set(as, names.objects.get(name) ?? 0);
    return { kind: 'copy', name, as };
  },
  delete: (words, names) => ({ kind: 'delete', name: objectName(words, names) }),
  key: (words, names) => {
    const { place: at, pages } = range(words, names);
    const word = words.take('a key, 0 to 15');
    const key = Number(word.text);
    if (!/^\d{1,2}$/.test(word.text) || key >= KEYS)
      throw new WordError(`a key is a number from 0 to 15, not "${word.text}"`, word.column);
    return { kind: 'key', at, pages, key, persist: words.takeIf('persist') };
  },
  invalidate: (words, names) => {
    const { place: at, pages } = range(words, names);
    return { kind: 'invalidate', at, pages };
  },
  swap: (words) => {
    words.expect('out');
    return { kind: 'swap-out' };
  },
  'drop-table': (words, names) => {
    const word = words.take('a place, such as A+0');
    const at = placeOf(word, names);
    fits(at, 1, names, word);
    return { kind: 'drop-table', at };
  },
  fork: (_words, names) => {
    names.forked = true;
    return { kind: 'fork' };
  },
} as const satisfies Readonly<Record<string, (words: Words, names: Names) => Action>>;

const DECLARES = new Set(['memory', 'area', 'reserve', 'fork', 'copy', 'delete']);

/** The action of a line. @throws WordError where it is wrong */
export function parseAction(words: Words, names: Names, inChild: boolean): Action {
  const verb = words.take('a step');
  const known = Object.keys(VERBS);
  if (!isVerb(verb.text))
    throw new WordError(`there is no step "${verb.text}"; known are ${known.join(', ')}`, verb.column);
  if (inChild && DECLARES.has(verb.text))
    throw new WordError(`"${verb.text}" is no step of a child; do it in the parent`, verb.column);
  if (verb.text === 'fork' && names.forked)
    throw new WordError('a scenario forks once; take the second fork out', verb.column);
  return VERBS[verb.text](words, names);
}

const isVerb = (text: string): text is keyof typeof VERBS => Object.hasOwn(VERBS, text);

function declareArea(kind: 'area' | 'reserve', words: Words, names: Names): Action {
  const name = newName(words, names);
  limit(names.areas, 'areas');
  const pages = count(words, MOST_PAGES);
  names.areas.set(name, pages);
  return { kind, name, pages };
}

function map(words: Words, names: Names): Action {
  let mode: MapMode = 'plain';
  if (words.takeIf('over')) mode = 'over';
  else if (words.takeIf('if')) {
    words.expect('free');
    mode = 'free';
  }
  const large = words.takeIf('large');
  const { place: to, pages, word } = large ? largePage(words, names) : range(words, names);
  const allowed = rights(words);
  const source = sourceOf(words, names, large ? 1 : pages);
  if (large && source.kind === 'object')
    throw new WordError('a large page shows new memory: write "as P" instead of "from …"', word.column);
  let by: NamedBy = 'default';
  if (words.takeIf('by')) {
    const named = words.take('pointer or address');
    if (named.text !== 'pointer' && named.text !== 'address')
      throw new WordError(`a place is named by pointer or by address, not by "${named.text}"`, named.column);
    by = named.text;
  }
  return { kind: 'map', mode, to, pages, large, rights: allowed, source, by };
}

function largePage(words: Words, names: Names): { place: Place; pages: number; word: Word } {
  const word = words.take('a place, such as A+0');
  const place = placeOf(word, names);
  if (place.page % LARGE_PAGES !== 0)
    throw new WordError(`a large page begins at a multiple of ${LARGE_PAGES} pages, such as A+0`, word.column);
  fits(place, LARGE_PAGES, names, word);
  return { place, pages: LARGE_PAGES, word };
}

function sourceOf(words: Words, names: Names, pages: number): Source {
  const from = words.peek === 'from';
  words.expect('from', 'as');
  if (from) return { kind: 'object', ...objectPage(words, names, pages) };
  const word = words.take('a name for the new memory');
  if (names.objects.has(word.text) || names.areas.has(word.text))
    throw new WordError(`"${word.text}" is a memory object or an area already; choose another name`, word.column);
  checkName(word);
  if (names.fresh.has(word.text))
    throw new WordError(`"${word.text}" names other new memory already; choose another name`, word.column);
  names.fresh.add(word.text);
  return { kind: 'fresh', name: word.text };
}

/** `X` or `X+1`. */
function objectPage(words: Words, names: Names, pages: number): { name: string; page: number } {
  const word = words.take('a memory object, such as X');
  const [name = '', page] = split(word);
  const has = names.objects.get(name);
  if (has === undefined) throw unknown(word, 'memory object', name, names.objects, 'memory X 4');
  if (page + pages > has)
    throw new WordError(`${name} has ${has} pages, and ${page + pages} would be needed`, word.column);
  return { name, page };
}

function objectName(words: Words, names: Names): string {
  const word = words.take('a memory object, such as X');
  if (!names.objects.has(word.text)) throw unknown(word, 'memory object', word.text, names.objects, 'memory X 4');
  return word.text;
}

function range(words: Words, names: Names): { place: Place; pages: number; word: Word } {
  const word = words.take('a place, such as A+0');
  const place = placeOf(word, names);
  const pages = count(words, MOST_PAGES);
  fits(place, pages, names, word);
  return { place, pages, word };
}

function placeOf(word: Word, names: Names): Place {
  const [area = '', page] = split(word);
  if (!names.areas.has(area)) throw unknown(word, 'area', area, names.areas, 'area A 16');
  return { area, page };
}

function fits({ area, page }: Place, pages: number, names: Names, word: Word): void {
  const has = names.areas.get(area) ?? 0;
  if (page + pages > has)
    throw new WordError(`${area} has ${has} pages, and ${page + pages} would be needed`, word.column);
}

/** `A+3` as name and number; `A` is `A+0`. */
function split(word: Word): [string, number] {
  const found = /^([^+]*)(?:\+(\d{1,5}))?$/.exec(word.text);
  if (found === null)
    throw new WordError(`"${word.text}" is no place; write a name and a page, such as A+0`, word.column);
  return [found[1] ?? '', Number(found[2] ?? 0)];
}

function unknown(
  word: Word,
  what: string,
  name: string,
  known: ReadonlyMap<string, number>,
  example: string,
): WordError {
  const there = known.size === 0 ? 'there is none' : `known are ${[...known.keys()].join(', ')}`;
  return new WordError(`there is no ${what} "${name}" (${there}); declare it above: ${example}`, word.column);
}

function limit(known: ReadonlyMap<string, number>, what: string): void {
  if (known.size >= MOST_NAMES) throw new WordError(`there are ${MOST_NAMES} ${what} already, which is the most`, 1);
}

function newName(words: Words, names: Names): string {
  const word = words.take('a name');
  checkName(word);
  if (names.areas.has(word.text) || names.objects.has(word.text) || names.fresh.has(word.text))
    throw new WordError(`"${word.text}" is declared already; choose another name`, word.column);
  return word.text;
}

function checkName({ text, column }: Word): void {
  if (!NAME.test(text))
    throw new WordError(`"${text}" is no name; use letters and digits, a letter first, at most 16`, column);
}

function count(words: Words, most: number): number {
  const word = words.take('a number of pages');
  const pages = Number(word.text);
  if (!/^\d{1,6}$/.test(word.text) || pages < 1 || pages > most)
    throw new WordError(`a number of pages from 1 to ${most} should stand here, not "${word.text}"`, word.column);
  return pages;
}

function rights(words: Words): Rights {
  const word = words.take('rights: r, rw, rx, rwx or none');
  if (word.text === 'none') return '';
  if (!/^r?w?x?$/.test(word.text) || word.text === '')
    throw new WordError(`rights are the letters r, w, x in this order, or none, not "${word.text}"`, word.column);
  return word.text;
}
