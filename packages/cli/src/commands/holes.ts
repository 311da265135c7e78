import { UsageError } from '../usage-error.ts';
import type { Values } from '../values.ts';
import type { Verb } from '../verb.ts';
import { POLICY_WORDS } from './common-options.ts';

const FORMATS = ['table', 'json'] as const;
/** Steps at most, and what is tried if nothing is said. */
const DEEPEST = 100;
const DEPTH = 6;

/** What `overmap holes` was asked. Names are not checked yet. */
export interface HolesRequest {
  /** A policy, or a file with a rule. */
  readonly policy: string;
  readonly archs: readonly string[] | undefined;
  readonly depth: number;
  readonly format: (typeof FORMATS)[number];
  /** The folder for the traces. */
  readonly output: string | undefined;
  readonly verbose: boolean;
}

/** `overmap holes`. */
export const holes: Verb = {
  name: 'holes',
  takes: '',
  taken: 'no arguments',
  describe: 'Search for the shortest ways around a rule: what it lets one frame do to another',
  options: {
    policy: { type: 'string', requiresArg: true, describe: `The rule: ${POLICY_WORDS} [default: strict]` },
    to: {
      type: 'string',
      requiresArg: true,
      describe: 'The same, or a rule of your own (./rule.mjs), as audit takes it',
    },
    arch: {
      type: 'array',
      requiresArg: true,
      describe: 'Architectures or builds, as --arch aarch64,aarch64hyp [default: ia32 … riscv64, the six without hyp]',
    },
    depth: { type: 'string', requiresArg: true, describe: `Steps at most, up to ${DEEPEST} [default: ${DEPTH}]` },
    format: { type: 'string', requiresArg: true, describe: 'table or json [default: table]' },
    o: { alias: 'output', type: 'string', requiresArg: true, describe: 'Folder for a trace of each hole, for replay' },
    verbose: { type: 'boolean', describe: 'The sequences among copies too, and what was covered' },
  },
  examples: [
    ['overmap holes --policy strict', 'What remains under pull request 1526?'],
    ['overmap holes --to ./rule.mjs --arch aarch64 -o holes', 'Around a rule of your own, as traces'],
  ],
  epilogue: 'Ends with 1 if there is a hole between different frames.',
  run: async (values) => {
    const request = read(values);
    const { runHoles } = await import('../runs/run-holes.ts');
    return runHoles(request);
  },
};

function read(values: Values): HolesRequest {
  const word = values.words()[0];
  if (word !== undefined)
    throw new UsageError(`holes takes no arguments, and was given "${word}": name the rule with --policy.`);
  const policy = values.text('policy');
  const to = values.text('to');
  if (policy !== undefined && to !== undefined)
    throw new UsageError('--policy and --to both name the rule: leave one of them out.');
  return {
    policy: policy ?? to ?? 'strict',
    archs: values.list('arch'),
    depth: values.whole('depth', 1, DEEPEST) ?? DEPTH,
    format: values.choice('format', FORMATS) ?? 'table',
    output: values.text('o'),
    verbose: values.flag('verbose'),
  };
}
