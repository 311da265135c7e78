import { BASE, breakText, type Font, LINE, MIDDLE, xml } from './svg-text.ts';

/** A number of pixels with at most two digits, so that a picture does not depend on the last bits of a sum. */
export const fixed = (n: number): string => String(Math.round(n * 100) / 100 + 0);

/** Attributes of an element; numbers are pixels. */
type Attributes = Readonly<Record<string, string | number | undefined>>;

/** A text's place: `x` is its left end unless it is anchored otherwise. */
export interface TextLook extends Font {
  readonly fill: string;
  readonly anchor?: 'middle' | 'end';
}

/** Collects the elements of a picture in the order in which they are painted. */
export class Canvas {
  readonly elements: string[] = [];

  /** An empty element. */
  shape(name: string, attributes: Attributes): void {
    this.elements.push(`<${name}${written(attributes)}/>`);
  }

  /** A thin line, horizontal or vertical. */
  rule(x1: number, y1: number, x2: number, y2: number, stroke: string): void {
    this.shape('line', { x1, y1, x2, y2, stroke, 'stroke-width': 1 });
  }

  /** One line of text on a base line. */
  text(text: string, x: number, y: number, look: TextLook): void {
    if (text === '') return;
    const attributes = {
      x,
      y,
      'font-size': look.size,
      'font-weight': look.bold === true ? 'bold' : undefined,
      'text-anchor': look.anchor,
      fill: look.fill,
    };
    this.elements.push(`<text${written(attributes)}>${xml(text)}</text>`);
  }

  /**
   * Lines below each other.
   *
   * @param top - of the first line
   * @returns the bottom of the last one
   */
  lines(lines: readonly string[], x: number, top: number, look: TextLook): number {
    lines.forEach((line, n) => this.text(line, x, top + (n * LINE + BASE) * look.size, look));
    return top + lines.length * LINE * look.size;
  }

  /** Lines below each other, their middle at `y`. */
  centred(lines: readonly string[], x: number, y: number, look: TextLook): void {
    const first = y + (MIDDLE - ((lines.length - 1) / 2) * LINE) * look.size;
    lines.forEach((line, n) => this.text(line, x, first + n * LINE * look.size, look));
  }

  /** A text broken into lines of a width; nothing if it is empty. */
  paragraph(text: string, x: number, top: number, width: number, look: TextLook): number {
    return text === '' ? top : this.lines(breakText(text, look, width), x, top, look);
  }
}

const written = (attributes: Attributes): string =>
  Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${typeof value === 'number' ? fixed(value) : xml(value ?? '')}"`)
    .join('');
