import { CAP_WORDS, type Kernel, OBJECT, RIGHTS_OF, visitEntries, VmRights, word } from '@overmap/core';
import { type Bed, VSPACE } from './bed.ts';
import { type Held, NO_RIGHTS, READ, READ_WRITE, type Script } from './script.ts';
import { tableKey } from './table-tree.ts';
import { sayAddress, sayRights, WorkloadError } from './workload-error.ts';

/**
 * Holds the page tables against what a client believes, while a script is run: at the end of each of its phases. The
 * belief is made out of the script's operations alone, and the tables are only read: nothing of it is counted or timed.
 *
 * - Every page that the phase mapped, changed or unmapped is looked up: its entries hold its frame with its rights, or
 *   nothing.
 * - The whole tree is compared, tables and pages, and there is nothing else in it: at the script's end, after phases
 *   that map or unmap tables, and as soon as there were as many operations as pages are held, so that all comparisons
 *   together take time in proportion to the operations.
 */
export class PageTableCheck {
  private readonly script: Script;
  private readonly bed: Bed;
  private readonly kernel: Kernel;
  private readonly root: number;
  private readonly held: Map<number, Held>;
  private readonly tables: Map<string, number>;
  private phase = 0;
  private done = 0;
  private sinceWhole = 0;

  constructor(script: Script) {
    this.script = script;
    this.bed = script.bed;
    this.kernel = script.bed.kernel;
    this.root = this.kernel.caps[VSPACE * CAP_WORDS + OBJECT];
    this.held = new Map(script.heldBefore);
    this.tables = new Map(script.tablesBefore);
  }

  /** The operation before which the next check is due. */
  get due(): number {
    return this.script.phases.at(this.phase)?.to ?? Number.POSITIVE_INFINITY;
  }

  /**
   * Tell that so many operations of the script were done. Checks if that is the end of a phase.
   *
   * @throws WorkloadError naming the first operation whose page is not as it should be, or the first other place
   */
  reached(done: number): void {
    if (done < this.due) return;
    const { script, held } = this;
    const { linked, unlinked } = script.phases[this.phase++];
    const changes = new Map<number, number>();
    for (let i = this.done; i < done; i++) {
      const change = script.changeOf(i);
      if (change === null) continue;
      // What was first done to a place is first in the order, what was last done to it counts.
      changes.set(change.address, i);
      if (change.held === null) held.delete(change.address);
      else held.set(change.address, change.held);
    }
    for (const [address, i] of changes) this.checkPlace(address, i);
    for (const { key, cap } of linked) this.tables.set(key, cap);
    for (const { key } of unlinked) this.tables.delete(key);
    this.sinceWhole += done - this.done;
    this.done = done;
    const tables = linked.length + unlinked.length > 0;
    if (!tables && done < script.count && this.sinceWhole < held.size) return;
    this.sinceWhole = 0;
    this.checkWhole();
  }

  /** The entries of a page, after the operation `i`. */
  private checkPlace(address: number, i: number): void {
    const { bed, script } = this;
    const { entries } = bed;
    const held = this.held.get(address);
    for (let entry = 0; entry < entries; entry++) {
      const expected = held === undefined ? null : this.entryOf(held, entry);
      const got = this.entryAt(address + this.offsetOf(entry));
      if (got === expected) continue;
      const rights = held === undefined ? '' : `, ${sayRights(held.rights)}`;
      const part = entries === 1 ? '' : ` (entry ${entry + 1} of ${entries})`;
      const slot = held?.slot ?? script.slotOf(i);
      this.wrong(`${script.say(i)}${rights}${part}`, this.say(expected, slot, entry), this.say(got, slot, entry));
    }
  }

  /** Everything that is mapped. */
  private checkWhole(): void {
    const { bed, held, tables, kernel } = this;
    const pages = new Map<number, string>();
    const found = new Map<string, number>();
    visitEntries(kernel, this.root, (vaddrHi, vaddrLo, bits, entryHi, entryLo, link) => {
      const address = (vaddrHi >>> 0) * 2 ** 32 + (vaddrLo >>> 0);
      if (link < 0) pages.set(address, sayEntry(entryHi, entryLo));
      else found.set(tableKey(bits, address), link);
    });
    for (const [address, one] of held)
      for (let entry = 0; entry < bed.entries; entry++) {
        const place = address + this.offsetOf(entry);
        const got = pages.get(place) ?? null;
        const expected = this.entryOf(one, entry);
        if (got !== expected)
          this.wrong(afterwards(place), this.say(expected, one.slot, entry), this.say(got, one.slot, entry));
        pages.delete(place);
      }
    const [page] = pages;
    if (page !== undefined) this.wrong(afterwards(page[0]), 'nothing', page[1]);
    for (const [key, cap] of tables) {
      const got = found.get(key);
      if (got !== kernel.caps[cap * CAP_WORDS + OBJECT])
        this.wrong(`the page tables afterwards, ${key}`, bed.say(cap), got === undefined ? 'nothing' : 'another table');
      found.delete(key);
    }
    const [table] = found;
    if (table !== undefined) this.wrong(`the page tables afterwards, ${table[0]}`, 'nothing', 'a table');
  }

  /** The entry at an address, by a walk of its own; null = nothing, or another level's. */
  private entryAt(address: number): string | null {
    const { kernel, root, bed } = this;
    let table = root;
    for (let level = 0; ; level++) {
      const base = kernel.tableBase[table];
      if (base === 0) return null;
      const at = base + (Math.floor(address / 2 ** kernel.shift[level]) % (kernel.indexMask[level] + 1));
      const link = kernel.links[at];
      if (level === bed.level) return link < 0 ? sayEntry(kernel.entryHi[at], kernel.entryLo[at]) : null;
      if (link <= 0) return null;
      table = link;
    }
  }

  /** What a page's entry should be, by the architecture's layout. */
  private entryOf({ slot, rights }: Held, entry: number): string {
    const { bed } = this;
    const { arch } = bed;
    const flags = arch.sizes[bed.size].leaf(RIGHTS_OF[VmRights.readWrite * 16 + rights], bed.attr);
    const physical = bed.physicalOf(slot) + (arch.contiguousIncrements ? this.offsetOf(entry) : 0);
    const shifted = physical / 2 ** arch.addressShift;
    const { hi, lo } = word(Math.floor(shifted / 2 ** 32) | flags.hi, shifted | 0 | flags.lo);
    return sayEntry(hi, lo);
  }

  /** Bytes from a page's begin. */
  private offsetOf(entry: number): number {
    return entry * (this.bed.range.bytes / this.bed.entries);
  }

  /** "frame 17, read-only (00400000100114c3)", where the frame can be told. */
  private say(word: string | null, slot: number, entry: number): string {
    if (word === null) return 'nothing';
    const rights = [READ_WRITE, READ, NO_RIGHTS].find(
      (letters) => this.entryOf({ slot, rights: letters }, entry) === word,
    );
    return rights === undefined ? `another entry (${word})` : `${this.bed.say(slot)}, ${sayRights(rights)} (${word})`;
  }

  private wrong(operation: string, expected: string, got: string): never {
    throw new WorkloadError(this.bed.name, operation, expected, got);
  }
}

const afterwards = (address: number): string => `the page tables afterwards, at ${sayAddress(address)}`;

const hex = (half: number): string => (half >>> 0).toString(16).padStart(8, '0');

const sayEntry = (hi: number, lo: number): string => `${hex(hi)}${hex(lo)}`;
