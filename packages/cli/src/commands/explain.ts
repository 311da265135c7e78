import type { Verb } from '../verb.ts';

const FORMATS = ['text', 'md', 'json'] as const;

/** What `overmap explain` was asked. */
export interface ExplainRequest {
  /** Ids; none = a line for each rule. */
  readonly rules: readonly string[];
  readonly format: (typeof FORMATS)[number];
  readonly output: string | undefined;
}

/** `overmap explain`. */
export const explain: Verb = {
  name: 'explain',
  takes: '[RULE…]',
  taken: 'ids, such as OM001; without any, a line for each rule',
  describe: 'Say what a rule detects, why it matters, what which kernel answers, and how to fix it',
  options: {
    format: { type: 'string', requiresArg: true, describe: 'text, md or json [default: text]' },
    o: {
      alias: 'output',
      type: 'string',
      requiresArg: true,
      describe: 'Write to a file, which appears when it is complete',
    },
  },
  examples: [
    ['overmap explain', 'Which rules are there?'],
    ['overmap explain OM001', 'What is this finding about?'],
  ],
  run: async (values) => {
    const request: ExplainRequest = {
      rules: values.words(),
      format: values.choice('format', FORMATS) ?? 'text',
      output: values.text('o'),
    };
    const { runExplain } = await import('../runs/run-explain.ts');
    return runExplain(request);
  },
};
