import type { PageFinding } from '../../page-format/explore/page-data.ts';
import type { LaneColours } from './lane-colours.ts';

/** The signs of `SEVERITY_SIGNS`: a cross for an error, a triangle for a warning, a circle for a note. */
function severityMark(
  g: CanvasRenderingContext2D,
  severity: PageFinding['severity'],
  x: number,
  y: number,
  colours: LaneColours,
): void {
  g.beginPath();
  if (severity === 'error') {
    g.strokeStyle = colours.error;
    g.lineWidth = 3;
    g.moveTo(x - 4.5, y - 4.5);
    g.lineTo(x + 4.5, y + 4.5);
    g.moveTo(x + 4.5, y - 4.5);
    g.lineTo(x - 4.5, y + 4.5);
    g.stroke();
    return;
  }
  g.fillStyle = colours[severity];
  if (severity === 'warning') {
    g.moveTo(x, y - 6);
    g.lineTo(x + 6, y + 5);
    g.lineTo(x - 6, y + 5);
    g.closePath();
  } else g.arc(x, y, 4, 0, 2 * Math.PI);
  g.fill();
}

const RANK = { note: 0, warning: 1, error: 2 } as const;
/** Pixels that a sign needs for itself. */
const SIGN = 7;

/** Signs of findings at a height; of many in one place the worst. */
export function severityMarks(
  g: CanvasRenderingContext2D,
  findings: readonly { readonly x: number; readonly severity: PageFinding['severity'] }[],
  y: number,
  colours: LaneColours,
): void {
  const worst = new Map<number, PageFinding['severity']>();
  for (const { x, severity } of findings) {
    const place = Math.round(x / SIGN) * SIGN;
    const there = worst.get(place);
    if (there === undefined || RANK[severity] > RANK[there]) worst.set(place, severity);
  }
  for (const [x, severity] of worst) severityMark(g, severity, x, y, colours);
}

/** Slanting lines in a box, so many pixels apart. */
export function hatch(
  g: CanvasRenderingContext2D,
  x: number,
  y: number,
  w: number,
  h: number,
  colour: string,
  apart: number,
): void {
  if (w <= 0 || h <= 0) return;
  g.save();
  g.beginPath();
  g.rect(x, y, w, h);
  g.clip();
  g.strokeStyle = colour;
  g.lineWidth = 1.25;
  g.beginPath();
  const first = Math.floor((x - h) / apart) * apart;
  for (let at = Math.max(first, x - h - apart); at < x + w; at += apart) {
    g.moveTo(at, y + h);
    g.lineTo(at + h, y);
  }
  g.stroke();
  g.restore();
}
