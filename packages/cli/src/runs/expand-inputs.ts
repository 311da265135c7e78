import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';

/**
 * Inputs with their patterns expanded, for shells that do not do it and for patterns in quotes: `traces/**` and so on.
 * Files of one pattern come in the order of their code units, and none comes twice.
 *
 * @returns the files; a pattern that matches nothing, or names a file as it stands, is kept as it is
 */
export async function expandInputs(inputs: readonly string[]): Promise<readonly string[]> {
  if (!inputs.some(isPattern)) return inputs;
  const { glob } = await import('tinyglobby');
  const expanded = new Set<string>();
  const files: string[] = [];
  for (const input of inputs) {
    const found = isPattern(input)
      ? await glob(input, { absolute: isAbsolute(input), expandDirectories: false, onlyFiles: true })
      : [];
    if (found.length === 0) files.push(input);
    for (const file of found.toSorted(byUnits)) {
      if (!expanded.has(file)) files.push(file);
      expanded.add(file);
    }
  }
  return files;
}

const isPattern = (input: string): boolean => /[*?[\]{}]|[!@+]\(/.test(input) && !existsSync(input);
const byUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
