import { VmRights, type Word, word } from './descriptor.ts';

/**
 * A RISC-V leaf.
 *
 * ```text
 *  63   54 53              10 9  8  7   6   5   4   3   2   1   0
 * +-------+------------------+-----+---+---+---+---+---+---+---+---+
 * |   0   |       PPN        | sw  | D | A | G | U | X | W | R | V |     (riscv32: PPN in 31:10)
 * +-------+------------------+-----+---+---+---+---+---+---+---+---+
 * ```
 * X = not attr bit 0. A and D are set by the kernel and read as 0 in traces. Without rights and execute-never the
 * kernel writes an *invalid* (all-zero) entry, and still records the capability as mapped; without rights but
 * executable it writes a leaf with X alone.
 * Source: src/arch/riscv/kernel/vspace.c makeUserPTE (656).
 */
export function riscvLeaf(rights: number, attr: number): Word {
  const executable = attr & 1 ? 0 : 8;
  if (rights === VmRights.kernelOnly && executable === 0) return word(0, 0);
  const access = rights === VmRights.readWrite ? 6 : rights === VmRights.readOnly ? 2 : 0;
  return word(0, 0x10 | executable | access | 1);
}

/** A pointer to the next level: V alone. */
export const riscvTable = (): Word => word(0, 1);
