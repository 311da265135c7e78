import { argumentsAt } from './macro-book.ts';
import type { Definition } from './sink-table.ts';

/** A `macro_rules!` that defines a function by a name that it is given. */
export interface Maker {
  readonly macro: string;
  /** Which of its arguments is the name. */
  readonly index: number;
  readonly definition: Definition;
}

/** The names of the functions that the uses of a macro in a text define. */
export function madeNames(text: string, { macro, index }: Maker): { readonly name: string }[] {
  const found: { name: string }[] = [];
  for (const { 0: all, index: at } of text.matchAll(new RegExp(`\\b${macro}\\s*!\\s*[({[]`, 'g'))) {
    const name = argumentsAt(text, at + all.length - 1)?.args[index];
    if (name !== undefined && /^[A-Za-z_]\w*$/.test(name)) found.push({ name });
  }
  return found;
}
