import { CONFIG_NAME } from '../config-name.ts';
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
/** What `overmap migrate source` was asked. */
export interface MigrateSourceRequest {
  readonly paths: readonly string[];
  readonly evidence: string | undefined;
  /** Rules that a configuration file chooses, or turns off. */
  readonly only: readonly string[] | undefined;
  readonly off: readonly string[] | undefined;
  /** `diff` = for people, with what was not rewritten on standard error. */
  readonly emit: 'diff' | 'patch' | 'cocci' | 'json';
  readonly write: boolean;
  readonly allowDirty: boolean;
  readonly output: string | undefined;
  readonly verbose: boolean;
}

/** What `overmap migrate source --to noreplace` was asked. */
export interface HardenRequest extends MigrateSourceRequest {
  /** Rewrite calls that no recorded run has called, too. */
  readonly withoutEvidence: boolean;
}

const EMITS = ['patch', 'cocci'] as const;
/** Policies that a trace can be rewritten for; an strace log for `noreplace`. */
const TARGETS = ['strict', 'exact', 'noreplace'] as const;

/** `overmap migrate`. */
export const migrate: Verb = {
  name: 'migrate',
  takes: 'trace IN | source PATH…',
  taken: 'a trace, gzipped or not; files and folders of C, C++, Rust and Markdown',
  describe: 'Rewrite a trace (--to a policy that refuses over-mapping, or --batch), or the source of a client',
  options: {
    to: {
      type: 'string',
      requiresArg: true,
      describe: 'Policy to rewrite it for: strict or exact; an strace log, or source for Linux: noreplace',
    },
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
    evidence: {
      type: 'string',
      requiresArg: true,
      describe: 'With source: what "audit TRACE --format json" wrote; its call sites are joined with the source',
    },
    'without-evidence': {
      type: 'boolean',
      describe: 'With source --to noreplace: also rewrite fixed addresses that no recorded run has used',
    },
    write: { type: 'boolean', describe: 'With source: change the files, and analyse them again' },
    'allow-dirty': {
      type: 'boolean',
      describe: 'With --write: also where git could not give the files back as they are',
    },
    emit: {
      type: 'string',
      requiresArg: true,
      describe: 'With source: patch (for git apply or patch -p1) or cocci (semantic patches) [default: a diff]',
    },
    format: { type: 'string', requiresArg: true, describe: 'table or json [default: table; with source, a diff]' },
    'no-config': { type: 'boolean', describe: `With source: do not read rules and evidence from ${CONFIG_NAME}` },
    ...COMMON_OPTIONS,
  },
  examples: [
    ['overmap migrate trace in.jsonl.gz -o out.jsonl.gz --to strict', 'What must the client do otherwise?'],
    ['overmap migrate trace in.jsonl.gz -o out.jsonl.gz --batch', 'What would batched calls save?'],
    ['overmap migrate trace app.strace -o out.strace --to noreplace', 'What must a Linux program unmap itself?'],
    ['overmap migrate source src/', 'What would have to change in the code? As a diff'],
    ['overmap migrate source src/ --write', 'Change it'],
    [
      'overmap migrate source src/ --to noreplace --evidence audit.json',
      'Linux: MAP_FIXED that never replaced anything',
    ],
  ],
  run: async (values) => {
    const request = read(values, await configured(values));
    if ('withoutEvidence' in request) {
      const { runHardenSource } = await import('../runs/run-harden-source.ts');
      return runHardenSource(request);
    }
    if ('paths' in request) {
      const { runMigrateSource } = await import('../runs/run-migrate-source.ts');
      return runMigrateSource(request);
    }
    if ('to' in request) {
      const { runMigrateTrace } = await import('../runs/run-migrate-trace.ts');
      return runMigrateTrace(request);
    }
    const { runBatchTrace } = await import('../runs/run-batch-trace.ts');
    return runBatchTrace(request);
  },
};

/** The rules and the evidence that the nearest configuration file names, for source; the command line counts. */
async function configured(values: Values): Promise<Values> {
  const [what] = values.inputs('migrate', 'argument');
  if (what !== 'source' || values.flag('no-config')) return values;
  const [{ readConfig }, { audit }] = await Promise.all([import('../config-file.ts'), import('./audit.ts')]);
  const config = readConfig(process.cwd(), audit.options);
  const kept = Object.entries(config?.options ?? {}).filter(
    ([name]) => name === 'only' || name === 'off' || name === 'evidence',
  );
  return values.with(Object.fromEntries(kept));
}

