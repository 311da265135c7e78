import { escapeText } from '@overmap/trace';
import { parseAction, type Names } from './parse-action.ts';
import type { Scenario, Step } from './scenario.ts';
import { type Word, WordError, Words, wordsOf } from './words-of-line.ts';

/** Longest file, in characters; a scenario is some dozen lines. */
const LONGEST = 1 << 20;
/** Most steps: each runs on every system. */
const MOST_STEPS = 1000;

/** A scenario cannot be read: a sentence that names the file, the line and the column, and says what to do. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
  readonly line: number;
  readonly column: number;

  constructor(file: string, line: number, column: number, message: string) {
    super(`${escapeText(file, 200)}:${line}:${column}: ${escapeText(message, 400)}.`);
    this.line = line;
    this.column = column;
  }
}

/**
 * Read a scenario.
 *
 * @param text - the file's text
 * @param file - its path, for messages; the name of the scenario comes of it
 * @throws ScenarioError for the first thing that is wrong
 */
export function parseScenario(text: string, file: string): Scenario {
  if (text.length > LONGEST) throw new ScenarioError(file, 1, 1, `a scenario has at most ${LONGEST} characters`);
  const heads = new Map<string, string>();
  const steps: Step[] = [];
  const names: Names = { areas: new Map(), objects: new Map(), fresh: new Set(), forked: false };
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  for (const [i, line] of lines.entries()) {
    try {
      if (readHead(line, heads, steps.length > 0)) continue;
      const words = wordsOf(line);
      if (words.length === 0) continue;
      if (steps.length === MOST_STEPS) throw new WordError(`a scenario has at most ${MOST_STEPS} steps`, 1);
      steps.push(readStep(words, i + 1, names));
    } catch (error) {
      if (!(error instanceof WordError)) throw error;
      throw new ScenarioError(file, i + 1, error.column, error.message);
    }
  }
  const missing = ['title', 'teaches'].find((key) => (heads.get(key) ?? '') === '');
  if (missing !== undefined)
    throw new ScenarioError(file, 1, 1, `there is no "${missing}:" line; add one above the first step`);
  if (steps.length === 0)
    throw new ScenarioError(
      file,
      lines.length,
      1,
      'there is no step; add one, such as "area A 4" and "map A+0 1 rw as P"',
    );
  const name = (file.split(/[\\/]/).at(-1) ?? file).replace(/^\d+-|\.scenario$/g, '');
  return { name, title: heads.get('title') ?? '', teaches: heads.get('teaches') ?? '', steps, text };
}

/** `title: …` and `teaches: …`; the latter may have several lines. */
function readHead(line: string, heads: Map<string, string>, late: boolean): boolean {
  const found = /^(\s*)([A-Za-z]+):(.*)$/.exec(line);
  if (found === null) return false;
  const [, indent = '', key = '', value = ''] = found;
  if (key === 'child') return false;
  const column = indent.length + 1;
  if (key !== 'title' && key !== 'teaches')
    throw new WordError(`there is no "${key}:" line; known are "title:" and "teaches:", and steps "child: …"`, column);
  if (late) throw new WordError(`"${key}:" belongs above the first step`, column);
  const before = heads.get(key);
  if (before !== undefined && key === 'title')
    throw new WordError('there is a "title:" already; leave one of them out', column);
  const said = value.trim().replace(/\s+/g, ' ');
  if (said === '') throw new WordError(`"${key}:" is empty; say it behind the colon`, column);
  heads.set(key, before === undefined ? said : `${before} ${said}`);
  return true;
}

function readStep(all: readonly Word[], line: number, names: Names): Step {
  const inChild = all[0]?.text === 'child:';
  if (inChild && !names.forked)
    throw new WordError('there is no child: a step "fork" must stand above', all[0]?.column ?? 1);
  const words = new Words(inChild ? all.slice(1) : all);
  const action = parseAction(words, names, inChild);
  words.end();
  return { line, text: all.map(({ text }) => text).join(' '), inChild, action };
}
