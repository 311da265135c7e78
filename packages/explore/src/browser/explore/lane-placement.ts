import type { Lane, TimeView } from './lane-layout.ts';

/** Heights and widths in CSS pixels. */
export const AXIS = 22;
export const MARKS = 18;
/** Height of the axis of time with the findings, which stands still above the lanes. */
export const AXIS_HEIGHT = AXIS + MARKS;
export const TITLE = 24;
const BELOW = 14;
const LANE_GAP = 6;
export const GAP_ROW = 14;
/** A row is at most this high, and at least so unless the lane would become higher than the most. */
const ROW_MOST = 20;
export const ROW_LEAST = 4;
const LANE_MOST = 620;
/** All lanes together, as far as it can be. */
const ALL_MOST = 6000;

/** A lane with its place in the picture. */
export interface PlacedLane {
  readonly lane: Lane;
  readonly top: number;
  readonly bottom: number;
  /** Where rows begin, and where the last one ends. */
  readonly edges: Float64Array;
  readonly rowHeight: number;
}

/** What was drawn where: for pointers. */
export interface LanePicture {
  readonly lanes: readonly PlacedLane[];
  readonly height: number;
  readonly left: number;
  readonly right: number;
}

/** Give each lane its place. */
export function placeLanes(lanes: readonly Lane[], width: number): LanePicture {
  let y = 0;
  const most = Math.max(40, Math.min(LANE_MOST, ALL_MOST / Math.max(1, lanes.length)));
  const placed = lanes.map((lane): PlacedLane => {
    const top = y;
    const gaps = lane.rows.filter(({ gapAbove }) => gapAbove > 0).length;
    const free = most - gaps * Math.min(GAP_ROW, most / 2 / Math.max(1, gaps));
    const rowHeight = Math.min(
      ROW_MOST,
      Math.max(Math.min(ROW_LEAST, free / lane.rows.length), Math.min(300, free) / lane.rows.length),
    );
    const gapHeight = rowHeight >= ROW_LEAST ? GAP_ROW : Math.min(2, most / 4 / Math.max(1, gaps));
    const edges = new Float64Array(lane.rows.length * 2);
    y += TITLE;
    lane.rows.forEach(({ gapAbove }, n) => {
      if (gapAbove > 0) y += gapHeight;
      edges[2 * n] = y;
      y += rowHeight;
      edges[2 * n + 1] = y;
    });
    y += BELOW;
    const bottom = y;
    y += LANE_GAP;
    return { lane, top, bottom, edges, rowHeight };
  });
  return { lanes: placed, height: y + 4, left: width < 560 ? 100 : 148, right: width - 8 };
}

/** The horizontal place of a step. */
export const xOf = ({ left, right }: LanePicture, { from, to }: TimeView, step: number): number =>
  left + ((step - from) / (to - from)) * (right - left);
