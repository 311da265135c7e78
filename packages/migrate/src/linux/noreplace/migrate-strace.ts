import {
  type InputReader,
  inputName,
  readInput,
  type StraceScannerOptions,
  StraceScanner,
  TraceWriter,
} from '@overmap/trace';
import type { RunOptions } from '../../audit-options.ts';
import { Lines } from '../../lines.ts';
import type { ProofFailure } from '../../migration-proof.ts';
import { editedLine } from './edited-line.ts';
import { NoReplacePlan } from './noreplace-plan.ts';
import { NoReplaceProof } from './noreplace-proof.ts';

/** What became of an strace log. */
export interface MigratedStrace {
  readonly plan: NoReplacePlan;
  /** Calls in the input. */
  readonly calls: number;
  /** Why the migrated log is not proven; then nothing was written. */
  readonly failure: ProofFailure | null;
  /** Calls of the original after which address spaces were compared. */
  readonly compared: number;
  readonly badLines: number;
  readonly interrupted: boolean;
}

/**
 * Rewrite an strace log so that no call replaces anything: what a call took the place of is unmapped in front of it, and
 * MAP_FIXED becomes MAP_FIXED_NOREPLACE there. All other lines stay as they are. What is written is read back while it
 * is written, and both logs must have the same address spaces after each call.
 *
 * @param input - a file; it is read twice
 * @param output - the migrated log
 * @returns what became of it; the file is there only if there was nothing that `failure` or `interrupted` tell of
 * @throws InputUnreadableError, MalformedInputError as `readInput`; OutputError when the file cannot be written
 */
export async function migrateStrace(input: string, output: string, options: RunOptions): Promise<MigratedStrace> {
  const { strictInput, onBadLine } = options;
  const plan = new NoReplacePlan();
  const scanner = new StraceScanner(plan.audit.log, plan, {
    name: inputName(input, undefined),
    recordParents: true,
    ...(strictInput === undefined ? {} : { strictInput }),
    ...(onBadLine === undefined ? {} : { onBadLine }),
  } satisfies StraceScannerOptions);
  const reading = {
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
    ...(options.stop === undefined ? {} : { stop: options.stop }),
  };
  const warned = {
    ...reading,
    onWarning: ({ line, message }: { line: number; message: string }) =>
      options.onWarning?.(`line ${line}: ${message}`),
  };
  const done = (interrupted: boolean, proof: NoReplaceProof | null): MigratedStrace => ({
    plan,
    calls: plan.audit.log.calls,
    failure: proof?.failure ?? null,
    compared: proof?.compared ?? 0,
    badLines: scanner.badLines,
    interrupted,
  });
  if (await readInput(input, warned, scanner)) return done(true, null);
  scanner.settle();
  const writer = new TraceWriter(output);
  try {
    const proof = new NoReplaceProof(scanner.parents);
    const rewriting = new Rewriting(plan, proof, (bytes) => void writer.writeBytes(bytes));
    const stop = (): boolean => proof.failure !== null || options.stop?.() === true;
    const stopped = await readInput(input, { ...reading, stop }, rewriting);
    if (proof.failure === null && !stopped) await writer.close();
    return done(stopped && proof.failure === null, proof);
  } finally {
    // Harmless after `close`.
    writer.abort();
  }
}

/** The second reading: writes each line, edited or not, and hands both to the proof. */
class Rewriting implements InputReader {
  bytes = 0;
  private readonly plan: NoReplacePlan;
  private readonly proof: NoReplaceProof;
  private readonly take: (bytes: Uint8Array) => void;
  private readonly edits: ReturnType<NoReplacePlan['edits']['inOrder']>;
  private next: ReturnType<typeof this.edits.next>;
  private readonly text = new Lines((bytes, start, end) => this.line(bytes.subarray(start, end)));

  constructor(plan: NoReplacePlan, proof: NoReplaceProof, take: (bytes: Uint8Array) => void) {
    this.plan = plan;
    this.proof = proof;
    this.take = take;
    this.edits = plan.edits.inOrder();
    this.next = this.edits.next();
  }

  get lines(): number {
    return this.text.line;
  }

  feed(bytes: Uint8Array, length: number): void {
    this.bytes += length;
    this.text.feed(length === bytes.length ? bytes : bytes.subarray(0, length));
  }

  flush(): void {}

  end(): void {
    this.text.end();
    this.proof.end(this.plan.counts.unmigratedMmaps);
    if (this.next.done !== true && this.proof.failure === null)
      throw new Error('a log became shorter while it was read');
  }

  private line(bytes: Buffer): void {
    const { next, proof } = this;
    if (proof.failure !== null) return;
    if (next.done === true || next.value.line !== this.text.line) {
      this.take(bytes);
      proof.line(bytes, [], bytes);
      return;
    }
    const edited = editedLine(bytes, next.value);
    this.next = this.edits.next();
    if (edited === null) {
      proof.failure = {
        event: -1,
        line: this.text.line,
        message: 'the flags of the call are not on the line on which it was entered',
      };
      return;
    }
    const { inserted, line } = edited;
    for (const unmap of inserted) this.take(unmap);
    this.take(line);
    proof.line(bytes, inserted, line);
  }
}
