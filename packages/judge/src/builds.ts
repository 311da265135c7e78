import { type Architecture, type ArchName, architecture, type KernelConfig } from '@overmap/core';

/** Builds of the kernel that a rule is judged on: those that were recorded. */
export const BUILD_NAMES = [
  'ia32',
  'x86_64',
  'aarch32',
  'aarch32hyp',
  'aarch64',
  'aarch64hyp',
  'aarch64hyp44',
  'riscv32',
  'riscv64',
] as const;
/** The name of a build. */
export type BuildName = (typeof BUILD_NAMES)[number];

/** A build as a trace's header tells it. */
export interface Build {
  readonly arch: ArchName;
  readonly config: KernelConfig;
}

/** One core each; x86_64 with 1 GiB pages; hypervisor builds of aarch64 with a 40-bit and a 44-bit PA; sv32 and sv39. */
export const BUILDS: Readonly<Record<BuildName, Build>> = {
  ia32: { arch: 'ia32', config: {} },
  x86_64: { arch: 'x86_64', config: { hugePage: true } },
  aarch32: { arch: 'aarch32', config: {} },
  aarch32hyp: { arch: 'aarch32', config: { hyp: true } },
  aarch64: { arch: 'aarch64', config: {} },
  aarch64hyp: { arch: 'aarch64', config: { hyp: true, paBits: 40 } },
  aarch64hyp44: { arch: 'aarch64', config: { hyp: true, paBits: 44 } },
  riscv32: { arch: 'riscv32', config: {} },
  riscv64: { arch: 'riscv64', config: {} },
};

/** The architecture of a build. */
export function architectureOf(name: BuildName): Architecture {
  const { arch, config } = BUILDS[name];
  return architecture(arch, config);
}
