import type { PageFinding } from '../../page-format/explore/page-data.ts';
import { element } from '../element.ts';
import { SEVERITY_SIGNS } from '../severity-sign.ts';
import { part } from './lanes-view.ts';
import type { World } from './moment.ts';
import { counted, grouped } from './words.ts';

/** Findings that are made at once. */
const LISTED = 300;

/** The findings: a list in which to search, and from which to jump. */
export class FindingsList {
  onFinding: (finding: PageFinding) => void = () => {};
  private readonly world: World;
  private readonly root: HTMLElement;
  private readonly list: HTMLElement;
  private readonly search: HTMLInputElement;
  private readonly rule: HTMLSelectElement;
  private current = -1;
  private listed = LISTED;

  constructor(world: World, root: HTMLElement) {
    this.world = world;
    this.root = root;
    this.list = part(root, '[data-findings]');
    this.search = part(root, '[data-findings-search]');
    this.rule = part(root, '[data-findings-rule]');
    const counts = new Map<string, number>();
    for (const { rule } of world.head.findings) counts.set(rule, (counts.get(rule) ?? 0) + 1);
    for (const { id, title } of world.head.rules)
      this.rule.append(element('option', { value: id }, `${id} ${title} (${counts.get(id) ?? 0})`));
    const again = (): void => {
      this.listed = LISTED;
      this.fill();
    };
    this.search.addEventListener('input', again);
    this.rule.addEventListener('change', again);
    this.fill();
  }

  /** Mark what belongs to the event at hand. */
  show(event: number): void {
    if (this.current === event) return;
    this.current = event;
    for (const item of this.list.querySelectorAll<HTMLElement>('[data-event]')) {
      const here = Number(item.dataset['event']) === event;
      if (here) {
        item.setAttribute('aria-current', 'true');
        const { offsetTop } = item;
        const { scrollTop, clientHeight } = this.list;
        if (offsetTop < scrollTop || offsetTop > scrollTop + clientHeight - 60) this.list.scrollTop = offsetTop - 60;
      } else item.removeAttribute('aria-current');
    }
  }

  /** The next finding behind a step, or the last before it. */
  beside(step: number, forward: boolean): PageFinding | undefined {
    const chosen = this.chosen();
    return forward
      ? chosen.find(({ event }) => this.isShown(event) && this.world.stepOf(event) > step)
      : chosen.findLast(({ event }) => this.isShown(event) && this.world.stepOf(event) < step);
  }

  /** Whether the page has the event. */
  isShown(event: number): boolean {
    return this.world.eventOf(this.world.stepOf(event)) === event;
  }

  private chosen(): readonly PageFinding[] {
    const words = this.search.value
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '');
    const rule = this.rule.value;
    return this.world.head.findings.filter((finding) => {
      if (rule !== '' && finding.rule !== rule) return false;
      const text =
        `${finding.rule} ${finding.message} ${finding.test ?? ''} ${finding.site ?? ''} ${finding.vaddr ?? ''}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
  }

  private fill(): void {
    const chosen = this.chosen();
    const all = this.world.head.findings.length;
    part(this.root, '[data-findings-count]').textContent =
      chosen.length === all ? counted(all, 'finding') : `${grouped(chosen.length)} of ${counted(all, 'finding')}`;
    const items = chosen.slice(0, this.listed).map((finding) => this.item(finding));
    if (items.length === 0)
      items.push(element('li', { class: 'soft' }, all === 0 ? 'The audit found nothing.' : 'None of them matches.'));
    if (chosen.length > this.listed) {
      const more = element('button', { type: 'button' }, `Show ${grouped(chosen.length - this.listed)} more`);
      more.addEventListener('click', () => {
        this.listed += 1000;
        this.fill();
      });
      items.push(element('li', {}, more));
    }
    this.list.replaceChildren(...items);
    const { current } = this;
    this.current = -1;
    this.show(current);
  }

  private item(finding: PageFinding): HTMLLIElement {
    const { event, rule, severity, message, test } = finding;
    const shown = this.isShown(event);
    const title = this.world.head.rules.find(({ id }) => id === rule)?.title ?? '';
    const head = element(
      'span',
      { class: 'finding-head' },
      element('span', { class: `severity severity-${severity}` }, `${SEVERITY_SIGNS[severity]} ${severity}`),
      element('strong', {}, `${rule} ${title}`),
    );
    const where = `event ${grouped(event)}${test === null ? '' : ` · ${test}`}${shown ? '' : ' · not in this page'}`;
    const body = [
      head,
      element('span', { class: 'finding-message' }, message),
      element('span', { class: 'small soft' }, where),
    ];
    // A plain link, so that it can be copied; where the event is left out, there is nothing to go to.
    const inner = shown
      ? element('a', { href: `#f-${finding.fingerprint}`, class: 'finding', 'data-event': event }, ...body)
      : element('span', { class: 'finding finding-out' }, ...body);
    inner.addEventListener('click', (click) => {
      if (!shown || click.ctrlKey || click.metaKey || click.shiftKey) return;
      click.preventDefault();
      this.onFinding(finding);
    });
    return element('li', {}, inner);
  }
}
