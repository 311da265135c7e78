import { BASE, type Font, LINE, textWidth } from '../src/svg-text.ts';

/** An element of an XML document. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

const ENTITY = /&(?:amp|lt|gt|quot|#39);/g;
const CHARACTERS: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

function plain(text: string): string {
  if (text.replace(ENTITY, '').includes('&')) throw new Error(`a bare & in: ${text}`);
  return text.replace(ENTITY, (entity) => CHARACTERS[entity] ?? '');
}

/** Reads the XML that the writer may use: elements, attributes in double quotes, text, five entities. Strict. */
export function readXml(xml: string): Element {
  const root: Element = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  let at = 0;
  const tag = /<(\/?)([A-Za-z]+)((?: [a-z][A-Za-z0-9-]*="[^"<]*")*)(\/?)>/y;
  while (at < xml.length) {
    const top = open.at(-1) ?? root;
    if (xml[at] !== '<') {
      const end = xml.indexOf('<', at);
      const text = xml.slice(at, end < 0 ? undefined : end);
      if (text.includes('>')) throw new Error(`a bare > in: ${text}`);
      top.text += plain(text);
      at += text.length;
      continue;
    }
    tag.lastIndex = at;
    const found = tag.exec(xml);
    if (found === null) throw new Error(`no tag: ${xml.slice(at, at + 80)}`);
    at = tag.lastIndex;
    const [, slash, name = '', list = '', empty] = found;
    if (slash === '/') {
      if (top.name !== name || open.length === 1) throw new Error(`</${name}> closes <${top.name}>`);
      open.pop();
      continue;
    }
    const pairs = [...list.matchAll(/ ([^=]+)="([^"]*)"/g)].map(
      ([, key = '', value = '']) => [key, plain(value)] as const,
    );
    if (new Set(pairs.map(([key]) => key)).size < pairs.length) throw new Error(`an attribute twice: ${found[0]}`);
    const element: Element = { name, attributes: Object.fromEntries(pairs), children: [], text: '' };
    top.children.push(element);
    if (empty !== '/') open.push(element);
  }
  if (open.length > 1) throw new Error(`<${open.at(-1)?.name}> is not closed`);
  const [svg] = root.children;
  if (svg === undefined || root.children.length !== 1 || root.text.trim() !== '') throw new Error('not one element');
  return svg;
}

/** A text of a picture and a box that it surely lies in. */
export interface TextBox {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** What a tall font has above its base line and below it, in font sizes; this is less than the writer keeps for a line. */
const ASCENT = 0.93;
const DESCENT = 0.24;
if (ASCENT > BASE || DESCENT > LINE - BASE) throw new Error('lines overlap each other');

/** The boxes of all texts. */
export function textBoxes(svg: Element): TextBox[] {
  return svg.children
    .filter(({ name }) => name === 'text')
    .map(({ attributes, text }) => {
      const size = Number(attributes['font-size']);
      const font: Font = { size, bold: attributes['font-weight'] === 'bold' };
      const width = textWidth(text, font);
      const [x, y] = [Number(attributes['x']), Number(attributes['y'])];
      const left = { middle: x - width / 2, end: x - width }[attributes['text-anchor'] ?? ''] ?? x;
      return { text, left, right: left + width, top: y - ASCENT * size, bottom: y + DESCENT * size };
    });
}

/** What is wrong with a picture's layout: texts that overlap, or leave the picture. Less than half a pixel is nothing. */
export function faults(svg: Element): string[] {
  const [x = 0, y = 0, width = 0, height = 0] = (svg.attributes['viewBox'] ?? '').split(' ').map(Number);
  const boxes = textBoxes(svg);
  const found: string[] = [];
  boxes.forEach((a, n) => {
    const inside = a.left >= x - 0.5 && a.right <= width + 0.5 && a.top >= y - 0.5 && a.bottom <= height + 0.5;
    if (!inside) found.push(`"${a.text}" leaves the picture`);
    for (const b of boxes.slice(n + 1)) {
      const [w, h] = [
        Math.min(a.right, b.right) - Math.max(a.left, b.left),
        Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top),
      ];
      if (w > 0.5 && h > 0.5) found.push(`"${a.text}" and "${b.text}" overlap`);
    }
  });
  return found;
}

/** Everything that is drawn lies in the picture: numbers are numbers, and places are within it. */
export function badNumbers(svg: Element): string[] {
  const [, , width = 0, height = 0] = (svg.attributes['viewBox'] ?? '').split(' ').map(Number);
  const found: string[] = [];
  const check = (what: string, n: number, most: number): void => {
    if (!(n >= -0.5 && n <= most + 0.5)) found.push(`${what}: ${n}`);
  };
  for (const { name, attributes } of svg.children) {
    for (const key of ['x', 'x1', 'x2', 'cx'])
      if (key in attributes) check(`${name} ${key}`, Number(attributes[key]), width);
    for (const key of ['y', 'y1', 'y2', 'cy'])
      if (key in attributes) check(`${name} ${key}`, Number(attributes[key]), height);
    for (const key of ['width', 'height'])
      if (key in attributes) check(`${name} ${key}`, Number(attributes[key]), Math.max(width, height));
    for (const key of ['d', 'transform'])
      if (/NaN|Infinity|e/.test((attributes[key] ?? '').replace('translate', '')))
        found.push(`${name} ${key}: ${attributes[key]}`);
    if (name === 'path' && attributes['transform'] === undefined) {
      for (const [, px, py] of (attributes['d'] ?? '').matchAll(/[ML](-?[\d.]+),(-?[\d.]+)/g)) {
        check('path x', Number(px), width);
        check('path y', Number(py), height);
      }
    }
  }
  return found;
}
