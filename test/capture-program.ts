import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventAt, readTrace, type TraceEvent, type TraceHeader } from '@overmap/trace';
import { afterAll } from 'vitest';

const capture = fileURLToPath(new URL('../capture', import.meta.url));
/** A file for the recorder's tests. */
export const source = (name: string): string => join(capture, 'test', name);
/** A folder for what these tests make. */
export const folder: string = mkdtempSync(join(tmpdir(), 'overmap-capture-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a kernel's configuration defines. */
export const CONFIGURATIONS = {
  ia32: ['CONFIG_ARCH_X86', 'CONFIG_ARCH_IA32'],
  x86_64: ['CONFIG_ARCH_X86', 'CONFIG_ARCH_X86_64', 'CONFIG_IOMMU', 'CONFIG_VTX', 'CONFIG_HUGE_PAGE'],
  aarch32: ['CONFIG_ARCH_ARM', 'CONFIG_ARCH_AARCH32'],
  aarch32hyp: ['CONFIG_ARCH_ARM', 'CONFIG_ARCH_AARCH32', 'CONFIG_ARM_HYPERVISOR_SUPPORT', 'CONFIG_TK1_SMMU'],
  aarch64: ['CONFIG_ARCH_ARM', 'CONFIG_ARCH_AARCH64', 'CONFIG_ARM_SMMU'],
  aarch64hyp: ['CONFIG_ARCH_ARM', 'CONFIG_ARCH_AARCH64', 'CONFIG_ARM_HYPERVISOR_SUPPORT', 'CONFIG_ARM_PA_SIZE_BITS_40'],
  aarch64hyp44: [
    'CONFIG_ARCH_ARM',
    'CONFIG_ARCH_AARCH64',
    'CONFIG_ARM_HYPERVISOR_SUPPORT',
    'CONFIG_ARM_PA_SIZE_BITS_44',
  ],
  aarch64old: ['CONFIG_ARCH_ARM', 'CONFIG_ARCH_AARCH64', 'STANDIN_OLD'],
  riscv32: ['CONFIG_ARCH_RISCV', 'CONFIG_ARCH_RISCV32', 'CONFIG_PT_LEVELS=2'],
  riscv64: ['CONFIG_ARCH_RISCV', 'CONFIG_ARCH_RISCV64', 'CONFIG_PT_LEVELS=3'],
} as const;
export type Configuration = keyof typeof CONFIGURATIONS;

/** How a client is compiled. */
export interface Build {
  readonly configuration: Configuration;
  readonly language: 'c99' | 'c++11';
  readonly optimise: '-O0' | '-O2';
  /** Further definitions. */
  readonly define?: readonly string[];
  /** false: without the header at all. */
  readonly include?: boolean;
}

let built = 0;

/** Runs the compiler; throws with what it says. */
export function compile(build: Build, args: readonly string[]): string {
  const out = join(folder, `built-${++built}`);
  const { configuration, language, optimise, define = [], include = true } = build;
  const definitions = [...CONFIGURATIONS[configuration], 'CONFIG_PRINTING', ...define];
  const { status, stderr } = spawnSync(
    language === 'c99' ? 'cc' : 'g++',
    [
      '-Wall',
      '-Wextra',
      '-Wpedantic',
      '-Werror',
      `-std=${language}`,
      optimise,
      ...(language === 'c99' ? [] : ['-x', 'c++']),
      ...definitions.map((definition) => `-D${definition}`),
      ...['sel4', 'test/standin', 'test'].map((below) => `-I${join(capture, below)}`),
      ...(include ? ['-include', 'overmap_capture.h'] : []),
      ...args,
      '-o',
      out,
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`${configuration} ${language} ${optimise} ${define.join(' ')}: ${stderr}`);
  return out;
}

/** Compiles a client with the stand-in. Its addresses are those of the file, as those of an seL4 program are. */
export const client = (build: Build, ...sources: readonly string[]): string =>
  compile(build, ['-g', '-no-pie', ...[...sources, 'standin.c'].map(source)]);

/** Runs a client; what it prints. */
export function run(program: string, input = ''): { readonly stdout: string; readonly stderr: string } {
  const { status, stdout, stderr } = spawnSync(program, { input, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`the client ended with ${status}: ${stderr}`);
  return { stdout, stderr };
}

/** The records of a trace, and its header. */
export async function eventsOf(path: string): Promise<{ header: TraceHeader | undefined; events: TraceEvent[] }> {
  const events: TraceEvent[] = [];
  let header: TraceHeader | undefined;
  const { badLines } = await readTrace(path, {
    onHeader: (found) => {
      header = found;
    },
    onBatch: (columns, tables) => {
      for (let i = 0; i < columns.count; i++) events.push(eventAt(columns, i, tables));
    },
  });
  if (badLines > 0) throw new Error(`${badLines} malformed lines`);
  return { header, events };
}
