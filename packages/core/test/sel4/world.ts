import { ASID, CAP_WORDS, OBJECT, VADDR_HI, VADDR_LO } from '../../src/sel4/capability.ts';
import { visitEntries } from '../../src/sel4/checkpoint.ts';
import { Columns } from '../../src/sel4/columns.ts';
import { check, invoke } from '../../src/sel4/invoke.ts';
import { Kernel } from '../../src/sel4/kernel.ts';
import { Obj, type ObjName, Op, type OpName, Right } from '../../src/sel4/operation.ts';
import { describeOutcome, type Outcome } from '../../src/sel4/outcome.ts';
import { POLICIES, Policy, type PolicyName, type SlotRule } from '../../src/sel4/policy.ts';
import type { Configuration, PageKind } from './configurations.ts';

export type { Outcome };

export const OK: Outcome = { ret: 'ok' };
export const DELETE_FIRST: Outcome = { ret: 'DeleteFirst' };
export const REVOKE_FIRST: Outcome = { ret: 'RevokeFirst' };
export const ALIGNMENT_ERROR: Outcome = { ret: 'AlignmentError' };
export const ILLEGAL_OPERATION: Outcome = { ret: 'IllegalOperation' };
export const INVALID_ROOT: Outcome = { ret: 'FailedLookup', lookup: { failedForSource: false, type: 'invalid_root' } };
export const invalidArgument = (arg: number): Outcome => ({ ret: 'InvalidArgument', arg });
export const invalidCapability = (arg: number): Outcome => ({ ret: 'InvalidCapability', arg });
export const missing = (bits: number, failedForSource = false): Outcome => ({
  ret: 'FailedLookup',
  lookup: { failedForSource, type: 'missing_capability', bits },
});

/** An invocation as a trace would write it; slots are dense numbers. */
export interface Invocation {
  readonly op: OpName;
  readonly cap?: number;
  readonly src?: number;
  readonly vspace?: number;
  readonly vaddr?: bigint;
  readonly rights?: string;
  readonly attr?: number;
  readonly obj?: ObjName;
  readonly bits?: number;
  readonly n?: number;
  readonly paddr?: bigint;
}

/** Letters of `rights` as the column's bits. */
export function letters(rights: string): number {
  const bit: Readonly<Record<string, number>> = { r: Right.read, w: Right.write, g: Right.grant, G: Right.grantReply };
  return [...rights].reduce((bits, letter) => bits | (bit[letter] ?? 0), 0);
}

const low = (v: bigint): number => Number(BigInt.asIntN(32, v));
const high = (v: bigint): number => Number(BigInt.asIntN(32, v >> 32n));
/** Two halves, of whatever sign, as one word. */
export const wide = (hi: number, lo: number): bigint => (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);

/** Put an invocation into a row. */
export function fill(columns: Columns, i: number, v: Invocation): void {
  columns.op[i] = Op[v.op];
  columns.cap[i] = v.cap ?? 0;
  columns.src[i] = v.src ?? 0;
  columns.vspace[i] = v.vspace ?? 0;
  columns.vaddrLo[i] = low(v.vaddr ?? 0n);
  columns.vaddrHi[i] = high(v.vaddr ?? 0n);
  columns.rights[i] = letters(v.rights ?? '');
  columns.attr[i] = v.attr ?? 0;
  columns.obj[i] = Obj[v.obj ?? 'none'];
  columns.bits[i] = v.bits ?? 0;
  columns.n[i] = v.n ?? 1;
  columns.paddrLo[i] = low(v.paddr ?? 0n);
  columns.paddrHi[i] = high(v.paddr ?? 0n);
}

/** A valid entry, as {@link World.entries} lists it. */
export interface Entry {
  readonly vaddr: bigint;
  /** log2 of what an entry of its level covers. */
  readonly shift: number;
  readonly word: bigint;
  readonly kind: 'table' | 'page';
}

/** The policies that the tests drive a kernel by: the built-in ones, or a user's rule. */
export type DrivenBy = PolicyName | SlotRule;

/** Slot of the initial ASID pool. */
export const POOL = 1;

/** A kernel of some configuration under some policy, and a hand to work it. */
export class World {
  readonly kernel: Kernel;
  readonly policy: number;
  readonly configuration: Configuration;
  private readonly row = new Columns(1);
  private freeSlot = POOL + 1;
  private freePaddr: bigint;

  constructor(configuration: Configuration, drivenBy: DrivenBy) {
    this.configuration = configuration;
    const { arch, config } = configuration;
    const options = { arch, config, asidPoolSlot: POOL, rootTaskAssigned: true };
    if (typeof drivenBy === 'function') {
      this.kernel = new Kernel({ ...options, rule: drivenBy });
      this.policy = Policy.custom;
    } else {
      this.kernel = new Kernel(options);
      this.policy = POLICIES[drivenBy];
    }
    this.freePaddr = configuration.wordBits === 32 ? 0x10000000n : 0x1240000000n;
  }

  /** Invoke, and answer what the client sees. */
  invoke(invocation: Invocation): Outcome {
    return describeOutcome(this.invokePacked(invocation));
  }

