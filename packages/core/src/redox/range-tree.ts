/** A range of a {@link RangeTree}, `len` positions from `start` on, and what it carries. */
export interface RangeSlot<Value> {
  readonly start: number;
  readonly end: number;
  readonly value: Value;
}

/** A range that was asked for, and what it carries; null = nothing lay there. */
export interface RangeOrGap<Value> {
  readonly start: number;
  readonly end: number;
  readonly value: Value | null;
}

/**
 * Disjoint ranges with values, as the crate of that name has them, which file systems use to count their mappings.
 * Touching ranges whose values may merge become one when the second is inserted, and only then.
 */
export class RangeTree<Value> {
  private slots: RangeSlot<Value>[] = [];
  private readonly merges: (lower: Value, upper: Value) => boolean;

  /** @param merges - whether two touching ranges become one, with the lower one's value. Default: equal values do */
  constructor(merges: (lower: Value, upper: Value) => boolean = Object.is) {
    this.merges = merges;
  }

  /** All ranges, upward. */
  list(): readonly RangeSlot<Value>[] {
    return this.slots;
  }

  /** The ranges with a part in [start, end), whole. An empty range inside of one yields that one. */
  conflicts(start: number, end: number): RangeSlot<Value>[] {
    const { slots } = this;
    let i = slots.findIndex((slot) => slot.end > start);
    if (i < 0) return [];
    const found: RangeSlot<Value>[] = [];
    if (slots[i].start < start && end >= start) found.push(slots[i++]);
    for (; i < slots.length && slots[i].start < end; i++) found.push(slots[i]);
    return found;
  }

  /** @returns false: something is in the way, nothing is changed */
  insert(start: number, length: number, value: Value): boolean {
    const end = start + length;
    if (this.conflicts(start, end).length > 0) return false;
    let i = this.slots.findIndex((slot) => slot.start >= end);
    if (i < 0) i = this.slots.length;
    const lower = this.slots[i - 1];
    const upper = this.slots[i];
    const joinsLower = lower !== undefined && lower.end === start && this.merges(lower.value, value);
    const joinsUpper = upper !== undefined && upper.start === end && this.merges(value, upper.value);
    const merged = {
      start: joinsLower ? lower.start : start,
      end: joinsUpper ? upper.end : end,
      value: joinsLower ? lower.value : value,
    };
    this.slots.splice(joinsLower ? i - 1 : i, Number(joinsLower) + Number(joinsUpper), merged);
    return true;
  }

  /** Take out what lies in [start, end); ranges across an edge keep the part outside. @returns the parts, upward */
  remove(start: number, end: number): RangeSlot<Value>[] {
    const removed: RangeSlot<Value>[] = [];
    const left: RangeSlot<Value>[] = [];
    for (const slot of this.slots) {
      const from = Math.max(slot.start, start);
      const to = Math.min(slot.end, end);
      if (from >= to) {
        left.push(slot);
        continue;
      }
      if (slot.start < from) left.push({ ...slot, end: from });
      removed.push({ start: from, end: to, value: slot.value });
      if (slot.end > to) left.push({ ...slot, start: to });
    }
    this.slots = left;
    return removed;
  }

  /** As {@link RangeTree.remove}; what was free in between is in the answer as well. */
  removeAndUnused(start: number, end: number): RangeOrGap<Value>[] {
    const all: RangeOrGap<Value>[] = [];
    let next = start;
    for (const slot of this.remove(start, end)) {
      if (slot.start > next) all.push({ start: next, end: slot.start, value: null });
      all.push(slot);
      next = slot.end;
    }
    if (next < end) all.push({ start: next, end, value: null });
    return all;
  }
}
