import { element } from '../element.ts';
import { laneColours, onThemeChange } from './lane-colours.ts';
import { barCells, barSentence } from './bar-words.ts';
import { drawAxis } from './lane-axis.ts';
import { LaneDrawing, type LaneScene } from './lane-drawing.ts';
import { AXIS_HEIGHT, type LanePicture, type PlacedLane, placeLanes } from './lane-placement.ts';
import { type LaneBar, LaneLayout, type TimeView } from './lane-layout.ts';
import type { Moment, World } from './moment.ts';
import { counted, grouped, hex } from './words.ts';

/** Steps that are in view at least, and those that are at first. */
const FEWEST = 8;
const FIRST = 80;
/** Lanes that are drawn at most. */
const MOST_LANES = 80;
const REST = 'Point at a bar to read what it is; click to go to an event; drag to move, Ctrl and the wheel to zoom.';
/** Rows of the table that stands for the picture. */
const LISTED = 200;

/** The lanes: a picture of what is mapped when, in which time can be moved and zoomed. */
export class LanesView {
  view: TimeView;
  /** Called when another event is pointed at. */
  onStep: (step: number) => void = () => {};
  /** Called when the view has moved. */
  onView: () => void = () => {};
  private readonly world: World;
  private readonly layout: LaneLayout;
  private readonly scroller: HTMLElement;
  /** As high as all lanes; the canvases in it stand still. */
  private readonly holder: HTMLElement;
  private readonly base: HTMLCanvasElement;
  private readonly above: HTMLCanvasElement;
  private readonly axis: HTMLCanvasElement;
  private readonly hint: HTMLElement;
  private readonly table: HTMLTableSectionElement;
  private readonly tableHolder: HTMLDetailsElement;
  private scene: LaneScene | null = null;
  /** What was placed last, and for what: other colours and another height leave it as it is. */
  private placed: {
    readonly view: TimeView;
    readonly width: number;
    readonly only: number;
    readonly more: number;
    readonly picture: LanePicture;
  } | null = null;
  private moment: Moment | null = null;
  /** The next frame will draw. */
  private waiting = false;
  /** Only the address space of the event at hand. */
  private one = false;
  private readonly findings: LaneScene['findings'];
  private readonly breaks: LaneScene['breaks'];

  constructor(world: World, root: HTMLElement) {
    this.world = world;
    this.layout = new LaneLayout(world);
    this.view = { from: 0, to: Math.max(FEWEST, Math.min(world.steps, FIRST)) };
    this.scroller = part(root, '[data-lanes-scroll]');
    this.base = element('canvas', {
      class: 'lanes-base',
      role: 'img',
      'aria-label': 'Mappings over time; the table below says the same',
    });
    this.above = element('canvas', { class: 'lanes-above', 'aria-hidden': 'true' });
    this.axis = part<HTMLCanvasElement>(root, '[data-lanes-axis]');
    this.holder = element(
      'div',
      { class: 'lanes-all' },
      element('div', { class: 'lanes-seen' }, this.base, this.above),
    );
    this.scroller.append(this.holder);
    // Where the picture itself was scrolled while it was made, it is drawn already.
    this.scroller.addEventListener(
      'scroll',
      () => {
        if (this.scene?.scrolled !== this.scroller.scrollTop && !this.waiting) this.drawSeen();
      },
      { passive: true },
    );
    this.hint = part(root, '[data-lanes-hint]');
    this.tableHolder = part(root, '[data-lanes-table]');
    this.table = part(root, '[data-lanes-rows]');
    this.findings = world.head.findings.map((finding) => ({ finding, step: world.stepOf(finding.event) }));
    this.breaks = breaksOf(world);
    this.controls(root);
    this.pointers();
    for (const item of root.querySelectorAll<HTMLElement>('[data-legend-gap]')) item.hidden = world.gaps.length === 0;
    onThemeChange(() => this.redraw());
    new ResizeObserver(() => this.redraw()).observe(this.scroller);
    this.tableHolder.addEventListener('toggle', () => this.list());
  }

  /** Show an event; the view moves only if it is out of it. */
  show(moment: Moment): void {
    const before = this.moment;
    this.moment = moment;
    const { from, to } = this.view;
    const margin = (to - from) * 0.08;
    if (moment.step < from + (from > 0 ? margin : 0) || moment.step > to - 1 - (to < this.world.steps ? margin : 0))
      this.centre(moment.step);
    else if (this.one && before?.place.space !== moment.place.space) this.redraw();
    else {
      this.bringIntoSight();
      this.moveCursor();
    }
  }

  /** Zoom by a factor around a step: below 1 shows less. */
  zoom(factor: number, around: number = this.moment?.step ?? 0): void {
    const { from, to } = this.view;
    const wide = Math.max(FEWEST, Math.min(this.world.steps, (to - from) * factor));
    const share = (around - from) / (to - from);
    this.move(around - share * wide, wide);
  }

  /** Show everything. */
  fit(): void {
    this.move(0, this.world.steps);
  }

  /** Move by a part of what is in view. */
  pan(share: number): void {
    const { from, to } = this.view;
    this.move(from + (to - from) * share, to - from);
  }

