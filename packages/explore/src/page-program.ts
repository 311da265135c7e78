import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The programs that run in pages; each is one file that the build has made. */
export type PageProgram = 'report' | 'explore';

/**
 * The text of a program for a page. It is found by the name of this package, since the command's bundle lies in another
 * one.
 *
 * @throws {Error} when the package was not built
 */
export function pageProgram(name: PageProgram): string {
  const require = createRequire(import.meta.url);
  return readFileSync(require.resolve(`@overmap/explore/bundle/${name}.js`), 'utf8');
}
