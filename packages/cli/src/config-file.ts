import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { Options } from 'yargs';
import { CONFIG_NAME } from './config-name.ts';
import { didYouMean } from './did-you-mean.ts';
import { printable, quoted } from './printable.ts';
import { UsageError } from './usage-error.ts';

/** Options from a file. */
export interface Config {
  /** The file, as seen from the folder at hand. */
  readonly path: string;
  /** By their keys in {@link Values}. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Options whose values are paths; they are meant from the file's own folder. */
const PATHS: ReadonlySet<string> = new Set(['baseline', 'evidence', 'output']);
/** The value of `to` that is one. */
const RULE_FILE = /^\.{1,2}[/\\]|\.[cm]?js$/;
const NOT_THERE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EACCES']);

/**
 * The options of the nearest configuration file, in a folder or in one above it.
 *
 * @param folder - where to begin
 * @param known - the options that it may hold, by name; a single letter counts by its alias
 * @returns undefined where there is no file
 * @throws UsageError - that says what is wrong with it
 */
export function readConfig(folder: string, known: Readonly<Record<string, Options>>): Config | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const text = textOf(join(at, CONFIG_NAME));
    if (text !== undefined) {
      const path = relative(folder, join(at, CONFIG_NAME));
      return { path, options: optionsOf(text, at, folder, known, `The configuration ${printable(path, 200)}`) };
    }
    if (dirname(at) === at) return undefined;
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').replace(/^\ufeff/, '');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (NOT_THERE.has(code)) return undefined;
    throw new UsageError(`The configuration ${printable(path, 200)} cannot be read: ${code}.`, { cause: error });
  }
}

function optionsOf(
  text: string,
  at: string,
  folder: string,
  known: Readonly<Record<string, Options>>,
  what: string,
): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    const why = printable(error instanceof Error ? error.message : String(error), 200);
    throw new UsageError(`${what} is no JSON: ${why}.`, { cause: error });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new UsageError(`${what} must be an object, such as {"to": "exact", "fail-on": "warning"}.`);
  const keys = new Map<string, string>();
  for (const [name, { alias }] of Object.entries(known)) {
    const long = name.length === 1 && typeof alias === 'string' ? alias : name;
    if (long !== 'no-config') keys.set(long, name);
  }
  const options: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(parsed)) {
    const name = keys.get(key);
    if (name === undefined) {
      const names = [...keys.keys()];
      throw new UsageError(
        `${what} has the key ${quoted(key)}, which is no option of audit.${didYouMean(key, names)} Known: ${names.join(', ')}.`,
      );
    }
    options[name] = valueOf(key, value, known[name]?.type, what);
    if (typeof value !== 'string' || value === '-') continue;
    if (PATHS.has(key)) options[name] = fromHere(value, at, folder);
    else if (key === 'to') options[name] = targetsFromHere(value, at, folder);
  }
  return options;
}

function valueOf(key: string, value: unknown, type: Options['type'], what: string): unknown {
  const wrong = (wanted: string): UsageError => new UsageError(`${what}: ${quoted(key)} must be ${wanted}.`);
  const isText = (text: unknown): text is string => typeof text === 'string' && text !== '';
  if (type === 'boolean') {
    if (typeof value !== 'boolean') throw wrong('true or false');
    return value;
  }
  if (type === 'array') {
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (list.length === 0 || !list.every(isText)) throw wrong('a text, or a list of texts');
    return list;
  }
  if (!isText(value)) throw wrong('a text');
  return value;
}

/** What `to` names, rules as paths from here. A file whose name has a comma is one rule. */
function targetsFromHere(value: string, at: string, folder: string): string {
  const one = (word: string): string => (RULE_FILE.test(word) ? fromHere(word, at, folder) : word);
  if (RULE_FILE.test(value) && existsSync(resolve(at, value))) return one(value);
  return value
    .split(',')
    .map((word) => one(word.trim()))
    .join(',');
}

/** A path that was meant from the file's folder, as seen from where the program runs. */
function fromHere(path: string, at: string, folder: string): string {
  if (isAbsolute(path)) return path;
  const seen = relative(folder, resolve(at, path));
  return /^\.{1,2}[/\\]/.test(seen) || isAbsolute(seen) ? seen : `./${seen}`;
}
