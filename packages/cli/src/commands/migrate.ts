import { quoted } from '../printable.ts';
import { UsageError } from '../usage-error.ts';
import { oneOf, type Values } from '../values.ts';
import type { Verb } from '../verb.ts';
import { COMMON_OPTIONS, POLICY_WORDS } from './common-options.ts';

interface CommonRequest {
  readonly input: string;
  readonly output: string;
  /** The policy of the recording: `--from`, or `--policy` of a batched one. */
  readonly policy: string | undefined;
  readonly format: (typeof FORMATS)[number];
  readonly strictInput: boolean;
  readonly verbose: boolean;
}

/** What `overmap migrate trace --batch` was asked. */
export interface BatchTraceRequest extends CommonRequest {
  readonly reorder: boolean;
}

/** What `overmap migrate trace --to` was asked. */
export interface MigrateTraceRequest extends CommonRequest {
  readonly to: (typeof TARGETS)[number];
}

const FORMATS = ['table', 'json'] as const;
/** Policies that a trace can be rewritten for. */
const TARGETS = ['strict', 'exact'] as const;

/** `overmap migrate`. */
export const migrate: Verb = {
  name: 'migrate',
  takes: 'trace IN',
  describe: 'Rewrite a trace: --to for a policy that refuses over-mapping, --batch with batched invocations',
  options: {
    to: { type: 'string', requiresArg: true, describe: 'Policy to rewrite it for: strict or exact' },
    from: {
      type: 'string',
      requiresArg: true,
      describe: `With --to: policy of the recording: ${POLICY_WORDS} [default: the trace's]`,
    },
    batch: { type: 'boolean', describe: 'Fold maps and unmaps into batches; both traces are run and must agree' },
    reorder: {
      type: 'boolean',
      describe: 'With --batch: let retypes and copies that do not depend on pending maps pass in front of them',
    },
    policy: {
      type: 'string',
      requiresArg: true,
      describe: `With --batch: policy of the model: ${POLICY_WORDS} [default: the trace's]`,
    },
    format: { type: 'string', requiresArg: true, describe: 'table or json [default: table]' },
    ...COMMON_OPTIONS,
  },
  examples: [
    ['overmap migrate trace in.jsonl.gz -o out.jsonl.gz --to strict', 'What must the client do otherwise?'],
    ['overmap migrate trace in.jsonl.gz -o out.jsonl.gz --batch', 'What would batched calls save?'],
  ],
  run: async (values) => {
    const request = read(values);
    if ('to' in request) {
      const { runMigrateTrace } = await import('../runs/run-migrate-trace.ts');
      return runMigrateTrace(request);
    }
    const { runBatchTrace } = await import('../runs/run-batch-trace.ts');
    return runBatchTrace(request);
  },
};

function read(values: Values): BatchTraceRequest | MigrateTraceRequest {
  const [what = '', ...inputs] = values.inputs('migrate', 'argument');
  if (what !== 'trace')
    throw new UsageError(`migrate rewrites a trace: overmap migrate trace IN -o OUT --to strict, not ${quoted(what)}.`);
  const [input, more] = inputs;
  if (input === undefined) throw new UsageError('migrate trace needs a trace: a file, or - for standard input.');
  if (more !== undefined) throw new UsageError(`migrate trace takes one trace; ${quoted(more)} is another one.`);
  const to = values.text('to');
  const batch = values.flag('batch');
  if (to === undefined && !batch)
    throw new UsageError('migrate trace needs to know what to do: add --to strict, --to exact, or --batch.');
  if (to !== undefined && batch)
    throw new UsageError('--to and --batch are two steps: migrate the trace first, and batch what comes out of it.');
  const output = values.text('o');
  if (output === undefined) throw new UsageError('migrate trace needs a file to write: add -o OUT.');
  const common = {
    input,
    output,
    format: values.choice('format', FORMATS) ?? 'table',
    strictInput: values.flag('strict-input'),
    verbose: values.flag('verbose'),
  };
  const from = values.text('from');
  const policy = values.text('policy');
  const reorder = values.flag('reorder');
  if (to === undefined) {
    if (from !== undefined) throw new UsageError('--from belongs to --to; with --batch it is --policy.');
    return { ...common, policy, reorder };
  }
  if (policy !== undefined) throw new UsageError('--policy belongs to --batch; with --to it is --from.');
  if (reorder) throw new UsageError('--reorder belongs to --batch.');
  if (input === '-')
    throw new UsageError('migrate trace --to reads a trace twice, which standard input cannot be: name a file.');
  return { ...common, policy: from, to: oneOf('target policy', to, TARGETS) };
}
