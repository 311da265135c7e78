import { describe, expect, it } from 'vitest';
import type { Configuration, PageKind } from '../configurations.ts';
import { checkInvariants } from '../invariants.ts';
import { type DrivenBy, World } from '../world.ts';

/** A statement about every kernel, as an assertion on a fresh one. */
export interface Law {
  readonly name: string;
  /** Where it can be stated at all; everywhere unless told. */
  readonly applies?: (configuration: Configuration) => boolean;
  readonly run: (world: World) => void;
}

/** A law that a kernel breaks on purpose. */
export interface Deviation {
  /** The law's name. */
  readonly law: string;
  readonly reason: string;
  /** What the broken assertion shows in its message, so that no mistake of the set-up passes for the deviation. */
  readonly shows: string;
}

/** One kernel to hold against the laws. */
export interface Subject {
  readonly configuration: Configuration;
  readonly policy: DrivenBy;
  readonly deviations: readonly Deviation[];
}

const failing =
  (run: () => void, shows: string): (() => void) =>
  () => {
    expect(run).toThrow(shows);
  };

/** Register one test for each law: kept, or broken in exactly the way that the deviation says. */
export function runLaws(laws: readonly Law[], { configuration, policy, deviations }: Subject): void {
  const driver = typeof policy === 'function' ? 'custom' : policy;
  const applying = laws.filter(({ applies }) => applies?.(configuration) !== false);
  describe(`${configuration.name}, ${driver}`, () => {
    it('deviates only from laws that there are', () => {
      const names = applying.map(({ name }) => name);
      for (const { law } of deviations) expect(names).toContain(law);
    });
    for (const law of applying) {
      const keep = (): void => {
        const world = new World(configuration, policy);
        law.run(world);
        checkInvariants(world.kernel);
      };
      const deviation = deviations.find((d) => d.law === law.name);
      const title = deviation === undefined ? law.name : `NOT: ${law.name} (${deviation.reason})`;
      // oxlint-disable-next-line vitest/expect-expect -- the law asserts
      it(`${title}`, deviation === undefined ? keep : failing(keep, deviation.shows));
    }
  });
}

/** An address that every configuration can map, aligned to the largest page, with the low half's top bit set if it can. */
export const address = (c: Configuration): bigint => (c.wordBits === 64 ? 0x2c0000000n : 0x40000000n);

/** A page kind in a vspace of its own whose tables are there. */
export interface Place {
  readonly kind: PageKind;
  readonly vspace: number;
  readonly vaddr: bigint;
  /** The slots of its tables; the last is the one that holds the page's entries (none: the root does). */
  readonly tables: readonly number[];
}

/** For each page size: a new vspace with the tables that a page at {@link address} needs. */
export function eachSize(w: World, run: (place: Place) => void): void {
  for (const kind of w.configuration.pages) {
    const vspace = w.vspace();
    const vaddr = address(w.configuration);
    run({ kind, vspace, vaddr, tables: w.tablesFor(vspace, vaddr, kind) });
  }
}

/** The entries (16, or one) at a place. */
export function wordsAt(w: World, { kind, vspace, vaddr }: Place): bigint[] {
  const end = vaddr + (1n << BigInt(kind.bits));
  return w
    .entries(vspace)
    .filter((e) => e.shift === kind.shift && e.vaddr >= vaddr && e.vaddr < end)
    .map(({ word }) => word);
}

export const sizeOf = ({ bits }: PageKind): bigint => 1n << BigInt(bits);
