import type { PageFinding } from '../../shared/explore/page-data.ts';
import type { LaneBar, TimeView } from './lane-layout.ts';
import type { LaneColours } from './lane-colours.ts';
import {
  AXIS_HEIGHT,
  AXIS,
  MARKS,
  TITLE,
  GAP_ROW,
  ROW_LEAST,
  type LanePicture,
  type PlacedLane,
  xOf,
} from './lane-placement.ts';
import { hatch, severityMark } from './lane-shapes.ts';
import type { Moment, World } from './moment.ts';
import { aboutBytes, grouped, hex } from './words.ts';

/** Everything that one picture is drawn from. */
export interface LaneScene {
  readonly world: World;
  readonly view: TimeView;
  readonly picture: LanePicture;
  readonly colours: LaneColours;
  readonly findings: readonly { readonly step: number; readonly finding: PageFinding }[];
  /** How far the lanes are scrolled, and how much of them is seen. */
  readonly scrolled: number;
  readonly seen: number;
  /** First steps of the parts behind the first, with how many records are left out before each. */
  readonly breaks: readonly { readonly step: number; readonly leftOut: number }[];
}

/** Draws lanes on a canvas; what moves with the event at hand is drawn on another one above it. */
export class LaneDrawing {
  private readonly g: CanvasRenderingContext2D;
  private readonly scene: LaneScene;

  constructor(g: CanvasRenderingContext2D, scene: LaneScene) {
    this.g = g;
    this.scene = scene;
  }

  /** Everything but the cursor. */
  draw(): void {
    const { g } = this;
    const { picture, colours } = this.scene;
    const { scrolled, seen } = this.scene;
    g.fillStyle = colours.card;
    g.fillRect(0, 0, picture.right + 8, seen);
    g.save();
    g.translate(0, -scrolled);
    for (const placed of picture.lanes) if (placed.bottom > scrolled && placed.top < scrolled + seen) this.lane(placed);
    this.breaks(scrolled, scrolled + seen);
    g.restore();
  }

