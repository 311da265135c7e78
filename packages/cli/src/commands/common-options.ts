import type { Options } from 'yargs';

/** Options that every verb over traces has. */
export const COMMON_OPTIONS: Readonly<Record<string, Options>> = {
  o: {
    alias: 'output',
    type: 'string',
    requiresArg: true,
    describe: 'Write to a file, which appears when it is complete',
  },
  'strict-input': { type: 'boolean', describe: 'Stop at the first malformed line' },
  verbose: { type: 'boolean', describe: 'Show everything, and how long it took' },
};

/** The built-in policies, as help texts name them. */
export const POLICY_WORDS = 'legacy, strict, exact, permissive, permissive-aware';
