import { type Child, element } from '../element.ts';
import { part } from './lanes-view.ts';
import type { Answer, CapabilityChoice, CapabilityLine, EntryBits, MemoryLine, Moment, World } from './moment.ts';
import { counted, grouped, hex } from './words.ts';

/** Capabilities that are listed before somebody asks for more. */
const LISTED = 60;
/** Children of a table that are made at once. */
const CHILDREN = 400;

/** What the page says of the event at hand. */
export class Panels {
  private readonly world: World;
  private readonly root: HTMLElement;
  private show: CapabilityChoice = 'here';
  private listed = LISTED;
  private moment: Moment | null = null;

  constructor(world: World, root: HTMLElement) {
    this.world = world;
    this.root = root;
    for (const button of root.querySelectorAll<HTMLButtonElement>('[data-capabilities]'))
      button.addEventListener('click', () => {
        this.show = (button.dataset['capabilities'] ?? 'here') as CapabilityChoice;
        this.listed = LISTED;
        for (const other of root.querySelectorAll('[data-capabilities]'))
          other.setAttribute('aria-pressed', String(other === button));
        this.capabilities();
      });
  }

  update(moment: Moment, extra: readonly Node[]): void {
    this.moment = moment;
    this.event(moment, extra);
    this.answers(moment);
    this.memory(moment);
    this.capabilities();
  }

  private event(moment: Moment, extra: readonly Node[]): void {
    const { root } = this;
    part(root, '[data-event-title]').textContent = moment.title;
    const where = [`event ${grouped(moment.event)}`, `line ${grouped(moment.line)}`, moment.within].filter(
      (text) => text !== '',
    );
    part(root, '[data-event-where]').textContent = where.join(' · ');
    const facts = moment.facts.flatMap(({ label, value }) => [element('dt', {}, label), element('dd', {}, value)]);
    const { says, ok } = moment.recorded;
    const recorded = [
      element('dt', {}, 'recorded answer'),
      element('dd', {}, element('strong', { class: ok ? 'says-ok' : 'says-no' }, `${ok ? '✓' : '✗'} ${says}`)),
    ];
    part(root, '[data-event-facts]').replaceChildren(...recorded, ...facts);
    const remark = part(root, '[data-event-remark]');
    remark.textContent = moment.remark;
    remark.hidden = moment.remark === '';
    part(root, '[data-event-findings]').replaceChildren(...extra);
    const effects = moment.effects.length === 0 ? ['Nothing that is mapped was changed.'] : moment.effects;
    part(root, '[data-effects]').replaceChildren(...effects.map((text) => element('li', {}, text)));
    part(root, '[data-bits]').replaceChildren(...moment.bits.map(bitsFigure));
  }

  private answers({ answers, answersAbout, recorded }: Moment): void {
    const { root } = this;
    part(root, '[data-answers-about]').textContent = answersAbout;
    const first = answers.findIndex(({ differs }) => differs);
    const list = part(root, '[data-answers]');
    list.hidden = answers.length === 0;
    const recording: Answer = { who: 'recorded', says: recorded.says, ok: recorded.ok, differs: false };
    const items = answers.length === 0 ? [] : [recording, ...answers];
    list.replaceChildren(...items.map((answer, n) => answerItem(answer, n - 1 === first && first >= 0, n === 0)));
    const verdict = part(root, '[data-answers-verdict]');
    const differing = answers.filter(({ differs }) => differs);
    verdict.hidden = answers.length === 0;
    verdict.textContent =
      differing.length === 0
        ? 'All of them answer as recorded.'
        : `${differing.map(({ who }) => who).join(' and ')} would answer otherwise than recorded.`;
  }

  private memory({ memory, memoryTitle }: Moment): void {
    const { root } = this;
    part(root, '[data-memory-title]').textContent = memoryTitle === '' ? 'Memory' : memoryTitle;
    const empty = element(
      'p',
      { class: 'soft' },
      memoryTitle === '' ? 'This event is about no address space.' : 'Nothing is mapped here.',
    );
    const tree = memory.length === 0 ? empty : lineList(memory);
    part(root, '[data-memory]').replaceChildren(tree);
  }

  private capabilities(): void {
    const { root, moment } = this;
    if (moment === null) return;
    const section = part(root, '[data-capabilities-section]');
    section.hidden = !moment.hasCapabilities;
    if (!moment.hasCapabilities) return;
    const { total, stale, chosen, lines } = this.world.capabilities(this.show, this.listed);
    part(root, '[data-capabilities-count]').textContent =
      `${counted(total, 'capability', 'capabilities')}, ${stale === 0 ? 'none stale' : `${grouped(stale)} stale`}`;
    part(root, '[data-capability-rows]').replaceChildren(...lines.map(capabilityRow));
    const more = part(root, '[data-capabilities-more]');
    const left = chosen - lines.length;
    more.hidden = left <= 0;
    more.textContent = `Show more (${grouped(left)} left)`;
    more.onclick = () => {
      this.listed += 400;
      this.capabilities();
    };
  }
}

