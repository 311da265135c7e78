import { withoutComments } from '../preprocessor.ts';
import type { SourceSite } from '../site.ts';
import type { TreeFacts } from './proposal.ts';

/** Answers questions about the texts of a whole tree; each is looked for once. */
export class TreeWords implements TreeFacts {
  private readonly texts: ReadonlyMap<string, string>;
  private readonly sites: readonly SourceSite[];
  private readonly known: Map<string, boolean> = new Map();
  private readonly types: Map<string, string | null> = new Map();

  constructor(texts: ReadonlyMap<string, string>, sites: readonly SourceSite[]) {
    this.texts = texts;
    this.sites = sites;
  }

  readonly mentions = (word: string): boolean => this.look(`mentions ${word}`, new RegExp(`\\b${word}\\b`), false);

  /** A macro, a type, or a function with or without a body; calls and assignments are none. */
  readonly defines = (name: string): boolean =>
    this.look(
      `defines ${name}`,
      new RegExp(
        `^[ \\t]*#[ \\t]*define[ \\t]+${name}\\b|\\btypedef\\b[^;]*\\b${name}[ \\t]*[;,]|^[ \\t]*(?!return\\b|else\\b|case\\b)(?:[A-Za-z_]\\w*[\\s*]+){1,6}${name}\\s*\\(`,
        'm',
      ),
      true,
    );

  readonly returns = (name: string): string | null => {
    let type = this.types.get(name);
    if (type !== undefined) return type;
    const definition = new RegExp(
      `^[ \\t]*((?:(?:static|inline|extern|virtual|constexpr|const|struct)\\s+)*[A-Za-z_][\\w:]*(?:\\s*\\*+)?)\\s*(?:\\b[\\w:]+::)?\\b${name}\\s*\\([^;{}]*\\)[^;{}()]*[{;]`,
      'gm',
    );
    const found = new Set<string>();
    for (const text of this.texts.values()) {
      if (!text.includes(name)) continue;
      for (const [, written = ''] of withoutComments(text).matchAll(definition)) {
        const bare = written
          .replace(/\b(?:static|inline|extern|virtual|constexpr)\b/g, '')
          .replace(/\s+/g, ' ')
          .trim();
        if (!/^(?:return|else|case|goto|new|delete)\b/.test(bare)) found.add(bare);
      }
    }
    const [only] = found;
    type = found.size === 1 && only !== undefined ? only : null;
    this.types.set(name, type);
    return type;
  };

  readonly mapsWithin = (name: string): ReadonlySet<string> =>
    new Set(
      this.sites
        .filter((site) => site.function === name && (site.kind === 'page map' || site.kind === 'remap'))
        .map(({ callee }) => callee),
    );

  private look(key: string, pattern: RegExp, codeOnly: boolean): boolean {
    let found = this.known.get(key);
    if (found === undefined) {
      found = [...this.texts.values()].some(
        (text) => pattern.test(text) && (!codeOnly || pattern.test(withoutComments(text))),
      );
      this.known.set(key, found);
    }
    return found;
  }
}
