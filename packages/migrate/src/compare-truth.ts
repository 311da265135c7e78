import {
  CAP_WORDS,
  type Columns,
  Family,
  Flag,
  type Kernel,
  OBJECT,
  OBJECT_HI,
  Op,
  RIGHTS_MASK,
  RIGHTS_OF,
  RIGHTS_SHIFT,
  SIZE_MASK,
  SIZE_SHIFT,
  Why,
  WHY_NAMES,
} from '@overmap/core';
import { placeTruth, type PlaceTruth } from './place-truth.ts';
import type { Diverged } from './replay.ts';
import { hex } from './words.ts';

/** Compares the ground truth that client recordings carry: what the kernel read before and after an invocation. */
export class MapTruth {
  private readonly kernel: Kernel;
  private readonly diverged: Diverged;
  private place: PlaceTruth = { was: '', remap: false, alias: false, replaced: '', wasValid: 0 };

  /** Bits of an entry that the hardware sets by itself (RISC-V: A and D); recordings mask them in states only. */
  private readonly hardware: number;

  constructor(kernel: Kernel, diverged: Diverged) {
    this.kernel = kernel;
    this.hardware = kernel.family === Family.riscv ? 0xc0 : 0;
    this.diverged = diverged;
  }

  /** Before a successful invocation is performed: the kernel's `at` fields are those of its check. */
  before(columns: Columns, i: number): void {
    if (columns.op[i] !== Op.map) return;
    if ((columns.flags[i] & (Flag.boot | Flag.entry)) === (Flag.boot | Flag.entry)) this.adoptAttributes(columns, i);
    this.place = placeTruth(this.kernel, columns.cap[i]);
  }

  /**
   * The attributes of a boot event were read back from its entry, without the execute-never bit of a small aarch32
   * page: where they do not make the recorded entry, take those that do.
   */
  private adoptAttributes(columns: Columns, i: number): void {
    const k = this.kernel;
    const c = columns.cap[i] * CAP_WORDS;
    const size = (k.caps[c] >> SIZE_SHIFT) & SIZE_MASK;
    const rights = RIGHTS_OF[((k.caps[c] >> RIGHTS_SHIFT) & RIGHTS_MASK) * 16 + columns.rights[i]];
    const flags = (columns.entryLo[i] & ~k.addressMaskLo[size] & ~this.hardware) | 0;
    const row = (size * 3 + rights) * 8;
    if (k.leafLo[row + (columns.attr[i] & 7)] === flags) return;
    for (let attr = 0; attr < 8; attr++)
      if (k.leafLo[row + attr] === flags) {
        columns.attr[i] = attr;
        return;
      }
  }

  /** After it was performed. */
  after(columns: Columns, i: number): void {
    const k = this.kernel;
    const flags = columns.flags[i];
    const { was, replaced, remap, alias, wasValid } = this.place;
    switch (columns.op[i]) {
      case Op.map:
        // Events that rebuild an earlier state were not observed.
        if ((flags & (Flag.synth | Flag.boot)) !== 0) return;
        this.same(
          columns,
          i,
          'entry',
          flags & Flag.entry,
          hex(columns.entryHi[i], columns.entryLo[i] & ~this.hardware),
          hex(k.entryHi[k.at], k.entryLo[k.at]),
        );
        this.same(columns, i, 'was', flags & Flag.was, hex(columns.wasHi[i], columns.wasLo[i] & ~this.hardware), was);
        this.same(
          columns,
          i,
          'replaced',
          flags & Flag.replaced,
          hex(columns.replacedHi[i], columns.replacedLo[i]),
          replaced,
        );
        if (((flags & Flag.remap) !== 0) !== remap) this.diverged(columns, i, 'remap', !remap, remap);
        if (((flags & Flag.alias) !== 0) !== alias) this.diverged(columns, i, 'alias', !alias, alias);
        if ((flags & Flag.wasValid) !== 0 && columns.wasValid[i] !== wasValid)
          this.diverged(columns, i, 'wasValid', columns.wasValid[i], wasValid);
        return;
      case Op.unmap:
      case Op.unmap_table:
      case Op.delete:
        this.clearing(columns, i);
        return;
      case Op.assign:
        if ((flags & Flag.asid) !== 0 && columns.asid[i] !== k.atAsid)
          this.diverged(columns, i, 'asid', columns.asid[i], k.atAsid);
        return;
      case Op.address:
        MapTruth.address(k, columns, i, this.diverged);
        return;
      default:
    }
  }

  /** A text that is '' where the key is absent. */
  private same(columns: Columns, i: number, field: string, present: number, recorded: string, actual: string): void {
    const expected = present === 0 ? '' : recorded;
    if (expected !== actual)
      this.diverged(columns, i, field, expected === '' ? null : expected, actual === '' ? null : actual);
  }

  private clearing(columns: Columns, i: number): void {
    const k = this.kernel;
    const flags = columns.flags[i];
    const recorded = (flags & Flag.clearedTrue) !== 0 ? 1 : (flags & Flag.clearedFalse) !== 0 ? 0 : -1;
    if (recorded !== k.cleared) {
      const say = (c: number): boolean | null => (c < 0 ? null : c === 1);
      this.diverged(columns, i, 'cleared', say(recorded), say(k.cleared));
      return;
    }
    if (recorded !== 0) return;
    if (columns.why[i] !== k.clearedWhy)
      this.diverged(columns, i, 'why', WHY_NAMES[columns.why[i]], WHY_NAMES[k.clearedWhy]);
    else if (
      k.clearedWhy === Why.other_entry &&
      ((columns.foundLo[i] & ~this.hardware) !== k.foundLo || columns.foundHi[i] !== k.foundHi)
    )
      this.diverged(columns, i, 'found', hex(columns.foundHi[i], columns.foundLo[i]), hex(k.foundHi, k.foundLo));
  }

  /** The physical address that a GetAddress answered. */
  static address(k: Kernel, columns: Columns, i: number, diverged: Diverged): void {
    if ((columns.flags[i] & Flag.paddr) === 0) return;
    const c = columns.cap[i] * CAP_WORDS;
    if (columns.paddrLo[i] !== k.caps[c + OBJECT] || columns.paddrHi[i] !== k.caps[c + OBJECT_HI])
      diverged(
        columns,
        i,
        'paddr',
        hex(columns.paddrHi[i], columns.paddrLo[i]),
        hex(k.caps[c + OBJECT_HI], k.caps[c + OBJECT]),
      );
  }
}
