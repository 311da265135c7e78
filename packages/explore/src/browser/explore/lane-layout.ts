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
export interface LaneRow {
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
  private readonly stale: readonly (StaleSpan & { readonly at: number; readonly until: number })[];
  private readonly gaps: readonly (Gap & { readonly at: number; readonly until: number })[];

  constructor(world: World) {
    this.world = world;
    const { table } = world.lives;
    const until = (event: number): number => (event > world.eventOf(world.steps - 1) ? world.steps : world.stepOf(event));
    this.from = Int32Array.from(table.from, until);
    this.to = Int32Array.from(table.to, until);
    // What ends before it is seen to begin was between two parts.
    const inSteps = <T extends { readonly from: number; readonly to: number }>(span: T): T & { at: number; until: number } => ({
      ...span,
      at: until(span.from),
      until: until(span.to),
    });
    this.stale = world.staleSpans.map(inSteps);
    this.gaps = world.gaps.map(inSteps);
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
        spans.push({ kind: 'mapped', index: n, start: table.start[n], end: table.start[n] + table.length[n], from, to });
    }
    const others = [
      ...this.stale.map((span, index) => ({ ...span, kind: 'stale' as const, index })),
      ...this.gaps.map((span, index) => ({ ...span, kind: 'gap' as const, index })),
    ];
    for (const { kind, index, start, length, at, until, space: of } of others)
      if (of === space && at < view.to && until > view.from)
        spans.push({ kind, index, start, end: start + length, from: at, to: Math.max(until, at + 1) });
    return { space, name, ...arranged(spans, view) };
  }
}

/** Rows between all the edges of spans; neighbours that are alike become one. */
function arranged(spans: readonly Span[], view: TimeView): Pick<Lane, 'rows' | 'bars'> {
  const edges = [...new Set(spans.flatMap(({ start, end }) => [start, end]))].sort((a, b) => a - b);
  const place = new Map(edges.map((edge, n) => [edge, n]));
  // What covers each piece between two edges, by what can be seen of it.
  const looks: string[] = new Array<string>(Math.max(0, edges.length - 1)).fill('');
  const merges = edges.length <= MOST_MERGED;
  for (const span of spans) {
    const look = merges
      ? `${span.kind}${Math.max(span.from, Math.floor(view.from))}-${Math.min(span.to, Math.ceil(view.to))};`
      : '#';
    const last = place.get(span.end) ?? 0;
    for (let n = place.get(span.start) ?? 0; n < last; n++) looks[n] = merges ? `${looks[n] ?? ''}${look}` : look;
  }
  const rows: { start: number; end: number; gapAbove: number }[] = [];
  const rowOf: number[] = [];
  let look = '';
  looks.forEach((own, n) => {
    const [start = 0, end = 0] = [edges[n], edges[n + 1]];
    const above = rows.at(-1);
    rowOf.push(rows.length);
    if (own === '') return;
    if (merges && above !== undefined && above.end === start && look === own) {
      above.end = end;
      rowOf[n] = rows.length - 1;
    } else rows.push({ start, end, gapAbove: above === undefined ? 0 : start - above.end });
    look = own;
  });
  const bars = spans.map(({ kind, index, start, end, from, to }): LaneBar => {
    const top = rowOf[place.get(start) ?? 0] ?? 0;
    const bottom = (rowOf[(place.get(end) ?? 1) - 1] ?? top) + 1;
    return { kind, index, from, to, top, bottom };
  });
  return { rows, bars };
}
