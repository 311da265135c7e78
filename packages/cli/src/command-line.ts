import type { Argv, Options } from 'yargs';
import yargs from 'yargs';
import { audit } from './commands/audit.ts';
import { bench } from './commands/bench.ts';
import { compare } from './commands/compare.ts';
import { completion } from './commands/completion.ts';
import { explain } from './commands/explain.ts';
import { explore } from './commands/explore.ts';
import { holes } from './commands/holes.ts';
import { migrate } from './commands/migrate.ts';
import { replay } from './commands/replay.ts';
import { report } from './commands/report.ts';
import { symbolize } from './commands/symbolize.ts';
import { vectors } from './commands/vectors.ts';
import { didYouMean } from './did-you-mean.ts';
import type { ExitCode } from './exit-code.ts';
import { printable, quoted } from './printable.ts';
import { UsageError } from './usage-error.ts';
import { dashed, Values } from './values.ts';
import type { Verb } from './verb.ts';
import { version } from './version.ts';

const VERBS: readonly Verb[] = [
  audit,
  report,
  explore,
  explain,
  replay,
  migrate,
  bench,
  holes,
  vectors,
  compare,
  symbolize,
  completion(() => VERBS),
];

/** What a command line asks for. */
export type Request =
  | { readonly kind: 'run'; readonly run: () => Promise<ExitCode> }
  /** Text for standard output. */
  | { readonly kind: 'text'; readonly text: string }
  /** Nothing was asked: the help, for standard error. */
  | { readonly kind: 'nothing'; readonly text: string };

/**
 * Reads a command line. Nothing of what a verb needs to run is loaded yet.
 *
 * @param args - without node and the script
 * @param columns - how wide help may be
 * @throws UsageError - with a sentence, for anything that is wrong
 */
export async function parseCommandLine(args: readonly string[], columns: number): Promise<Request> {
  let chosen: { verb: Verb; values: Values } | undefined;
  let printed = '';
  const completes = args[0] === '--get-yargs-completions';
  // Options without descriptions are hidden from help and completion.
  const helps = args.length === 0 || args.includes('--help') || completes;
  let parser: Argv = yargs()
    .scriptName('overmap')
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'greedy-arrays': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'short-option-groups': false,
      'strip-aliased': true,
    })
    .detectLocale(false)
    .exitProcess(false)
    .wrap(Math.min(columns, 110))
    .usage('overmap VERB …\n\nModels what a new memory mapping may do to what is already mapped, and audits traces.')
    .version(version())
    .help('help')
    .epilogue('"overmap VERB --help" says more about a verb.')
    .fail((message: string, error?: Error) => {
      // yargs brings its own complaints as errors, too.
      throw error === undefined || error.name === 'YError' ? new UsageError(sentence(printable(message, 400))) : error;
    });
  for (const verb of VERBS) {
    parser = parser.command(
      verb.name,
      verb.describe,
      (options) => (helps ? describe(verb, options) : options.options(bare(verb))),
      (values) => {
        refuseUnknown(verb, values);
        chosen = { verb, values: new Values(values) };
      },
    );
    const example = helps ? verb.examples[0] : undefined;
    if (example !== undefined) parser = parser.example(example[0], example[1]);
  }
  const rest = await parser.parseAsync([...args], {}, (_error, _values, output) => {
    printed = output;
  });
  // A letter is no long option (yargs offers "--o").
  if (completes) return { kind: 'text', text: `${printed}\n`.replace(/^--\w(?::.*)?\n|^\n/gm, '') };
  if (printed !== '') return { kind: 'text', text: `${printed}\n` };
  if (chosen !== undefined) {
    const { verb, values } = chosen;
    return { kind: 'run', run: () => verb.run(values) };
  }
  refuseUnknown(undefined, rest);
  const word = rest._[0];
  if (word !== undefined) {
    const names = VERBS.map(({ name }) => name);
    throw new UsageError(
      `There is no verb ${quoted(String(word))}.${didYouMean(String(word), names)} Known: ${names.join(', ')}; see overmap --help.`,
    );
  }
  return { kind: 'nothing', text: `${await parser.getHelp()}\n` };
}

/**
 * The options without what only the help shows. yargs lays the help out on every run, asked for or not, and with the
 * whole text that takes as long as reading a hundred thousand lines of a trace.
 */
function bare(verb: Verb): Record<string, Options> {
  return Object.fromEntries(Object.entries(verb.options).map(([name, option]) => [name, { ...option, hidden: true }]));
}

function describe(verb: Verb, options: Argv): Argv {
  let with_ = options
    .usage(
      `overmap ${verb.name} ${verb.takes} [options]\n\n${verb.describe}.\n${verb.takes}: ${verb.taken ?? 'files, gzipped or not; - is standard input'}`,
    )
    .options({ ...verb.options })
    .epilogue(verb.epilogue ?? '');
  for (const [command, what] of verb.examples) with_ = with_.example(command, what);
  return with_;
}

/** Options that neither the verb nor the program has. */
function refuseUnknown(verb: Verb | undefined, values: Readonly<Record<string, unknown>>): void {
  const known = ['help', 'version'];
  for (const [name, option] of Object.entries(verb?.options ?? {})) {
    known.push(name);
    if (typeof option.alias === 'string') known.push(option.alias);
  }
  const wrong = Object.keys(values).find((name) => !['_', '$0', ...known].includes(name));
  if (wrong === undefined) return;
  const of = verb === undefined ? 'overmap' : `overmap ${verb.name}`;
  throw new UsageError(
    `${of} has no option ${quoted(dashed(wrong))}.${didYouMean(wrong, known, dashed)} See ${of} --help.`,
  );
}

const sentence = (text: string): string => (/[.?!]$/.test(text) ? text : `${text}.`);
