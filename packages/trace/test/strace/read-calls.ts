import {
  type BadLine,
  Call,
  StraceLog,
  StraceScanner,
  type StraceScannerOptions,
  type StraceSink,
} from '../../src/index.ts';

const NAMES = Object.fromEntries(Object.entries(Call).map(([name, kind]) => [kind, name]));

/** What a test compares of a call. */
export interface SeenCall {
  readonly name: string;
  readonly pid: number;
  readonly event: number;
  readonly entry: number;
  readonly line: number;
  readonly ok: boolean;
  readonly result: number;
  readonly error: string;
  readonly address: number;
  readonly length: number;
  readonly prot: number;
  readonly flags: number;
  readonly file: string;
  readonly time: number;
  readonly more: unknown;
}

/** Everything that a scanner tells of a log. */
export function readCalls(
  text: string | Uint8Array,
  options: StraceScannerOptions = {},
  cuts: readonly number[] = [],
): { calls: SeenCall[]; told: string[]; bad: BadLine[]; scanner: StraceScanner; log: StraceLog } {
  const calls: SeenCall[] = [];
  const told: string[] = [];
  const bad: BadLine[] = [];
  const log = new StraceLog((count) => new Uint8Array(count + 1).fill(1));
  const sink: StraceSink = {
    call(call) {
      const { kind, thread, event, entry, line, ok, result, error, address, length, prot, flags, file, time } = call;
      const more =
        kind === Call.execve
          ? call.program
          : kind === Call.mremap
            ? [call.newLength, call.newAddress]
            : kind === Call.clone
              ? [call.child?.pid ?? null, call.child === null ? false : call.childSpoke]
              : kind === Call.mmap && call.site > 0
                ? log.sites.site(call.site)
                : null;
      const name = file === 0 ? '' : log.files.name(file);
      const numbers = kind === Call.execve || kind === Call.clone ? { address: 0, length: 0 } : { address, length };
      if (kind === Call.brk) numbers.length = 0;
      calls.push({
        name: NAMES[kind] ?? '',
        pid: thread.pid,
        event,
        entry,
        line,
        ok,
        result,
        error,
        ...numbers,
        prot,
        flags,
        file: name,
        time,
        more,
      });
    },
    unreturned: ({ kind, thread, line, flags }) =>
      void told.push(`unreturned ${NAMES[kind]} ${thread.pid} ${line} ${flags.toString(16)}`),
    cloning: ({ thread, line }) => void told.push(`cloning ${thread.pid} ${line}`),
    appeared: ({ pid, since }) => void told.push(`appeared ${pid} ${since}`),
    ended: ({ pid }, line) => void told.push(`ended ${pid} ${line}`),
    superseded: ({ pid }, by) => void told.push(`superseded ${pid} by ${by.pid}`),
  };
  const scanner = new StraceScanner(log, sink, { onBadLine: (line) => void bad.push(line), ...options });
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  let from = 0;
  for (const cut of [...cuts, bytes.length].map((at) => Math.min(at, bytes.length)).toSorted((a, b) => a - b)) {
    // Handed over as a reader does: in a buffer that is larger, and overwritten afterwards.
    const buffer = new Uint8Array(cut - from + 7).fill(0x78);
    buffer.set(bytes.subarray(from, cut));
    scanner.feed(buffer, cut - from);
    buffer.fill(0x79);
    from = cut;
  }
  scanner.end();
  return { calls, told, bad, scanner, log };
}
