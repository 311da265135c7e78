import { area, line } from 'd3-shape';
import type { LinePoint } from './chart.ts';
import { gridAcross, isOn, placed, type Span, TICKS_BELOW, ticksBelow } from './svg-axis.ts';
import { type Canvas, fixed } from './svg-canvas.ts';
import { moveApart } from './svg-labels.ts';
import { AXIS, LABEL, type LineLook, SUBTITLE } from './svg-look.ts';
import { LINE } from './svg-text.ts';

/** Beside the drawing area: a leader and a dot, then a gap, then the label. */
export const GLYPH = 26;
export const LABEL_GAP = 7;
/** The first and last dots keep off the sides. */
const INSET = 7;

/** A panel whose texts are broken into lines and whose points all have a place. */
export interface PanelView {
  readonly title: string;
  readonly x: Span;
  readonly y: Span;
  readonly series: readonly {
    readonly label: readonly string[];
    readonly points: readonly LinePoint[];
    readonly look: LineLook;
  }[];
}

export interface Place {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface PanelAxes {
  /** Whether the y-axis has labels. */
  readonly axisLabels: boolean;
  /** Between which all text must stay. */
  readonly textLeft: number;
  readonly textRight: number;
}

/** One panel without its title. Gives back its bottom. */
export function drawPanel(
  canvas: Canvas,
  view: PanelView,
  { left, top, width, height }: Place,
  axes: PanelAxes,
): number {
  const right = left + width;
  const bottom = top + height;
  if (view.series.length === 0) {
    canvas.centred(['No data.'], left, top + height / 2, SUBTITLE);
    return bottom + TICKS_BELOW;
  }
  const x = placed(view.x, left + INSET, right - INSET);
  const y = placed(view.y, bottom, top);
  gridAcross(canvas, view.y, y, [left, right], axes.axisLabels);
  canvas.rule(left, bottom, right, bottom, AXIS);
  ticksBelow(canvas, view.x, x, bottom, [axes.textLeft, axes.textRight]);

  for (const { points, look } of view.series) band(canvas, view, points, look.colour, x, y);
  for (const { points, look } of view.series) {
    const d = line<LinePoint>(
      (point) => x(point.x),
      (point) => y(point.y),
    ).digits(2)(points);
    const stroke = { stroke: look.colour, 'stroke-width': 1.75, 'stroke-dasharray': look.dash };
    if (points.length > 1) canvas.shape('path', { d: d ?? '', fill: 'none', 'stroke-linejoin': 'round', ...stroke });
  }
  for (const { points, look } of view.series) for (const point of points) dot(canvas, look, x(point.x), y(point.y));
  labels(canvas, view, x, y, { left, top, width, height });
  return bottom + TICKS_BELOW;
}

type Scale = (value: number) => number;

/** The intervals of a series, where it has them. */
function band(canvas: Canvas, view: PanelView, points: readonly LinePoint[], fill: string, x: Scale, y: Scale): void {
  const d = area<LinePoint>(
    (point) => x(point.x),
    (point) => y(point.low ?? point.y),
    (point) => y(point.high ?? point.y),
  )
    .defined(({ low, high }) => isOn(view.y.axis, low) && isOn(view.y.axis, high))
    .digits(2)(points);
  if (d !== null && d !== '') canvas.shape('path', { d, fill, 'fill-opacity': '0.16' });
}

/** Names of the lines at their right ends, with the line's dot, moved apart. */
function labels(canvas: Canvas, { series }: PanelView, x: Scale, y: Scale, { left, top, width, height }: Place): void {
  const ends = series.map(({ points, label, look }) => {
    const last = points.at(-1) ?? { x: 0, y: 0 };
    return { x: x(last.x), y: y(last.y), label, look };
  });
  const wanted = ends.map((end) => ({ at: end.y, size: end.label.length * LINE * LABEL.size }));
  const middles = moveApart(wanted, top, top + height);
  ends.forEach((end, n) => {
    const at = middles[n] ?? end.y;
    const glyph = left + width + GLYPH - 5;
    const d = `M${fixed(end.x + 5)},${fixed(end.y)}L${fixed(left + width + 3)},${fixed(end.y)}L${fixed(glyph - 6)},${fixed(at)}`;
    canvas.shape('path', { d, fill: 'none', stroke: end.look.colour, 'stroke-width': 0.75, 'stroke-opacity': '0.7' });
    dot(canvas, end.look, glyph, at);
    canvas.centred(end.label, left + width + GLYPH + LABEL_GAP - 2, at, LABEL);
  });
}

function dot(canvas: Canvas, { dot: d, dotFill, colour }: LineLook, x: number, y: number): void {
  const transform = `translate(${fixed(x)},${fixed(y)})`;
  canvas.shape('path', { d, transform, fill: dotFill, stroke: colour, 'stroke-width': 1.25 });
}