function read(
  values: Values,
  withConfig: Values,
): BatchTraceRequest | MigrateTraceRequest | MigrateSourceRequest | HardenRequest {
  const [what = '', ...inputs] = values.inputs('migrate', 'argument');
  if (what === 'source') return readSource(withConfig, inputs);
  if (what !== 'trace')
    throw new UsageError(
      `migrate rewrites a trace or source: overmap migrate trace IN -o OUT --to strict, or overmap migrate source PATH, not ${quoted(what)}.`,
    );
  const foreign = SOURCE_OPTIONS.find((name) => values.has(name));
  if (foreign !== undefined) throw new UsageError(`--${foreign} belongs to migrate source.`);
  const [input, more] = inputs;
  if (input === undefined) throw new UsageError('migrate trace needs a trace: a file, or - for standard input.');
  if (more !== undefined) throw new UsageError(`migrate trace takes one trace; ${quoted(more)} is another one.`);
  const to = values.text('to');
  const batch = values.flag('batch');
  if (to === undefined && !batch)
    throw new UsageError(
      'migrate trace needs to know what to do: add --to strict, --to exact, or --batch; for an strace log --to noreplace.',
    );
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
  if (to === 'noreplace' && from !== undefined)
    throw new UsageError('--from names a policy of seL4; --to noreplace is about Linux, which has one.');
  if (input === '-')
    throw new UsageError('migrate trace --to reads a trace twice, which standard input cannot be: name a file.');
  return { ...common, policy: from, to: oneOf('target policy', to, TARGETS) };
}

const SOURCE_OPTIONS = ['evidence', 'without-evidence', 'write', 'allow-dirty', 'emit', 'no-config'] as const;
const TRACE_OPTIONS = ['from', 'batch', 'reorder', 'policy', 'strict-input'] as const;

function readSource(values: Values, paths: readonly string[]): MigrateSourceRequest | HardenRequest {
  if (paths.length === 0) throw new UsageError('migrate source needs a file or folder of source.');
  if (paths.includes('-')) throw new UsageError('migrate source reads files and folders, and not standard input.');
  const foreign = TRACE_OPTIONS.find((name) => values.has(name));
  if (foreign !== undefined) throw new UsageError(`--${foreign} belongs to migrate trace.`);
  const to = values.text('to');
  if (to !== undefined && oneOf('target policy', to, TARGETS) !== 'noreplace')
    throw new UsageError(
      'Source is rewritten for kernels that refuse over-mapping, whichever it is: leave --to out, or say --to noreplace for calls of Linux.',
    );
  const withoutEvidence = values.flag('without-evidence');
  if (withoutEvidence && to === undefined) throw new UsageError('--without-evidence belongs to --to noreplace.');
  const emit = values.choice('emit', EMITS);
  if (emit === 'cocci' && to !== undefined)
    throw new UsageError(
      'A semantic patch cannot know which calls a recorded run has found likely safe: use --emit patch with --to noreplace.',
    );
  const json = values.choice('format', FORMATS) === 'json';
  const write = values.flag('write');
  const allowDirty = values.flag('allow-dirty');
  const output = values.text('o');
  if (json && emit !== undefined) throw new UsageError('--emit and --format json are two outputs: choose one.');
  if (write && emit !== undefined)
    throw new UsageError('--write changes the files, --emit prints what would change: choose one.');
  if (allowDirty && !write) throw new UsageError('--allow-dirty belongs to --write.');
  const evidence = values.text('evidence');
  if (withoutEvidence && evidence !== undefined)
    throw new UsageError('--evidence and --without-evidence are two answers to one question: choose one.');
  const request: MigrateSourceRequest = {
    paths,
    evidence,
    only: values.list('only'),
    off: values.list('off'),
    emit: emit ?? (json ? 'json' : 'diff'),
    write,
    allowDirty,
    output,
    verbose: values.flag('verbose'),
  };
  return to === undefined ? request : { ...request, withoutEvidence };
}
