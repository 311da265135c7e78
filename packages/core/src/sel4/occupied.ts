import { Family } from './arch/descriptor.ts';
import { ASID, CAP_WORDS, OBJECT, OBJECT_HI, SIZE_MASK, SIZE_SHIFT, VADDR_HI, VADDR_LO } from './capability.ts';
import type { Kernel } from './kernel.ts';
import { Code, DELETE_FIRST, invalidArgument, invalidCapability, OK } from './outcome.ts';
import { entryHolds, walk } from './page-table.ts';
import { Policy, type ResolvedSlot } from './policy.ts';

/**
 * Whether the place at the kernel's `at*` fields is a page of exactly this size that holds this frame: for a large
 * page of aarch32, all 16 entries. This is the comparison that unmapPage makes, extended to every entry.
 *
 * @param c - offset of the frame capability
 * @param size - index of its size
 */
export function holdsFrame(k: Kernel, c: number, size: number): boolean {
  const leaf = -(size + 1);
  const entries = k.sizeEntries[size];
  const hi = k.caps[c + OBJECT_HI];
  let lo = k.caps[c + OBJECT];
  const step = k.contiguousIncrements ? 1 << k.shift[k.atLevel] : 0;
  for (let i = 0; i < entries; i++) {
    if (k.links[k.at + i] !== leaf || !entryHolds(k, k.at + i, size, hi, lo)) return false;
    lo = (lo + step) | 0;
  }
  return true;
}

/**
 * Whether a mapped frame capability is stale: it records a mapping, and the entry there does not hold its frame at
 * its size. Moves the `at*` fields.
 *
 * @param c - offset of a frame capability
 */
export function isStale(k: Kernel, c: number): boolean {
  const caps = k.caps;
  const asid = caps[c + ASID];
  if (asid === 0) return false;
  const root = k.rootOf(asid);
  if (root === 0) return true;
  const size = (caps[c] >> SIZE_SHIFT) & SIZE_MASK;
  const level = k.sizeLevel[size];
  const sink = k.sink;
  k.sink = null;
  walk(k, root, caps[c + VADDR_HI], caps[c + VADDR_LO], level);
  k.sink = sink;
  return k.atLevel !== level || !holdsFrame(k, c, size);
}

/**
 * What a policy says about the resolved place of a map, where the architecture's strict test stands. The `at*` fields
 * name the place: a page (of whatever size on aarch64, of this size elsewhere) or an empty entry.
 *
 * @param c - offset of the frame capability
 * @param hi - the address that is to be mapped, high half
 * @param lo - low half
 * @param remembers - the capability is mapped, and at this ASID and address
 * @returns `OK` or the error
 */
export function judgeOccupied(
  k: Kernel,
  c: number,
  hi: number,
  lo: number,
  remembers: boolean,
  policy: number,
): number {
  const link = k.links[k.at];
  const size = (k.caps[c] >> SIZE_SHIFT) & SIZE_MASK;
  switch (policy) {
    case Policy.legacy:
      return link < 0 && !remembers && k.family === Family.riscv ? DELETE_FIRST : OK;
    case Policy.strict:
      return link < 0 && !remembers ? DELETE_FIRST : OK;
    case Policy.exact:
      if (link >= 0 && !anyPage(k, size)) return OK;
      return remembers && k.atLevel === k.sizeLevel[size] && holdsFrame(k, c, size) ? OK : DELETE_FIRST;
    case Policy.custom:
      return askRule(k, c, hi, lo, remembers);
    default:
      return OK;
  }
}

/** Whether any entry that a page of this size would fill is a page. */
function anyPage(k: Kernel, size: number): boolean {
  if (k.atLevel !== k.sizeLevel[size]) return false;
  for (let i = 0; i < k.sizeEntries[size]; i++) if (k.links[k.at + i] < 0) return true;
  return false;
}

const wide = (hi: number, lo: number): bigint => (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);

/** The resolved slot as a user's rule sees it. */
export function resolvedSlot(k: Kernel, c: number, hi: number, lo: number, remembers: boolean): ResolvedSlot {
  const caps = k.caps;
  const size = (caps[c] >> SIZE_SHIFT) & SIZE_MASK;
  const at = k.at;
  const link = k.links[at];
  const mapped = caps[c + ASID] !== 0;
  const held = link < 0 ? -link - 1 : 0;
  return {
    arch: k.arch.name,
    frameBits: k.sizeBits[size],
    frame: wide(caps[c + OBJECT_HI], caps[c + OBJECT]),
    vaddr: wide(hi, lo),
    records: mapped ? { asid: caps[c + ASID], vaddr: wide(caps[c + VADDR_HI], caps[c + VADDR_LO]) } : null,
    entry:
      link >= 0
        ? null
        : {
            bits: k.sizeBits[held],
            frame:
              wide(k.entryHi[at] & k.addressMaskHi[held], k.entryLo[at] & k.addressMaskLo[held]) <<
              BigInt(k.addressShift),
            holdsThisFrame: (remembers || !mapped) && k.atLevel === k.sizeLevel[size] && holdsFrame(k, c, size),
          },
  };
}

function askRule(k: Kernel, c: number, hi: number, lo: number, remembers: boolean): number {
  if (k.rule === null) throw new TypeError('the policy "custom" needs a rule: pass `rule` when the kernel is made');
  const answer = k.rule(resolvedSlot(k, c, hi, lo, remembers));
  switch (answer) {
    case 'ok':
      return OK;
    case 'InvalidArgument':
      return invalidArgument(0);
    case 'InvalidCapability':
      return invalidCapability(0);
    case 'DeleteFirst':
    case 'IllegalOperation':
      return Code[answer];
    default:
      throw new TypeError(
        `the rule answered ${JSON.stringify(answer)} for slot ${c / CAP_WORDS}; it must return "ok", "DeleteFirst", "InvalidArgument", "InvalidCapability" or "IllegalOperation"`,
      );
  }
}
