import type { PageFinding } from '../../page-format/explore/page-data.ts';
import { laneColours, onThemeChange } from './lane-colours.ts';
import { severityMarks } from './lane-shapes.ts';
import type { LanesView } from './lanes-view.ts';
import { part, sized } from './lanes-view.ts';
import type { World } from './moment.ts';
import { grouped } from './words.ts';

const HEIGHT = 46;
const EDGE = 8;

/** The whole of the time: how much happens when, where findings are, what is in view; and the slider below. */
export class Player {
  onStep: (step: number) => void = () => {};
  private readonly world: World;
  private readonly lanes: LanesView;
  private readonly canvas: HTMLCanvasElement;
  private readonly slider: HTMLInputElement;
  private readonly number: HTMLInputElement;
  private readonly status: HTMLElement;
  private readonly findings: readonly { readonly step: number; readonly severity: PageFinding['severity'] }[];
  private density: Uint16Array = new Uint16Array(0);
  private step = 0;
  private waiting = false;

  constructor(world: World, lanes: LanesView, root: HTMLElement) {
    this.world = world;
    this.lanes = lanes;
    this.canvas = part(root, '[data-overview]');
    this.slider = part(root, '[data-slider]');
    this.number = part(root, '[data-event-number]');
    this.status = part(root, '[data-status]');
    this.findings = world.head.findings.map(({ event, severity }) => ({ step: world.stepOf(event), severity }));
    this.slider.max = String(Math.max(0, world.steps - 1));
    this.slider.addEventListener('input', () => this.onStep(Number(this.slider.value)));
    this.number.addEventListener('change', () => {
      const event = Number(this.number.value.replaceAll(',', ''));
      if (Number.isFinite(event)) this.onStep(world.stepOf(event));
    });
    this.canvas.addEventListener('pointerdown', (event) => this.pick(event));
    this.canvas.addEventListener('pointermove', (event) => {
      if ((event.buttons & 1) !== 0) this.pick(event);
    });
    lanes.onView = () => this.redraw();
    onThemeChange(() => this.redraw());
    new ResizeObserver(() => this.redraw()).observe(this.canvas.parentElement ?? this.canvas);
  }

  show(step: number, said: string): void {
    this.step = step;
    const event = grouped(this.world.eventOf(step));
    this.slider.value = String(step);
    this.slider.setAttribute('aria-valuetext', `event ${event}`);
    if (document.activeElement !== this.number) this.number.value = event;
    this.status.textContent = said;
    this.redraw();
  }

  private pick(event: PointerEvent): void {
    const { left, width } = this.canvas.getBoundingClientRect();
    const share = (event.clientX - left - EDGE) / (width - 2 * EDGE);
    this.onStep(Math.max(0, Math.min(this.world.steps - 1, Math.floor(share * this.world.steps))));
  }

  private redraw(): void {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  }

  private draw(): void {
    const width = this.canvas.parentElement?.clientWidth ?? 0;
    if (width === 0) return;
    const g = sized(this.canvas, width, HEIGHT);
    const colours = laneColours();
    const inner = width - 2 * EDGE;
    const columns = Math.max(1, Math.floor(inner / 3));
    if (this.density.length !== columns) this.count(columns);
    const { steps } = this.world;
    const x = (step: number): number => EDGE + (step / Math.max(1, steps)) * inner;
    g.fillStyle = colours.sunken;
    g.fillRect(0, 0, width, HEIGHT);
    const { from, to } = this.lanes.view;
    g.fillStyle = colours.accentSoft;
    g.fillRect(x(from), 0, Math.max(3, x(to) - x(from)), HEIGHT);
    const most = Math.log2(2 + Math.max(...this.density));
    g.fillStyle = colours.edge;
    this.density.forEach((n, at) => {
      const high = (Math.log2(1 + n) / most) * (HEIGHT - 20);
      g.fillRect(EDGE + at * 3, HEIGHT - high, 2, high);
    });
    g.strokeStyle = colours.accent;
    g.lineWidth = 1.5;
    g.strokeRect(x(from) + 0.75, 0.75, Math.max(3, x(to) - x(from)) - 1.5, HEIGHT - 1.5);
    let row = 0;
    this.world.head.windows.forEach((window, n) => {
      if (n > 0) {
        g.setLineDash([3, 3]);
        g.strokeStyle = colours.soft;
        g.lineWidth = 1;
        g.beginPath();
        g.moveTo(x(row), 0);
        g.lineTo(x(row), HEIGHT);
        g.stroke();
        g.setLineDash([]);
      }
      row += window.last - window.first + 1;
    });
    const marks = this.findings.map((finding) => ({ x: x(finding.step), severity: finding.severity }));
    severityMarks(g, marks, 10, colours);
    g.fillStyle = colours.ink;
    g.fillRect(x(this.step + 0.5) - 1, 0, 2, HEIGHT);
  }

  /** How many mappings appear or vanish, by column. */
  private count(columns: number): void {
    this.density = new Uint16Array(columns);
    const { table } = this.world.lives;
    const { steps } = this.world;
    for (const events of [table.from, table.to])
      for (const event of events) {
        const step = this.world.stepOf(event);
        if (this.world.eventOf(step) !== event) continue;
        const at = Math.min(columns - 1, Math.floor((step / steps) * columns));
        if (this.density[at] < 65535) this.density[at]++;
      }
  }
}
