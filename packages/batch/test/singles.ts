import {
  ASID,
  Batched,
  CAP_WORDS,
  CapType,
  Code,
  CODE_MASK,
  DELETE_FIRST,
  type EffectSink,
  invalidCapability,
  isStale,
  Maintenance,
  OBJECT,
  OK,
  SIZE_MASK,
  SIZE_SHIFT,
  TYPE_MASK,
  VADDR_HI,
  VADDR_LO,
} from '@overmap/core';
import { type Batch, EffectCounts, Single } from '@overmap/batch';
import type { Invocation, World } from '../../core/test/sel4/world.ts';
import { wide } from '../../core/test/sel4/world.ts';

/*
 * What a batch must be equal to: its operations one by one, by the engine's own invocations.
 */

/** A translation that is invalidated: a page, a whole ASID, or everything. */
export type Gone = `${number}:${string}` | `${number}:*` | '*';

const KINDS: Readonly<Record<string, number>> = { map: Single.map, unmap: Single.unmap, map_table: Single.mapTable };

/** How the singles went. */
export interface SinglesRun {
  readonly done: number;
  readonly index: number;
  readonly outcome: number;
  readonly tables: number;
  readonly counts: EffectCounts;
  /** What they invalidate. */
  readonly gone: ReadonlySet<Gone>;
}

const rightsText = (bits: number): string => [...'rwgG'].filter((_, i) => (bits & (1 << i)) !== 0).join('');

/** One by one until one is refused, or `most` are done. `tables` = slots of tables for those that are missing. */
export function runSingles(w: World, batch: Batch, tables: readonly number[] = [], most = batch.count): SinglesRun {
  const k = w.kernel;
  const counts = new EffectCounts();
  const gone = new Set<Gone>();
  const spy = new Spy(counts);
  let vaddr = batch.form === 'window' ? wide(batch.vaddrHi ?? 0, batch.vaddrLo ?? 0) : 0n;
  let usedTables = 0;
  let done = 0;
  let outcome: number = OK;

  const invoke = (v: Invocation): number => {
    const c = (v.cap ?? 0) * CAP_WORDS;
    const records = v.op === 'unmap';
    const before = { asid: k.caps[c + ASID], vaddr: wide(k.caps[c + VADDR_HI], k.caps[c + VADDR_LO]) };
    counts.invoked(KINDS[v.op] ?? Single.other, records ? 1 : 2);
    k.sink = spy;
    spy.kinds.clear();
    const answer = w.invokePacked(v);
    k.sink = null;
    const asid = records ? before.asid : k.caps[(v.vspace ?? 0) * CAP_WORDS + ASID];
    for (const kind of spy.kinds) noteGone(gone, kind, asid, records ? before.vaddr : (v.vaddr ?? 0n));
    return answer;
  };

  while (done < Math.min(batch.count, most)) {
    const list = batch.form === 'list';
    const cap = list ? batch.slots[done] : batch.first + done;
    const rights = rightsText((list ? batch.rights?.[done] : batch.rights) ?? 0);
    const attr = (list ? batch.attr?.[done] : batch.attr) ?? 0;
    const vspace = batch.vspace ?? 0;
    const c = cap * CAP_WORDS;
    if (batch.kind === Batched.unmap) outcome = invoke({ op: 'unmap', cap });
    else if (batch.kind === Batched.map) {
      if (list) vaddr = wide(batch.vaddrHi?.[done] ?? 0, batch.vaddrLo?.[done] ?? 0);
      const map: Invocation = { op: 'map', cap, vspace, vaddr, rights, attr };
      outcome = invoke(map);
      while (usedTables < tables.length && wantsTable(w, map, outcome)) {
        const table = tables[usedTables] ?? 0;
        outcome = invoke({ op: 'map_table', cap: table, vspace, vaddr, attr: 0 });
        if (outcome !== OK) break;
        usedTables++;
        outcome = invoke(map);
      }
    } else outcome = protectByMap(w, cap, vspace, rights, attr, invoke, counts);
    if (outcome !== OK) break;
    done++;
    if (!list) vaddr += 1n << BigInt(k.sizeBits[(k.caps[c] >> SIZE_SHIFT) & SIZE_MASK]);
  }
  return { done, index: outcome === OK ? -1 : done, outcome, tables: usedTables, counts, gone };
}

