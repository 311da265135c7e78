import { scaleLinear, scaleLog } from 'd3-scale';
import type { Axis } from './chart.ts';
import { titleWithUnit } from './data-table.ts';
import { exponentText, numberText } from './number-text.ts';
import { AXIS, GRID, TICK } from './svg-look.ts';
import type { Canvas } from './svg-canvas.ts';
import { LINE, MIDDLE, printable, textWidth } from './svg-text.ts';

/** Beyond this, differences and powers of numbers are no numbers any more. */
const MOST = 1e300;

interface Tick {
  readonly value: number;
  readonly text: string;
}

/** An axis whose ends are known, but not yet where it lies. */
export interface Span {
  readonly axis: Axis;
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly Tick[];
}

/** Whether a number has a place on an axis. */
export const isOn = (axis: Axis, n: number | null | undefined): n is number =>
  n !== null && n !== undefined && Math.abs(n) <= MOST && (axis.scale === 'linear' || n >= 1 / MOST);

/** "price per page (instructions)". */
export const axisTitle = (axis: Axis): string => printable(titleWithUnit(axis.title, axis.unit), 300);

/**
 * The ends and ticks of an axis for some values.
 *
 * @param count - about how many ticks, if the axis does not say which
 */
export function spanOf(axis: Axis, values: readonly number[], count: number): Span {
  const given = (axis.ticks ?? []).filter((tick) => isOn(axis, tick)).toSorted((a, b) => a - b);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  const shown = axis.zero === true && axis.scale === 'linear' ? [0, ...given] : given;
  for (const list of [shown, values]) {
    for (const value of list) {
      if (!isOn(axis, value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (low > high) [low, high] = axis.scale === 'linear' ? [0, 1] : [1, 1];
  const { ends, ticks } = axis.scale === 'linear' ? linear(low, high, count) : logarithmic(axis, low, high, count);
  if (given.length === 0) return { axis, low: ends[0], high: ends[1], ticks: ticksOf(ticks) };
  const same = isPoint(low, high);
  return { axis, low: same ? ends[0] : low, high: same ? ends[1] : high, ticks: ticksOf([...new Set(given)]) };
}

/** Whether two ends differ so little that no tick could show it. */
const isPoint = (low: number, high: number): boolean =>
  high - low <= Math.max(1e-9 * Math.max(Math.abs(low), Math.abs(high)), 1 / MOST);

interface Ends {
  readonly ends: readonly [number, number];
  readonly ticks: readonly number[];
}

function linear(low: number, high: number, count: number): Ends {
  const room = Math.max(Math.abs(low), Math.abs(high)) * 0.1;
  if (isPoint(low, high)) [low, high] = room < 1 / MOST ? [0, 1] : [low - room, high + room];
  const scale = scaleLinear([low, high], [0, 1]).nice(count);
  const [from = low, to = high] = scale.domain();
  return { ends: [from, to], ticks: scale.ticks(count) };
}

/** Powers of the base; between 1, 2 and 5 times them on a short decimal axis, which has too few powers to read from. */
function logarithmic(axis: Axis, low: number, high: number, count: number): Ends {
  const base = axis.scale === 'log2' ? 2 : 10;
  const log = axis.scale === 'log2' ? Math.log2 : Math.log10;
  const first = Math.floor(log(low));
  const last = Math.max(Math.ceil(log(high)), first + 1);
  const powers = Array.from({ length: last - first + 1 }, (_, n) => base ** (first + n));
  if (base === 10 && powers.length <= 4) {
    const steps = powers.flatMap((power) => [power, 2 * power, 5 * power]);
    const from = Math.max(
      0,
      steps.findLastIndex((step) => step <= low),
    );
    const to = Math.max(
      from + 1,
      steps.findIndex((step) => step >= high),
    );
    return { ends: [steps[from] ?? low, steps[to] ?? high], ticks: steps.slice(from, to + 1) };
  }
  const step = Math.ceil(powers.length / count);
  const ticks = powers.filter((_, n) => n % step === 0);
  return { ends: [powers[0] ?? low, powers.at(-1) ?? high], ticks };
}

/** Ticks with as many digits as they all need. */
function ticksOf(values: readonly number[]): Tick[] {
  for (let digits = 0; digits <= 6; digits++) {
    const exact = values.every((value) => Math.abs(Number(value.toFixed(digits)) - value) <= Math.abs(value) * 1e-9);
    if (exact) return values.map((value) => ({ value, text: tickText(value, digits) }));
  }
  return values.map((value) => ({ value, text: numberText(value) }));
}

/** Long rows of zeros are a power of ten. */
const tickText = (value: number, digits: number): string =>
  Math.abs(value) < 1e9 ? numberText(value, digits) : exponentText(value, 5);

/** Where the values of an axis lie, in pixels. */
export function placed({ axis, low, high }: Span, from: number, to: number): (value: number) => number {
  // Where a value lies does not depend on the base of the logarithm.
  return (axis.scale === 'linear' ? scaleLinear : scaleLog)([low, high], [from, to]);
}

/** Vertical lines at the ticks of a horizontal axis. */
export function gridBelow(canvas: Canvas, span: Span, x: (value: number) => number, top: number, bottom: number): void {
  for (const { value } of span.ticks) canvas.rule(x(value), top, x(value), bottom, GRID);
}

/** Lines at the ticks of a vertical axis, and labels left of them if it has any: as many as fit. */
export function gridAcross(
  canvas: Canvas,
  span: Span,
  y: (value: number) => number,
  [left, right]: readonly [left: number, right: number],
  labels: boolean,
): void {
  let free = Number.POSITIVE_INFINITY;
  for (const { value, text } of span.ticks) {
    canvas.rule(left, y(value), right, y(value), GRID);
    if (!labels || y(value) > free) continue;
    canvas.text(text, left - 6, y(value) + MIDDLE * TICK.size, { ...TICK, anchor: 'end' });
    free = y(value) - LINE * TICK.size;
  }
}

/** Room that {@link ticksBelow} takes. */
export const TICKS_BELOW = 24;

/**
 * Labels below a horizontal axis: as many as fit, the first and the last before others.
 *
 * @param left - where labels may begin
 * @param right - where they must end
 */
export function ticksBelow(
  canvas: Canvas,
  span: Span,
  x: (value: number) => number,
  bottom: number,
  [left, right]: readonly [left: number, right: number],
): void {
  const labels = span.ticks.map(({ value, text }) => {
    const width = textWidth(text, TICK);
    const at = x(value);
    const begin = Math.max(left, Math.min(at - width / 2, right - width));
    return { text, at, begin, end: begin + width };
  });
  const gap = 7;
  const last = labels.at(-1);
  let free = Number.NEGATIVE_INFINITY;
  for (const label of labels) {
    canvas.rule(label.at, bottom, label.at, bottom + 4, AXIS);
    const fits = label.begin >= free && (label === last || last === undefined || label.end + gap <= last.begin);
    if (!fits || label.end > right + 0.01) continue;
    canvas.text(label.text, (label.begin + label.end) / 2, bottom + 17, { ...TICK, anchor: 'middle' });
    free = label.end + gap;
  }
}
