import { expect } from 'vitest';
import { ALIGNMENT_ERROR, invalidArgument, OK } from '../world.ts';
import { eachSize, type Law, sizeOf } from './law.ts';

const IA0 = invalidArgument(0);

/** Where user addresses end, and alignment. */
export const LIMITS: readonly Law[] = [
  {
    name: 'the last page of each size can be mapped, and none after it',
    run: (w) => {
      for (const kind of w.configuration.pages) {
        const [vspace, frame] = [w.vspace(), w.frame(kind.bits)];
        w.tablesFor(vspace, kind.last, kind);
        const size = sizeOf(kind);
        for (let past = kind.last + size; past <= kind.last + 3n * size; past += size)
          if (past < 1n << BigInt(w.configuration.wordBits)) expect(w.map(frame, vspace, past)).toEqual(IA0);
        expect(w.map(frame, vspace, kind.last)).toEqual(OK);
        expect(w.pages(vspace)[0]?.vaddr).toBe(kind.last);
        expect(w.unmap(frame)).toEqual(OK);
        expect(w.pages(vspace)).toEqual([]);
      }
    },
  },
  {
    name: 'the highest page of the address space is past the limit',
    run: (w) => {
      for (const kind of w.configuration.pages)
        expect(w.map(w.frame(kind.bits), w.vspace(), (1n << BigInt(w.configuration.wordBits)) - sizeOf(kind))).toEqual(
          IA0,
        );
    },
  },
  {
    name: 'address 0 can be mapped',
    run: (w) => {
      for (const kind of w.configuration.pages) {
        const [vspace, frame] = [w.vspace(), w.frame(kind.bits)];
        w.tablesFor(vspace, 0n, kind);
        expect(w.map(frame, vspace, 0n)).toEqual(OK);
        expect(w.map(frame, vspace, 0n)).toEqual(OK);
        expect(w.pages(vspace)[0]?.vaddr).toBe(0n);
      }
    },
  },
  {
    name: 'every address that is not a multiple of the size is misaligned',
    run: (w) => {
      for (const kind of w.configuration.pages) {
        const [vspace, frame] = [w.vspace(), w.frame(kind.bits)];
        for (let bit = 0; bit < kind.bits; bit++)
          expect(w.map(frame, vspace, 0x40000000n + (1n << BigInt(bit)))).toEqual(ALIGNMENT_ERROR);
      }
    },
  },
  {
    name: 'a misaligned address near the top of the word wraps past the limit and is misaligned',
    applies: ({ family }) => family === 'riscv' || family === 'aarch32',
    run: (w) => {
      for (const { bits } of w.configuration.pages)
        expect(w.map(w.frame(bits), w.vspace(), (1n << BigInt(w.configuration.wordBits)) - 8n)).toEqual(
          ALIGNMENT_ERROR,
        );
    },
  },
  {
    name: 'the limit is looked at before the alignment, to the byte',
    applies: ({ family }) => family !== 'aarch64',
    run: (w) => {
      // x86 compares the end with `>`, the others the last byte with `>=`: the same distance from their limits.
      const { arch, lastTable, pastTable } = w.configuration;
      const limit = arch === 'ia32' ? lastTable + 1n : arch === 'x86_64' ? lastTable : pastTable;
      const v = w.vspace();
      for (const kind of w.configuration.pages) {
        const frame = w.frame(kind.bits);
        expect(w.map(frame, v, limit - sizeOf(kind) + 1n)).toEqual(IA0);
        expect(w.map(frame, v, limit - sizeOf(kind) - 1n)).toEqual(ALIGNMENT_ERROR);
      }
    },
  },
  {
    name: 'addresses that differ only above 4 GiB are different places, even after a walk to the other',
    applies: ({ wordBits }) => wordBits === 64,
    run: (w) =>
      eachSize(w, ({ kind, vspace, vaddr }) => {
        const above = vaddr + (1n << 32n);
        const [a, b] = [w.frame(kind.bits), w.frame(kind.bits)];
        expect(w.map(a, vspace, vaddr)).toEqual(OK);
        const made = w.tablesFor(vspace, above, kind);
        expect(w.map(a, vspace, above)).toEqual(IA0);
        expect(w.map(b, vspace, above)).toEqual(OK);
        expect(w.pages(vspace).map((e) => e.vaddr)).toEqual([vaddr, above]);
        expect(w.unmap(a)).toEqual(OK);
        expect(w.pages(vspace).map((e) => e.vaddr)).toEqual([above]);
        const leaf = made[made.length - 1];
        if (leaf === undefined) return;
        w.must({ op: 'unmap_table', cap: leaf });
        expect(w.map(a, vspace, above).ret).toBe('FailedLookup');
        expect(w.map(a, vspace, vaddr)).toEqual(OK);
      }),
  },
];
