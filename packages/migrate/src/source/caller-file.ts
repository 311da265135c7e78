/** What a call's surroundings tell beyond its function. */
export interface CallerFile {
  readonly path: string;
  /** Whether the file speaks of a name. */
  mentions(name: string): boolean;
  /** The type of a field, where the file declares exactly one of this name; as written. */
  typeOfField(name: string): string | null;
}

/** The type that a text of C, C++ or Rust declares for a field; null where there is none, or several. */
export function fieldType(text: string, name: string, rust: boolean): string | null {
  if (!/^\w+$/.test(name)) return null;
  const pattern = rust
    ? new RegExp(`\\b${name}\\s*:(?!:)\\s*([^,;{}()=|]+?)\\s*[,}\\n]`, 'g')
    : new RegExp(
        `(?:^|[;{}\\n])\\s*((?:[A-Za-z_][\\w:]*(?:<[^;{}()]*>)?\\s*[&*]*\\s+[&*]*)+)${name}\\s*(?:;|\\{|=)`,
        'g',
      );
  const found = new Set<string>();
  for (const [, type = ''] of text.matchAll(pattern)) {
    const plain = type.trim();
    if (!/^(?:return|goto|delete|new|else|case|typedef|using)\b/.test(plain)) found.add(plain);
    if (found.size > 1) return null;
  }
  const [only] = found;
  return only ?? null;
}
