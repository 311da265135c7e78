import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * A file of this package, also from the bundle of the command, which lies in another one: what is loaded at run time
 * (native parsers, workers) is found from here.
 */
export function ownPackage(): { readonly require: NodeJS.Require; readonly source: URL } {
  const here = import.meta.url;
  if (/\/source\/own-package\.[jt]s$/.test(here)) return { require: createRequire(here), source: new URL('./', here) };
  const entry = createRequire(here).resolve('@overmap/migrate');
  return { require: createRequire(entry), source: new URL('./source/', pathToFileURL(entry)) };
}

/** The file of a worker; null where it is not compiled, as in tests. */
export function workerFile(name: string): string | null {
  const { source } = ownPackage();
  return source.pathname.includes('/dist/') ? fileURLToPath(new URL(name, source)) : null;
}
