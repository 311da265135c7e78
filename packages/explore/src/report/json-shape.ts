import { escapeText } from '@overmap/trace';

/** A file that is no result of this program; the message is the second half of a sentence about it. */
export class RunFileError extends Error {
  override readonly name = 'RunFileError';
}

/** An object of a JSON text. */
export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @param what - where it stands: "findings[3]" */
export function objectAt(value: unknown, what: string): JsonObject {
  if (isObject(value)) return value;
  throw new RunFileError(`${what} is no object`);
}

export function listAt(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value as unknown[];
  throw new RunFileError(`${what} is no list`);
}

export function textAt(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  throw new RunFileError(`${what} is no text`);
}

export function numberAt(value: unknown, what: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new RunFileError(`${what} is no number`);
}

export function oneOfAt<T extends string>(value: unknown, known: readonly T[], what: string): T {
  const found = known.find((word) => word === value);
  if (found !== undefined) return found;
  throw new RunFileError(`${what} is none of ${known.join(', ')}`);
}

/** Every value of an object whose values are numbers. */
export function countsAt(value: unknown, what: string): Readonly<Record<string, number>> {
  const object = objectAt(value, what);
  for (const [key, n] of Object.entries(object)) numberAt(n, `${what}.${escapeText(key, 40)}`);
  return object as Readonly<Record<string, number>>;
}

/** Makes sure that an object has these keys, with numbers. */
export function numbersAt(object: JsonObject, keys: readonly string[], what: string): void {
  for (const key of keys) numberAt(object[key], `${what}.${key}`);
}

/** A value that may be absent. */
export const optional = <T>(value: unknown, read: (value: unknown) => T): T | undefined =>
  value === undefined ? undefined : read(value);

/** A value that may be null. */
export const nullable = <T>(value: unknown, read: (value: unknown) => T): T | null =>
  value === null ? null : read(value);
