import type { StackBar, StackChart } from './chart.ts';
import { numberText } from './number-text.ts';
import { axisTitle, gridBelow, isOn, placed, spanOf, TICKS_BELOW, ticksBelow } from './svg-axis.ts';
import type { Canvas } from './svg-canvas.ts';
import { type Frame, nothing } from './svg-frame.ts';
import { AXIS, AXIS_TITLE, HEADING, INK, LABEL, type PartLook, partLook } from './svg-look.ts';
import { breakText, LINE, MIDDLE, printable, textWidth, widest } from './svg-text.ts';

const BAR = 22;
const GAP = 8;
const PANEL_GAP = 16;
/** Left and right of a name inside of a part. */
const PADDING = 5;
const SWATCH = 10;

interface Segment {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

interface BarView {
  readonly name: readonly string[];
  readonly segments: readonly Segment[];
  readonly total: number;
}

/** Bars made of parts, in panels below each other on one axis. */
export function drawStacks(canvas: Canvas, chart: StackChart, { left, right, top }: Frame): number {
  const axis = { ...chart.axis, scale: 'linear', zero: true } as const;
  const room = right - left;
  const barNames = chart.panels.flatMap(({ bars }) => bars.map(({ name }) => printable(name, 120)));
  const nameWidth = Math.min(widest(barNames, LABEL), room * 0.3);
  const panels = chart.panels.map(({ title, bars }) => ({
    title: printable(title, 200),
    bars: bars.map((bar) => ({ ...segmentsOf(bar), name: breakText(printable(bar.name, 120), LABEL, nameWidth) })),
  }));
  if (panels.length === 0) return nothing(canvas, left, top);
  const all = panels.flatMap(({ bars }) => bars);
  const kinds = [...new Set(all.flatMap(({ segments }) => segments.map(({ name }) => name)))];
  const looks = new Map(kinds.map((name, n) => [name, partLook(n, kinds.length)]));
  const total = ({ total: n }: BarView): string => numberText(n, axis.digits);

  const begin = left + (nameWidth > 0 ? nameWidth + 10 : 0);
  const end = right - widest(all.map(total), LABEL) - 8;
  const ends = all.map((bar) => bar.total);
  const span = spanOf(axis, ends, Math.max(2, Math.round((end - begin) / 110)));
  const x = placed(span, begin, end);

  let y = top;
  let bottom = y;
  for (const { title, bars } of panels) {
    y = canvas.paragraph(title, left, y, room, HEADING) + 5;
    y = drawKey(canvas, outsideNames(bars, x), looks, [left, right], y);
    const heights = bars.map(({ name }) => Math.max(BAR, name.length * LINE * LABEL.size));
    bottom = y + heights.reduce((sum, height) => sum + height + GAP, GAP);
    if (bars.length === 0) {
      y = nothing(canvas, left, y) + PANEL_GAP;
      bottom = y - PANEL_GAP;
      continue;
    }
    gridBelow(canvas, span, x, y, bottom);
    canvas.rule(begin, y, begin, bottom, AXIS);
    y += GAP;
    bars.forEach((bar, n) => {
      const middle = y + (heights[n] ?? BAR) / 2;
      canvas.centred(bar.name, begin - 10, middle, { ...LABEL, anchor: 'end' });
      drawBar(canvas, bar, looks, x, middle);
      canvas.text(total(bar), x(bar.total) + 6, middle + MIDDLE * LABEL.size, LABEL);
      y += (heights[n] ?? BAR) + GAP;
    });
    y = bottom + PANEL_GAP;
  }
  if (all.length === 0) return bottom;
  ticksBelow(canvas, span, x, bottom, [left, right]);
  return canvas.paragraph(axisTitle(axis), begin, bottom + TICKS_BELOW + 2, right - begin, AXIS_TITLE);
}

/** Where the parts of a bar begin and end. */
function segmentsOf({ parts }: StackBar): { segments: Segment[]; total: number } {
  const axis = { title: '', unit: '', scale: 'linear' } as const;
  const segments: Segment[] = [];
  let total = 0;
  for (const { name, value } of parts) {
    if (!(value > 0) || !isOn(axis, total + value)) continue;
    segments.push({ name: printable(name, 120), from: total, to: total + value });
    total += value;
  }
  return { segments, total };
}

type Scale = (value: number) => number;

const fits = ({ name, from, to }: Segment, x: Scale): boolean =>
  textWidth(name, LABEL) + 2 * PADDING <= x(to) - x(from);

/** Names that have no room inside of any of the bars, in the order of the parts. */
function outsideNames(bars: readonly BarView[], x: Scale): string[] {
  const segments = bars.flatMap((bar) => bar.segments);
  const inside = new Set(segments.filter((segment) => fits(segment, x)).map(({ name }) => name));
  return [...new Set(segments.map(({ name }) => name))].filter((name) => name !== '' && !inside.has(name));
}

/** A row of colours and names, broken where it must be. Gives back its bottom. */
function drawKey(
  canvas: Canvas,
  names: readonly string[],
  looks: ReadonlyMap<string, PartLook>,
  [left, right]: readonly [left: number, right: number],
  top: number,
): number {
  let x = left;
  let y = top;
  const line = LINE * LABEL.size;
  for (const name of names) {
    const lines = breakText(name, LABEL, right - left - SWATCH - 5);
    const width = SWATCH + 5 + widest(lines, LABEL);
    if (x > left && x + width > right) {
      x = left;
      y += line;
    }
    const fill = looks.get(name)?.fill ?? INK;
    const square = { x: x + 0.5, y: y + (line - SWATCH) / 2, width: SWATCH, height: SWATCH };
    canvas.shape('rect', { ...square, fill, stroke: INK, 'stroke-width': 0.5 });
    const under = canvas.lines(lines, x + SWATCH + 5, y, LABEL);
    // What stands on several lines has them for itself.
    y = under - line;
    x = lines.length > 1 ? right : x + width + 16;
  }
  return names.length === 0 ? top : y + line + 3;
}

/** The parts of one bar, with the names that fit. */
function drawBar(canvas: Canvas, bar: BarView, looks: ReadonlyMap<string, PartLook>, x: Scale, middle: number): void {
  const top = middle - BAR / 2;
  for (const segment of bar.segments) {
    const { fill, ink } = looks.get(segment.name) ?? { fill: INK, ink: 'white' };
    const [from, to] = [x(segment.from), x(segment.to)];
    // A white line sets parts apart; it is thinner than the thinnest part.
    const gap = Math.min(1, (to - from) / 3);
    canvas.shape('rect', { x: from, y: top, width: to - from - gap, height: BAR, fill });
    const at = { ...LABEL, fill: ink, anchor: 'middle' } as const;
    if (fits(segment, x)) canvas.text(segment.name, (from + to) / 2, middle + MIDDLE * LABEL.size, at);
  }
  if (bar.total > 0) {
    const outline = { fill: 'none', stroke: INK, 'stroke-width': 0.5 };
    canvas.shape('rect', { x: x(0), y: top, width: x(bar.total) - x(0), height: BAR, ...outline });
  }
}
