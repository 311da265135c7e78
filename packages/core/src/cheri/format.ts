/** A compressed capability format, as far as its bounds go. */
export interface BoundsFormat {
  readonly name: BoundsFormatName;
  /** Bits of a mantissa (MW). An alignment is chosen so that the bounds fit into it. */
  readonly mantissaBits: number;
  /** Bits of an address: 64, or 32 for 64-bit capabilities. */
  readonly addressBits: number;
  /**
   * Bits of an address that bounds are decoded from, the rest being copies of the highest of them. Morello: 56, the
   * top byte carries flags. Others: all.
   */
  readonly boundsAddressBits: number;
}

export type BoundsFormatName = 'morello128' | 'riscv128-isav9' | 'riscv128-rvy' | 'riscv64-isav9';

/** The formats, by name. RISC-V "Y" is a draft; its bounds are those of ISA v9. */
export const BOUNDS_FORMATS: Readonly<Record<BoundsFormatName, BoundsFormat>> = {
  morello128: { name: 'morello128', mantissaBits: 16, addressBits: 64, boundsAddressBits: 56 },
  'riscv128-isav9': { name: 'riscv128-isav9', mantissaBits: 14, addressBits: 64, boundsAddressBits: 64 },
  'riscv128-rvy': { name: 'riscv128-rvy', mantissaBits: 14, addressBits: 64, boundsAddressBits: 64 },
  'riscv64-isav9': { name: 'riscv64-isav9', mantissaBits: 8, addressBits: 32, boundsAddressBits: 32 },
};

/** The format of this name, or undefined. */
export function boundsFormat(name: string): BoundsFormat | undefined {
  return Object.hasOwn(BOUNDS_FORMATS, name) ? BOUNDS_FORMATS[name as BoundsFormatName] : undefined;
}
