/** What an axis shows. */
export interface Axis {
  /** "price per page". */
  readonly title: string;
  /** What its numbers count: "instructions"; empty where there is none. */
  readonly unit: string;
  /** Logarithmic axes leave out what is not above 0. Bars are always on a linear axis. */
  readonly scale: 'linear' | 'log2' | 'log10';
  /** Where it is labelled; chosen if not given. Labels that would touch are left out, their lines are not. */
  readonly ticks?: readonly number[];
  /** A linear axis begins at 0. */
  readonly zero?: boolean;
  /** Fraction digits of the values that are printed beside marks; without them three significant digits. */
  readonly digits?: number;
}

interface ChartText {
  readonly title: string;
  readonly subtitle?: string;
  /** What the reader must know, each a sentence or a few; below the chart. */
  readonly notes?: readonly string[];
}

/** A point of a line, and the interval that its value lies in. */
export interface LinePoint {
  readonly x: number;
  readonly y: number;
  readonly low?: number;
  readonly high?: number;
}

export interface LineSeries {
  /** Also what it is known by: series of the same name look the same in all panels. */
  readonly name: string;
  /** In the order in which they are joined. */
  readonly points: readonly LinePoint[];
  /** Solid or dashed; if not given, series have different dashes. */
  readonly dashed?: boolean;
}

export interface LinePanel {
  readonly title: string;
  readonly series: readonly LineSeries[];
}

/** Lines in panels that stand beside and below each other. */
export interface LineChart extends ChartText {
  readonly kind: 'lines';
  readonly x: Axis;
  readonly y: Axis;
  readonly panels: readonly LinePanel[];
  /** Which panels have the same y-axis; all of them if not given. */
  readonly sharedY?: 'all' | 'row' | 'none';
  /** Panels beside each other, at most; fewer where the chart is too narrow. 4 if not given. */
  readonly columns?: number;
}

export interface BarPart {
  /** Also what it is known by: parts of the same name look the same in all bars. */
  readonly name: string;
  /** Not negative; what is not above 0 takes no room. */
  readonly value: number;
}

export interface StackBar {
  readonly name: string;
  readonly parts: readonly BarPart[];
}

export interface StackPanel {
  readonly title: string;
  readonly bars: readonly StackBar[];
}

/** Horizontal bars made of parts, all on one axis. */
export interface StackChart extends ChartText {
  readonly kind: 'stacks';
  readonly axis: Axis;
  readonly panels: readonly StackPanel[];
}

/**
 * An interval. Without a middle it is none: "never", or what the note says. Without a high end it is open at the right;
 * without a low end it begins at its middle.
 */
export interface RangeRow {
  readonly name: string;
  readonly low: number | null;
  readonly middle: number | null;
  readonly high: number | null;
  readonly note?: string;
}

export interface RangeGroup {
  readonly title: string;
  readonly rows: readonly RangeRow[];
}

/** Intervals, one on each line, all on one axis. */
export interface RangeChart extends ChartText {
  readonly kind: 'ranges';
  readonly axis: Axis;
  readonly groups: readonly RangeGroup[];
}

export type Chart = LineChart | StackChart | RangeChart;
