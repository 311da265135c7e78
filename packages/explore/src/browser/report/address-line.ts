import type { PageMapping, PageOccurrence } from '../../page-format/report-data.ts';
import { element, svgElement } from '../element.ts';
import { addressLayout, type PlacedPage } from './address-layout.ts';
import { pageSize } from './figures.ts';

const HEIGHT = 40;
const LABEL = 52;
/** Of a character of the small monospaced type, in pixels. */
const CHARACTER = 6.7;

/**
 * What was mapped around the finding's address, before its event and after it.
 *
 * @param room - pixels that there are
 * @returns nothing where the run does not tell
 */
export function addressLine({ before, after, vaddr, event }: PageOccurrence, room: number): HTMLElement | null {
  if (before === undefined || after === undefined) return null;
  if (before.length + after.length === 0)
    return element(
      'p',
      { class: 'soft' },
      'Nothing was mapped within eight small pages of the address, before or after.',
    );
  const width = Math.max(260, room > 900 ? Math.min(room - 420, 760) : room - 40);
  const layout = addressLayout(before, after, width - LABEL - 2);
  const bottom = 2 * HEIGHT + 22;
  const svg = svgElement('svg', {
    class: 'address-line',
    viewBox: `0 0 ${width} ${bottom + 22}`,
    width,
    height: bottom + 22,
    role: 'img',
    'aria-label': inWords(before, after, vaddr, event),
  });
  svg.append(...lane('before', layout.before, 4, width, vaddr));
  svg.append(...lane('after', layout.after, HEIGHT + 14, width, vaddr));
  let free = -1;
  for (const { address, x } of layout.ticks) {
    const text = `0x${address.toString(16)}`;
    const at = LABEL + x;
    svg.append(svgElement('line', { class: 'tick', x1: at, x2: at, y1: bottom - 6, y2: bottom }));
    const long = text.length * CHARACTER;
    const left = Math.max(LABEL - 6, Math.min(at - long / 2, width - long));
    if (left <= free) continue;
    free = left + long + 12;
    svg.append(svgElement('text', { class: 'address', x: left, y: bottom + 14 }, text));
  }
  return element(
    'figure',
    { class: 'address-figure' },
    svg,
    element(
      'figcaption',
      { class: 'small soft' },
      'Each box is a mapped page with the physical address of its frame. Dashed: goes with this event; thick: new; plain: stays.',
      layout.toScale
        ? ''
        : ' Widths are not to scale: larger pages are drawn less wide than they are, and gaps are cut short.',
    ),
  );
}

function lane(
  name: 'before' | 'after',
  pages: readonly PlacedPage[],
  y: number,
  width: number,
  vaddr: string | undefined,
): SVGElement[] {
  const drawn: SVGElement[] = [
    svgElement('text', { class: 'lane', x: 0, y: y + HEIGHT / 2 + 4 }, name),
    svgElement('line', { class: 'ground', x1: LABEL, x2: width - 2, y1: y + HEIGHT, y2: y + HEIGHT }),
  ];
  for (const { page, x, width: wide, stays } of pages) {
    const kind = stays ? 'stays' : name === 'before' ? 'goes' : 'comes';
    const here = page.vaddr === vaddr ? ' here' : '';
    drawn.push(
      svgElement('rect', {
        class: `page ${kind}${here}`,
        x: LABEL + x + 1.5,
        y: y + 2,
        width: Math.max(2, wide - 3),
        height: HEIGHT - 4,
        rx: 3,
      }),
    );
    const frame = page.frame ?? 'frame not known';
    const fits = [`${frame}, ${pageSize(page.bits)}`, frame, pageSize(page.bits)].find(
      (text) => text.length * CHARACTER + 10 < wide,
    );
    if (fits !== undefined)
      drawn.push(svgElement('text', { class: 'frame', x: LABEL + x + wide / 2, y: y + HEIGHT / 2 + 4 }, fits));
  }
  if (pages.length === 0)
    drawn.push(svgElement('text', { class: 'none', x: LABEL + 8, y: y + HEIGHT / 2 + 4 }, 'nothing mapped'));
  return drawn;
}

/** The picture for those who do not see it. */
function inWords(
  before: readonly PageMapping[],
  after: readonly PageMapping[],
  vaddr: string | undefined,
  event: number,
): string {
  const at = (pages: readonly PageMapping[]): string => {
    const here = pages.find((page) => page.vaddr === vaddr);
    const others = pages.length - (here === undefined ? 0 : 1);
    const page =
      here === undefined ? 'nothing' : `a page of ${pageSize(here.bits)} of frame ${here.frame ?? 'not known'}`;
    return `${page} at ${vaddr ?? 'the address'}, ${others} other pages nearby`;
  };
  return `Before event ${event}: ${at(before)}. After it: ${at(after)}.`;
}
