import {
  type Architecture,
  Family,
  type KernelConfig,
  type Level,
  type PageSize,
  type Word,
  word,
} from './descriptor.ts';

/**
 * A page or block of stage 1 (the kernel at EL1).
 *
 * ```text
 *  63     59  58  57    55  54  53  48 47        12 11 10  9  8 7  6  5  4       2 1   0
 * +---------+----+--------+----+------+------------+--+--+-----+-----+--+---------+-----+
 * |    0    |4 K |   0    |UXN |   0  |  address   |nG|AF| SH  | AP  | 0|AttrIndx |type |
 * +---------+----+--------+----+------+------------+--+--+-----+-----+--+---------+-----+
 * ```
 * type 3 for a 4 KiB page, 1 for a block; bit 58 is the kernel's own mark of a 4 KiB page. AttrIndx 4 = normal
 * memory, 0 = device. AP: kernel only 0, read-write 1, read-only 3. SH 3 in SMP builds for cacheable memory.
 * Source: src/arch/arm/64/kernel/vspace.c makeUserPagePTE (789), APFromVMRights (109).
 */
function stage1(isPage: boolean, smp: boolean): PageSize['leaf'] {
  const AP = [0, 3, 1];
  return (rights, attr) => {
    const cacheable = attr & 1;
    const lo =
      (1 << 11) |
      (1 << 10) |
      (smp && cacheable ? 3 << 8 : 0) |
      (AP[rights] << 6) |
      (cacheable ? 4 << 2 : 0) |
      (isPage ? 3 : 1);
    return word((isPage ? 1 << 26 : 0) | ((attr & 4) << 20), lo);
  };
}

/**
 * A page or block of stage 2 (hypervisor builds: every user mapping is an intermediate-physical one).
 *
 * ```text
 *  63     59  58  57    55  54  53  48 47        12 11 10  9  8 7   6 5         2 1   0
 * +---------+----+--------+----+------+------------+--+--+-----+------+-----------+-----+
 * |    0    |4 K |   0    | XN |   0  |  address   | 0|AF| SH  | S2AP |  MemAttr  |type |
 * +---------+----+--------+----+------+------------+--+--+-----+------+-----------+-----+
 * ```
 * S2AP: none 0, read 1, read-write 3. MemAttr 15 = normal memory, 0 = device.
 */
function stage2(isPage: boolean, smp: boolean): PageSize['leaf'] {
  const S2AP = [0, 1, 3];
  return (rights, attr) => {
    const cacheable = attr & 1;
    const lo =
      (1 << 10) | (smp && cacheable ? 3 << 8 : 0) | (S2AP[rights] << 6) | (cacheable ? 15 << 2 : 0) | (isPage ? 3 : 1);
    return word((isPage ? 1 << 26 : 0) | ((attr & 4) << 20), lo);
  };
}

/** A table descriptor: address and type 3; attributes are ignored. */
const table = (): Word => word(0, 3);

const NINE = (shift: number): Level => ({ shift, indexBits: 9 });

/**
 * aarch64: stage 1 with four levels; stage 2 with a 44-bit PA (four levels) or a 40-bit PA (three levels, a root of
 * 1,024 entries of 1 GiB that is 8 KiB large).
 *
 * ```text
 *            47      39 38      30 29      21 20      12 11       0
 *           +----------+----------+----------+----------+----------+
 *  4 levels |  root    |  level 1 |  level 2 |  level 3 |  offset  |
 *           +----------+----------+----------+----------+----------+
 *  40-bit PA     39        …   30 | (root: 10 bits)
 * ```
 * Source: src/arch/arm/64/kernel/vspace.c lookupPTSlot (761); user limits: USER_TOP in mode/hardware.h, inclusive.
 * @throws RangeError when a hypervisor build has a PA size other than 40 or 44 bits
 */
export function aarch64(config: KernelConfig): Architecture {
  const hyp = config.hyp === true;
  const paBits = hyp ? (config.paBits ?? 40) : 48;
  if (hyp && paBits !== 40 && paBits !== 44)
    throw new RangeError(`aarch64 hypervisor builds have 40 or 44 physical address bits, not ${paBits}`);
  const threeLevels = hyp && paBits === 40;
  const levels = threeLevels
    ? [{ shift: 30, indexBits: 10 }, NINE(21), NINE(12)]
    : [NINE(39), NINE(30), NINE(21), NINE(12)];
  const leafLevel = levels.length - 1;
  const leaf = hyp ? stage2 : stage1;
  const smp = config.smp === true;
  const size = (bits: number, level: number, maskLo: number): PageSize => ({
    bits,
    level,
    entries: 1,
    addressMask: word(0xffff, maskLo),
    leaf: leaf(bits === 12, smp),
  });
  const topBits = hyp ? paBits : 47;
  return {
    name: 'aarch64',
    variant: hyp ? `aarch64 hyp, ${paBits}-bit PA` : 'aarch64',
    family: Family.aarch64,
    wordBits: 64,
    levels,
    sizes: [size(12, leafLevel, 0xfffff000), size(21, leafLevel - 1, 0xffe00000), size(30, leafLevel - 2, 0xc0000000)],
    tables: [{ obj: 'table', parentLevel: -1, objectBits: 12, indexBits: 9 }],
    vspaceBits: threeLevels ? 13 : 12,
    userTop: config.userTop ?? word(2 ** (topBits - 32) - 1, 0xffffffff),
    asidLowBits: 9,
    asidHighBits: 7,
    addressShift: 0,
    contiguousIncrements: false,
    table,
    kernelFirstIndex: -1,
  };
}
