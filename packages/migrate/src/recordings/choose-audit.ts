import { freebsd, redox } from '@overmap/core';
import type { InputKind } from '@overmap/trace';
import type { AuditOptions } from '../audit-options.ts';
import type { FindingEmitter } from '../finding-emitter.ts';
import { FreebsdAudit } from '../freebsd/audit-freebsd.ts';
import { WrongTargetError } from '../linux/wrong-target.ts';
import { RedoxAudit } from '../redox/redox-audit.ts';
import type { RecordingAudit } from './audit-recording.ts';

/** What inputs are, and what they can be held against. */
const ABOUT: Readonly<Record<InputKind, { readonly is: string; readonly targets: string | null }>> = {
  sel4: { is: 'a trace of seL4', targets: 'a policy of seL4, such as --to strict' },
  strace: { is: 'an strace log of Linux', targets: '--to noreplace or --to pcuabi' },
  'freebsd-keys': {
    is: "a recording of FreeBSD's protection keys",
    targets: `two of its policies, --from and --to: ${Object.keys(freebsd.KEY_POLICIES).join(', ')}`,
  },
  redox: {
    is: "a recording of Redox' memory calls",
    targets: '--to intended, or the defects to repair, such as --to B1,B4',
  },
  linux: { is: 'a recording of a live Linux kernel', targets: null },
  'cheri-bounds': { is: 'a recording of CHERI bounds', targets: null },
  pcuabi: { is: "a recording of PCuABI's scenarios", targets: null },
};

/**
 * Whether an input can be held against what was asked for.
 *
 * @throws WrongTargetError - with what it can be held against
 */
export function checkTarget(kind: InputKind, options: AuditOptions): void {
  const { is, targets } = ABOUT[kind];
  if (targets === null)
    throw new WrongTargetError(`is ${is}, in which there is nothing to audit: overmap replay --check runs it.`);
  const { linuxTo } = options;
  const refuse = (asked: string, about: string): never => {
    throw new WrongTargetError(`is ${is}, and ${asked} is about ${about}. It can be held against ${targets}.`);
  };
  if (linuxTo !== undefined && kind !== 'strace')
    throw new WrongTargetError(`is no strace log: --to ${linuxTo} is about Linux programs.`);
  if (options.freebsd !== undefined && kind !== 'freebsd-keys')
    refuse(`the policy ${options.freebsd.from ?? options.freebsd.to}`, "FreeBSD's protection keys");
  if (options.redox !== undefined && kind !== 'redox') refuse(`--to ${options.redox.name}`, "Redox' memory calls");
  // For strace logs the audit itself says so.
  if (kind !== 'freebsd-keys' && kind !== 'redox') return;
  const { from, to } = options;
  const ofKernel = to === undefined ? from : typeof to === 'string' ? to : to.name;
  if (ofKernel !== undefined) refuse(`the policy ${ofKernel}`, 'traces of seL4');
}

/** The audit of a recording by what an input turns out to be; null: it is none that is audited as a recording. */
export function recordingAudit(kind: InputKind, options: AuditOptions, emitter: FindingEmitter): RecordingAudit | null {
  if (kind === 'freebsd-keys') {
    const { from = 'every_pmap_remove', to = 'pmap_map_delete' } = options.freebsd ?? {};
    return new FreebsdAudit(from, to, emitter);
  }
  if (kind === 'redox')
    return new RedoxAudit(options.redox ?? { name: 'intended', repaired: redox.REDOX_POLICIES.asIs }, emitter);
  return null;
}
