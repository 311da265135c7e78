import type { LaneScene } from './lane-drawing.ts';
import { AXIS, AXIS_HEIGHT, MARKS, xOf } from './lane-placement.ts';
import { severityMarks } from './lane-shapes.ts';
import { grouped } from './words.ts';

/** The axis of time and the findings, on a canvas of their own; with the step at hand. */
export function drawAxis(g: CanvasRenderingContext2D, scene: LaneScene, step: number): void {
  const { picture, colours, view } = scene;
  g.fillStyle = colours.card;
  g.fillRect(0, 0, picture.right + 8, AXIS_HEIGHT);
  drawBreaks(g, scene, AXIS, AXIS_HEIGHT, true);
  ticks(g, scene);
  marks(g, scene);
  const x = xOf(picture, view, step + 0.5);
  if (x < picture.left || x > picture.right) return;
  g.fillStyle = colours.accent;
  g.fillRect(x - 1, AXIS - 8, 2, AXIS_HEIGHT);
  g.beginPath();
  g.moveTo(x - 6, AXIS - 8);
  g.lineTo(x + 6, AXIS - 8);
  g.lineTo(x, AXIS + 1);
  g.fill();
}

/** Where records are left out, between two heights; the axis says how many. */
export function drawBreaks(
  g: CanvasRenderingContext2D,
  scene: LaneScene,
  from: number,
  to: number,
  says: boolean,
): void {
  const { picture, view, colours, breaks } = scene;
  for (const { step, leftOut } of breaks) {
    const x = xOf(picture, view, step);
    if (x < picture.left || x > picture.right) continue;
    g.fillStyle = colours.paper;
    g.fillRect(x - 4, from, 8, to - from);
    g.strokeStyle = colours.edge;
    g.lineWidth = 1;
    for (const side of [-4, 4]) {
      g.beginPath();
      for (let y = from; y < to; y += 8) {
        g.lineTo(x + side - 2, y);
        g.lineTo(x + side + 2, y + 4);
      }
      g.stroke();
    }
    if (!says) continue;
    g.font = `italic 11px ${colours.sans}`;
    g.fillStyle = colours.soft;
    g.textAlign = 'left';
    g.fillText(`⋯ ${grouped(leftOut)} left out`, x + 10, from + MARKS / 2);
  }
}

function ticks(g: CanvasRenderingContext2D, { picture, view, colours, world }: LaneScene): void {
  g.font = `11px ${colours.sans}`;
  g.textBaseline = 'middle';
  g.fillStyle = colours.soft;
  g.textAlign = 'right';
  g.fillText('event', picture.left - 12, AXIS / 2);
  g.textAlign = 'center';
  const steps = niceStep((view.to - view.from) / Math.max(2, (picture.right - picture.left) / 110));
  for (
    let step = Math.ceil(Math.max(0, view.from) / steps) * steps;
    step < Math.min(view.to, world.steps);
    step += steps
  ) {
    const x = xOf(picture, view, step);
    if (x < picture.left + 20 || x > picture.right - 24) continue;
    g.strokeStyle = colours.line;
    g.lineWidth = 1;
    g.beginPath();
    g.moveTo(Math.round(x) + 0.5, AXIS - 4);
    g.lineTo(Math.round(x) + 0.5, AXIS);
    g.stroke();
    g.fillText(grouped(world.eventOf(step)), x, AXIS / 2);
  }
}

/** Findings: a shape for each severity; of many in one place the worst. */
function marks(g: CanvasRenderingContext2D, { picture, view, colours, findings }: LaneScene): void {
  const y = AXIS + MARKS / 2;
  g.font = `11px ${colours.sans}`;
  g.fillStyle = colours.soft;
  g.textAlign = 'right';
  g.fillText('findings', picture.left - 12, y);
  const there = findings.filter(({ step }) => step >= view.from && step < view.to);
  severityMarks(
    g,
    there.map(({ step, finding }) => ({ x: xOf(picture, view, step + 0.5), severity: finding.severity })),
    y,
    colours,
  );
}

/** The next number of 1, 2 or 5 times a power of ten. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= least) ?? power * 10;
}
