import { scaleLinear } from 'd3-scale';
import {
  type SymbolType,
  symbol,
  symbolCircle,
  symbolDiamond,
  symbolSquare,
  symbolTriangle,
  symbolTriangle2,
} from 'd3-shape';
import type { TextLook } from './svg-canvas.ts';

export const INK = '#1f2328';
export const FAINT = '#57606a';
export const GRID = '#e4e6e9';
export const AXIS = '#8c949e';

export const TITLE: TextLook = { size: 17, bold: true, fill: INK };
export const SUBTITLE: TextLook = { size: 12.5, fill: FAINT };
export const HEADING: TextLook = { size: 12, bold: true, fill: INK };
export const LABEL: TextLook = { size: 11, fill: INK };
export const TICK: TextLook = { size: 10.5, fill: FAINT };
export const AXIS_TITLE: TextLook = { size: 11, fill: FAINT };
export const NOTE: TextLook = { size: 10.5, fill: FAINT };

/**
 * Lines: lightness 13, 60, 40, 28 and 51 of 100, at least 3:1 against white, told apart also without red, green or blue
 * cones; dashes and dots tell them apart without any colour.
 */
const LINES = ['#14213d', '#dc760f', '#1f60a6', '#7a1f4b', '#17877a'];
const DASHES = [undefined, '6 3', '2 2.5', '9 3 2 3'];
const DASHED = '5 3';
const DOTS: readonly (readonly [type: SymbolType, open: boolean])[] = [
  [symbolCircle, false],
  [symbolSquare, true],
  [symbolTriangle, false],
  [symbolDiamond, true],
  [symbolSquare, false],
  [symbolCircle, true],
  [symbolTriangle2, true],
];

/** How one series of lines is drawn. */
export interface LineLook {
  readonly colour: string;
  /** The dot's outline around 0, 0, and what it is filled with. */
  readonly dot: string;
  readonly dotFill: string;
  readonly dash: string | undefined;
}

/** How the n-th series is drawn. */
export function lineLook(n: number, dashed: boolean | undefined): LineLook {
  const colour = LINES[n % LINES.length] ?? INK;
  const [type, open] = DOTS[n % DOTS.length] ?? [symbolCircle, false];
  const automatic = DASHES[n % DASHES.length];
  return {
    colour,
    dot: symbol(type, 26).digits(2)() ?? '',
    dotFill: open ? 'white' : colour,
    dash: dashed === undefined ? automatic : dashed ? DASHED : undefined,
  };
}

/** Parts of bars: from dark to light, so that neighbours differ without colours; lightness 20, 44, 61, 74 and 89 of 100. */
const PARTS = scaleLinear<string>([0, 0.25, 0.5, 0.75, 1], ['#14305c', '#2a6f97', '#5aa469', '#e0b040', '#f4dfa6']);

/** A part's colour and the one that a text on it has. */
export interface PartLook {
  readonly fill: string;
  readonly ink: string;
}

/** How the n-th of some kinds of parts is drawn. */
export function partLook(n: number, of: number): PartLook {
  const at = of < 2 ? 0.25 : n / (of - 1);
  // Of the two the one with more contrast.
  return { fill: PARTS(at), ink: at <= 0.4 ? 'white' : INK };
}
