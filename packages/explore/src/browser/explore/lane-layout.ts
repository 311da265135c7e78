import type { Gap, World } from './moment.ts';
import type { StaleSpan } from './life-index.ts';

/** Steps that are in view; ends are not whole numbers while zooming. */
export interface TimeView {
  readonly from: number;
  readonly to: number;
}

/** A bar: what is mapped, was stale, or is empty for a while, at rows of a lane. */
export interface LaneBar {
  readonly kind: 'mapped' | 'stale' | 'gap';
  /** Row of the lives' table, or of the list of spans. */
  readonly index: number;
  /** Steps at which it begins and ends. */
  readonly from: number;
  readonly to: number;
  /** First row, and the row behind the last. */
  readonly top: number;
  readonly bottom: number;
}

/** A row of a lane: a range of addresses in which everything in view is alike. */
interface LaneRow {
  readonly start: number;
  readonly end: number;
  /** Bytes between it and the row above, in which nothing is in view. */
  readonly gapAbove: number;
}

/** A lane: an address space, with the addresses at which something is in view. */
export interface Lane {
  readonly space: number;
  readonly name: string;
  readonly rows: readonly LaneRow[];
  readonly bars: readonly LaneBar[];
}

interface Span {
  readonly kind: LaneBar['kind'];
  readonly index: number;
  readonly start: number;
  readonly end: number;
  readonly from: number;
  readonly to: number;
}

/** Rows beyond this are not looked at for being alike: it would take longer than it saves. */
const MOST_MERGED = 1500;

/**
 * Lays out lanes. The axis of addresses has only what is in view: ranges in which nothing is are left out, and neighbours
 * that live through the same time are one row, however many pages they are.
 */
export class LaneLayout {
  private readonly world: World;
  /** By life: the steps at which it begins and ends. */
  private readonly from: Int32Array;
  private readonly to: Int32Array;
  /** Stale capabilities and gaps, by address space. */
  private readonly others: Map<number, Span[]> = new Map();

  constructor(world: World) {
    this.world = world;
    const { table } = world.lives;
    const until = (event: number): number =>
      event > world.eventOf(world.steps - 1) ? world.steps : world.stepOf(event);
    this.from = Int32Array.from(table.from, until);
    this.to = Int32Array.from(table.to, until);
    const add = (kind: 'stale' | 'gap') => (span: StaleSpan | Gap, index: number) => {
      const from = until(span.from);
      const to = Math.max(from + 1, until(span.to));
      const own = { kind, index, start: span.start, end: span.start + span.length, from, to };
      const list = this.others.get(span.space);
      if (list === undefined) this.others.set(span.space, [own]);
      else list.push(own);
    };
    world.staleSpans.forEach(add('stale'));
    world.gaps.forEach(add('gap'));
  }

  /** The steps between which a life is alive. */
  steps(life: number): { readonly from: number; readonly to: number } {
    return { from: this.from[life] ?? 0, to: this.to[life] ?? 0 };
  }

  /** The lanes that have something in view, in the order of their numbers; `spaces` chooses, null = all. */
  lanes(view: TimeView, spaces: ReadonlySet<number> | null): Lane[] {
    return this.world.head.spaces
      .filter(({ number }) => spaces === null || spaces.has(number))
      .map(({ number, name }) => this.lane(number, name, view))
      .filter(({ bars }) => bars.length > 0);
  }

  private lane(space: number, name: string, view: TimeView): Lane {
    const { table, bySpace } = this.world.lives;
    const spans: Span[] = [];
    for (const n of bySpace.get(space) ?? []) {
      const from = this.from[n];
      const to = this.to[n];
      if (from < view.to && to > view.from && to > from)
        spans.push({
          kind: 'mapped',
          index: n,
          start: table.start[n],
          end: table.start[n] + table.length[n],
          from,
          to,
        });
    }
    for (const span of this.others.get(space) ?? []) if (span.from < view.to && span.to > view.from) spans.push(span);
    return { space, name, ...arranged(spans, view) };
  }
}

/** Rows between all the edges of spans; neighbours that are alike become one. */
function arranged(spans: readonly Span[], view: TimeView): Pick<Lane, 'rows' | 'bars'> {
  const all = new Float64Array(spans.length * 2);
  spans.forEach(({ start, end }, n) => {
    all[2 * n] = start;
    all[2 * n + 1] = end;
  });
  all.sort();
  const edges = all.filter((edge, n) => n === 0 || edge !== all[n - 1]);
  const pieces = Math.max(0, edges.length - 1);
  const first = Int32Array.from(spans, ({ start }) => placeOf(edges, start));
  const last = Int32Array.from(spans, ({ end }) => placeOf(edges, end));
  // What covers each piece between two edges, as a hash of what can be seen of it; 0 = nothing.
  const looks = new Int32Array(pieces);
  const merges = pieces <= MOST_MERGED;
  const left = Math.floor(view.from);
  const right = Math.ceil(view.to);
  spans.forEach(({ kind, from, to }, i) => {
    const look = merges ? mixed(mixed(kind.length, Math.max(from, left)), Math.min(to, right)) | 1 : 1;
    for (let n = first[i]; n < last[i]; n++) looks[n] = merges ? mixed(looks[n], look) | 1 : 1;
  });
  const rows: { start: number; end: number; gapAbove: number }[] = [];
  const rowOf = new Int32Array(pieces);
  for (let n = 0; n < pieces; n++) {
    rowOf[n] = rows.length;
    if (looks[n] === 0) continue;
    const above = rows.at(-1);
    if (merges && above !== undefined && above.end === edges[n] && looks[n] === looks[n - 1]) {
      above.end = edges[n + 1];
      rowOf[n] = rows.length - 1;
    } else rows.push({ start: edges[n], end: edges[n + 1], gapAbove: above === undefined ? 0 : edges[n] - above.end });
  }
  const bars = spans.map(({ kind, index, from, to }, i): LaneBar => {
    return { kind, index, from, to, top: rowOf[first[i]], bottom: rowOf[last[i] - 1] + 1 };
  });
  return { rows, bars };
}

/** The place of a number in a sorted list that has it. */
function placeOf(sorted: Float64Array, wanted: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Two numbers as one of 32 bits, which differs when they do, but for chance. */
function mixed(a: number, b: number): number {
  const h = Math.imul(a ^ (b + 0x9e3779b9), 0x85ebca6b);
  return h ^ (h >>> 15);
}
