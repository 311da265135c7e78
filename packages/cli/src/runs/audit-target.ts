import { freebsd, POLICIES, redox } from '@overmap/core';
import type { AuditOptions } from '@overmap/migrate';
import { quoted } from '../printable.ts';
import { UsageError } from '../usage-error.ts';
import { oneOf } from '../values.ts';
import { policiesOrRules } from './compared-policies.ts';
import { isLinuxTarget, LINUX_TARGETS } from './policy.ts';
import { isRuleFile } from './rule-file.ts';

/** What an audit holds its input against. */
type AuditTarget = Pick<AuditOptions, 'from' | 'to' | 'also' | 'linuxTo' | 'freebsd' | 'redox'>;

const KEY_POLICIES = Object.keys(freebsd.KEY_POLICIES) as freebsd.KeyPolicyName[];
const KERNEL_POLICIES = Object.keys(POLICIES) as (keyof typeof POLICIES)[];
/** Redox as recorded, and with all defects repaired. */
const [AS_IS, INTENDED] = ['asIs', 'intended'];
const ALL_NAMES = [...KERNEL_POLICIES, ...LINUX_TARGETS, ...KEY_POLICIES, AS_IS, INTENDED];

const isKeyPolicy = (word: string): word is freebsd.KeyPolicyName => KEY_POLICIES.some((name) => name === word);

/** A defect by its number or name: its bit, or 0. */
function defectNamed(word: string): number {
  const number = /^B(\d{1,2})$/i.exec(word)?.[1];
  const name = number === undefined ? word : redox.DEFECT_NAMES[Number(number) - 1];
  return redox.DEFECT_NAMES.some((known) => known === name) ? redox.DEFECTS[name as redox.DefectName] : 0;
}

/** The defects that `--to` asks to repair; null: it does not ask for that. @throws UsageError - for one that is none */
function redoxTarget(text: string): AuditTarget['redox'] | null {
  if (text === INTENDED) return { name: INTENDED, repaired: redox.REDOX_POLICIES.asIs };
  if (text === AS_IS)
    throw new UsageError(
      `--to ${AS_IS} is how Redox was recorded: name what is repaired, --to ${INTENDED} or defects such as --to B1,B4.`,
    );
  const words = text.split(',').map((word) => word.trim());
  if (!words.some((word) => defectNamed(word) !== 0)) return null;
  const wrong = words.find((word) => defectNamed(word) === 0);
  if (wrong !== undefined)
    throw new UsageError(
      `--to ${quoted(text)}: ${quoted(wrong)} is no defect of Redox. Known: B1 to B${redox.DEFECT_NAMES.length}, ${redox.DEFECT_NAMES.join(', ')}.`,
    );
  return { name: text, repaired: words.reduce((bits, word) => bits | defectNamed(word), 0) };
}

/**
 * What `--from` and `--to` mean: policies of seL4 or rules of one's own, targets for strace logs, policies of FreeBSD's
 * keys, defects of Redox. Whether the input fits shows when it is read.
 *
 * @throws UsageError - for an unknown name, and for two that are of different systems
 */
export async function auditTarget(from: string | undefined, to: string | undefined): Promise<AuditTarget> {
  const mixed = (system: string): never => {
    throw new UsageError(
      `--from ${quoted(from ?? '')} and --to ${quoted(to ?? '')} are of different systems: both must be of ${system}.`,
    );
  };
  if ((from !== undefined && isKeyPolicy(from)) || (to !== undefined && isKeyPolicy(to))) {
    if (from !== undefined && !isKeyPolicy(from)) return mixed("FreeBSD's protection keys");
    if (to !== undefined && !isKeyPolicy(to)) return mixed("FreeBSD's protection keys");
    if (from !== undefined && from === to)
      throw new UsageError(
        `--from and --to both name ${from}: a policy agrees with itself. Known: ${KEY_POLICIES.join(', ')}.`,
      );
    return { freebsd: { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) } };
  }
  const repaired = to === undefined ? null : redoxTarget(to);
  if (from === AS_IS || repaired != null) {
    if ((from ?? AS_IS) !== AS_IS || (to !== undefined && repaired == null)) return mixed('Redox, and --from asIs');
    return { redox: repaired ?? { name: INTENDED, repaired: redox.REDOX_POLICIES.asIs } };
  }
  const ofKernel = from === undefined ? {} : { from: kernelPolicy(from) };
  if (to === undefined) return ofKernel;
  if (isLinuxTarget(to)) return { ...ofKernel, linuxTo: to };
  if (!isRuleFile(to) && !to.includes(',')) kernelPolicy(to);
  const [first, ...also] = await policiesOrRules(to);
  return { ...ofKernel, to: first, ...(also.length === 0 ? {} : { also }) };
}

/** @throws UsageError - with what it could have been, of any system */
function kernelPolicy(word: string): keyof typeof POLICIES {
  const name = oneOf('policy', word, ALL_NAMES);
  return KERNEL_POLICIES.find((known) => known === name) ?? oneOf('policy of seL4', word, KERNEL_POLICIES);
}
