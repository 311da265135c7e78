import type { LineRecord, Problem } from '@overmap/trace';

/** A record that is none of its kind: what was expected, and the key to blame. */
export class MalformedRecord extends Error {
  readonly problem: Problem;

  constructor(key: string, expected: string) {
    super(expected);
    this.problem = { expected, key };
  }
}

export const isRecord = (value: unknown): value is LineRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The keys of a record, each with what it must hold. All throw {@link MalformedRecord}. */
export function recordAt(record: LineRecord, key: string): LineRecord {
  const value = record[key];
  if (!isRecord(value)) throw new MalformedRecord(key, `expected "${key}" to be an object`);
  return value;
}

/** A number that is whole, from 0 (or -1 where that means "none") to 2^53 - 1. */
export function numberAt(record: LineRecord, key: string): number {
  const value = record[key];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < -1)
    throw new MalformedRecord(key, `expected "${key}" to be a whole number`);
  return value;
}

export function textAt(record: LineRecord, key: string): string {
  const value = record[key];
  if (typeof value !== 'string') throw new MalformedRecord(key, `expected "${key}" to be a text`);
  return value;
}

export function listAt(record: LineRecord, key: string): readonly unknown[] {
  const value = record[key];
  if (!Array.isArray(value)) throw new MalformedRecord(key, `expected "${key}" to be a list`);
  return value;
}

/** A list of lists of whole numbers, such as spans. */
export function rowsAt(record: LineRecord, key: string, width: number): readonly (readonly number[])[] {
  return listAt(record, key).map((row) => numbers(row, key, width));
}

/** A list of so many whole numbers. */
export const numbersAt = (record: LineRecord, key: string, width: number): readonly number[] =>
  numbers(record[key], key, width);

function numbers(value: unknown, key: string, width: number): readonly number[] {
  if (!Array.isArray(value) || value.length !== width || !value.every((item) => Number.isSafeInteger(item)))
    throw new MalformedRecord(key, `expected "${key}" to hold ${width} whole numbers`);
  return value as readonly number[];
}

const HEX = /^0x[0-9a-fA-F]{1,16}$/;

/** A hexadecimal number of up to 64 bits. */
export function hexAt(record: LineRecord, key: string): bigint {
  const text = textAt(record, key);
  if (!HEX.test(text)) throw new MalformedRecord(key, `expected "${key}" to be a hexadecimal number such as "0x1000"`);
  return BigInt(text);
}