  /** The axis of time and the findings, on a canvas of their own; with the step at hand. */
  axis(step: number): void {
    const { g } = this;
    const { picture, colours } = this.scene;
    g.fillStyle = colours.card;
    g.fillRect(0, 0, picture.right + 8, AXIS_HEIGHT);
    this.breaks(AXIS, AXIS_HEIGHT);
    this.ticks();
    this.marks();
    const { view } = this.scene;
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

  /** The event at hand: a line, and its place. */
  cursor({ step, place }: Moment): void {
    const { g } = this;
    const { picture, scrolled, seen } = this.scene;
    g.clearRect(0, 0, picture.right + 8, seen);
    g.save();
    g.translate(0, -scrolled);
    this.cursorAt(step, place);
    g.restore();
  }

  private cursorAt(step: number, place: Moment['place']): void {
    const { g } = this;
    const { picture, view, colours } = this.scene;
    const x = xOf(picture, view, step);
    const wide = Math.max(2, xOf(picture, view, step + 1) - x);
    if (x + wide < picture.left || x > picture.right) return;
    g.fillStyle = colours.accent;
    g.globalAlpha = 0.13;
    g.fillRect(Math.max(picture.left, x), 0, wide, picture.height);
    g.globalAlpha = 1;
    g.fillRect(Math.max(picture.left, x) - 1, 0, 2, picture.height);
    for (const placed of picture.lanes) {
      if (placed.lane.space !== place.space || place.length === 0) continue;
      const rows = placed.lane.rows;
      const first = rows.findIndex(({ end }) => end > place.start);
      const last = rows.findLastIndex(({ start }) => start < place.start + place.length);
      if (first < 0 || last < first) continue;
      const top = placed.edges[2 * first];
      const bottom = placed.edges[2 * last + 1];
      g.strokeStyle = colours.ink;
      g.lineWidth = 2;
      g.strokeRect(Math.max(picture.left, x) - 3, top - 2, Math.max(wide, 4) + 6, bottom - top + 4);
      // An arrow on the axis of addresses, too: the box can be narrow.
      g.fillStyle = colours.ink;
      g.beginPath();
      g.moveTo(picture.left - 3, (top + bottom) / 2);
      g.lineTo(picture.left - 10, (top + bottom) / 2 - 5);
      g.lineTo(picture.left - 10, (top + bottom) / 2 + 5);
      g.fill();
    }
  }

  private lane(placed: PlacedLane): void {
    const { g } = this;
    const { picture, colours } = this.scene;
    const { lane, top, bottom, edges } = placed;
    g.textBaseline = 'middle';
    this.addresses(placed);
    g.save();
    g.beginPath();
    g.rect(picture.left, top + TITLE - 2, picture.right - picture.left, bottom - top - TITLE);
    g.clip();
    // Empty places of the axis first, then what is mapped, then what is to be seen above it.
    g.strokeStyle = colours.line;
    g.lineWidth = 1;
    if (placed.rowHeight >= ROW_LEAST)
      lane.rows.forEach((row, n) => {
        if (row.gapAbove === 0) return;
        const y = Math.round(edges[2 * n] - GAP_ROW / 2) + 0.5;
        g.setLineDash([2, 5]);
        g.beginPath();
        g.moveTo(picture.left, y);
        g.lineTo(picture.right, y);
        g.stroke();
        g.setLineDash([]);
      });
    const { view } = this.scene;
    const boxes = new Set<string>();
    for (const bar of lane.bars) {
      if (bar.kind !== 'mapped') continue;
      // Mappings that are alike are one row, and one box.
      const key = `${bar.top} ${bar.bottom} ${Math.max(bar.from, view.from)} ${Math.min(bar.to, view.to)}`;
      if (!boxes.has(key)) this.mapped(placed, bar);
      boxes.add(key);
      this.ending(placed, bar);
    }
    for (const bar of lane.bars) if (bar.kind !== 'mapped') this.span(placed, bar);
    g.restore();
    // The name stays in sight as long as its lane does.
    const at = Math.max(top, Math.min(this.scene.scrolled, bottom - TITLE));
    g.fillStyle = colours.sunken;
    g.fillRect(0, at, picture.right + 8, TITLE - 4);
    g.fillStyle = colours.ink;
    g.font = `600 13px ${colours.sans}`;
    g.textBaseline = 'middle';
    g.textAlign = 'left';
    g.fillText(lane.name, 8, at + (TITLE - 4) / 2, picture.right - 16);
  }

  /** First addresses at rows where there is room, and how much is left out between rows. */
  private addresses({ lane, edges, rowHeight }: PlacedLane): void {
    const { g } = this;
    const { picture, colours } = this.scene;
    let free = Number.NEGATIVE_INFINITY;
    g.textAlign = 'right';
    lane.rows.forEach(({ start, gapAbove }, n) => {
      const y = edges[2 * n] + Math.min(rowHeight, 14) / 2;
      if (gapAbove > 0 && rowHeight >= 9 && y - GAP_ROW > free + 10) {
        g.font = `italic 10px ${colours.sans}`;
        g.fillStyle = colours.soft;
        g.fillText(`⋯ ${aboutBytes(gapAbove)} empty`, picture.left - 12, edges[2 * n] - GAP_ROW / 2);
        free = edges[2 * n] - GAP_ROW / 2 + 1;
      }
      if (y < free + 11) return;
      g.font = `${picture.left < 120 ? 10 : 11}px ${colours.mono}`;
      g.fillStyle = colours.soft;
      g.fillText(hex(start), picture.left - 12, y);
      free = y;
    });
  }

  private box({ edges }: PlacedLane, bar: LaneBar): { x: number; y: number; w: number; h: number } {
    const { picture, view } = this.scene;
    const x0 = Math.max(picture.left - 4, xOf(picture, view, bar.from));
    const x1 = Math.min(picture.right + 4, xOf(picture, view, bar.to));
    const y = edges[2 * bar.top];
    return { x: x0, y, w: Math.max(1.5, x1 - x0), h: Math.max(1, edges[2 * bar.bottom - 1] - y) };
  }

  private mapped(placed: PlacedLane, bar: LaneBar): void {
    const { g } = this;
    const { colours, world } = this.scene;
    const { x, y, w, h } = this.box(placed, bar);
    const { scrolled, seen } = this.scene;
    if (y + h < scrolled || y > scrolled + seen) return;
    if (h <= 3 || w < 3) {
      g.fillStyle = colours.accentMiddle;
      g.fillRect(x, y, w, Math.max(h > 3 ? h - 2 : h * 0.8, 0.7));
    } else {
      const inset = h > 8 ? 1.5 : 0.5;
      // A frame and what is in it, as two boxes: a stroke costs more.
      g.fillStyle = colours.accentMiddle;
      g.fillRect(x, y + inset, w, h - 2 * inset);
      g.fillStyle = colours.accentSoft;
      g.fillRect(x + 1, y + inset + 1, w - 2, h - 2 * inset - 2);
    }
    const { table } = world.lives;
    const n = bar.index;
    const row = placed.lane.rows[bar.top];
    const several = row !== undefined && row.end - row.start > table.length[n];
    if (h >= 11 && w > 74) {
      const own =
        world.head.system === 'sel4'
          ? frameLabel(table.frame[n], world.lives.text(table.what[n]))
          : linuxLabel(world, n);
      const what = several ? `${aboutBytes(row.end - row.start)} in several mappings` : own;
      g.font = `11px ${colours.mono}`;
      g.fillStyle = colours.ink;
      g.textAlign = 'left';
      g.save();
      g.beginPath();
      g.rect(x, y, w - 4, h);
      g.clip();
      g.fillText(what, Math.max(x, this.scene.picture.left) + 6, y + h / 2 + 0.5);
      g.restore();
    }
  }

  /** How a mapping ended. */
  private ending(placed: PlacedLane, bar: LaneBar): void {
    const { view, world, scrolled, seen } = this.scene;
    if (bar.to > view.to || bar.to < view.from) return;
    const how = world.lives.how(bar.index);
    if (how !== 'replaced' && how !== 'table') return;
    const { x, y, w, h } = this.box(placed, bar);
    if (y + h < scrolled || y > scrolled + seen) return;
    if (how === 'replaced') this.replaced(x + w, y, h);
    else if (h > 5 && w > 3) this.lostTable(x + w, y, h);
  }

  /** Where another mapping took the place: a hatch before, and a diamond on the edge. */
  private replaced(x: number, y: number, h: number): void {
    const { g } = this;
    const { colours } = this.scene;
    hatch(g, x - 14, y + 1, 14, h - 2, colours.error, 4);
    const r = Math.max(4, Math.min(7, h / 2));
    g.fillStyle = colours.error;
    g.strokeStyle = colours.card;
    g.lineWidth = 1.5;
    g.beginPath();
    g.moveTo(x, y + h / 2 - r);
    g.lineTo(x + r, y + h / 2);
    g.lineTo(x, y + h / 2 + r);
    g.lineTo(x - r, y + h / 2);
    g.closePath();
    g.fill();
    g.stroke();
  }

  /** Where the table above went: a notch at the end. */
  private lostTable(x: number, y: number, h: number): void {
    const { g } = this;
    g.fillStyle = this.scene.colours.soft;
    g.beginPath();
    g.moveTo(x - 5, y + 2);
    g.lineTo(x, y + 2);
    g.lineTo(x, y + h - 2);
    g.closePath();
    g.fill();
  }

  /** A stale capability, or a place that a migration leaves empty. */
  private span(placed: PlacedLane, bar: LaneBar): void {
    const { g } = this;
    const { colours } = this.scene;
    const { x, y, w, h } = this.box(placed, bar);
    const stale = bar.kind === 'stale';
    const colour = stale ? colours.warning : colours.note;
    if (stale) hatch(g, x, y + 1, w, h - 2, colour, 9);
    else {
      g.fillStyle = colour;
      g.globalAlpha = 0.3;
      g.fillRect(x, y, w, h);
      g.globalAlpha = 1;
    }
    g.strokeStyle = colour;
    g.lineWidth = 1.5;
    g.setLineDash(stale ? [4, 3] : []);
    g.strokeRect(x + 1, y + 1, Math.max(1, w - 2), Math.max(1, h - 2));
    g.setLineDash([]);
    if (!stale || h < 11 || w < 90) return;
    const label = `stale: capability ${slotText(this.scene, bar.index)}`;
    g.font = `600 11px ${colours.sans}`;
    const wide = g.measureText(label).width;
    const at = Math.max(x, this.scene.picture.left) + 22;
    g.fillStyle = colours.warningSoft;
    g.fillRect(at - 4, y + 2, Math.min(wide + 8, w - 24), h - 4);
    g.fillStyle = colours.warning;
    g.textAlign = 'left';
    g.fillText(label, at, y + h / 2 + 0.5, w - 30);
  }

  private breaks(from: number, to: number): void {
    const { g } = this;
    const { picture, view, colours, breaks } = this.scene;
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
      g.font = `italic 11px ${colours.sans}`;
      g.fillStyle = colours.soft;
      g.textAlign = 'left';
      g.fillText(`⋯ ${grouped(leftOut)} left out`, x + 10, from + MARKS / 2);
    }
  }

