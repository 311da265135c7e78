import type { LineChart } from './chart.ts';
import { axisTitle, isOn, type Span, spanOf } from './svg-axis.ts';
import type { Canvas } from './svg-canvas.ts';
import { type Frame, nothing } from './svg-frame.ts';
import { drawPanel, GLYPH, LABEL_GAP, type PanelView } from './svg-line-panel.ts';
import { AXIS_TITLE, HEADING, LABEL, lineLook, TICK } from './svg-look.ts';
import { breakText, LINE, printable, widest } from './svg-text.ts';

const GAP = 22;
const ROW_GAP = 18;
/** Of the drawing areas, in pixels. */
const NARROW = 118;
const LOW = 112;
const HIGH = 300;

/** Panels of lines, in rows. */
export function drawLines(canvas: Canvas, chart: LineChart, { left, right, top }: Frame): number {
  const panels = chart.panels.map(({ title, series }) => ({
    title: printable(title, 200),
    series: series.map(({ name, points, dashed }) => ({
      name: printable(name, 120),
      points: points.filter(({ x, y }) => isOn(chart.x, x) && isOn(chart.y, y)),
      dashed,
    })),
  }));
  if (panels.length === 0) return nothing(canvas, left, top);

  const all = panels.flatMap(({ series }) => series);
  const names = [...new Set(all.map(({ name }) => name))];
  const x = spanOf(
    chart.x,
    all.flatMap(({ points }) => points.map((point) => point.x)),
    5,
  );

  // The y-axis of each panel; what shares one is known only once the rows are, and these only with its room.
  const shared = chart.sharedY ?? 'all';
  const spans = (columns: number): Span[] => {
    const groupOf = (n: number): number => (shared === 'all' ? 0 : shared === 'row' ? Math.floor(n / columns) : n);
    const values: number[][] = [];
    panels.forEach(({ series }, n) => {
      const own = series.flatMap(({ points }) => points.flatMap(({ y, low, high }) => [y, low ?? y, high ?? y]));
      (values[groupOf(n)] ??= []).push(...own);
    });
    const of = values.map((list) => spanOf(chart.y, list, columns > 1 ? 3 : 5));
    return panels.map((_, n) => of[groupOf(n)] ?? spanOf(chart.y, [], 5));
  };
  const wanted = widest(names, LABEL);
  const layout = (columns: number) => {
    const ys = spans(columns);
    const axis =
      8 +
      widest(
        ys.flatMap(({ ticks }) => ticks.map(({ text }) => text)),
        TICK,
      );
    const axes = shared === 'none' ? columns : 1;
    const each = (right - left - axes * axis - (columns - 1) * GAP) / columns;
    const label = Math.min(wanted, Math.max(60, each * 0.42));
    return { ys, axis, columns, label, plot: each - label - GLYPH - LABEL_GAP };
  };
  let most = Math.min(panels.length, Math.max(1, Math.floor(chart.columns ?? 4) || 1));
  while (most > 1 && layout(most).plot < NARROW) most--;
  // As many rows, but panels spread evenly over them.
  const { ys, axis, columns, label, plot } = layout(Math.ceil(panels.length / Math.ceil(panels.length / most)));

  const looks = new Map(names.map((name, n) => [name, n]));
  const views: PanelView[] = panels.map((panel, n) => ({
    title: panel.title,
    x,
    y: ys[n] ?? x,
    series: panel.series
      .filter(({ points }) => points.length > 0)
      .map(({ name, points, dashed }) => ({
        label: breakText(name, LABEL, label),
        points,
        look: lineLook(looks.get(name) ?? 0, dashed),
      })),
  }));
  const labels = Math.max(...views.map(({ series }) => series.reduce((sum, one) => sum + one.label.length, 0)));
  const height = Math.max(Math.min(HIGH, Math.max(LOW, plot * 0.72)), labels * LINE * LABEL.size);

  let y = canvas.paragraph(axisTitle(chart.y), left, top, right - left, AXIS_TITLE) + 8;
  for (let first = 0; first < views.length; first += columns) {
    const row = views.slice(first, first + columns);
    const begin = (n: number): number => {
      const axes = shared === 'none' ? n + 1 : 1;
      return left + axes * axis + n * (plot + GLYPH + LABEL_GAP + label + GAP);
    };
    const room = plot + GLYPH + LABEL_GAP + label;
    const titles = row.map(({ title }) => (title === '' ? [] : breakText(title, HEADING, room)));
    const head = y + Math.max(...titles.map(({ length }) => length)) * LINE * HEADING.size + 8;
    let bottom = head;
    row.forEach((view, n) => {
      canvas.lines(titles[n] ?? [], begin(n), y, HEADING);
      const place = { left: begin(n), top: head, width: plot, height };
      const axisLabels = n === 0 || shared === 'none';
      bottom = Math.max(bottom, drawPanel(canvas, view, place, { axisLabels, textLeft: left, textRight: right }));
    });
    y = bottom + ROW_GAP;
  }
  return canvas.paragraph(axisTitle(chart.x), left + axis, y - ROW_GAP + 2, right - left - axis, AXIS_TITLE);
}
