import type { Chart } from './chart.ts';
import { Canvas, fixed } from './svg-canvas.ts';
import { INK, NOTE, SUBTITLE, TITLE } from './svg-look.ts';
import { printable, xml } from './svg-text.ts';

/** Around everything, in pixels. */
const MARGIN = 24;
const NARROWEST = 360;
const USUAL = 960;

/** Where a chart's body lies: between `left` and `right`, from `top` downwards. */
export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
}

/** Draws the body of a chart and gives back its bottom. */
export type Body = (canvas: Canvas, frame: Frame) => number;

const FONTS = "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif";

/**
 * A whole SVG document: title and subtitle, the body, the notes, on white.
 *
 * @param wanted - pixels; at least 360
 * @param says - what the chart shows, in words
 */
export function svgDocument(chart: Chart, wanted: number | undefined, says: string, body: Body): string {
  const width = Math.max(NARROWEST, Math.round(wanted ?? USUAL) || USUAL);
  const left = MARGIN;
  const right = width - MARGIN;
  const canvas = new Canvas();
  const title = printable(chart.title, 300);
  const under = canvas.paragraph(title, left, MARGIN - 4, right - left, TITLE);
  const top = canvas.paragraph(printable(chart.subtitle ?? '', 1000), left, under + 2, right - left, SUBTITLE) + 16;
  let bottom = body(canvas, { left, right, top });
  const notes = (chart.notes ?? []).map((note) => printable(note, 2000)).filter((note) => note !== '');
  notes.forEach((note, n) => {
    bottom = canvas.paragraph(note, left, bottom + (n === 0 ? 16 : 3), right - left, NOTE);
  });
  const size = `${fixed(width)} ${fixed(Math.ceil(bottom + MARGIN - 4))}`;
  const [w, h] = size.split(' ');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${size}" role="img" font-family="${xml(FONTS)}">
<title>${xml(title)}</title>
<desc>${xml(printable(says, 4000))}</desc>
<rect width="${w}" height="${h}" fill="white"/>
${canvas.elements.join('\n')}
</svg>
`;
}

/** What stands where there is nothing to draw. */
export function nothing(canvas: Canvas, left: number, top: number): number {
  return canvas.lines(['No data.'], left, top, { ...SUBTITLE, fill: INK });
}
