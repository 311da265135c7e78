import type { PageFinding } from '../../page-format/explore/page-data.ts';
import { drawBreaks } from './lane-axis.ts';
import type { LaneBar, TimeView } from './lane-layout.ts';
import type { LaneColours } from './lane-colours.ts';
import { TITLE, GAP_ROW, ROW_LEAST, type LanePicture, type PlacedLane, xOf } from './lane-placement.ts';
import { hatch } from './lane-shapes.ts';
import type { Moment, World } from './moment.ts';
import { aboutBytes, hex } from './words.ts';

/** More pixels than are seen from top to bottom, and from left to right: four places make a number. */
const HIGH = 2 ** 12;
const WIDE = 2 ** 13;

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
    const there = picture.lanes.filter(({ top, bottom }) => bottom > scrolled && top < scrolled + seen);
    for (const placed of there) this.lane(placed);
    drawBreaks(g, this.scene, scrolled, scrolled + seen, false);
    for (const placed of there) this.title(placed);
    g.restore();
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
    this.bars(placed);
    for (const bar of lane.bars) if (bar.kind !== 'mapped' && this.inSight(placed, bar)) this.span(placed, bar);
    g.restore();
  }

  /** The name of a lane; it stays in sight as long as its lane does. */
  private title({ lane, top, bottom }: PlacedLane): void {
    const { g } = this;
    const { picture, colours } = this.scene;
    const at = Math.max(top, Math.min(this.scene.scrolled, bottom - TITLE));
    g.fillStyle = colours.sunken;
    g.fillRect(0, at, picture.right + 8, TITLE - 4);
    g.fillStyle = colours.ink;
    g.font = `600 13px ${colours.sans}`;
    g.textBaseline = 'middle';
    g.textAlign = 'left';
    g.fillText(lane.name, 8, at + (TITLE - 4) / 2, picture.right - 16);
  }

  /** Mappings, then how they ended. What falls on the same pixels is drawn once: there can be thousands of it. */
  private bars(placed: PlacedLane): void {
    const { view } = this.scene;
    const drawn = new Set<number>();
    const { scrolled, seen } = this.scene;
    const inSeen = (y: number): number => Math.round(Math.max(0, Math.min(seen, y - scrolled)));
    const fresh = ({ top, bottom }: LaneBar, left: number, right: number): boolean => {
      const [from, to] = [inSeen(placed.edges[2 * top]), inSeen(placed.edges[2 * bottom - 1])];
      const key = ((from * HIGH + to) * WIDE + left) * WIDE + right;
      const before = drawn.size;
      return drawn.add(key).size > before;
    };
    const ended: LaneBar[] = [];
    for (const bar of placed.lane.bars) {
      if (bar.kind !== 'mapped' || !this.inSight(placed, bar)) continue;
      const { x, w } = this.box(placed, bar);
      const left = Math.round(x + 4);
      if (fresh(bar, left, Math.round(x + w + 4))) this.mapped(placed, bar);
      if (bar.to <= view.to && bar.to >= view.from) ended.push(bar);
    }
    drawn.clear();
    for (const bar of ended) {
      const how = this.scene.world.lives.how(bar.index);
      if (how !== 'replaced' && how !== 'table') continue;
      const { x, w } = this.box(placed, bar);
      if (fresh(bar, Math.round((x + w + 4) / 3), how.length)) this.ending(placed, bar, how);
    }
  }

  /** Whether the rows of a bar are in the part of the picture that is seen. */
  private inSight({ edges }: PlacedLane, { top, bottom }: LaneBar): boolean {
    const { scrolled, seen } = this.scene;
    return edges[2 * bottom - 1] >= scrolled && edges[2 * top] <= scrolled + seen;
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
  private ending(placed: PlacedLane, bar: LaneBar, how: 'replaced' | 'table'): void {
    const { x, y, w, h } = this.box(placed, bar);
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
}

const frameLabel = (frame: number, cap: string): string => `${frame < 0 ? 'frame ?' : hex(frame)}  cap ${cap}`;

function linuxLabel({ lives }: World, n: number): string {
  const what = lives.text(lives.table.what[n]);
  return `${lives.text(lives.table.access[n])}  ${what.slice(what.lastIndexOf('/') + 1)}`;
}

function slotText({ world }: LaneScene, index: number): string {
  const slot = world.staleSpans[index]?.slot ?? 0;
  return world.head.system === 'sel4' ? (world.head.slots[slot] ?? String(slot - 1)) : '';
}