  /** The same as a packed number: for long random runs. */
  invokePacked(invocation: Invocation): number {
    fill(this.row, 0, invocation);
    return invoke(this.kernel, this.row, 0, this.policy);
  }

  /** What an invocation would answer, here or under another policy. */
  checkPacked(invocation: Invocation, policy: number = this.policy): number {
    fill(this.row, 0, invocation);
    return check(this.kernel, this.row, 0, policy);
  }

  check(invocation: Invocation, policy: number = this.policy): Outcome {
    return describeOutcome(this.checkPacked(invocation, policy));
  }

  /** A slot that nothing has used. */
  slot(): number {
    return this.freeSlot++;
  }

  /** Physical memory that nothing has used, aligned to its size. */
  memory(bits: number): bigint {
    const size = 1n << BigInt(bits);
    const paddr = (this.freePaddr + size - 1n) & -size;
    this.freePaddr = paddr + size;
    return paddr;
  }

  /** Where the memory that nothing has used begins. @param to - from now on */
  memoryMark(to: bigint = this.freePaddr): bigint {
    this.freePaddr = to;
    return to;
  }

  /** Retype one object into a slot. */
  retype(obj: ObjName, bits = 0, cap = this.slot()): number {
    this.must({ op: 'retype', obj, bits, cap, paddr: this.memory(this.objectBits(obj, bits)) });
    return cap;
  }

  private objectBits(obj: ObjName, bits: number): number {
    if (obj === 'page') return bits;
    return obj === this.configuration.root ? this.configuration.rootBits : this.configuration.tableBits;
  }

  frame(bits = 12): number {
    return this.retype('page', bits);
  }

  /** A vspace with an ASID. */
  vspace(): number {
    const v = this.retype(this.configuration.root);
    this.must({ op: 'assign', src: POOL, vspace: v });
    return v;
  }

  /** Install what tables a page of that kind needs. Returns their slots, the upper ones first. */
  tablesFor(vspace: number, vaddr: bigint, { shift }: Pick<PageKind, 'shift'>): number[] {
    const made: number[] = [];
    this.configuration.shifts.forEach((above, level) => {
      const obj = this.configuration.tables[level];
      if (above <= shift || obj === undefined) return;
      const key = vaddr >> BigInt(above);
      if (this.entries(vspace).some((e) => e.shift === above && e.vaddr >> BigInt(above) === key)) return;
      const cap = this.retype(obj);
      this.must({ op: 'map_table', cap, vspace, vaddr });
      made.push(cap);
    });
    return made;
  }

  map(cap: number, vspace: number, vaddr: bigint, rights = 'rw', attr = 1): Outcome {
    return this.invoke({ op: 'map', cap, vspace, vaddr, rights, attr });
  }

  mapTable(cap: number, vspace: number, vaddr: bigint, attr = 0): Outcome {
    return this.invoke({ op: 'map_table', cap, vspace, vaddr, attr });
  }

  unmap(cap: number): Outcome {
    return this.invoke({ op: 'unmap', cap });
  }

  unmapTable(cap: number): Outcome {
    return this.invoke({ op: 'unmap_table', cap });
  }

  delete(cap: number): Outcome {
    return this.invoke({ op: 'delete', cap });
  }

  /** Copy into a slot that nothing has used. */
  copy(src: number, rights = 'rw', cap = this.slot()): number {
    this.must({ op: 'copy', src, cap, rights });
    return cap;
  }

  /** An invocation that only prepares: anything but ok is the test's mistake. */
  must(invocation: Invocation): void {
    const outcome = this.invoke(invocation);
    if (outcome.ret !== 'ok') throw new Error(`the set-up's ${invocation.op} answered ${JSON.stringify(outcome)}`);
  }

  /** A word of a capability, see capability.ts. */
  word(cap: number, offset: number): number {
    return this.kernel.caps[cap * CAP_WORDS + offset];
  }

  /** Where a frame capability says that it is mapped. */
  records(cap: number): { readonly asid: number; readonly vaddr: bigint } | null {
    const asid = this.word(cap, ASID);
    return asid === 0 ? null : { asid, vaddr: wide(this.word(cap, VADDR_HI), this.word(cap, VADDR_LO)) };
  }

  /** Physical address of a frame. */
  paddr(cap: number): bigint {
    return wide(this.word(cap, OBJECT + 1), this.word(cap, OBJECT));
  }

  asid(vspace: number): number {
    return this.word(vspace, ASID);
  }

  /** Every valid entry below a vspace's (or table's) root, in address order. */
  entries(vspace: number): Entry[] {
    const found: Entry[] = [];
    visitEntries(this.kernel, this.word(vspace, OBJECT), (vHi, vLo, shift, hi, lo, link) => {
      found.push({ vaddr: wide(vHi, vLo), shift, word: wide(hi, lo), kind: link > 0 ? 'table' : 'page' });
    });
    return found;
  }

  /** The pages among them. */
  pages(vspace: number): Entry[] {
    return this.entries(vspace).filter((e) => e.kind === 'page');
  }
}
