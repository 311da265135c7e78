import type { Columns } from '@overmap/core';
import { Flag } from '@overmap/core';
import type { TraceEvent, TraceTables } from '@overmap/trace';
import { LinePlaces, type RecordPlace } from './line-places.ts';
import type { ClearedKeys } from './place-truth.ts';

/** An unmap that is put before a record. */
interface UnmapEdit extends RecordPlace {
  readonly kind: 'unmap';
  /** The unmap; of one that was moved, keys that the format does not know are in its own text. */
  readonly event: TraceEvent;
  /** The unmap that was moved here; null = it is new. */
  from: RecordPlace | null;
}

/** A record that is left out: an unmap that was moved, or a refused map that the target would accept. */
interface DropEdit extends RecordPlace {
  readonly kind: 'drop';
}

/** Keys of a record that are not true any more, with their new values; undefined = the key goes. */
interface ChangeEdit extends RecordPlace {
  readonly kind: 'change';
  readonly set: Readonly<Record<string, unknown>>;
}

/** An edit of a trace at one of its records. */
export type Edit = UnmapEdit | DropEdit | ChangeEdit;

/** What became of capabilities that were unmapped by an inserted unmap, which the recorded client left stale. */
export interface Fates {
  /** Mapped again without an unmap. */
  mappedAgain: number;
  /** Deleted. */
  deleted: number;
  /** Unmapped later by another thread, whose call nothing allows to move. */
  unmappedElsewhere: number;
  /** Still stale at the end. */
  leaked: number;
}

interface OpenUnmap {
  readonly edit: UnmapEdit;
  readonly thread: number;
  readonly rebuilt: boolean;
}

const REBUILDS = Flag.boot | Flag.synth;

/**
 * The edits of a migration, in the order of the records, and what became of the capabilities that they unmap. An unmap
 * that the client made later anyway turns an inserted one into a moved one.
 */
export class EditScript {
  readonly edits: Edit[] = [];
  readonly fates: Fates = { mappedAgain: 0, deleted: 0, unmappedElsewhere: 0, leaked: 0 };
  inserted = 0;
  moved = 0;
  dropped = 0;
  /** Inserted unmaps that only rebuild an earlier state, which no client has called. */
  insertedByRebuilding = 0;
  private readonly tables: TraceTables;
  private readonly places: LinePlaces = new LinePlaces();
  /** Whether records say what the kernel saw: an unmap then says what it cleared. */
  private readonly client: boolean;
  /** By slot: the inserted unmap of the capability that is there, as long as it was not mapped since. */
  private readonly open: Map<number, OpenUnmap> = new Map();

  constructor(tables: TraceTables, client: boolean) {
    this.tables = tables;
    this.client = client;
  }

  /**
   * Put an unmap of the capability in `slot` before row `i`, in the name of its thread and call site.
   *
   * @param truth - the keys by which a recorder inside of the kernel says what it clears
   */
  insert(columns: Columns, i: number, slot: number, truth: ClearedKeys): void {
    const { slots, names, sites } = this.tables;
    const { number, cspace } = slots.nameOf(slot);
    const flags = columns.flags[i];
    const thread = columns.thread[i];
    const event: TraceEvent = {
      op: 'unmap',
      cap: number,
      ret: 'ok',
      ...(this.client ? truth : {}),
      ...((flags & Flag.boot) === 0 ? {} : { boot: true }),
      ...((flags & Flag.synth) === 0 ? {} : { synth: true }),
      migrated: 'inserted',
      ...(thread === 0 ? {} : { thread: names.values[thread] }),
      ...(cspace === undefined ? {} : { cspace: names.values[cspace] }),
      ...(columns.site[i] === 0 ? {} : { site: sites.values[columns.site[i]] }),
    } as TraceEvent;
    const edit: UnmapEdit = { kind: 'unmap', ...this.places.of(columns, i), event, from: null };
    const rebuilt = (flags & REBUILDS) !== 0;
    this.edits.push(edit);
    this.inserted++;
    if (rebuilt) this.insertedByRebuilding++;
    this.open.set(slot, { edit, thread, rebuilt });
  }

  /** Take the last inserted unmap, of the capability in `slot`, back. */
  takeBack(slot: number): void {
    this.edits.pop();
    this.inserted--;
    if (this.open.get(slot)?.rebuilt === true) this.insertedByRebuilding--;
    this.open.delete(slot);
  }

  /** Leave row `i` out. */
  drop(columns: Columns, i: number): void {
    this.edits.push({ kind: 'drop', ...this.places.of(columns, i) });
    this.dropped++;
  }

  /** Give keys of row `i` other values. */
  change(columns: Columns, i: number, set: Readonly<Record<string, unknown>>): void {
    this.edits.push({ kind: 'change', ...this.places.of(columns, i), set });
  }

  /**
   * The client unmaps the capability in a slot. If an inserted unmap has done so, that one is this one, called earlier.
   *
   * @returns whether row `i` was moved away
   */
  unmapped(columns: Columns, i: number): boolean {
    const slot = columns.cap[i];
    const open = this.open.get(slot);
    if (open === undefined) return false;
    this.open.delete(slot);
    const rebuilt = (columns.flags[i] & REBUILDS) !== 0;
    if (open.thread !== columns.thread[i] || open.rebuilt !== rebuilt) {
      this.fates.unmappedElsewhere++;
      return false;
    }
    open.edit.from = this.places.of(columns, i);
    this.inserted--;
    if (open.rebuilt) this.insertedByRebuilding--;
    this.moved++;
    this.edits.push({ kind: 'drop', ...this.places.of(columns, i) });
    return true;
  }

  /** The capability in a slot was mapped. */
  mapped(slot: number): void {
    if (this.open.size > 0 && this.open.delete(slot)) this.fates.mappedAgain++;
  }

  /** The capability in a slot was deleted, or another one is there now: its own was deleted before. */
  gone(slot: number): void {
    if (this.open.size > 0 && this.open.delete(slot)) this.fates.deleted++;
  }

  /** Two slots have exchanged what they hold; a move is an exchange with an empty slot. */
  swapped(a: number, b: number): void {
    if (this.open.size === 0) return;
    const [x, y] = [this.open.get(a), this.open.get(b)];
    for (const [slot, open] of [
      [a, y],
      [b, x],
    ] as const)
      if (open === undefined) this.open.delete(slot);
      else this.open.set(slot, open);
  }

  /** The batch at hand is done. */
  batchEnds(columns: Columns): void {
    this.places.batchEnds(columns);
  }

  /**
   * The end of the trace.
   *
   * @param alive - whether there is still a capability in a slot
   */
  end(alive: (slot: number) => boolean): void {
    for (const slot of this.open.keys()) {
      if (alive(slot)) this.fates.leaked++;
      else this.fates.deleted++;
    }
    this.open.clear();
  }
}
