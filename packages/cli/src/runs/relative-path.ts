import { relative, resolve } from 'node:path';

/** A path as a patch names it: from the folder in which the program runs, with `/`. */
export const relativePath = (path: string): string => relative(process.cwd(), resolve(path)).replaceAll('\\', '/');
