import { type Kernel, POLICIES, type PolicyName } from '@overmap/core';
import { type ReadOptions, type ReadSummary, TraceScanner } from '@overmap/trace';
import type { MigrateTraceOptions } from '../src/migrate-trace-options.ts';
import { type Planned, planMigration, type ReadAgain, writeMigration } from '../src/migrate-trace.ts';
import { MigrationProof, type ProofFailure } from '../src/migration-proof.ts';
import { traceKernel } from '../src/trace-kernel.ts';

/** A trace in memory, read as a file is. */
function readText(text: string, name = 'trace.jsonl'): ReadAgain {
  return (options: ReadOptions): Promise<ReadSummary> => {
    const scanner = new TraceScanner({ name, ...options });
    const bytes = Buffer.from(text, 'utf8');
    // Cut in the middle of a line.
    const cut = Math.floor(bytes.length / 2);
    for (const piece of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
      options.onBytes?.(piece);
      scanner.feed(new Uint8Array(piece));
    }
    const stopped = options.stop?.() === true;
    if (stopped) scanner.flush();
    else scanner.end();
    const { lines, records, states, marks, badLines, otherLines, slowLines } = scanner;
    return Promise.resolve({
      bytes: bytes.length,
      lines,
      records,
      events: records - states - marks,
      states,
      marks,
      badLines,
      otherLines,
      slowLines,
      stopped,
    });
  };
}

/** What became of a trace in memory. */
export interface MigratedText {
  readonly planned: Planned;
  readonly output: string;
  readonly failure: ProofFailure | null;
  /** The lines of the output that are no lines of the input. */
  readonly edited: readonly string[];
}

/** Migrate a trace in memory. */
export async function migrateText(
  text: string,
  options: MigrateTraceOptions = { to: 'strict' },
  names: { readonly input?: string; readonly output?: string } = {},
): Promise<MigratedText> {
  const planned = await planMigration(readText(text, names.input), options);
  return written(text, planned, options, names);
}

/** Write what was planned, or something else. */
export async function written(
  text: string,
  planned: Planned,
  options: MigrateTraceOptions,
  names: { readonly input?: string; readonly output?: string } = {},
): Promise<MigratedText> {
  let output = '';
  const { proof } = await writeMigration(
    readText(text, names.input),
    planned,
    options,
    names.output ?? 'out.jsonl',
    (bytes) => {
      output += Buffer.from(bytes).toString('utf8');
    },
  );
  const edited = output.split('\n').filter((line) => line.includes('"migrated":'));
  return { planned, output, failure: proof.failure, edited };
}

/** Run a trace and another one that claims to be its migration side by side. */
export function judge(original: string, output: string, from: PolicyName, to: PolicyName): ProofFailure | null {
  let proof: MigrationProof | null = null;
  const outputs = new TraceScanner({ name: 'trace.jsonl', onBatch: (columns) => proof?.output(columns) });
  const originals = new TraceScanner({
    name: 'trace.jsonl',
    onBatch: (columns) => proof?.original(columns),
    onHeader: (header, scanner) => {
      const kernel = (): Kernel => traceKernel(header, undefined);
      proof = new MigrationProof(kernel(), kernel(), POLICIES[from], POLICIES[to]);
      proof.begin(scanner, outputs);
    },
  });
  for (const [scanner, text] of [
    [originals, original],
    [outputs, output],
  ] as const) {
    scanner.feed(new Uint8Array(Buffer.from(text)));
    scanner.end();
  }
  const judged = proof as MigrationProof | null;
  if (judged === null) throw new Error('no header');
  judged.end();
  return judged.failure;
}

/** A trace's text. */
export const textOf = (lines: readonly object[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('');
