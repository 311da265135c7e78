import { openOutput } from '@overmap/report';
import { OutputError } from '@overmap/trace';
import yargs from 'yargs';
import type { Shell } from '../commands/completion.ts';
import { Exit, type ExitCode } from '../exit-code.ts';
import type { Verb } from '../verb.ts';
import { fishScript } from './fish-script.ts';
import { Talk } from './talk.ts';

/** Runs `overmap completion`. */
export async function runCompletion(shell: Shell, verbs: readonly Verb[]): Promise<ExitCode> {
  const script = shell === 'fish' ? fishScript(verbs) : await yargsScript(shell);
  try {
    const out = openOutput(undefined);
    out.write(script);
    out.close();
    return Exit.clean;
  } catch (error) {
    if (!(error instanceof OutputError)) throw error;
    new Talk(undefined).say(error.message);
    return Exit.unwritable;
  }
}

/** The script of yargs, which asks the program itself; which of its two it gives depends on the shell at hand. */
async function yargsScript(shell: 'bash' | 'zsh'): Promise<string> {
  const { SHELL, ZSH_NAME } = process.env;
  process.env['SHELL'] = `/bin/${shell}`;
  delete process.env['ZSH_NAME'];
  try {
    let script = '';
    await yargs()
      .scriptName('overmap')
      .exitProcess(false)
      .completion('completion')
      .parseAsync(['completion'], {}, (_error, _values, output) => {
        script = output;
      });
    return `${script}\n`;
  } finally {
    if (SHELL === undefined) delete process.env['SHELL'];
    else process.env['SHELL'] = SHELL;
    if (ZSH_NAME !== undefined) process.env['ZSH_NAME'] = ZSH_NAME;
  }
}
