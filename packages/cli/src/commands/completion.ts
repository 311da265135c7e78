import { UsageError } from '../usage-error.ts';
import { oneOf } from '../values.ts';
import type { Verb } from '../verb.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
/** A shell for which there is a script. */
export type Shell = (typeof SHELLS)[number];

/**
 * `overmap completion`.
 *
 * @param verbs - what is to be completed, this one included
 */
export const completion = (verbs: () => readonly Verb[]): Verb => ({
  name: 'completion',
  takes: 'SHELL',
  taken: SHELLS.join(', '),
  describe: 'Print a script that makes a shell complete verbs and options',
  options: {},
  examples: [
    ['overmap completion bash >> ~/.bashrc', 'bash'],
    ['overmap completion zsh >> ~/.zshrc', 'zsh'],
    ['overmap completion fish > ~/.config/fish/completions/overmap.fish', 'fish'],
  ],
  run: async (values) => {
    const [word, more] = values.words();
    if (word === undefined || more !== undefined)
      throw new UsageError(`completion needs one shell: ${SHELLS.join(', ')}.`);
    const shell = oneOf('shell', word, SHELLS);
    const { runCompletion } = await import('../runs/run-completion.ts');
    return runCompletion(shell, verbs());
  },
});
