import { describe, expect, it } from 'vitest';
import { AXIS, FAINT, INK, lineLook, partLook } from '../src/svg-look.ts';

/** Relative luminance (WCAG 2) of `#rrggbb`, `rgb(r, g, b)` or white. */
function luminance(colour: string): number {
  const hex = colour === 'white' ? '#ffffff' : colour;
  const channels = hex.startsWith('#')
    ? [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16))
    : [...hex.matchAll(/\d+/g)].map(([n]) => Number(n));
  const [r = 0, g = 0, b = 0] = channels
    .map((n) => n / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** Lightness of CIELAB, 0 to 100: what is left in greyscale. */
const lightness = (colour: string): number => 116 * Math.cbrt(luminance(colour)) - 16;

describe('texts and rules', () => {
  it('can be read on white', () => {
    expect(contrast(INK, 'white')).toBeGreaterThan(12);
    expect(contrast(FAINT, 'white')).toBeGreaterThan(4.5);
    expect(contrast(AXIS, 'white')).toBeGreaterThan(3);
  });
});

describe('lines', () => {
  const looks = Array.from({ length: 20 }, (_, n) => lineLook(n, undefined));

  it('can be seen on white', () => {
    for (const { colour } of looks) expect(contrast(colour, 'white')).toBeGreaterThan(3);
  });

  it('differ in lightness', () => {
    const five = looks
      .slice(0, 5)
      .map(({ colour }) => lightness(colour))
      .toSorted((a, b) => a - b);
    for (const [n, l] of five.slice(1).entries()) expect(l - (five[n] ?? 0)).toBeGreaterThan(9);
  });

  it('differ without colours, and from all others with them', () => {
    const without = looks.slice(0, 7).map(({ dot, dotFill, colour }) => `${dot} ${dotFill === colour}`);
    expect(new Set(without).size).toBe(7);
    const all = looks.map(({ colour, dot, dash }) => `${colour} ${dot} ${dash}`);
    expect(new Set(all).size).toBe(looks.length);
  });
});

describe('parts', () => {
  it.each([1, 2, 3, 4, 5, 6, 9])('have names that can be read on them: %d', (of) => {
    for (let n = 0; n < of; n++) {
      const { fill, ink } = partLook(n, of);
      expect(contrast(fill, ink)).toBeGreaterThan(3.8);
    }
  });

  it('become lighter in steps', () => {
    const steps = Array.from({ length: 5 }, (_, n) => lightness(partLook(n, 5).fill));
    for (const [n, l] of steps.slice(1).entries()) expect(l - (steps[n] ?? 0)).toBeGreaterThan(12);
  });
});
