import type { Site } from './event.ts';
import { InternTable } from './intern-table.ts';
import { Slots } from './slots.ts';

/** Longest name, file or function, in UTF-16 units. */
const LONGEST = 1024;

/** What the numbers in columns stand for; one set for each trace. */
export interface TraceTables {
  /** Capability slots. */
  readonly slots: Slots;
  /** Names of marks and `other` operations, threads, CSpaces. */
  readonly names: InternTable<string | number>;
  /** Call sites. */
  readonly sites: InternTable<Site>;
}

/** Fresh tables, as a trace begins. */
export function makeTables(): TraceTables {
  return {
    slots: new Slots(),
    names: new InternTable<string | number>('(others)', asName),
    sites: new InternTable<Site>({ file: '(others)', line: 0 }, asSite),
  };
}

const isText = (v: unknown): v is string => typeof v === 'string' && v.length <= LONGEST;

/** A thread's or CSpace's name: a string of at most 1,024 characters, or an integer; otherwise undefined. */
export function asName(value: unknown): string | number | undefined {
  if (isText(value)) return value;
  return Number.isSafeInteger(value) ? (value as number) + 0 : undefined;
}

/** A call site with exactly its own keys, or undefined when the value is none. */
export function asSite(value: unknown): Site | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { file, line, function: name } = value as Record<string, unknown>;
  if (!isText(file) || !Number.isSafeInteger(line) || (line as number) < 0) return undefined;
  if (name === undefined || name === null) return { file, line: line as number };
  return isText(name) ? { file, line: line as number, function: name } : undefined;
}
