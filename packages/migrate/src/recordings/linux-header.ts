import type { LinuxConfig, OpenFile } from '@overmap/core';
import type { LineRecord } from '@overmap/trace';
import { listOf, pageOf, textOf, wordOf } from './linux-record.ts';

/** What a recording's header says of the machine, and of what is recorded. */
export interface LinuxHeader {
  readonly config: LinuxConfig;
  /** States hold only what lies in these pages; null = the whole address space. */
  readonly arena: { readonly start: number; readonly end: number } | null;
  /** Memory that may only be executed cannot be read: the machine has protection keys. */
  readonly executeOnly: boolean;
  readonly files: readonly OpenFile[];
  /** Where pages are written, each page of a file begins with a tag of its own. */
  readonly tagged: boolean;
}

/** Read a header. */
export function linuxHeader(header: LineRecord): LinuxHeader {
  const config = (header['config'] ?? {}) as LineRecord;
  const number = (key: string): number | undefined =>
    config[key] === undefined ? undefined : Number(wordOf(config[key], key));
  const given = (name: keyof LinuxConfig, value: LinuxConfig[keyof LinuxConfig]): LinuxConfig =>
    value === undefined ? {} : { [name]: value };
  const start = config['arena'] === undefined ? 0 : pageOf(config['arena'], 'arena');
  const whole = config['mmapBase'] !== undefined || config['arena'] === undefined;
  return {
    config: {
      ...given('taskSize', number('taskSize')),
      ...given('mmapMinAddr', number('mmapMinAddr')),
      ...given('mmapBase', number('mmapBase')),
      ...given('maxMapCount', number('maxMapCount')),
      ...given('stackGapPages', number('stackGuardGapPages')),
      ...given('lsmMinAddr', number('lsmMinAddr')),
      rawIo: typeof config['rawIo'] === 'boolean' ? config['rawIo'] : (number('uid') ?? 0) === 0,
      hugePages: config['hugePages'] !== false,
      neverOvercommit: number('overcommit') === 2,
      mremap: beforeMoves(header['source']) ? 'before' : '6.17',
    },
    arena: whole ? null : { start, end: start + (number('arenaPages') ?? 0) },
    executeOnly: config['pku'] === true,
    files: (config['files'] === undefined ? [] : listOf(config['files'], 'files')).map(openFile),
    tagged: config['family'] === 'touch',
  };
}

function openFile(value: unknown): OpenFile {
  const file = value as LineRecord;
  const bytes = Number(wordOf(file['size'], 'size'));
  return { name: textOf(file['id'], 'id'), pages: Math.ceil(bytes / 4096), writable: file['mode'] !== 'ro' };
}

/** Whether a recording's text names a kernel with the older rules of mremap: "… on Linux 6.12.3 …". */
function beforeMoves(source: unknown): boolean {
  const version = /Linux (\d+)\.(\d+)/.exec(typeof source === 'string' ? source : '');
  if (version === null) return false;
  const [major, minor] = [Number(version[1]), Number(version[2])];
  return major < 6 || (major === 6 && minor < 17);
}
