import { ATOMICITY_NAMES, BATCHED_NAMES, CODE_NAMES, Lookup, OBJ_NAMES, Op, type OpName, Why } from '@overmap/core';
import type { Problem } from './bad-line.ts';
import { escapeText } from './escape-text.ts';
import type { TraceEvent } from './event.ts';
import { COMMON_KEYS, MIGRATED_NAMES, MOST_OBJECTS, MOST_PARTS, OP_KEYS } from './record-keys.ts';
import { asName, asSite } from './tables.ts';

/** What a key's value must be: undefined when it is, otherwise the words for it. */
type Check = (value: unknown) => string | undefined;

const check =
  (test: (value: unknown) => boolean, words: string): Check =>
  (value) =>
    test(value) ? undefined : words;
const isInt = (value: unknown, most: number): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;
const integer = (most: number, words: string): Check => check((v) => isInt(v, most), words);
const oneOf = (names: readonly string[]): Check =>
  check((v) => typeof v === 'string' && names.includes(v), `one of ${names.map((n) => `"${n}"`).join(', ')}`);
const boolean = check((v) => typeof v === 'boolean', 'true or false');
const isHex = (v: unknown): boolean => typeof v === 'string' && /^0x[0-9a-f]{1,16}$/i.test(v);
const hex = check(isHex, 'an address of up to 64 bits as a string, such as "0x1000"');
const name = check((v) => typeof v === 'string' && asName(v) !== undefined, 'a string of at most 1,024 characters');
const nameOrNumber = check((v) => asName(v) !== undefined, 'a string of at most 1,024 characters, or an integer');
const slot = integer(Number.MAX_SAFE_INTEGER, 'a slot number (an integer from 0 to 2^53 - 1)');
const small = integer(0x7fffffff, 'an integer from 0 to 2^31 - 1');
const exact = integer(Number.MAX_SAFE_INTEGER, 'an integer from 0 to 2^53 - 1');
const word = integer(2 ** 64, 'an integer from 0 to 2^64 - 1');
const triples = check(
  (v) =>
    Array.isArray(v) &&
    v.every((t) => Array.isArray(t) && t.length === 3 && isHex(t[0]) && isInt(t[1], 99) && isHex(t[2])),
  'a list of [address, bits, entry], such as ["0x1000",12,"0x…"]',
);

const CHECKS: Readonly<Record<string, Check>> = {
  obj: oneOf(OBJ_NAMES.slice(1)),
  kind: oneOf(BATCHED_NAMES.slice(1)),
  mode: oneOf(ATOMICITY_NAMES),
  bits: integer(63, 'an integer from 0 to 63'),
  cap: slot,
  src: slot,
  vspace: slot,
  pool: slot,
  with: slot,
  n: small,
  vaddr: hex,
  paddr: hex,
  root: hex,
  rights: check((v) => typeof v === 'string' && /^[rwgG]*$/.test(v), 'a string of the letters r, w, g, G'),
  attr: word,
  badge: word,
  ret: oneOf(CODE_NAMES),
  via: oneOf(['swap']),
  name,
  at: oneOf(['start', 'end']),
  result: oneOf(['passed', 'failed']),
  entries: triples,
  tables: triples,
  asid: small,
  entry: hex,
  was: hex,
  replaced: hex,
  remap: boolean,
  alias: boolean,
  wasValid: integer(255, 'an integer from 0 to 255'),
  cleared: boolean,
  why: oneOf(Object.keys(Why).slice(1)),
  found: hex,
  boot: boolean,
  synth: boolean,
  assume: boolean,
  part: boolean,
  migrated: oneOf(MIGRATED_NAMES),
  seq: exact,
  thread: nameOrNumber,
  cspace: nameOrNumber,
  site: check((v) => asSite(v) !== undefined, 'an object {"file":"…","line":…,"function":"…"}'),
  arg: exact,
  min: exact,
  max: exact,
  avail: exact,
  lookup: check(isLookup, 'an object {"failedForSource":…,"type":"…","bits":…}'),
};
const DETAILS: Readonly<Record<string, readonly string[]>> = {
  InvalidArgument: ['arg'],
  InvalidCapability: ['arg'],
  RangeError: ['min', 'max'],
  FailedLookup: ['lookup'],
  NotEnoughMemory: ['avail'],
};