  private centre(step: number): void {
    const wide = this.view.to - this.view.from;
    this.move(step - wide / 2, wide);
  }

  private move(from: number, wide: number): void {
    const first = Math.max(0, Math.min(from, Math.max(FEWEST, this.world.steps) - wide));
    this.view = { from: first, to: first + wide };
    this.redraw();
    this.onView();
  }

  /** Draw anew with the next frame. */
  private redraw(): void {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  }

  private draw(): void {
    const width = this.scroller.clientWidth;
    if (width === 0) return;
    const { picture, more } = this.place(width);
    this.hint.dataset['rest'] =
      more > 0 ? `${counted(more, 'address space')} more: zoom in, or show only the one of the event.` : REST;
    this.holder.style.height = `${picture.height}px`;
    const seen = this.scroller.clientHeight;
    const { findings, breaks, view, world } = this;
    this.scene = {
      world,
      view,
      picture,
      colours: laneColours(),
      findings,
      breaks,
      scrolled: this.scroller.scrollTop,
      seen,
    };
    sized(this.axis, width, AXIS_HEIGHT);
    sized(this.above, width, seen);
    sized(this.base, width, seen);
    this.bringIntoSight();
    this.drawSeen();
    this.list();
  }

  /** The lanes in view with their places. */
  private place(width: number): { readonly picture: LanePicture; readonly more: number } {
    const only = this.one ? (this.moment?.place.space ?? 0) : 0;
    const { placed: last, view } = this;
    if (last !== null && last.view === view && last.width === width && last.only === only) return last;
    const lanes = this.layout.lanes(view, only === 0 ? null : new Set([only]));
    const picture = placeLanes(lanes.slice(0, MOST_LANES), width);
    this.placed = { view, width, only, more: lanes.length - MOST_LANES, picture };
    return this.placed;
  }

  /** What is seen of the lanes; of a large picture that is a small part. */
  private drawSeen(): void {
    const g = this.base.getContext('2d');
    if (this.scene === null || g === null) return;
    this.scene = { ...this.scene, scrolled: this.scroller.scrollTop };
    new LaneDrawing(g, this.scene).draw();
    this.moveCursor();
  }

  private bringIntoSight(): void {
    const { scene, moment } = this;
    const placed = scene?.picture.lanes.find(({ lane }) => lane.space === moment?.place.space);
    if (placed !== undefined && moment !== null) this.scrollTo(placed, moment);
  }

  private moveCursor(): void {
    const { scene, moment } = this;
    const g = this.above.getContext('2d');
    if (scene === null || moment === null || g === null) return;
    new LaneDrawing(g, scene).cursor(moment);
    const axis = this.axis.getContext('2d');
    if (axis !== null) drawAxis(axis, scene, moment.step);
  }

  /** Bring the place of the event into what is seen of the picture. */
  private scrollTo({ lane, top, bottom, edges }: PlacedLane, { place }: Moment): void {
    const row = lane.rows.findIndex(({ end }) => end > place.start);
    const at = place.length > 0 && row >= 0 ? (edges[2 * row] ?? top) : top;
    const { scrollTop, clientHeight } = this.scroller;
    const seen = at >= scrollTop + 4 && at <= scrollTop + clientHeight - 40;
    const whole = bottom - top < clientHeight && top >= scrollTop && bottom <= scrollTop + clientHeight;
    if (!seen && !whole)
      this.scroller.scrollTop = Math.max(0, bottom - top < clientHeight - 40 ? top - 2 : at - clientHeight / 2);
  }

  /** What is in view as a table: first what is remarkable, then what changes there. */
  private list(): void {
    if (!this.tableHolder.open || this.scene === null) return;
    const { from, to } = this.view;
    const all = this.scene.picture.lanes.flatMap(({ lane }) => lane.bars.map((bar) => ({ name: lane.name, bar })));
    // What is no mapping, or was taken away, is what one looks for; then what begins or ends; then what stays.
    const rank = ({ bar }: { readonly bar: LaneBar }): number =>
      bar.kind !== 'mapped' || this.world.lives.how(bar.index) === 'replaced'
        ? 0
        : bar.from >= from || bar.to <= to
          ? 1
          : 2;
    const listed = [0, 1, 2].flatMap((n) => all.filter((one) => rank(one) === n)).slice(0, LISTED);
    const rows = listed.map(({ name, bar }) =>
      element('tr', {}, ...[name, ...barCells(this.world, bar)].map((text) => element('td', {}, text))),
    );
    if (all.length > listed.length) {
      const more = `and ${grouped(all.length - listed.length)} more: zoom in to see them`;
      rows.push(element('tr', {}, element('td', { colspan: 6 }, more)));
    }
    this.table.replaceChildren(...rows);
  }

  private controls(root: HTMLElement): void {
    const press = (name: string, does: () => void): void =>
      part(root, `[data-lanes-${name}]`).addEventListener('click', does);
    press('in', () => this.zoom(0.5));
    press('out', () => this.zoom(2));
    press('fit', () => this.fit());
    press('left', () => this.pan(-0.5));
    press('right', () => this.pan(0.5));
    const only = part<HTMLButtonElement>(root, '[data-lanes-one]');
    only.addEventListener('click', () => {
      this.one = !this.one;
      only.setAttribute('aria-pressed', String(this.one));
      this.redraw();
    });
  }