/** A map that was refused for a table that is not there: an empty entry above the frame's level. */
function wantsTable(w: World, map: Invocation, outcome: number): boolean {
  if ((outcome & CODE_MASK) !== Code.FailedLookup) return false;
  const k = w.kernel;
  const size = (k.caps[(map.cap ?? 0) * CAP_WORDS] >> SIZE_SHIFT) & SIZE_MASK;
  const v = (map.vspace ?? 0) * CAP_WORDS;
  if (k.rootOf(k.caps[v + ASID]) !== k.caps[v + OBJECT]) return false;
  w.checkPacked(map);
  return k.links[k.at] === 0 && k.atLevel < k.sizeLevel[size];
}

/** A protect, by its definition. */
function protectByMap(
  w: World,
  cap: number,
  vspace: number,
  rights: string,
  attr: number,
  invoke: (v: Invocation) => number,
  counts: EffectCounts,
): number {
  const k = w.kernel;
  const c = cap * CAP_WORDS;
  const refused = (outcome: number): number => {
    counts.invoked(Single.map, 2);
    return outcome;
  };
  const type = k.caps[c] & TYPE_MASK;
  if (type === CapType.frame && k.caps[c + ASID] === 0) return refused(invalidCapability(0));
  const vaddr = wide(k.caps[c + VADDR_HI], k.caps[c + VADDR_LO]);
  const map: Invocation = { op: 'map', cap, vspace, vaddr, rights, attr };
  const outcome = w.checkPacked(map);
  if (outcome !== OK && outcome !== DELETE_FIRST) {
    k.sink = counts;
    w.checkPacked(map);
    k.sink = null;
    return refused(outcome);
  }
  if (outcome === DELETE_FIRST || !holdsAt(w, c, vspace * CAP_WORDS)) {
    k.sink = counts;
    w.checkPacked(map);
    k.sink = null;
    return refused(DELETE_FIRST);
  }
  return invoke(map);
}

/** Whether the place that a capability records, in this vspace, is a page of its size that holds its frame. */
function holdsAt(w: World, c: number, v: number): boolean {
  const k = w.kernel;
  const recorded = k.caps[c + ASID];
  k.caps[c + ASID] = k.caps[v + ASID];
  const holds = !isStale(k, c);
  k.caps[c + ASID] = recorded;
  return holds;
}

function noteGone(gone: Set<Gone>, kind: number, asid: number, vaddr: bigint): void {
  switch (kind) {
    case Maintenance.sfence:
      gone.add('*');
      return;
    case Maintenance.tlbiPage:
    case Maintenance.invlpg:
      gone.add(`${asid}:${vaddr.toString(16)}`);
      return;
    case Maintenance.tlbiAsid:
    case Maintenance.flushAsid:
    case Maintenance.cr3Write:
      gone.add(`${asid}:*`);
      return;
    default:
  }
}

/** What is gone in `a` and not in `b`. */
export function missed(a: ReadonlySet<Gone>, b: ReadonlySet<Gone>): Gone[] {
  if (b.has('*')) return [];
  return [...a].filter((g) => {
    if (b.has(g)) return false;
    const asid = g.split(':')[0];
    return g === '*' || !b.has(`${Number(asid)}:*`);
  });
}

class Spy implements EffectSink {
  readonly kinds: Set<number> = new Set();
  private readonly counts: EffectCounts;
  constructor(counts: EffectCounts) {
    this.counts = counts;
  }
  entryWritten(): void {
    this.counts.entryWritten();
  }
  tableCleared(): void {}
  walked(levels: number): void {
    this.counts.walked(levels);
  }
  maintained(kind: number, count: number): void {
    this.kinds.add(kind);
    this.counts.maintained(kind, count);
  }
}
