import type { PageFinding } from '../../page-format/explore/page-data.ts';
import { element } from '../element.ts';
import { SEVERITY_SIGNS } from '../severity-sign.ts';
import { FindingsList } from './findings-list.ts';
import { LanesView, part } from './lanes-view.ts';
import type { Moment, World } from './moment.ts';
import { Panels } from './panels.ts';
import { Player } from './player.ts';
import { counted, grouped } from './words.ts';

/** The page at work: one event is at hand, and everything follows it. */
export class App {
  private readonly world: World;
  private readonly root: HTMLElement;
  private readonly lanes: LanesView;
  private readonly player: Player;
  private readonly panels: Panels;
  private readonly findings: FindingsList;
  private step = -1;
  /** The step that is to be shown with the next frame; -1 = none. */
  private wanted = -1;

  constructor(world: World, root: HTMLElement) {
    this.world = world;
    this.root = root;
    this.lanes = new LanesView(world, root);
    this.player = new Player(world, this.lanes, root);
    this.panels = new Panels(world, root);
    this.findings = new FindingsList(world, root);
    this.lanes.onStep = (step) => this.go(step);
    this.player.onStep = (step) => this.go(step);
    this.findings.onFinding = (finding) => this.goToFinding(finding);
    this.buttons();
    document.addEventListener('keydown', (event) => this.key(event));
    addEventListener('hashchange', () => this.open(location.hash));
  }

  /** Go to what an anchor names: an event or a finding; without one to the first finding, or the beginning. */
  open(hash: string): void {
    const { head } = this.world;
    const fingerprint = /^#f-(\w+)$/.exec(hash)?.[1];
    const event = /^#e-(\d+)$/.exec(hash)?.[1];
    const finding = head.findings.find((one) => one.fingerprint === fingerprint);
    if (finding !== undefined && this.findings.isShown(finding.event)) this.go(this.world.stepOf(finding.event));
    else if (event !== undefined) this.go(this.world.stepOf(Number(event)));
    else if (this.step < 0) {
      const rank = { error: 0, warning: 1, note: 2 } as const;
      const [worst] = head.findings
        .filter((one) => this.findings.isShown(one.event))
        .toSorted((a, b) => rank[a.severity] - rank[b.severity]);
      this.go(worst === undefined ? 0 : this.world.stepOf(worst.event));
    }
    const asked = fingerprint !== undefined && finding === undefined ? `This page has no finding ${fingerprint}.` : '';
    const missing =
      event !== undefined && this.world.eventOf(this.wanted) !== Number(event)
        ? `Event ${event} is left out; this is the next one that is shown.`
        : asked;
    const note = part(this.root, '[data-anchor-note]');
    note.textContent = missing;
    note.hidden = missing === '';
  }

  /** Show a step with the next frame: of many asked for in between, the last. */
  private go(step: number): void {
    const target = Math.max(0, Math.min(this.world.steps - 1, step));
    const idle = this.wanted < 0;
    this.wanted = target;
    if (idle)
      requestAnimationFrame(() => {
        const now = this.wanted;
        this.wanted = -1;
        if (now !== this.step) this.show(now);
      });
  }

  private goToFinding({ event, fingerprint }: PageFinding): void {
    history.replaceState(null, '', `#f-${fingerprint}`);
    this.go(this.world.stepOf(event));
  }

  private show(step: number): void {
    this.step = step;
    const moment = this.world.moment(step);
    const findings = this.world.head.findings.filter(({ event }) => event === moment.event);
    this.panels.update(
      moment,
      findings.map((finding) => this.findingBox(finding)),
    );
    this.lanes.show(moment);
    this.findings.show(moment.event);
    this.player.show(step, this.status(moment));
    part(this.root, '[data-now]').replaceChildren(...nowLine(moment));
    const first = findings[0];
    const named = findings.some(({ fingerprint }) => location.hash === `#f-${fingerprint}`);
    if (!named) history.replaceState(null, '', first === undefined ? `#e-${moment.event}` : `#f-${first.fingerprint}`);
  }

  private status({ step, within, line }: Moment): string {
    const parts = [`step ${grouped(step + 1)} of ${grouped(this.world.steps)}`, `line ${grouped(line)}`, within];
    return parts.filter((text) => text !== '').join(' · ');
  }