  private ticks(): void {
    const { g } = this;
    const { picture, view, colours, world } = this.scene;
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
  private marks(): void {
    const { g } = this;
    const { picture, view, colours, findings } = this.scene;
    const y = AXIS + MARKS / 2;
    g.font = `11px ${colours.sans}`;
    g.fillStyle = colours.soft;
    g.textAlign = 'right';
    g.fillText('findings', picture.left - 12, y);
    const worst = new Map<number, PageFinding['severity']>();
    for (const { step, finding } of findings) {
      if (step < view.from || step >= view.to) continue;
      const x = Math.round(xOf(picture, view, step + 0.5) / 7) * 7;
      const there = worst.get(x);
      if (there === undefined || RANK[finding.severity] > RANK[there]) worst.set(x, finding.severity);
    }
    for (const [x, severity] of worst) severityMark(g, severity, x, y, colours);
  }
}

const RANK = { note: 0, warning: 1, error: 2 } as const;

const frameLabel = (frame: number, cap: string): string => `${frame < 0 ? 'frame ?' : hex(frame)}  cap ${cap}`;

function linuxLabel({ lives }: World, n: number): string {
  const what = lives.text(lives.table.what[n]);
  return `${lives.text(lives.table.access[n])}  ${what.slice(what.lastIndexOf('/') + 1)}`;
}

function slotText({ world }: LaneScene, index: number): string {
  const slot = world.staleSpans[index]?.slot ?? 0;
  return world.head.system === 'sel4' ? (world.head.slots[slot] ?? String(slot - 1)) : '';
}

/** The next number of 1, 2 or 5 times a power of ten. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= least) ?? power * 10;
}
