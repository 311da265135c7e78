import { isatty } from 'node:tty';
import type { Style } from '@overmap/report';
import { styleOf, wantsColour } from './colours.ts';

/** How a table is drawn on what it goes to: a file or standard output, a terminal or not. */
export function screen(output: string | undefined): { readonly style: Style; readonly width: number } {
  const terminal = output === undefined && isatty(1);
  return {
    style: styleOf(output === undefined && wantsColour(terminal, process.env)),
    width: terminal ? (process.stdout.columns ?? 100) : 100,
  };
}
