import { ARCH_NAMES, type ArchName, POLICIES, type PolicyName } from '@overmap/core';
import { FAMILIES, type SystemUnderPolicy } from './system.ts';
import { FREEBSD } from './systems/freebsd.ts';
import { LINUX } from './systems/linux.ts';
import { PCUABI_SYSTEMS } from './systems/pcuabi.ts';
import { REDOX } from './systems/redox.ts';
import { SEL4, sel4System } from './systems/sel4.ts';

/** Every system and policy that a comparison runs unless others are chosen. */
export const SYSTEMS: readonly SystemUnderPolicy[] = [...SEL4, ...LINUX, ...PCUABI_SYSTEMS, ...REDOX, ...FREEBSD];

const SEL4_POLICIES: readonly string[] = [...Object.keys(POLICIES), 'batched'];

/** Names that {@link systemsNamed} takes besides those of {@link SYSTEMS}. */
export const SYSTEM_WORDS: readonly string[] = [
  ...new Set([...FAMILIES, ...SYSTEMS.map(({ name }) => name), ...SEL4_POLICIES.map((policy) => `sel4-${policy}`)]),
];

/**
 * Systems by name: one of {@link SYSTEMS}, all of a family (`linux`), or seL4 under any policy on any architecture
 * (`sel4-strict@x86_64`).
 *
 * @returns null when there is no such system
 */
export function systemsNamed(name: string): readonly SystemUnderPolicy[] | null {
  const known = SYSTEMS.find((system) => system.name === name);
  if (known !== undefined) return [known];
  if (FAMILIES.some((family) => family === name)) return SYSTEMS.filter(({ family }) => family === name);
  const found = /^sel4-([a-z-]+)(?:@([a-z0-9_]+))?$/.exec(name);
  if (found === null) return null;
  const [, policy = '', arch] = found;
  if (!isSel4Policy(policy) || (arch !== undefined && !isArch(arch))) return null;
  return [sel4System(policy, arch)];
}

const isSel4Policy = (name: string): name is PolicyName | 'batched' => SEL4_POLICIES.includes(name);
const isArch = (name: string): name is ArchName => ARCH_NAMES.some((arch) => arch === name);
