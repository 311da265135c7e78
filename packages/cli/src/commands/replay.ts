import { UsageError } from '../usage-error.ts';
import type { Values } from '../values.ts';
import type { Verb } from '../verb.ts';
import { COMMON_OPTIONS, POLICY_WORDS } from './common-options.ts';

/** What `overmap replay` was asked. */
export interface ReplayRequest {
  readonly inputs: readonly string[];
  readonly policy: string | undefined;
  readonly check: boolean;
  readonly partial: boolean;
  readonly format: (typeof FORMATS)[number];
  readonly output: string | undefined;
  readonly strictInput: boolean;
  readonly verbose: boolean;
}

const FORMATS = ['table', 'json'] as const;

/** `overmap replay`. */
export const replay: Verb = {
  name: 'replay',
  takes: 'TRACE…',
  describe: 'Run a trace on the model; --check compares every recorded result, detail and state',
  options: {
    policy: {
      type: 'string',
      requiresArg: true,
      describe: `Policy of the model: ${POLICY_WORDS} [default: the trace's]`,
    },
    check: { type: 'boolean', describe: 'Compare with the recording; exit with 1 if anything differs' },
    partial: {
      type: 'boolean',
      describe: 'With --check: accept a trace that uses capabilities which it never created',
    },
    format: { type: 'string', requiresArg: true, describe: 'table or json [default: table]' },
    ...COMMON_OPTIONS,
  },
  examples: [
    ['overmap replay --check trace.jsonl.gz', 'Does the model agree with the kernel that was recorded?'],
    ['overmap replay --check --policy strict trace.jsonl', 'Where would that kernel have answered differently?'],
  ],
  run: async (values) => {
    const request = read(values);
    const { runReplay } = await import('../runs/run-replay.ts');
    return runReplay(request);
  },
};

function read(values: Values): ReplayRequest {
  const inputs = values.inputs('replay', 'TRACE');
  const check = values.flag('check');
  const partial = values.flag('partial');
  if (partial && !check) throw new UsageError('--partial says what --check may accept: add --check, or leave it out.');
  return {
    inputs,
    policy: values.text('policy'),
    check,
    partial,
    format: values.choice('format', FORMATS) ?? 'table',
    output: values.text('o'),
    strictInput: values.flag('strict-input'),
    verbose: values.flag('verbose'),
  };
}
