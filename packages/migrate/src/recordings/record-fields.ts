import type { LineRecord, Problem } from '@overmap/trace';

const HEX = /^0x[0-9a-fA-F]{1,32}$/;
/** Text of a record that goes into a message. */
const SHOWN = 60;

/** Reads the keys of one record, and remembers the first that is missing or not what it should be. */
export class RecordFields {
  /** What is wrong with the record, once something is. */
  problem: Problem | undefined;
  private readonly record: LineRecord;
  /** Where the record stands within its line, for messages: `steps[2].`, or nothing. */
  private readonly within: string;

  constructor(record: LineRecord, within = '') {
    this.record = record;
    this.within = within;
  }

  has(key: string): boolean {
    return Object.hasOwn(this.record, key);
  }

  value(key: string): unknown {
    return this.has(key) ? this.record[key] : undefined;
  }

  /** A hexadecimal number written as text, below 2^bits. 0 if it is none. */
  hex(key: string, bits: number): bigint {
    const value = this.value(key);
    if (typeof value !== 'string' || !HEX.test(value)) {
      this.blame(key, `expected "${this.within}${key}" to be a hexadecimal number such as "0x1000"`);
      return 0n;
    }
    const number = BigInt(value);
    if (number >> BigInt(bits) === 0n) return number;
    this.blame(key, `expected "${this.within}${key}" to be below 2^${bits}`);
    return 0n;
  }

  text(key: string): string {
    const value = this.value(key);
    if (typeof value === 'string') return value;
    this.blame(key, `expected "${this.within}${key}" to be a text`);
    return '';
  }

  flag(key: string): boolean {
    const value = this.value(key);
    if (typeof value === 'boolean') return value;
    this.blame(key, `expected "${this.within}${key}" to be true or false`);
    return false;
  }

  /** A flag that may be left out: false then. */
  optionalFlag(key: string): boolean {
    return this.has(key) ? this.flag(key) : false;
  }

  list(key: string): readonly unknown[] {
    const value = this.value(key);
    if (Array.isArray(value)) return value;
    this.blame(key, `expected "${this.within}${key}" to be a list`);
    return [];
  }

  /** The fields of an object within. */
  object(key: string): RecordFields {
    const value = this.value(key);
    if (isRecord(value)) return new RecordFields(value, `${this.within}${key}.`);
    this.blame(key, `expected "${this.within}${key}" to be an object`);
    return new RecordFields({}, `${this.within}${key}.`);
  }

  /** The first key that is not among those known, or undefined. */
  unknownKey(known: ReadonlySet<string>): string | undefined {
    return Object.keys(this.record).find((key) => !known.has(key));
  }

  blame(key: string, expected: string): void {
    this.problem ??= { expected, key };
  }
}

/** Whether a value is an object with keys, as a record is. */
export function isRecord(value: unknown): value is LineRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text of a recording, cut for a message. */
export const shown = (text: string): string => (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
