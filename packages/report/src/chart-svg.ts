import type { Chart } from './chart.ts';
import { axisTitle } from './svg-axis.ts';
import { svgDocument } from './svg-frame.ts';
import { drawLines } from './svg-lines.ts';
import { drawRanges } from './svg-ranges.ts';
import { drawStacks } from './svg-stacks.ts';

/**
 * A chart as a standalone SVG document: no scripts, nothing from elsewhere, text as text, on white. The same chart gives
 * the same bytes. Texts are broken into lines, and the picture becomes as high as it must be.
 *
 * @param options.width - pixels; 960 if not given, and at least 360
 */
export function svgChart(chart: Chart, { width }: { readonly width?: number } = {}): string {
  switch (chart.kind) {
    case 'lines': {
      const says = `Lines of ${axisTitle(chart.y)} over ${axisTitle(chart.x)}, for ${named(chart.panels)}.`;
      return svgDocument(chart, width, about(chart, says), (canvas, frame) => drawLines(canvas, chart, frame));
    }
    case 'stacks': {
      const says = `Stacked bars of ${axisTitle(chart.axis)}, for ${named(chart.panels)}.`;
      return svgDocument(chart, width, about(chart, says), (canvas, frame) => drawStacks(canvas, chart, frame));
    }
    case 'ranges': {
      const says = `Ranges of ${axisTitle(chart.axis)}, for ${named(chart.groups)}.`;
      return svgDocument(chart, width, about(chart, says), (canvas, frame) => drawRanges(canvas, chart, frame));
    }
  }
}

const about = ({ subtitle }: Chart, says: string): string => (subtitle === undefined ? says : `${subtitle} ${says}`);

/** The titles of panels: "a, b". */
function named(panels: readonly { readonly title: string }[]): string {
  const titles = panels.map(({ title }) => title).filter((title) => title !== '');
  return titles.length === 0 ? 'all' : titles.join(', ');
}
