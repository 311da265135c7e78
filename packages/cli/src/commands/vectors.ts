import { UsageError } from '../usage-error.ts';
import type { Values } from '../values.ts';
import type { Verb } from '../verb.ts';
import { POLICY_WORDS } from './common-options.ts';

const FORMATS = ['table', 'json', 'md'] as const;

/** What `overmap vectors` was asked. Names are not checked yet. */
export interface VectorsRequest {
  /** A policy, or a file with a rule. */
  readonly policy: string;
  readonly arch: string;
  readonly format: (typeof FORMATS)[number];
  /** The trace. */
  readonly output: string;
}

/** `overmap vectors`. */
export const vectors: Verb = {
  name: 'vectors',
  takes: '',
  taken: 'no arguments',
  describe: 'Write a conformance suite for a kernel with a policy, as a trace with the expected answers',
  options: {
    policy: { type: 'string', requiresArg: true, describe: `The policy: ${POLICY_WORDS} [default: strict]` },
    to: {
      type: 'string',
      requiresArg: true,
      describe: 'The same, or a rule of your own (./rule.mjs), as audit takes it',
    },
    arch: { type: 'string', requiresArg: true, describe: 'Architecture or build: aarch64, aarch32hyp …' },
    format: {
      type: 'string',
      requiresArg: true,
      describe: 'What covers what: table or json on standard output, or md in a file beside the trace [default: table]',
    },
    o: { alias: 'output', type: 'string', requiresArg: true, describe: 'The trace, compressed if it ends in .gz' },
  },
  examples: [
    ['overmap vectors --policy strict --arch aarch64 -o strict.jsonl', 'What must such a kernel answer?'],
    ['overmap replay --check recorded.jsonl', 'And what did yours? Record it while it runs the suite'],
  ],
  run: async (values) => {
    const request = read(values);
    const { runVectors } = await import('../runs/run-vectors.ts');
    return runVectors(request);
  },
};

function read(values: Values): VectorsRequest {
  const word = values.words()[0];
  if (word !== undefined)
    throw new UsageError(`vectors takes no arguments, and was given "${word}": name the policy with --policy.`);
  const policy = values.text('policy');
  const to = values.text('to');
  if (policy !== undefined && to !== undefined)
    throw new UsageError('--policy and --to both name the rule: leave one of them out.');
  const arch = values.text('arch');
  if (arch === undefined) throw new UsageError('vectors needs one architecture: add --arch aarch64, for instance.');
  const output = values.text('o');
  if (output === undefined) throw new UsageError('vectors needs a file for the suite: add -o suite.jsonl.');
  return { policy: policy ?? to ?? 'strict', arch, format: values.choice('format', FORMATS) ?? 'table', output };
}
