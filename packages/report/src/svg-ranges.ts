import type { Axis, RangeChart, RangeRow } from './chart.ts';
import { intervalText, numberText } from './number-text.ts';
import { axisTitle, gridBelow, isOn, placed, type Span, spanOf, TICKS_BELOW, ticksBelow } from './svg-axis.ts';
import { type Canvas, fixed } from './svg-canvas.ts';
import { type Frame, nothing } from './svg-frame.ts';
import { AXIS, AXIS_TITLE, FAINT, GRID, HEADING, LABEL } from './svg-look.ts';
import { breakText, LINE, printable, widest } from './svg-text.ts';

const ROW = 22;
const GROUP_GAP = 12;
const MARK = '#14213d';
/** Between names or values and the drawing area; arrows reach into it. */
const BESIDE = 20;

/** Intervals in groups below each other on one axis: names at the left, values at the right. */
export function drawRanges(canvas: Canvas, chart: RangeChart, { left, right, top }: Frame): number {
  const { axis } = chart;
  if (chart.groups.length === 0) return nothing(canvas, left, top);
  const room = right - left;
  const rows = chart.groups.flatMap((group) => group.rows);
  const names = rows.map(({ name }) => printable(name, 160));
  const nameWidth = Math.min(widest(names, LABEL), room * 0.32);
  const valueWidth = Math.min(
    widest(
      rows.map((row) => rangeText(row, axis)),
      LABEL,
    ),
    room * 0.3,
  );
  const begin = left + (nameWidth > 0 ? nameWidth + BESIDE : 0);
  const end = right - valueWidth - BESIDE;
  const span = spanOf(
    axis,
    rows.flatMap(({ low, middle, high }) => [low, middle, high].filter((n) => n !== null)),
    Math.max(2, Math.round((end - begin) / 80)),
  );
  const x = placed(span, begin + 5, end - 5);

  let y = top;
  let bottom = y;
  for (const group of chart.groups) {
    y = canvas.paragraph(printable(group.title, 200), left, y, room, HEADING) + 3;
    const views = group.rows.map((row) => {
      const name = breakText(printable(row.name, 160), LABEL, nameWidth);
      const value = breakText(rangeText(row, axis), LABEL, valueWidth);
      const height = Math.max(ROW, Math.max(name.length, value.length) * LINE * LABEL.size + 4);
      return { row, name, value, height };
    });
    bottom = y + views.reduce((sum, { height }) => sum + height, 0);
    if (views.length > 0) gridBelow(canvas, span, x, y, bottom);
    for (const { row, name, value, height } of views) {
      const middle = y + height / 2;
      canvas.centred(name, left, middle, LABEL);
      canvas.centred(value, end + BESIDE, middle, row.middle === null ? { ...LABEL, fill: FAINT } : LABEL);
      drawRow(canvas, row, span, x, [begin, end], middle);
      y += height;
    }
    if (views.length === 0) bottom = nothing(canvas, left, y);
    y = bottom + GROUP_GAP;
  }
  if (rows.length === 0) return bottom;
  canvas.rule(begin, bottom, end, bottom, AXIS);
  ticksBelow(canvas, span, x, bottom, [left, right]);
  return canvas.paragraph(axisTitle(axis), begin, bottom + TICKS_BELOW + 2, right - begin, AXIS_TITLE);
}

/** A row's values in words. */
function rangeText({ low, middle, high, note = '' }: RangeRow, { digits }: Axis): string {
  const said = printable(note, 200);
  const most = high === null ? Number.POSITIVE_INFINITY : high;
  if (middle !== null) {
    const value = intervalText(low ?? middle, middle, most, digits);
    return said === '' ? value : `${value}, ${said}`;
  }
  const never = said === '' ? 'never' : said;
  return low === null ? never : `${never} (${numberText(low, digits)}–${numberText(most, digits)})`;
}

/** The line from low to high with its dot; a thin one where there is no interval. */
function drawRow(
  canvas: Canvas,
  { low, middle, high }: RangeRow,
  { axis }: Span,
  x: (value: number) => number,
  [begin, end]: readonly [begin: number, end: number],
  y: number,
): void {
  canvas.rule(begin, y, end, y, GRID);
  const from = [low, middle].find((n) => isOn(axis, n)) ?? null;
  if (from === null) return;
  const open = high === null || high === Number.POSITIVE_INFINITY;
  const to = open ? end + 4 : x([high, middle].find((n) => isOn(axis, n)) ?? from);
  const line = { stroke: MARK, 'stroke-width': 2, 'stroke-dasharray': middle === null ? '4 3' : undefined };
  canvas.shape('line', { x1: x(from), y1: y, x2: to, y2: y, ...line });
  for (const at of [x(from), ...(open ? [] : [to])]) {
    canvas.shape('line', { x1: at, y1: y - 4, x2: at, y2: y + 4, stroke: MARK, 'stroke-width': 1.5 });
  }
  if (open) canvas.shape('path', { d: `M${fixed(to + 6)},${fixed(y)}l-8,-4.5v9z`, fill: MARK });
  if (isOn(axis, middle)) canvas.shape('circle', { cx: x(middle), cy: y, r: 4.5, fill: MARK });
}
