/** Macros without parameters that stand for a value, by name; one that is defined several times has its first body. */
export function valueMacros(texts: Iterable<string>): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const text of texts) {
    if (!text.includes('define')) continue;
    for (const match of text.matchAll(DEFINE)) {
      const [, name = '', body = ''] = match;
      const value = body.replace(/\\\r?\n/g, ' ').replace(/\/\*[^]*?\*\/|\/\/.*/g, ' ');
      if (!found.has(name)) found.set(name, value.trim());
    }
  }
  return found;
}

const DEFINE = /^[ \t]*#[ \t]*define[ \t]+([A-Za-z_]\w*)[ \t]+((?:[^\n\\]|\\[^\n]|\\\r?\n)*)/gm;
