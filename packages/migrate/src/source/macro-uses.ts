import { argumentsAt, type MacroText, macrosUsing, nameBuilders } from './macro-book.ts';
import { withoutComments } from './preprocessor.ts';
import type { SinkTable } from './sink-table.ts';

/** A use of a macro, and what it stands for. */
interface Use {
  readonly at: number;
  readonly text: string;
  /** Names that the macros bring in. */
  readonly words: readonly string[];
}

/** More uses than these in one file are not looked at. */
const MOST_USES = 20_000;

/** The macros of one file that build names, and its uses of those that any file defines. */
export class MacroUses {
  private readonly path: string;
  private readonly text: string;
  private own: readonly MacroText[] | undefined;
  /** How many of the book's names this file was searched for uses of them. */
  private searched = 0;
  private readonly using: Set<string> = new Set();
  private uses: readonly Use[] = [];
  private bare: string | undefined;
  private version = -1;
  private readonly generated: Set<string> = new Set();

  /** @param text - '' for a file that is not preprocessed */
  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
  }

  /** Whether the file uses any. */
  get some(): boolean {
    return this.using.size > 0;
  }

  /** Macros of this file that are new to the book: first those that build names, then those that use one of these. */
  news(table: SinkTable, mentions: (name: string) => boolean): MacroText[] {
    if (this.text === '') return [];
    const { macros } = table;
    const found: MacroText[] = [];
    if (this.own === undefined) {
      this.own = nameBuilders(this.text, this.path);
      found.push(...this.own);
    }
    const fresh = macros.builders.slice(this.searched).filter(mentions);
    this.searched = macros.builders.length;
    if (fresh.length > 0) {
      for (const name of fresh) this.using.add(name);
      this.version = -1;
      found.push(...macrosUsing(this.text, this.path, new Set(fresh)));
    }
    return found;
  }

  /** Offsets of uses that stand for a call of a sink, or its name. */
  places(table: SinkTable): number[] {
    return this.all(table)
      .filter(({ words }) => words.some((word) => table.knows(word)))
      .map(({ at }) => at);
  }

  /** Texts of functions that uses define, and that speak of sinks; each text once. */
  functions(table: SinkTable): string[] {
    const texts: string[] = [];
    for (const { text, words } of this.all(table)) {
      if (!/\)\s*\{/.test(text) || this.generated.has(text) || !words.some((word) => table.knows(word))) continue;
      this.generated.add(text);
      texts.push(text);
    }
    return texts;
  }

  private all(table: SinkTable): readonly Use[] {
    const { macros } = table;
    if (this.using.size === 0 || this.version === macros.version) return this.uses;
    this.version = macros.version;
    this.bare ??= withoutComments(this.text);
    const { bare } = this;
    const pattern = new RegExp(`\\b(?:${[...this.using].join('|')})\\b`, 'g');
    const uses: Use[] = [];
    for (const { 0: name, index } of bare.matchAll(pattern)) {
      if (uses.length >= MOST_USES) break;
      const open = /\s*\(/y;
      open.lastIndex = index + name.length;
      const given = open.test(bare) ? argumentsAt(bare, open.lastIndex - 1) : null;
      const text =
        macros.expand(name, given?.args ?? null, this.path) ??
        (given === null ? null : macros.expand(name, null, this.path));
      if (text === null || text === name) continue;
      const written = new Set(given === null ? [] : given.args.flatMap((arg) => arg.match(/\w+/g) ?? []));
      const words = (text.match(/[A-Za-z_]\w*/g) ?? []).filter((word) => !written.has(word));
      if (words.length > 0) uses.push({ at: index, text, words });
    }
    this.uses = uses;
    return uses;
  }
}
