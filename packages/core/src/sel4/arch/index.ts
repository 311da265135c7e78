import { aarch32 } from './aarch32.ts';
import { aarch32Hyp } from './aarch32-hyp.ts';
import { aarch64 } from './aarch64.ts';
import type { Architecture, KernelConfig } from './descriptor.ts';
import { ia32 } from './ia32.ts';
import { riscv32 } from './riscv32.ts';
import { riscv64 } from './riscv64.ts';
import { x8664 } from './x86_64.ts';

/** Names of the architectures, as traces write them in `arch`. */
export const ARCH_NAMES = ['ia32', 'x86_64', 'aarch32', 'aarch64', 'riscv32', 'riscv64'] as const;
/** The name of an architecture. */
export type ArchName = (typeof ARCH_NAMES)[number];

/**
 * The architecture of a build of the kernel.
 *
 * @param name - as in a trace's `arch`
 * @param config - as in a trace's `config`
 * @throws RangeError when the configuration is one that this architecture does not have
 */
export function architecture(name: ArchName, config: KernelConfig = {}): Architecture {
  switch (name) {
    case 'ia32':
      return ia32(config);
    case 'x86_64':
      return x8664(config);
    case 'aarch32':
      return config.hyp === true ? aarch32Hyp(config) : aarch32(config);
    case 'aarch64':
      return aarch64(config);
    case 'riscv32':
      return riscv32(config);
    case 'riscv64':
      return riscv64(config);
  }
}
