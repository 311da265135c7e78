import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll } from 'vitest';

const packages = fileURLToPath(new URL('../../', import.meta.url));
const bin = join(packages, 'cli/bin/overmap.js');

/** The bundled recordings. */
export const recordings = fileURLToPath(new URL('../../../recordings/', import.meta.url));

/** What is compiled by itself, and from which folder; the pages' programs have a compilation of their own. */
const compiled: readonly (readonly [built: string, sources: string])[] = [
  ...['core', 'trace', 'batch', 'report', 'migrate', 'bench', 'judge', 'compare', 'explore', 'cli'].map(
    (name) => [`${name}/dist`, `${name}/src`] as const,
  ),
  ['explore/dist/page', 'explore/src/browser'],
];

/** The program runs from what was built; a stale build would test something else. */
function refuseStaleBuild(): void {
  for (const [output, folder] of compiled) {
    const built = join(packages, output, '.tsbuildinfo');
    const sources = readdirSync(join(packages, folder), { recursive: true, encoding: 'utf8' }).filter(
      (file) => folder !== 'explore/src' || !file.startsWith('browser'),
    );
    const newest = Math.max(...sources.map((file) => statSync(join(packages, folder, file)).mtimeMs));
    if (!existsSync(built) || statSync(built).mtimeMs < newest) {
      throw new Error(`packages/${folder} is not built, or not since its last change. Run "npm run build" first.`);
    }
  }
}

refuseStaleBuild();

/** What runs is the bundle of that build. */
function refuseStaleBundle(): void {
  const built = Math.max(...compiled.map(([output]) => statSync(join(packages, output, '.tsbuildinfo')).mtimeMs));
  for (const name of ['cli/bundle/main.js', 'explore/bundle/report.js', 'explore/bundle/explore.js']) {
    const bundle = join(packages, name);
    if (!existsSync(bundle) || statSync(bundle).mtimeMs < built)
      throw new Error('The bundle is older than the build. Run "npm run build" first.');
  }
}

refuseStaleBundle();

/** How a run of the program ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a run of the program is given. */
export interface Given {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Talks to the running program; its input stays open. */
  readonly during?: (child: ReturnType<typeof spawn>) => void;
}

/** Runs the built program. */
export function overmap(args: readonly string[], given: Given = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined, OVERMAP_DEBUG: undefined, ...given.env };
    const child = spawn(process.execPath, [bin, ...args], { env, cwd: given.cwd, stdio: 'pipe' });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    child.stdin.on('error', () => {}); // It may have ended before it has read all.
    if (given.during) given.during(child);
    else child.stdin.end(given.input ?? '');
  });
}

/** A folder for the files of a test file; it goes when the tests are done. */
export function makeFolder(): {
  readonly path: (name: string) => string;
  readonly write: (name: string, lines: readonly (object | string)[]) => string;
} {
  const folder = mkdtempSync(join(tmpdir(), 'overmap-cli-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const path = (name: string): string => join(folder, name);
  const write = (name: string, lines: readonly (object | string)[]): string => {
    const text = textOf(lines);
    writeFileSync(path(name), name.endsWith('.gz') ? gzipSync(text) : text);
    return path(name);
  };
  return { path, write };
}

/** A trace's text. */
export const textOf = (lines: readonly (object | string)[]): string =>
  lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');

const header = {
  trace: 'overmap',
  version: 1,
  system: 'sel4',
  arch: 'x86_64',
  policy: 'legacy',
  source: 'test',
  config: { asidPool: 1 },
};
const map = (cap: number, ret = 'ok'): object => ({
  op: 'map',
  cap,
  vspace: 10,
  vaddr: '0x400000',
  rights: 'rw',
  attr: 0,
  ret,
});
const table = (cap: number): object => ({ op: 'map_table', cap, vspace: 10, vaddr: '0x400000', attr: 0, ret: 'ok' });

/** A trace that is complete, up to where two frames can be mapped at the same address. */
export const begin: readonly object[] = [
  header,
  { op: 'retype', obj: 'vspace', cap: 10, n: 1, paddr: '0x100000', ret: 'ok' },
  { op: 'assign', pool: 1, vspace: 10, ret: 'ok' },
  { op: 'retype', obj: 'pdpt', cap: 11, n: 1, paddr: '0x101000', ret: 'ok' },
  table(11),
  { op: 'retype', obj: 'pd', cap: 12, n: 1, paddr: '0x102000', ret: 'ok' },
  table(12),
  { op: 'retype', obj: 'table', cap: 13, n: 1, paddr: '0x103000', ret: 'ok' },
  table(13),
  { op: 'retype', obj: 'page', bits: 12, cap: 20, n: 2, paddr: '0x104000', ret: 'ok' },
];
/** One map, an unmap, another: nothing to complain of. */
export const clean: readonly object[] = [...begin, map(20), { op: 'unmap', cap: 20, ret: 'ok' }, map(21)];
/** The second map takes the place of the first. */
export const overmapped: readonly object[] = [...begin, map(20), map(21)];
/** The kernel that was recorded refused the second map: its header is wrong. */
export const divergent: readonly object[] = [...begin, map(20), map(21, 'DeleteFirst')];
/** Nothing in it was created. */
export const assumed: readonly object[] = [header, map(20), { op: 'unmap', cap: 20, ret: 'ok' }];