function isLookup(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { failedForSource, type, bits } = value as Record<string, unknown>;
  if (typeof failedForSource !== 'boolean' || typeof type !== 'string' || !Object.hasOwn(Lookup, type)) return false;
  return type === 'invalid_root' || isInt(bits, 0xfff);
}

/**
 * Check a parsed JSON value against the trace format.
 *
 * @param value - what a line of a trace holds
 * @param truth - whether ground truth is wanted; otherwise its keys are ignored as unknown ones are
 * @returns the event with exactly its operation's keys, or what is wrong with it (a `Problem` has the key `expected`)
 */
export function validateEvent(value: unknown, truth: boolean): TraceEvent | Problem {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { expected: `expected one JSON object, found ${say(value)}` };
  }
  const raw = value as Record<string, unknown>;
  const op = raw['op'];
  if (typeof op !== 'string' || !Object.hasOwn(Op, op)) {
    const found = op === undefined ? 'no "op"' : `${say(op)}`;
    return {
      expected: `expected an operation (one of ${Object.keys(Op).join(', ')}) in "op", found ${found}`,
      key: 'op',
    };
  }
  const keys = OP_KEYS[op as OpName];
  const event: Record<string, unknown> = { op };
  for (const key of keys.required) {
    if (raw[key] === undefined) return { expected: `expected the key "${key}", which "${op}" needs`, key: 'op' };
  }
  const ret = keys.required.includes('ret') || keys.optional.includes('ret') ? raw['ret'] : undefined;
  const details = typeof ret === 'string' && Object.hasOwn(DETAILS, ret) ? (DETAILS[ret] ?? []) : [];
  // A key that may be absent may also be null.
  const groups = [keys.required, keys.optional, details, truth ? keys.truth : [], COMMON_KEYS];
  for (const group of groups) {
    for (const key of group) {
      const found = raw[key];
      if (found === undefined) continue;
      if (found === null) {
        if (group !== keys.required) continue;
        if (key === 'cap' && op === 'make_pool' && ret !== 'ok') {
          event[key] = null;
          continue;
        }
      }
      const words = CHECKS[key]?.(found);
      if (words !== undefined) return { expected: `expected ${words} in "${key}", found ${say(found)}`, key };
      if (FALSE_IS_ABSENT.has(key) && found === false) continue;
      event[key] = key === 'site' ? asSite(found) : found;
    }
  }
  return unfit(event) ?? (event as unknown as TraceEvent);
}

const FALSE_IS_ABSENT = new Set(['remap', 'alias', 'boot', 'synth', 'assume', 'part']);

/** What no single key shows. */
function unfit(event: Record<string, unknown>): Problem | undefined {
  if (event['op'] === 'retype') {
    if (event['obj'] === 'page' && event['bits'] === undefined) {
      return { expected: 'expected the key "bits", which a retype to pages needs', key: 'obj' };
    }
    const { n, cap } = event as { n: number; cap: number };
    if (n > MOST_OBJECTS && event['ret'] === 'ok') {
      return { expected: `expected at most ${MOST_OBJECTS} objects of one retype in "n", found ${n}`, key: 'n' };
    }
    if (n <= MOST_OBJECTS && !Number.isSafeInteger(cap + n)) {
      return { expected: `expected slots up to 2^53 - 1, found ${n} from ${cap} on`, key: 'cap' };
    }
  }
  if (event['op'] === 'batch' && (event['n'] as number) > MOST_PARTS) {
    return {
      expected: `expected at most ${MOST_PARTS} parts of a batch in "n", found ${String(event['n'])}`,
      key: 'n',
    };
  }
  if (event['op'] === 'state' && (event['entries'] === undefined || event['tables'] === undefined)) {
    return { expected: 'expected the keys "entries" and "tables", which "state" needs', key: 'op' };
  }
  return undefined;
}

/** A value in few words, escaped. */
function say(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  // A string may be very long: it is cut before it is quoted.
  if (typeof value === 'string')
    return value.length > 40 ? escapeText(`"${value.slice(0, 40)}…"`) : escapeText(JSON.stringify(value));
  return String(value);
}
