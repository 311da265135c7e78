import { isatty } from 'node:tty';
import { setFlagsFromString } from 'node:v8';
import { Exit, type ExitCode } from './exit-code.ts';
import { printable } from './printable.ts';
import { UsageError } from './usage-error.ts';

/** Standard error is talk: whether anybody hears it changes nothing. */
const say = (text: string): void => {
  process.stderr.write(text);
};

async function overmap(args: readonly string[]): Promise<ExitCode> {
  try {
    // Scripts ask this often, and it needs nothing of what reads a command line.
    if (args.length === 1 && args[0] === '--version') {
      const { version } = await import('./version.ts');
      process.stdout.write(`${version()}\n`);
      return Exit.clean;
    }
    const { parseCommandLine } = await import('./command-line.ts');
    const request = await parseCommandLine(args, isatty(1) ? (process.stdout.columns ?? 100) : 100);
    if (request.kind === 'run') return await request.run();
    if (request.kind === 'nothing') {
      say(request.text);
      return Exit.usage;
    }
    process.stdout.write(request.text);
    return Exit.clean;
  } catch (error) {
    return explain(error);
  }
}

/** Says what went wrong, without a stack unless it is asked for. */
function explain(error: unknown): ExitCode {
  if (error instanceof UsageError) {
    say(`overmap: ${error.message}\n`);
    return Exit.usage;
  }
  const message = error instanceof Error ? error.message : String(error);
  say(
    `overmap: internal error: ${printable(message, 400)}\n` +
      'This is a fault of overmap, not of your input. Please report it with the command and, if you can, the input;\n' +
      'with OVERMAP_DEBUG=1 in the environment the report says where it happened.\n',
  );
  if (process.env['OVERMAP_DEBUG'] && error instanceof Error) say(`${error.stack}\n`);
  return Exit.internal;
}

// A run of a second spends a quarter of its processor time in V8's compiler; with a smaller budget for inlining it
// compiles less, and takes 5 % less time in all.
setFlagsFromString('--max-inlined-bytecode-size-cumulative=300');

// A reader that has gone is no error; everything else that is thrown outside of the run is ours.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
process.on('uncaughtException', (error) => process.exit(explain(error)));
// Every write is synchronous; a user's rule may have left a timer behind, which must not keep the program.
process.exit(await overmap(process.argv.slice(2)));
