import {
  ASID,
  CAP_WORDS,
  CapType,
  type Columns,
  isStale,
  type Kernel,
  Op,
  SIZE_MASK,
  SIZE_SHIFT,
  TYPE_MASK,
  VADDR_HI,
  VADDR_LO,
} from '@overmap/core';
import type { Mapping, MappingEnd } from '@overmap/report';
import { STALE_KEYS } from '../page-format/explore/page-data.ts';

type Table = Record<(typeof STALE_KEYS)[number], number[]>;

interface Open {
  readonly from: number;
  readonly asid: number;
  readonly space: number | undefined;
  readonly start: number;
  readonly length: number;
}

/**
 * When capabilities were stale. All are looked at where a window begins, and after records that can make others stale than
 * the one that they invoke: a page was replaced, a table or vspace went, something was revoked, moved, or mapped by two
 * capabilities. In between only those that are known to be stale, and that a record touches or whose place it maps.
 */
export class StaleTable {
  readonly table: Table;
  private readonly kernel: Kernel;
  private readonly open: Map<number, Open> = new Map();
  /** The record that was audited last may have made others stale. */
  private suspicious = true;
  /** Some page was mapped by a second capability: each that is cleared may have been somebody's. */
  private aliased = false;
  private last: { readonly op: number; readonly cap: number; readonly src: number; readonly vaddr: number } | null =
    null;
  /** The number of the address space that an ASID belongs to, as lives name it ("vspace 7 (ASID 3)"). */
  private readonly spaces: Map<number, number> = new Map();
  private readonly named: Set<number> = new Set();

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.table = Object.fromEntries(STALE_KEYS.map((key) => [key, [] as number[]])) as Table;
  }

  /** A window begins: nothing is known. */
  begin(event: number): void {
    this.last = null;
    this.suspicious = true;
    this.look(event);
  }

  /** A window ends before this event: what is stale stays so as far as can be seen. */
  end(event: number): void {
    this.look(event - 1);
    for (const slot of this.open.keys()) this.close(slot, event);
  }

  /** The record `i` is about to be audited; the one before it has been. */
  row(columns: Columns, i: number): void {
    this.look(columns.event[i] - 1);
    const op = columns.op[i];
    const cap = columns.cap[i];
    const src = columns.src[i];
    const vaddr = (columns.vaddrHi[i] >>> 0) * 2 ** 32 + (columns.vaddrLo[i] >>> 0);
    this.last = { op, cap, src, vaddr };
    const { caps, slotLimit } = this.kernel;
    if (op === Op.revoke || op === Op.unmap_table || op === Op.assign) this.suspicious = true;
    // An invocation of what is no frame can take pages from under frames.
    if (op === Op.delete && cap < slotLimit && (caps[cap * CAP_WORDS] & TYPE_MASK) !== CapType.frame)
      this.suspicious ||= (caps[cap * CAP_WORDS] & TYPE_MASK) !== CapType.empty;
    // The slot was emptied unseen, and its page with it.
    const fills = op === Op.retype || op === Op.copy || op === Op.mint || op === Op.move;
    if (fills && cap < slotLimit && (caps[cap * CAP_WORDS] & TYPE_MASK) !== CapType.empty) this.suspicious = true;
  }

  /** A mapping has ended, by the record that is audited. */
  mappingEnded({ vspace, vspaceName }: Mapping, how: MappingEnd | null): void {
    if (!this.named.has(vspace)) {
      this.named.add(vspace);
      const asid = /\(ASID (\d+)\)$/.exec(vspaceName)?.[1];
      if (asid !== undefined) this.spaces.set(Number(asid), vspace);
    }
    if (how === 'replaced' || how === 'table' || (how === 'cleared' && this.aliased)) this.suspicious = true;
  }

  /** A finding of the record that is audited: one frame stands behind two capabilities, or an ASID changed hands. */
  aliasSeen(): void {
    this.aliased = true;
    this.suspicious = true;
  }

  private look(event: number): void {
    const { last, open, kernel } = this;
    if (this.suspicious) {
      this.suspicious = false;
      for (let slot = 1; slot < kernel.slotLimit; slot++) this.check(slot, event);
      return;
    }
    if (last === null) return;
    this.check(last.cap, event);
    if (last.op === Op.move || last.op === Op.swap) this.check(last.src, event);
    if (open.size === 0) return;
    if (last.op === Op.map)
      for (const [slot, { start, length }] of open)
        if (last.vaddr >= start && last.vaddr < start + length) this.check(slot, event);
    if (last.op === Op.map_table) for (const slot of open.keys()) this.check(slot, event);
  }

  private check(slot: number, event: number): void {
    const k = this.kernel;
    if (slot <= 0 || slot >= k.slotLimit) return;
    const c = slot * CAP_WORDS;
    const { caps } = k;
    const mapped = (caps[c] & TYPE_MASK) === CapType.frame && caps[c + ASID] !== 0;
    const known = this.open.get(slot);
    if (!mapped) {
      if (known !== undefined) this.close(slot, event);
      return;
    }
    const stale = looked(k, c);
    const start = (caps[c + VADDR_HI] >>> 0) * 2 ** 32 + (caps[c + VADDR_LO] >>> 0);
    if (known !== undefined && (!stale || known.start !== start || known.asid !== caps[c + ASID]))
      this.close(slot, event);
    if (!stale || this.open.has(slot)) return;
    const length = 2 ** k.sizeBits[(caps[c] >> SIZE_SHIFT) & SIZE_MASK];
    const asid = caps[c + ASID];
    this.open.set(slot, { from: Math.max(0, event), asid, space: this.spaces.get(asid), start, length });
  }

  private close(slot: number, event: number): void {
    const known = this.open.get(slot);
    if (known === undefined) return;
    this.open.delete(slot);
    const { table } = this;
    table.slot.push(slot);
    table.space.push(known.space ?? this.spaces.get(known.asid) ?? 0);
    table.start.push(known.start);
    table.length.push(known.length);
    table.from.push(known.from);
    table.to.push(event);
  }
}

/** {@link isStale}, with the kernel's `at*` fields left as they were: the audit is between two records. */
function looked(k: Kernel, c: number): boolean {
  const { at, atTable, atIndex, atLevel } = k;
  const stale = isStale(k, c);
  k.at = at;
  k.atTable = atTable;
  k.atIndex = atIndex;
  k.atLevel = atLevel;
  return stale;
}