function answerItem({ who, says, ok, differs }: Answer, isFirst: boolean, isRecording: boolean): HTMLElement {
  const classes = [
    'answer',
    isRecording ? 'answer-recorded' : '',
    differs ? 'answer-differs' : '',
    isFirst ? 'answer-first' : '',
  ];
  const flag = isFirst ? 'first difference' : differs ? 'differs' : '';
  return element(
    'li',
    { class: classes.join(' ').trim() },
    element('span', { class: 'answer-who' }, who),
    element('span', { class: ok ? 'says-ok' : 'says-no' }, `${ok ? '✓' : '✗'} ${says}`),
    flag === '' ? null : element('span', { class: 'answer-flag' }, `≠ ${flag}`),
  );
}

/** An entry bit by bit: which ones changed, and which are the address. */
function bitsFigure({ where, before, after, address }: EntryBits): HTMLElement {
  const row = (label: string, bits: string, other: string): HTMLElement => {
    const nibbles: Child[] = [];
    for (let n = 0; n < bits.length; n += 4) {
      const cells = Array.from(bits.slice(n, n + 4), (bit, i) => {
        const at = n + i;
        const classes = `${bit === other[at] ? '' : 'bit-changed '}${address[at] === '1' ? 'bit-address' : ''}`.trim();
        return classes === '' ? bit : element(bit === other[at] ? 'span' : 'b', { class: classes }, bit);
      });
      nibbles.push(element('span', { class: 'nibble' }, ...cells));
    }
    const value = `0x${BigInt(`0b${bits}`).toString(16)}`;
    return element(
      'div',
      { class: 'bits-row' },
      element('span', { class: 'bits-label' }, label),
      element('span', { class: 'bits-hex' }, value),
      element('code', { class: 'bits', 'aria-hidden': 'true' }, ...nibbles),
    );
  };
  const note = 'Bits from the highest on; underlined: the address; boxed: changed.';
  return element(
    'figure',
    { class: 'entry-bits' },
    element('figcaption', {}, `The ${where}`),
    row('before', before, after),
    row('after', after, before),
    element('p', { class: 'small soft' }, note),
  );
}

function lineList(lines: readonly MemoryLine[]): HTMLElement {
  const list = element('ul', { class: 'tree' });
  for (const line of lines.slice(0, CHILDREN)) list.append(element('li', {}, lineItem(line)));
  if (lines.length > CHILDREN)
    list.append(element('li', { class: 'soft' }, `and ${counted(lines.length - CHILDREN, 'line')} more`));
  return list;
}

function lineItem(line: MemoryLine): HTMLElement {
  const changed = line.change !== '';
  const classes = [
    'line',
    changed ? 'line-changed' : '',
    line.touched ? 'line-touched' : '',
    line.change.startsWith('over-mapped') ? 'line-over' : '',
  ];
  const end = line.start + line.bytes;
  const label = element(
    'span',
    { class: classes.join(' ').trim() },
    element(
      'code',
      { class: 'line-range' },
      line.kind === 'table' ? `${hex(line.start)}–${hex(end - 1)}` : hex(line.start),
    ),
    element('span', { class: 'line-what' }, line.what === 'table' ? '' : line.what),
    element('span', { class: 'line-detail' }, line.detail),
    changed
      ? element(
          'strong',
          { class: 'line-change' },
          `${line.change.startsWith('over-mapped') ? '◆' : '●'} ${line.change}`,
        )
      : null,
  );
  if (line.children.length === 0) return label;
  const open = line.touched || hasChange(line.children);
  const details = element('details', { open }, element('summary', {}, label));
  const fill = (): void => {
    if (details.childElementCount === 1) details.append(lineList(line.children));
  };
  // What nobody opens is never made.
  if (open) fill();
  else details.addEventListener('toggle', fill, { once: true });
  return details;
}

const hasChange = (lines: readonly MemoryLine[]): boolean =>
  lines.some((line) => line.change !== '' || hasChange(line.children));

function capabilityRow(line: CapabilityLine): HTMLElement {
  const flags = [
    line.stale ? element('span', { class: 'flag flag-stale' }, '▨ stale') : null,
    line.touched ? element('span', { class: 'flag flag-touched' }, '▸ this event') : null,
  ];
  return element(
    'tr',
    { class: line.stale ? 'is-stale' : line.touched ? 'is-touched' : '' },
    element('th', { scope: 'row' }, line.name),
    element('td', {}, line.what),
    element('td', {}, line.place === '' ? 'not mapped' : line.place),
    element('td', {}, ...flags),
  );
}
