import { UsageError } from '../usage-error.ts';
import type { Values } from '../values.ts';
import type { Verb } from '../verb.ts';
import { COMMON_OPTIONS, POLICY_WORDS } from './common-options.ts';

/** What `overmap audit` was asked. */
export interface AuditRequest {
  readonly inputs: readonly string[];
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly drift: boolean;
  readonly format: (typeof FORMATS)[number];
  readonly output: string | undefined;
  readonly failOn: (typeof FAIL_ON)[number];
  readonly only: readonly string[] | undefined;
  readonly off: readonly string[] | undefined;
  readonly strictInput: boolean;
  readonly verbose: boolean;
}

const FORMATS = ['table', 'json', 'jsonl'] as const;
const FAIL_ON = ['error', 'warning', 'note', 'never'] as const;

/** `overmap audit`. */
export const audit: Verb = {
  name: 'audit',
  takes: 'INPUT…',
  describe: 'Find where a trace relies on over-mapping, and what another policy would answer',
  options: {
    from: {
      type: 'string',
      requiresArg: true,
      describe: `Policy of the recording: ${POLICY_WORDS} [default: the trace's]`,
    },
    to: {
      type: 'string',
      requiresArg: true,
      describe: 'Policy to hold it against, or a rule of your own (./rule.mjs) [default: strict]',
    },
    drift: {
      type: 'boolean',
      describe: 'Run the target alone from the first difference; what follows from it is a note',
    },
    format: { type: 'string', requiresArg: true, describe: 'table, json or jsonl [default: table]' },
    'fail-on': {
      type: 'string',
      requiresArg: true,
      describe: 'Exit with 1 from which severity: error, warning, note or never [default: error]',
    },
    only: { type: 'array', requiresArg: true, describe: 'Report these rules only: --only OM001,OM002' },
    off: { type: 'array', requiresArg: true, describe: 'Do not report these rules' },
    ...COMMON_OPTIONS,
  },
  examples: [
    ['overmap audit trace.jsonl.gz', 'What would the strict kernel refuse?'],
    ['overmap audit serial.log --to exact --format json -o audit.json', 'For a script'],
    ['overmap audit trace.jsonl --to ./rule.mjs', 'Against a rule of your own'],
  ],
  run: async (values) => {
    const request = read(values);
    const { runAudit } = await import('../runs/run-audit.ts');
    return runAudit(request);
  },
};

function read(values: Values): AuditRequest {
  const inputs = values.inputs('audit', 'INPUT');
  const only = values.list('only');
  const off = values.list('off');
  const rule = only === undefined && off === undefined ? undefined : inputs.find((input) => /^OM\d+$/i.test(input));
  if (rule !== undefined)
    throw new UsageError(`Several rules are written with commas: --only OM001,${rule.toUpperCase()}.`);
  const both = only?.find((rule) => off?.includes(rule));
  if (both !== undefined) throw new UsageError(`--only and --off both name ${both}: leave one of them out.`);
  return {
    inputs,
    from: values.text('from'),
    to: values.text('to'),
    drift: values.flag('drift'),
    format: values.choice('format', FORMATS) ?? 'table',
    output: values.text('o'),
    failOn: values.choice('fail-on', FAIL_ON) ?? 'error',
    only,
    off,
    strictInput: values.flag('strict-input'),
    verbose: values.flag('verbose'),
  };
}
