import { UsageError } from '../usage-error.ts';
import type { Values } from '../values.ts';
import type { Verb } from '../verb.ts';

const FORMATS = ['table', 'json', 'md', 'csv'] as const;

/** What `overmap compare` was asked. Names are not checked yet. */
export interface CompareRequest {
  /** Names of shipped scenarios, and files; none = all that ship. */
  readonly scenarios: readonly string[];
  readonly systems: readonly string[] | undefined;
  readonly list: boolean;
  readonly format: (typeof FORMATS)[number];
  readonly output: string | undefined;
  readonly verbose: boolean;
}

/** `overmap compare`. */
export const compare: Verb = {
  name: 'compare',
  takes: '[SCENARIO…]',
  taken: 'names of scenarios that come with the program, or files; without any, a summary of all that come with it',
  describe: 'Run a short scenario on every system and policy, and show what comes of each step side by side',
  options: {
    systems: {
      type: 'array',
      requiresArg: true,
      describe: 'Families or systems, as --systems linux,redox-as-is,sel4-strict@x86_64 [default: all of --list]',
    },
    list: { type: 'boolean', describe: 'List the scenarios that come with the program, and the systems' },
    format: { type: 'string', requiresArg: true, describe: 'table, json, md or csv [default: table]' },
    o: {
      alias: 'output',
      type: 'string',
      requiresArg: true,
      describe: 'Write to a file, which appears when it is complete',
    },
    verbose: { type: 'boolean', describe: 'What happened to which pages, and how each system said the step' },
  },
  examples: [
    ['overmap compare', 'What differs between the systems, in short?'],
    ['overmap compare map-over-live', 'Who lets a new mapping take the place of a live page?'],
    ['overmap compare ./mine.scenario --systems linux,pcuabi --verbose', 'A scenario of your own, on two systems'],
  ],
  run: async (values) => {
    const request = read(values);
    const { runCompare } = await import('../runs/run-compare.ts');
    return runCompare(request);
  },
};

function read(values: Values): CompareRequest {
  const scenarios = values.words();
  if (scenarios.includes('')) throw new UsageError('An empty argument is no scenario.');
  if (scenarios.filter((name) => name === '-').length > 1)
    throw new UsageError('Standard input (-) can be read only once.');
  const list = values.flag('list');
  if (list && scenarios.length > 0)
    throw new UsageError('--list lists what there is, and runs nothing: leave the scenarios out.');
  return {
    scenarios,
    systems: values.list('systems'),
    list,
    format: values.choice('format', FORMATS) ?? 'table',
    output: values.text('o'),
    verbose: values.flag('verbose'),
  };
}
