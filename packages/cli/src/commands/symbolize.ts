import { quoted } from '../printable.ts';
import { UsageError } from '../usage-error.ts';
import type { Values } from '../values.ts';
import type { Verb } from '../verb.ts';
import { COMMON_OPTIONS } from './common-options.ts';

/** What `overmap symbolize` was asked. */
export interface SymbolizeRequest {
  readonly log: string;
  readonly elf: string;
  readonly output: string | undefined;
  readonly addr2line: string | undefined;
  readonly verbose: boolean;
}

/** `overmap symbolize`. */
export const symbolize: Verb = {
  name: 'symbolize',
  takes: 'LOG ELF',
  describe: 'Rewrite the call sites of a captured log from addresses into files, lines and functions',
  options: {
    addr2line: {
      type: 'string',
      requiresArg: true,
      describe: 'Program to ask, such as aarch64-linux-gnu-addr2line or llvm-addr2line [default: addr2line]',
    },
    o: COMMON_OPTIONS.o ?? {},
    verbose: { type: 'boolean', describe: 'Say how many call sites were found' },
  },
  examples: [['overmap symbolize serial.log driver.elf -o symbolized.log', 'Which lines of the source are these?']],
  run: async (values) => {
    const request = read(values);
    const { runSymbolize } = await import('../runs/run-symbolize.ts');
    return runSymbolize(request);
  },
};

function read(values: Values): SymbolizeRequest {
  const [log = '', elf, more] = values.inputs('symbolize', 'log');
  if (elf === undefined)
    throw new UsageError('symbolize needs the program that wrote the log: overmap symbolize LOG ELF.');
  if (more !== undefined) throw new UsageError(`symbolize takes one log and one program; ${quoted(more)} is too much.`);
  if (log === '-' || elf === '-')
    throw new UsageError('symbolize reads the log twice, so it takes files and no standard input.');
  return {
    log,
    elf,
    output: values.text('o'),
    addr2line: values.text('addr2line'),
    verbose: values.flag('verbose'),
  };
}
