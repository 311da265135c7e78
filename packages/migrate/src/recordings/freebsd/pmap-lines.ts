import { freebsd } from '@overmap/core';
import { RecordFields, shown } from '../record-fields.ts';

const { KEY_FLAGS, PAGE_SIZE, pagesOf, Pmap, PTE } = freebsd;

/** Told of what a line has and what the model answers. */
type ComparePmap = (field: string, expected: unknown, actual: unknown) => void;

/** Errors as the model names them: FreeBSD has one number for these two. */
const errorNamed = (name: string): string => (name === 'ENOTSUP' ? 'EOPNOTSUPP' : name);

/** Why a line is not compared, or how it is run: `run` answers the call's result. */
export type PmapStep = { readonly uncovered: string } | { readonly run: (compare: ComparePmap) => string };

/** What a step does to attributes besides what it says, and who is told of them. */
export interface PmapRun {
  /** Whether a removal of entries takes the range's attributes along: only if something is resident, or anyway. */
  readonly drops: (op: 'remove_keep' | 'map_delete', start: number, end: number) => 'never' | 'resident' | 'always';
  readonly changed?: freebsd.AttributeChange;
}

/** As the recorder did it: only the removal for a deleted mapping takes attributes. */
const AS_RECORDED: PmapRun = { drops: (op) => (op === 'map_delete' ? 'resident' : 'never') };

const STATE = ['seq', 'i', 'op', 'ret', 'ranges', 'ptes'];
const KNOWN: Readonly<Record<string, ReadonlySet<string>>> = {
  set: new Set([...STATE, 'addr', 'len', 'key', 'flags']),
  clear: new Set([...STATE, 'addr', 'len']),
  enter: new Set([...STATE, 'pages']),
  remove_keep: new Set([...STATE, 'addr', 'len', 'residentBefore']),
  map_delete: new Set([...STATE, 'addr', 'len', 'residentBefore']),
  fork: new Set([...STATE, 'copyret', 'child']),
  exec_or_exit: new Set(STATE),
};

/** Read one line of a sequence; what is malformed is in `fields.problem` afterwards. */
export function readPmapStep(fields: RecordFields, pmap: freebsd.Pmap, how: PmapRun = AS_RECORDED): PmapStep {
  const op = fields.text('op');
  const known = Object.hasOwn(KNOWN, op) ? KNOWN[op] : undefined;
  if (known === undefined) return { uncovered: `operation ${JSON.stringify(shown(op))} is not known` };
  const unknown = fields.unknownKey(known);
  if (unknown !== undefined) return { uncovered: `${op}: unknown key ${JSON.stringify(shown(unknown))}` };
  switch (op) {
    case 'set':
      return setStep(fields, pmap, how);
    case 'enter':
      return enterStep(fields, pmap);
    case 'fork':
      return forkStep(fields, pmap);
    case 'exec_or_exit':
      return ok(() => pmap.removeAll(how.changed));
    default:
      return rangeStep(fields, pmap, op === 'clear' ? op : op === 'map_delete' ? op : 'remove_keep', how);
  }
}

const ok = (run: (compare: ComparePmap) => void): PmapStep => ({
  run: (compare) => {
    run(compare);
    return 'ok';
  },
});

/** The pages of a line's address and length. */
export function range(fields: RecordFields): { start: number; end: number } {
  return pagesOf(fields.hex('addr', 64), fields.hex('len', 64));
}

function setStep(fields: RecordFields, pmap: freebsd.Pmap, { changed }: PmapRun): PmapStep {
  const { start, end } = range(fields);
  const key = fields.value('key');
  if (typeof key !== 'number' || !Number.isSafeInteger(key)) fields.blame('key', 'expected "key" to be a whole number');
  let flags = 0;
  for (const name of fields.list('flags')) {
    const bits = flagBits(name);
    if (bits === undefined) return { uncovered: `set: flag ${JSON.stringify(shown(String(name)))} is not known` };
    flags |= bits;
  }
  return { run: () => pmap.set(start, end, Number(key), flags, changed) ?? 'ok' };
}

/** A flag by its name; one without a meaning has its value in its name. */
function flagBits(name: unknown): number | undefined {
  if (name === 'EXCL' || name === 'PERSIST') return KEY_FLAGS[name];
  const reserved = /^RESERVED_([1-9]\d{0,8})$/.exec(String(name));
  return reserved === null ? undefined : Number(reserved[1]);
}

function enterStep(fields: RecordFields, pmap: freebsd.Pmap): PmapStep {
  const pages = fields
    .list('pages')
    .map((page, i) => Number(new RecordFields({ [`pages[${i}]`]: page }).hex(`pages[${i}]`, 64)));
  if (!fields.list('pages').every(isHex)) fields.blame('pages', 'expected "pages" to be hexadecimal numbers');
  if (pages.some((page) => page % PAGE_SIZE !== 0 || page >= pmap.maxUser))
    return { uncovered: 'enter: a page that is not one of user memory' };
  return ok(() => {
    for (const page of pages) pmap.enter(page, page + PAGE_SIZE);
  });
}