  private pointers(): void {
    const { scroller } = this;
    const down = new Map<number, { readonly x: number; readonly view: TimeView }>();
    let moved = false;
    scroller.addEventListener('pointerdown', (event) => {
      if (event.button !== 0 || event.offsetX > scroller.clientWidth) return;
      down.set(event.pointerId, { x: event.clientX, view: this.view });
      moved = false;
    });
    scroller.addEventListener('pointermove', (event) => {
      const start = down.get(event.pointerId);
      if (start === undefined) {
        this.tell(event);
        return;
      }
      const dx = event.clientX - start.x;
      if (Math.abs(dx) < 4 && !moved) return;
      if (!moved) scroller.setPointerCapture(event.pointerId);
      moved = true;
      const picture = this.scene?.picture;
      if (picture === undefined) return;
      const wide = start.view.to - start.view.from;
      this.move(start.view.from - (dx / (picture.right - picture.left)) * wide, wide);
    });
    const up = (event: PointerEvent): void => {
      const had = down.delete(event.pointerId);
      if (had && !moved && event.type === 'pointerup') this.pick(event);
    };
    scroller.addEventListener('pointerup', up);
    scroller.addEventListener('pointercancel', up);
    scroller.addEventListener('pointerleave', () => {
      this.hint.textContent = this.hint.dataset['rest'] ?? '';
    });
    scroller.addEventListener(
      'wheel',
      (event) => {
        const picture = this.scene?.picture;
        if (picture === undefined) return;
        if (event.ctrlKey || event.metaKey) {
          event.preventDefault();
          this.zoom(2 ** (Math.max(-200, Math.min(200, event.deltaY)) / 200), this.stepAt(event, picture));
        } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
          event.preventDefault();
          this.pan((event.deltaX === 0 ? event.deltaY : event.deltaX) / (picture.right - picture.left));
        }
      },
      { passive: false },
    );
  }

  private stepAt(event: MouseEvent, { left, right }: LanePicture): number {
    const x = event.clientX - this.base.getBoundingClientRect().left;
    return this.view.from + ((x - left) / (right - left)) * (this.view.to - this.view.from);
  }

  private pick(event: MouseEvent): void {
    const picture = this.scene?.picture;
    if (picture === undefined) return;
    const step = Math.floor(this.stepAt(event, picture));
    this.onStep(Math.max(0, Math.min(this.world.steps - 1, step)));
  }

  /** What is under the pointer, in words. */
  private tell(event: MouseEvent): void {
    const { scene } = this;
    if (scene === null) return;
    const y = event.clientY - this.base.getBoundingClientRect().top + scene.scrolled;
    const step = this.stepAt(event, scene.picture);
    const placed = scene.picture.lanes.find(({ top, bottom }) => y >= top && y < bottom);
    const row =
      placed?.lane.rows.findIndex((_, n) => y >= (placed.edges[2 * n] ?? 0) && y < (placed.edges[2 * n + 1] ?? 0)) ??
      -1;
    const under =
      placed?.lane.bars.filter(
        ({ top, bottom, from, to }) => row >= top && row < bottom && step >= from && step < to,
      ) ?? [];
    const bar = under.find(({ kind }) => kind !== 'mapped') ?? under[0];
    if (bar === undefined || placed === undefined) {
      this.hint.textContent = this.hint.dataset['rest'] ?? '';
      return;
    }
    const range = placed.lane.rows[row];
    const several = bar.kind === 'mapped' && range !== undefined && range.end - range.start > lengthOf(this.world, bar);
    this.hint.textContent = `${several ? `${hex(range.start)} to ${hex(range.end - 1)}: several mappings, one of them ` : ''}${barSentence(this.world, bar)}`;
  }
}

const lengthOf = ({ lives }: World, { index }: LaneBar): number => lives.table.length[index] ?? 0;

/** Where the parts of a page meet. */
function breaksOf({ head }: World): LaneScene['breaks'] {
  const breaks: { step: number; leftOut: number }[] = [];
  let step = 0;
  head.windows.forEach(({ first, last }, n) => {
    const before = head.windows[n - 1];
    if (before !== undefined) breaks.push({ step, leftOut: first - before.last - 1 });
    step += last - first + 1;
  });
  return breaks;
}

/** Make a canvas so large, in CSS pixels; sharp on fine screens. */
export function sized(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D {
  const ratio = Math.min(2, devicePixelRatio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const g = canvas.getContext('2d');
  if (g === null) throw new Error('This browser draws no pictures.');
  g.setTransform(ratio, 0, 0, ratio, 0, 0);
  return g;
}

/** A part of the page that its markup has. */
export function part<E extends HTMLElement = HTMLElement>(root: ParentNode, selector: string): E {
  const found = root.querySelector<E>(selector);
  if (found === null) throw new Error(`This page has no ${selector}.`);
  return found;
}
