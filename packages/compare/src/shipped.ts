import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseScenario } from './parse-scenario.ts';
import type { Scenario } from './scenario.ts';

/** Beside `src` and `dist` alike. */
const folder = new URL('../scenarios/', import.meta.url);
const ENDING = '.scenario';

/** The files by name; their numbers give the order. */
function files(): Map<string, string> {
  const found = readdirSync(fileURLToPath(folder)).filter((file) => file.endsWith(ENDING));
  return new Map(found.sort().map((file) => [file.slice(0, -ENDING.length).replace(/^\d+-/, ''), file]));
}

/** The names of the scenarios that come with the package, in the order in which they teach. */
export const shippedNames = (): string[] => [...files().keys()];

/** A scenario that comes with the package. @throws RangeError when there is none of that name */
export function shippedScenario(name: string): Scenario {
  const file = files().get(name);
  if (file === undefined) throw new RangeError(`there is no scenario ${name}`);
  return parseScenario(readFileSync(new URL(file, folder), 'utf8'), file);
}
