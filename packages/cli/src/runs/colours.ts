import type { Style } from '@overmap/report';
import picocolors from 'picocolors';

/** Colours for a table, if `coloured`. */
export function styleOf(coloured: boolean): Style {
  const colours = picocolors.createColors(coloured);
  return {
    strong: colours.bold,
    faint: colours.dim,
    error: (text) => colours.bold(colours.red(text)),
    warning: (text) => colours.bold(colours.yellow(text)),
    note: colours.cyan,
    good: colours.green,
  };
}

/**
 * Whether what goes to a terminal is coloured.
 *
 * @param terminal - it is one
 */
export function wantsColour(terminal: boolean, environment: Readonly<Record<string, string | undefined>>): boolean {
  if (environment['NO_COLOR']) return false; // https://no-color.org: present and not empty
  if (environment['FORCE_COLOR']) return environment['FORCE_COLOR'] !== '0';
  return terminal && environment['TERM'] !== 'dumb';
}
