import { quoted } from '../printable.ts';
import { UsageError } from '../usage-error.ts';
import type { Values } from '../values.ts';
import type { Verb } from '../verb.ts';
import { COMMON_OPTIONS, POLICY_WORDS } from './common-options.ts';

/** What `overmap migrate trace` was asked. */
export interface MigrateTraceRequest {
  readonly input: string;
  readonly output: string;
  readonly policy: string | undefined;
  readonly reorder: boolean;
  readonly format: (typeof FORMATS)[number];
  readonly strictInput: boolean;
  readonly verbose: boolean;
}

const FORMATS = ['table', 'json'] as const;

/** `overmap migrate`. */
export const migrate: Verb = {
  name: 'migrate',
  takes: 'trace IN',
  describe: 'Rewrite a trace; --batch folds its maps and unmaps into batched invocations',
  options: {
    batch: { type: 'boolean', describe: 'Fold maps and unmaps into batches; both traces are run and must agree' },
    reorder: {
      type: 'boolean',
      describe: 'With --batch: let retypes and copies that do not depend on pending maps pass in front of them',
    },
    to: { type: 'string', requiresArg: true, describe: 'Policy to rewrite it for (not there yet)' },
    policy: {
      type: 'string',
      requiresArg: true,
      describe: `Policy of the model: ${POLICY_WORDS} [default: the trace's]`,
    },
    format: { type: 'string', requiresArg: true, describe: 'table or json [default: table]' },
    ...COMMON_OPTIONS,
  },
  examples: [['overmap migrate trace in.jsonl.gz -o out.jsonl.gz --batch', 'What would batched calls save?']],
  run: async (values) => {
    const request = read(values);
    const { runMigrateTrace } = await import('../runs/run-migrate-trace.ts');
    return runMigrateTrace(request);
  },
};

function read(values: Values): MigrateTraceRequest {
  const [what = '', ...inputs] = values.inputs('migrate', 'argument');
  if (what !== 'trace')
    throw new UsageError(`migrate rewrites a trace: overmap migrate trace IN -o OUT --batch, not ${quoted(what)}.`);
  const [input, more] = inputs;
  if (input === undefined) throw new UsageError('migrate trace needs a trace: a file, or - for standard input.');
  if (more !== undefined) throw new UsageError(`migrate trace takes one trace; ${quoted(more)} is another one.`);
  if (values.text('to') !== undefined)
    throw new UsageError('migrate trace cannot rewrite for another policy (--to) yet; it can --batch.');
  if (!values.flag('batch')) throw new UsageError('migrate trace needs to know what to do: add --batch.');
  const output = values.text('o');
  if (output === undefined) throw new UsageError('migrate trace needs a file to write: add -o OUT.');
  return {
    input,
    output,
    policy: values.text('policy'),
    reorder: values.flag('reorder'),
    format: values.choice('format', FORMATS) ?? 'table',
    strictInput: values.flag('strict-input'),
    verbose: values.flag('verbose'),
  };
}