function rangeStep(
  fields: RecordFields,
  pmap: freebsd.Pmap,
  op: 'clear' | 'remove_keep' | 'map_delete',
  { drops, changed }: PmapRun,
): PmapStep {
  const { start, end } = range(fields);
  if (op === 'clear') return { run: () => pmap.clear(start, end, changed) ?? 'ok' };
  if (end <= start || end > pmap.maxUser) return { uncovered: `${op}: a range that is not in user memory` };
  const resident = fields.value('residentBefore');
  return ok((compare) => {
    if (resident !== undefined) compare('residentBefore', resident, pmap.entries.resident);
    const how = drops(op, start, end);
    if (how === 'always') pmap.dropVolatile(start, end, changed);
    pmap.remove(start, end, how === 'resident', changed);
  });
}

/** What is recorded of a fork is its first step, that copies the keys; entries come later. */
function forkStep(fields: RecordFields, pmap: freebsd.Pmap): PmapStep {
  const child = fields.object('child');
  const ranges = readRanges(child);
  const ptes = readEntries(child);
  if (child.problem !== undefined) fields.blame('child', child.problem.expected);
  const unknown = child.unknownKey(new Set(['ranges', 'ptes']));
  if (unknown !== undefined) return { uncovered: `fork: unknown key ${JSON.stringify(shown(unknown))} of the child` };
  const copied = fields.has('copyret') ? fields.text('copyret') : 'ok';
  return ok((compare) => {
    const made = pmap.forked();
    compare('copyret', copied, 'ok');
    compare('child.ranges', ranges, listRanges(made));
    compare('child.ptes', ptes, listEntries(made));
  });
}

const isHex = (value: unknown): boolean => typeof value === 'string' && /^0x[0-9a-fA-F]{1,16}$/.test(value);
const hexText = (value: unknown): string => `0x${BigInt(String(value)).toString(16)}`;

/** The state that a line has: ranges and entries, upward. */
export function readRanges(fields: RecordFields): unknown[] {
  const list = fields.list('ranges');
  const good = list.every(
    (one) =>
      Array.isArray(one) &&
      one.length === 4 &&
      isHex(one[0]) &&
      isHex(one[1]) &&
      typeof one[2] === 'number' &&
      typeof one[3] === 'boolean',
  );
  if (good) return (list as unknown[][]).map(([start, end, ...rest]) => [hexText(start), hexText(end), ...rest]);
  fields.blame('ranges', 'expected "ranges" to be a list of [start, end, key, persistent]');
  return [];
}

export function readEntries(fields: RecordFields): unknown[] {
  const list = fields.list('ptes');
  const good = list.every(
    (one) => Array.isArray(one) && one.length === 2 && isHex(one[0]) && typeof one[1] === 'number',
  );
  if (good) return (list as unknown[][]).map(([address, key]) => [hexText(address), key]);
  fields.blame('ptes', 'expected "ptes" to be a list of [address, key]');
  return [];
}

/** The same of the model. */
export const listRanges = (pmap: freebsd.Pmap): unknown[] =>
  pmap.attributes.list().map(({ start, end, value, persistent }) => [hexText(start), hexText(end), value, persistent]);

export function listEntries(pmap: freebsd.Pmap): unknown[] {
  const found: unknown[] = [];
  pmap.entries.pieces(0, pmap.maxUser, (start, end, bits) => {
    for (let page = start; page < end; page += PAGE_SIZE) found.push([hexText(page), bits & PTE.value]);
  });
  return found;
}

/** A pmap in the state of a line: after a line that the model does not run. Null: its state is none. */
export function pmapOf(fields: RecordFields, before: freebsd.Pmap): freebsd.Pmap | null {
  const pmap = new Pmap(before);
  const ranges = readRanges(fields) as [string, string, number, boolean][];
  const entries = readEntries(fields) as [string, number][];
  if (fields.problem !== undefined) return null;
  for (const [start, end, key, persistent] of ranges)
    if (pmap.set(Number(start), Number(end), key, persistent ? KEY_FLAGS.PERSIST : 0) !== null) return null;
  for (const [address, key] of entries) {
    if (!(Number(address) < pmap.maxUser) || Number(address) % PAGE_SIZE !== 0 || key < 0 || key > 15) return null;
    pmap.entries.enter(Number(address), Number(address) + PAGE_SIZE, key);
  }
  return pmap;
}

/** The result of a line, as the model names it. */
export function readResult(fields: RecordFields): string {
  const result = fields.text('ret');
  if (!/^(?:ok|E[A-Z]{1,20})$/.test(result)) fields.blame('ret', 'expected "ret" to be ok or the name of an error');
  return errorNamed(result);
}

/** A new sequence. A problem of it is in `fields.problem` afterwards; a text says why it is not run. */
export function newPmap(fields: RecordFields): freebsd.Pmap | string {
  const supported = fields.flag('pku');
  const maxUser = Number(fields.hex('maxUser', 64));
  const unknown = fields.unknownKey(new Set(['seq', 'op', 'base', 'pages', 'pku', 'maxUser']));
  if (unknown !== undefined) return `new: unknown key ${JSON.stringify(shown(unknown))}`;
  if (!Number.isSafeInteger(maxUser) || maxUser === 0 || maxUser % PAGE_SIZE !== 0)
    return 'new: user memory of another size';
  return new Pmap({ supported, maxUser });
}
