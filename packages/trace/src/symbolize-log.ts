import { createReadStream, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CallSites } from './call-sites.ts';
import { InputUnreadableError, MalformedInputError } from './errors.ts';
import { escapeText } from './escape-text.ts';
import { startsLikeGzip } from './gzip-magic.ts';

/** A call site as the recorder knows it: two return addresses. */
const SITE = /"site":\{"file":"(0x[0-9a-f]{1,16})","line":0(?:,"from":"(0x[0-9a-f]{1,16})")?\}/;

/** Options of {@link symbolizeLog}. */
export interface SymbolizeOptions {
  /** The program to ask. Default: `addr2line`. */
  readonly addr2line?: string;
}

/** What was rewritten. */
export interface SymbolizeSummary {
  readonly lines: number;
  /** Records whose call site was an address. */
  readonly sites: number;
  /** Of these: how many have a file and a line now, only a function, and nothing but their address. */
  readonly placed: number;
  readonly named: number;
  readonly unknown: number;
}

/**
 * Rewrites a log whose call sites are return addresses, as `overmap_capture.h` leaves them, into one with files, lines
 * and functions. All other text stays as it is; the log is read twice.
 *
 * @param log - a file, gzipped or not
 * @param elf - the program that was recorded
 * @param write - takes the lines, one by one and each with its end, once all addresses are known
 * @throws {@link InputUnreadableError} when one of the files cannot be read
 * @throws {@link MalformedInputError} when the log's gzip stream is broken
 * @throws {@link ToolError} when addr2line cannot be run, or cannot read the program
 */
export async function symbolizeLog(
  log: string,
  elf: string,
  write: (text: string) => void,
  options: SymbolizeOptions = {},
): Promise<SymbolizeSummary> {
  const addresses = new Set<string>();
  for await (const line of linesOf(log)) {
    const [, at, from] = SITE.exec(line) ?? [];
    if (at !== undefined) addresses.add(at);
    if (from !== undefined) addresses.add(from);
  }
  const callSites = CallSites.of(elf, addresses, options.addr2line);
  let lines = 0;
  let placed = 0;
  let named = 0;
  let unknown = 0;
  for await (const line of linesOf(log)) {
    lines++;
    const [text, at, from] = SITE.exec(line) ?? [];
    if (text === undefined || at === undefined) {
      write(line);
      continue;
    }
    const site = callSites.siteOf(at, from);
    if (site === undefined) unknown++;
    else if (site.line === 0) named++;
    else placed++;
    // By a function: "$&" in a path is no pattern.
    write(site === undefined ? line : line.replace(text, () => `"site":${JSON.stringify(site)}`));
  }
  return { lines, sites: placed + named + unknown, placed, named, unknown };
}

/** The lines of a file, each with its end as it stands there. */
async function* linesOf(path: string): AsyncGenerator<string> {
  const name = escapeText(path, 400);
  const unreadable = (error: unknown): InputUnreadableError => {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const why = missing ? 'there is no such file' : escapeText(error instanceof Error ? error.message : '', 200);
    return new InputUnreadableError(`cannot read ${name}: ${why}`, { cause: error });
  };
  let zipped: boolean;
  try {
    if (!statSync(path).isFile()) throw new InputUnreadableError(`${name} is no file; it is read twice`);
    zipped = startsLikeGzip(path);
  } catch (error) {
    throw error instanceof InputUnreadableError ? error : unreadable(error);
  }
  const file = createReadStream(path);
  const gunzip = zipped ? createGunzip() : undefined;
  file.on('error', (error) => gunzip?.destroy(error));
  const input: Readable = gunzip === undefined ? file : file.pipe(gunzip);
  input.setEncoding('utf8');
  let rest = '';
  try {
    for await (const piece of input) {
      const parts = `${rest}${String(piece)}`.split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts) yield `${part}\n`;
    }
  } catch (error) {
    if (file.errored !== null || gunzip === undefined) throw unreadable(error);
    const why = escapeText(error instanceof Error ? error.message : String(error), 200);
    throw new MalformedInputError(`${name}: the gzip stream is broken (${why})`, undefined, { cause: error });
  } finally {
    file.destroy();
  }
  if (rest !== '') yield rest;
}
