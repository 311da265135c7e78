import { CONFIG_NAME } from '../config-name.ts';
import { quoted } from '../printable.ts';
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
  readonly context: boolean;
  readonly baseline: string | undefined;
  readonly evidence: string | undefined;
  /** The report that is made of the same audit: its path, or an address on the web. */
  readonly page: string | undefined;
  /** The file that options came from. */
  readonly config: string | undefined;
  readonly strictInput: boolean;
  readonly verbose: boolean;
}

const FORMATS = ['table', 'json', 'jsonl', 'sarif', 'github', 'csv', 'md', 'trace-events'] as const;
const FAIL_ON = ['error', 'warning', 'note', 'never'] as const;

/** `overmap audit`. */
export const audit: Verb = {
  name: 'audit',
  takes: 'INPUT…',
  describe: 'Find where a trace, source or an strace log relies on over-mapping, and what another policy would answer',
  options: {
    from: {
      type: 'string',
      requiresArg: true,
      describe: `Policy of the recording: ${POLICY_WORDS} [default: the trace's]`,
    },
    to: {
      type: 'string',
      requiresArg: true,
      describe:
        'Policy to hold it against, or a rule of your own (./rule.mjs); several, with commas, are compared [default: strict]; an strace log: noreplace or pcuabi; a recording of FreeBSD keys: one of their policies; of Redox: intended, or defects',
    },
    drift: {
      type: 'boolean',
      describe: 'Run the target alone from the first difference; what follows from it is a note',
    },
    format: { type: 'string', requiresArg: true, describe: `${FORMATS.join(', ')} [default: table]` },
    'fail-on': {
      type: 'string',
      requiresArg: true,
      describe: 'Exit with 1 from which severity: error, warning, note or never [default: error]',
    },
    only: { type: 'array', requiresArg: true, describe: 'Report these rules only: --only OM001,OM002' },
    off: { type: 'array', requiresArg: true, describe: 'Do not report these rules' },
    context: { type: 'boolean', describe: 'Give each finding the records around it (json and jsonl)' },
    baseline: {
      type: 'string',
      requiresArg: true,
      describe: 'Findings of an earlier run (json or jsonl): they are counted, and not told again',
    },
    evidence: {
      type: 'string',
      requiresArg: true,
      describe: 'With source: the JSON of an audit of a recorded run, whose call sites are joined with the source',
    },
    page: {
      type: 'string',
      requiresArg: true,
      describe:
        'The report of the same audit, a file or an https address: SARIF links to it, the table names anchors in it',
    },
    'no-config': { type: 'boolean', describe: `Do not read ${CONFIG_NAME}` },
    ...COMMON_OPTIONS,
  },
  examples: [
    ['overmap audit trace.jsonl.gz', 'What would the strict kernel refuse?'],
    ['overmap audit serial.log --to exact --format json -o audit.json', 'For a script'],
    ['overmap audit trace.jsonl --to ./rule.mjs', 'Against a rule of your own'],
    ['overmap audit a.gz b.gz --to strict,exact,./rule.mjs', 'What would each policy do to whom?'],
    ['overmap audit src/ docs/tutorial.md', 'C, C++, Rust and Markdown: each call that maps, judged'],
    ['overmap audit app.strace --to noreplace', 'What does a Linux program replace, and what would be refused?'],
    [
      'overmap audit keys.jsonl.gz --from every_pmap_remove --to pmap_map_delete',
      'Which pages lose their protection key on FreeBSD?',
    ],
    ["overmap audit 'traces/**/*.gz' --format sarif -o audit.sarif", 'Many traces, for a code host'],
  ],
  epilogue: `Options can also stand in ${CONFIG_NAME}, in this folder or one above.`,
  run: async (given) => {
    const config = given.flag('no-config') ? undefined : await configured(given);
    const request = read(config?.values ?? given, config?.path);
    const { runAudit } = await import('../runs/run-audit.ts');
    return runAudit(request);
  },
};

/** The values with those of the nearest file; what the command line gives counts. */
async function configured(given: Values): Promise<{ readonly values: Values; readonly path: string } | undefined> {
  const { readConfig } = await import('../config-file.ts');
  const config = readConfig(process.cwd(), audit.options);
  if (config === undefined) return undefined;
  const options = { ...config.options };
  // They are one choice.
  if (given.has('only') || given.has('off')) {
    delete options['only'];
    delete options['off'];
  }
  return { values: given.with(options), path: config.path };
}

function read(values: Values, config: string | undefined): AuditRequest {
  const inputs = values.inputs('audit', 'INPUT');
  const only = values.list('only');
  const off = values.list('off');
  const rule =
    only === undefined && off === undefined ? undefined : inputs.find((input) => /^O[FLMPR]\d+$/i.test(input));
  if (rule !== undefined)
    throw new UsageError(`Several rules are written with commas: --only OM001,${rule.toUpperCase()}.`);
  const both = only?.find((rule) => off?.includes(rule));
  if (both !== undefined) throw new UsageError(`--only and --off both name ${both}: leave one of them out.`);
  const format = values.choice('format', FORMATS) ?? 'table';
  const context = values.flag('context');
  if (context && format !== 'json' && format !== 'jsonl')
    throw new UsageError(`--context shows in json and jsonl only, not in ${format}: add --format json.`);
  const page = values.text('page');
  if (page !== undefined && format !== 'sarif' && format !== 'table')
    throw new UsageError(`--page shows in sarif and table only, not in ${format}: leave it out.`);
  if (page !== undefined && /^https?:/i.test(page) && !URL.canParse(page))
    throw new UsageError(`--page ${quoted(page)} is no address on the web.`);
  return {
    inputs,
    from: values.text('from'),
    to: values.text('to'),
    drift: values.flag('drift'),
    format,
    output: values.text('o'),
    failOn: values.choice('fail-on', FAIL_ON) ?? 'error',
    only,
    off,
    context,
    baseline: values.text('baseline'),
    evidence: values.text('evidence'),
    page,
    config,
    strictInput: values.flag('strict-input'),
    verbose: values.flag('verbose'),
  };
}
