import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { InputUnreadableError, ToolError } from './errors.ts';
import { escapeText } from './escape-text.ts';
import type { Site } from './event.ts';

/** Bytes that addr2line may print. */
const MOST_OUTPUT = 1 << 30;
/** Longest file or function of a site. */
const LONGEST = 1024;
/**
 * The recorder's wrappers are inlined into the client's functions, or called by a pointer; neither is a call site.
 * Without debug information only their names show; in C++, addr2line gives an inlined one the name of its caller.
 */
const isWrapper = ({ name, file }: Frame): boolean =>
  name.startsWith('overmap_seL4_') || (file !== undefined && /(?:^|[/\\])overmap_capture_calls\.h$/.test(file));

/** A function that an address lies in; the innermost of those that were inlined there comes first. */
interface Frame {
  /** "??" when it is not known. */
  readonly name: string;
  /** Absent when it is not known. */
  readonly file?: string;
  readonly line: number;
}

/** Where the calls of a recorded program were made, by their return addresses. */
export class CallSites {
  readonly #frames: ReadonlyMap<string, readonly Frame[]>;

  private constructor(frames: ReadonlyMap<string, readonly Frame[]>) {
    this.#frames = frames;
  }

  /**
   * Asks addr2line, in one process.
   *
   * @param elf - the program that was recorded, with its symbols and, for lines, debug information (`-g`)
   * @param addresses - return addresses, in hex ("0x4010d0")
   * @param addr2line - the program to ask: GNU's or LLVM's
   * @throws {@link InputUnreadableError} when the ELF file cannot be read
   * @throws {@link ToolError} when addr2line cannot be run, or cannot read the file
   */
  static of(elf: string, addresses: Iterable<string>, addr2line = 'addr2line'): CallSites {
    refuseUnreadable(elf);
    const all = [...new Set(addresses)];
    // A return address may be that of the next line: two bytes before it is the call, on every architecture; in Thumb
    // code, too, whose return addresses are odd.
    const asked = all.map((address) => `0x${(BigInt(address) < 2n ? 0n : BigInt(address) - 2n).toString(16)}\n`);
    const answers = all.length === 0 ? [] : ask(addr2line, elf, asked.join(''));
    if (answers.length !== all.length) {
      throw new ToolError(
        `${escapeText(addr2line)} answered ${answers.length} of ${all.length} addresses: it is no addr2line that this program understands.`,
      );
    }
    return new CallSites(new Map(all.map((address, i) => [address, answers[i] ?? []])));
  }

  /**
   * The call site of a record.
   *
   * @param at - where the recorder was called
   * @param from - where the wrapper was called; counts when the wrapper was not inlined
   * @returns undefined when nothing is known; line 0 when only the function is
   */
  siteOf(at: string, from: string | undefined): Site | undefined {
    const client = (address: string): Frame | undefined =>
      this.#frames.get(address)?.find((frame) => !isWrapper(frame));
    const frame = client(at) ?? (from === undefined ? undefined : client(from));
    if (frame === undefined || (frame.name === '??' && frame.file === undefined)) return undefined;
    const site = { file: frame.file?.slice(-LONGEST) ?? at, line: frame.line };
    return frame.name === '??' ? site : { ...site, function: frame.name.slice(0, LONGEST) };
  }
}

function refuseUnreadable(elf: string): void {
  const name = escapeText(elf, 400);
  try {
    if (statSync(elf).isDirectory()) throw new InputUnreadableError(`${name} is a folder, not a program`);
    accessSync(elf, constants.R_OK);
  } catch (error) {
    if (error instanceof InputUnreadableError) throw error;
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new InputUnreadableError(`cannot read ${name}: ${missing ? 'there is no such file' : 'permission denied'}`, {
      cause: error,
    });
  }
}

/** One list of frames for each address, in order. */
function ask(addr2line: string, elf: string, input: string): Frame[][] {
  // -a: each answer begins with its address, -i: with the functions that were inlined.
  const { error, status, stdout, stderr } = spawnSync(addr2line, ['-a', '-f', '-i', '-C', '-e', elf], {
    input,
    encoding: 'utf8',
    maxBuffer: MOST_OUTPUT,
  });
  const tool = escapeText(addr2line);
  if (error !== undefined) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const why = missing ? 'there is no such program' : escapeText(error.message, 200);
    throw new ToolError(
      `${tool} cannot be run: ${why}. It comes with binutils; --addr2line names another one, such as aarch64-linux-gnu-addr2line or llvm-addr2line. The log is as it was, and can be audited: findings then show addresses.`,
      { cause: error },
    );
  }
  if (status !== 0) {
    const why = escapeText(stderr.trim().split('\n')[0] ?? '', 200);
    throw new ToolError(
      `${tool} cannot read ${escapeText(elf, 400)}: ${why}. For a program of another architecture, name its own by --addr2line, such as aarch64-linux-gnu-addr2line, or llvm-addr2line.`,
    );
  }
  return answers(stdout.split(/\r?\n/));
}

function answers(lines: readonly string[]): Frame[][] {
  const all: Frame[][] = [];
  for (let i = 0; i < lines.length; ) {
    const name = lines[i++] ?? '';
    if (name === '') continue;
    if (/^0x[0-9a-f]+$/i.test(name)) {
      all.push([]);
      continue;
    }
    // "a.c:12", "a.c:12 (discriminator 3)", "a.c:?", "??:0"
    const [, file = '??', line = '0'] = /^(.*):(\d+|\?)(?: \(.*\))?$/.exec(lines[i++] ?? '') ?? [];
    const known = file !== '??' && file !== '';
    all.at(-1)?.push({ name, line: known ? Number(line) || 0 : 0, ...(known ? { file } : {}) });
  }
  return all;
}
