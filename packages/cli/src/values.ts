import { didYouMean } from './did-you-mean.ts';
import { quoted } from './printable.ts';
import { UsageError } from './usage-error.ts';

/** The word, if it is one of the known. @throws UsageError - with what it could have been */
export function oneOf<T extends string>(what: string, word: string, known: readonly T[]): T {
  const found = known.find((name) => name === word);
  if (found !== undefined) return found;
  throw new UsageError(`There is no ${what} ${quoted(word)}.${didYouMean(word, known)} Known: ${known.join(', ')}.`);
}

/** What the command line gave, read with checks of its form. */
export class Values {
  private readonly raw: Readonly<Record<string, unknown>>;

  constructor(raw: Readonly<Record<string, unknown>>) {
    this.raw = raw;
  }

  /** Whether a switch is set. */
  flag(name: string): boolean {
    return this.single(name) === true;
  }

  /** The value of an option, if it was given. */
  text(name: string): string | undefined {
    const value = this.single(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'string' || value === '') throw new UsageError(`${dashed(name)} needs a value.`);
    return value;
  }

  /** The value of an option that has a few. */
  choice<T extends string>(name: string, known: readonly T[]): T | undefined {
    const word = this.text(name);
    return word === undefined ? undefined : oneOf(`${dashed(name)} value`, word, known);
  }

  /** The values of an option that may be repeated, or be a list with commas. */
  list(name: string): readonly string[] | undefined {
    const value = this.raw[name];
    if (value === undefined) return undefined;
    const words = (Array.isArray(value) ? value : [value]).flatMap((word) => String(word).split(','));
    const list = words.map((word) => word.trim()).filter((word) => word !== '');
    if (list.length === 0) throw new UsageError(`${dashed(name)} needs a value.`);
    return list;
  }

  /** Whether an option was given. */
  has(name: string): boolean {
    return this.raw[name] !== undefined;
  }

  /** The same, with these options as well. */
  with(more: Readonly<Record<string, unknown>>): Values {
    return new Values({ ...more, ...this.raw });
  }

  /** The arguments after the verb that are no options. */
  words(): readonly string[] {
    const words = this.raw['_'];
    return (Array.isArray(words) ? words : []).slice(1).map(String);
  }

  /** The arguments after the verb that are no options: at least one. */
  inputs(verb: string, what: string): readonly string[] {
    const inputs = this.words();
    if (inputs.length === 0) {
      throw new UsageError(`${verb} needs at least one ${what}: a file, or - for standard input.`);
    }
    if (inputs.includes('')) throw new UsageError(`An empty argument is no ${what}.`);
    if (inputs.filter((input) => input === '-').length > 1) {
      throw new UsageError('Standard input (-) can be read only once.');
    }
    return inputs;
  }

  /** The value of an option that is a whole number. */
  whole(name: string, least: number, most: number): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : this.wholeOf(name, text, least, most);
  }

  /** A whole number as part of an option's value. */
  wholeOf(name: string, text: string, least: number, most: number): number {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new UsageError(`${dashed(name)} is ${quoted(text)}; it must be a whole number from ${least} to ${most}.`);
  }

  private single(name: string): unknown {
    const value = this.raw[name];
    if (Array.isArray(value)) throw new UsageError(`${dashed(name)} is given more than once.`);
    return value;
  }
}

/** An option as it is typed. */
export const dashed = (name: string): string => (name.length === 1 ? `-${name}` : `--${name}`);
