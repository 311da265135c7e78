import type { Architecture } from '@overmap/core';
import type { Pattern } from '../bench-case.ts';
import type { SeededDraws } from '../seeded-draws.ts';

/** Where workloads begin, bytes: above whatever a process has at low addresses. Larger pages begin at their own size. */
const BASE = 0x1000_0000;
/** Bytes that random addresses of 64-bit builds spread over: a leaf table for every few pages, as a sparse client's. */
const SPREAD = 2 ** 37;
/** A strided workload takes every eighth page: 64 pages of a leaf table with 512 entries, and no two of them adjacent. */
const STRIDE = 8;
/** Physical bytes that frames may take on 32-bit builds: from 0x10000000 to 0xf0000000. */
const PHYSICAL_32 = 0xe000_0000;

/** The part of a build's user range that pages of one size are put into. */
export class UserRange {
  /** log2 of a page's size. */
  readonly bits: number;
  readonly bytes: number;
  /** First address, a multiple of what any table covers that has not more than BASE. */
  readonly base: number;
  /** Pages that there is room for, side by side. */
  readonly room: number;
  /** Frames of this size that physical memory has. */
  readonly frames: number;

  constructor(arch: Architecture, bits: number) {
    this.bits = bits;
    this.bytes = 2 ** bits;
    this.base = Math.max(BASE, this.bytes);
    const top = arch.userTop.hi * 2 ** 32 + arch.userTop.lo;
    const end = arch.wordBits === 32 || this.bytes * 1024 > SPREAD ? top : Math.min(top, this.base + SPREAD);
    // The topmost page is out of reach on some builds.
    this.room = Math.floor((end - this.base) / this.bytes) - 1;
    this.frames = arch.wordBits === 32 ? Math.floor(PHYSICAL_32 / this.bytes) : 2 ** 24;
  }

  /** The address of the place `i`, from 0. */
  at(i: number): number {
    return this.base + i * this.bytes;
  }

  /** The most pages that fit by a pattern. */
  most(pattern: Pattern): number {
    return pattern === 'strided' ? Math.ceil(this.room / STRIDE) : this.room;
  }

  /**
   * Addresses of so many pages, all different, in the order in which they are worked on.
   *
   * - contiguous: one behind the other from the base
   * - strided: every eighth page from the base
   * - random: drawn from the whole range
   */
  addresses(pattern: Pattern, pages: number, draws: SeededDraws): number[] {
    if (pattern === 'random') return this.scattered(pages, this.room, draws);
    const step = pattern === 'strided' ? STRIDE : 1;
    return Array.from({ length: pages }, (_, i) => this.at(i * step));
  }

  /** Different addresses among the first `places`, drawn and in the order of the draws. */
  scattered(pages: number, places: number, draws: SeededDraws): number[] {
    if (pages * 2 > places) {
      // Nearly all: a shuffle, of which the first are taken.
      const all = Array.from({ length: places }, (_, i) => i);
      for (let i = 0; i < pages; i++) {
        const j = i + draws.below(places - i);
        [all[i], all[j]] = [all[j], all[i]];
      }
      return all.slice(0, pages).map((i) => this.at(i));
    }
    const drawn = new Set<number>();
    while (drawn.size < pages) drawn.add(draws.below(places));
    return [...drawn].map((i) => this.at(i));
  }
}
