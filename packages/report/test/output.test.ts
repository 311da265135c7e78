import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openOutput, writeFully } from '@overmap/report';
import { OutputError } from '@overmap/trace';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'overmap-output-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = (path: string): string => readFileSync(path, 'utf8');

describe('a file', () => {
  it('appears when it is complete, and not before', () => {
    const path = join(folder, 'a.json');
    const out = openOutput(path);
    out.write('x'.repeat(100_000));
    out.write('é\n');
    expect(existsSync(path)).toBe(false);
    out.close();
    expect(read(path)).toBe(`${'x'.repeat(100_000)}é\n`);
    expect(readdirSync(folder)).toEqual(['a.json']);
    out.close();
    out.abort();
    expect(existsSync(path)).toBe(true);
  });

  it('stays as it was when the output is given up', () => {
    const path = join(folder, 'a.json');
    writeFileSync(path, 'old');
    const out = openOutput(path);
    out.write('new'.repeat(50_000));
    out.abort();
    out.abort();
    out.close();
    expect(read(path)).toBe('old');
    expect(readdirSync(folder)).toEqual(['a.json']);
  });

  it('keeps the rights of the one that it replaces', () => {
    const path = join(folder, 'a.json');
    writeFileSync(path, 'old');
    chmodSync(path, 0o640);
    const out = openOutput(path);
    out.write('new');
    out.close();
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  it('is written where a link points to', () => {
    const target = join(folder, 'target');
    const link = join(folder, 'link');
    writeFileSync(target, 'old');
    symlinkSync(target, link);
    const out = openOutput(link);
    out.write('new');
    out.close();
    expect(read(target)).toBe('new');
    expect(readdirSync(folder).sort()).toEqual(['link', 'target']);
  });

  it('may have the longest name', () => {
    const path = join(folder, 'n'.repeat(255));
    const out = openOutput(path);
    out.write('x');
    out.close();
    expect(read(path)).toBe('x');
  });

  it.each<[string, (folder: string) => string, RegExp]>([
    [
      'in a folder that does not exist',
      (f) => join(f, 'no/a.json'),
      /no\/a\.json cannot be written: its folder does not exist/,
    ],
    ['that is a folder', (f) => f, /it is a folder/],
    ['below a file', (f) => join(f, 'file/a'), /not a folder/],
    ['with too long a name', (f) => join(f, 'n'.repeat(300)), /its name is too long/],
  ])('%s is refused with a sentence', (_, path, reason) => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => openOutput(path(folder))).toThrow(OutputError);
    expect(() => openOutput(path(folder))).toThrow(reason);
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('in whose place a folder has been made meanwhile is an error, and nothing is left', () => {
    const path = join(folder, 'a.json');
    const out = openOutput(path);
    out.write('x');
    mkdirSync(path);
    expect(() => out.close()).toThrow(OutputError);
    expect(readdirSync(folder)).toEqual(['a.json']);
  });
});

describe('a pipe or a device', () => {
  it('is written to, and never replaced', () => {
    const path = join(folder, 'pipe');
    execFileSync('sh', ['-c', 'mkfifo "$0"', path]);
    const reader = openSync(path, 'r+');
    const out = openOutput(path);
    out.write('through');
    out.close();
    const bytes = Buffer.alloc(20);
    expect(bytes.toString('utf8', 0, readSync(reader, bytes))).toBe('through');
    closeSync(reader);
    expect(statSync(path).isFIFO()).toBe(true);
  });

  it.skipIf(!existsSync('/dev/full'))('that is full is an error of the output', () => {
    const out = openOutput('/dev/full');
    out.write('x');
    expect(() => out.close()).toThrow(/\/dev\/full cannot be written: no space left/);
  });
});

it('knows whether it was used', () => {
  const out = openOutput(join(folder, 'a'));
  out.write('');
  expect(out.used).toBe(false);
  out.write('a');
  expect(out.used).toBe(true);
  out.abort();
});

it('writes nothing to a closed descriptor without saying so', () => {
  expect(() => writeFully(9999, 'x')).toThrow(/EBADF/);
});
