import { type ArchName, architecture, type Architecture, type KernelConfig } from '@overmap/core';
import type { Build } from '../bench-case.ts';

/** A build as a trace's header would tell it. */
export interface BuildHeader {
  readonly arch: ArchName;
  readonly config: KernelConfig;
}

/** The builds that can be benchmarked: one core each; the aarch64 hypervisor has a 44-bit PA, RISC-V sv32 and sv39. */
export const BUILD_HEADERS: Readonly<Record<Build, BuildHeader>> = {
  ia32: { arch: 'ia32', config: {} },
  x86_64: { arch: 'x86_64', config: { hugePage: true } },
  x86_64pcid: { arch: 'x86_64', config: { hugePage: true, pcid: true } },
  aarch32: { arch: 'aarch32', config: {} },
  aarch32hyp: { arch: 'aarch32', config: { hyp: true } },
  aarch64: { arch: 'aarch64', config: {} },
  aarch64hyp: { arch: 'aarch64', config: { hyp: true, paBits: 44 } },
  riscv32: { arch: 'riscv32', config: {} },
  riscv64: { arch: 'riscv64', config: {} },
};

/** The architecture of a build. */
export function architectureOf(build: Build): Architecture {
  const { arch, config } = BUILD_HEADERS[build];
  return architecture(arch, config);
}