  private findingBox({ rule, severity, message, fix, related }: PageFinding): HTMLElement {
    const links = related.map(({ event, line, role }) => {
      const shown = this.findings.isShown(event);
      const text = `${role}: event ${grouped(event)}, line ${grouped(line)}`;
      return element('li', {}, shown ? element('a', { href: `#e-${event}` }, text) : `${text} (left out)`);
    });
    return element(
      'article',
      { class: `finding-box finding-box-${severity}` },
      element(
        'p',
        {},
        element('span', { class: `severity severity-${severity}` }, `${SEVERITY_SIGNS[severity]} ${severity}`),
        ' ',
        element('strong', {}, rule),
      ),
      element('p', {}, message),
      fix === null ? null : element('p', {}, element('strong', {}, 'What to change: '), fix),
      links.length === 0 ? null : element('ul', { class: 'related' }, ...links),
    );
  }

  private buttons(): void {
    const { root } = this;
    for (const button of root.querySelectorAll<HTMLButtonElement>('[data-go]'))
      button.addEventListener('click', () => this.command(button.dataset['go'] ?? ''));
    const keys = part<HTMLDialogElement>(document, '[data-keys]');
    part(document, '[data-keys-close]').addEventListener('click', () => keys.close());
  }

  private command(name: string): void {
    const from = this.wanted < 0 ? this.step : this.wanted;
    const finding = name === 'finding-next' || name === 'finding-previous';
    if (finding) {
      const beside = this.findings.beside(from, name === 'finding-next');
      if (beside !== undefined) this.goToFinding(beside);
      return;
    }
    const steps: Readonly<Record<string, number>> = {
      first: 0,
      previous: from - 1,
      next: from + 1,
      back: from - 10,
      on: from + 10,
      last: this.world.steps - 1,
    };
    const step = steps[name];
    if (step !== undefined) this.go(step);
    else if (name === 'keys') part<HTMLDialogElement>(document, '[data-keys]').showModal();
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]') !== null) return;
    // Elements that have these keys for themselves keep them.
    const { target } = event;
    if (target instanceof HTMLElement && target.matches('input, select, textarea')) return;
    const name = KEYS[`${event.shiftKey ? 'shift ' : ''}${event.key}`] ?? KEYS[event.key];
    if (name === undefined) return;
    event.preventDefault();
    if (name === 'zoom-in') this.lanes.zoom(0.5);
    else if (name === 'zoom-out') this.lanes.zoom(2);
    else if (name === 'fit') this.lanes.fit();
    else this.command(name);
  }
}

const KEYS: Readonly<Record<string, string>> = {
  ArrowRight: 'next',
  ArrowLeft: 'previous',
  'shift ArrowRight': 'on',
  'shift ArrowLeft': 'back',
  Home: 'first',
  End: 'last',
  ']': 'finding-next',
  '[': 'finding-previous',
  '+': 'zoom-in',
  '=': 'zoom-in',
  '-': 'zoom-out',
  '0': 'fit',
  '?': 'keys',
};

/** The event in one line, which stays in sight: what happened, what it was answered, and who would answer otherwise. */
function nowLine({ title, recorded, answers }: Moment): HTMLElement[] {
  const first = answers.find(({ differs }) => differs);
  const answer = element(
    'span',
    { class: recorded.ok ? 'says-ok' : 'says-no' },
    `${recorded.ok ? '✓' : '✗'} ${recorded.says}`,
  );
  const other = first === undefined ? [] : [element('span', { class: 'says-no' }, `≠ ${first.who}: ${first.says}`)];
  return [element('strong', {}, title), answer, ...other];
}

/** What stands under the title. */
export function subtitle({ head }: World): string {
  const common = [
    counted(head.events, head.system === 'sel4' ? 'record' : 'call'),
    counted(head.findings.length, 'finding'),
  ];
  const machine =
    head.system === 'sel4'
      ? [`seL4, ${head.variant}`, `policy ${head.from}, held against ${head.to}`]
      : ['Linux, strace'];
  return [...machine, ...common].join(' · ');
}
