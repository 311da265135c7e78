import { type Chart, svgChart } from '@overmap/report';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GRID } from '../src/svg-look.ts';
import { anyChart, lines, ranges, stacks } from './chart.samples.ts';
import { HOSTILE } from './data-table.samples.ts';
import { UNSAFE } from './samples.ts';
import { badNumbers, type Element, faults, readXml, textBoxes } from './svg-reader.ts';

const KNOWN = new Set(['title', 'desc', 'rect', 'line', 'path', 'circle', 'text']);

/** Everything that holds of any picture. */
function sound(chart: Chart, width?: number): Element {
  const text = svgChart(chart, width === undefined ? {} : { width });
  expect(text).not.toMatch(UNSAFE);
  const svg = readXml(text);
  expect(svg.attributes).toMatchObject({ xmlns: 'http://www.w3.org/2000/svg', role: 'img' });
  const [title, desc, white] = svg.children;
  expect([title?.name, desc?.name, white?.name]).toEqual(['title', 'desc', 'rect']);
  expect(white?.attributes).toEqual({
    width: svg.attributes['width'],
    height: svg.attributes['height'],
    fill: 'white',
  });
  for (const { name, attributes, children } of svg.children) {
    expect(KNOWN).toContain(name);
    expect(children).toEqual([]);
    expect(Object.keys(attributes).filter((key) => /^on|href|style/.test(key))).toEqual([]);
  }
  expect(faults(svg)).toEqual([]);
  expect(badNumbers(svg)).toEqual([]);
  expect(svgChart(structuredClone(chart), width === undefined ? {} : { width })).toBe(text);
  return svg;
}

const textsOf = (svg: Element): string[] => svg.children.filter(({ name }) => name === 'text').map(({ text }) => text);

describe('svgChart', () => {
  it('keeps texts apart and inside, whatever the model and the width', () => {
    fc.assert(
      fc.property(anyChart, fc.option(fc.integer({ min: 0, max: 1600 })), (chart, width) => {
        expect(sound(chart, width ?? undefined).name).toBe('svg');
      }),
      { numRuns: 100 },
    );
  });

  it.each([lines, stacks, ranges])('shows the sample of $kind', (chart) => {
    for (const width of [undefined, 360, 480, 720, 1400, Number.NaN, -1]) expect(sound(chart, width).name).toBe('svg');
  });

  it.each<[string, Chart]>([
    ['lines', { ...lines, panels: [] }],
    ['lines in panels', { ...lines, panels: [{ title: 'p', series: [{ name: 's', points: [] }] }] }],
    ['panels of bars', { ...stacks, panels: [] }],
    ['bars', { ...stacks, panels: [{ title: 'p', bars: [] }] }],
    ['groups of ranges', { ...ranges, groups: [] }],
    ['ranges', { ...ranges, groups: [{ title: 'p', rows: [] }] }],
  ])('says that there are no %s', (_, chart) => {
    expect(textsOf(sound(chart))).toContain('No data.');
  });

  it.each(HOSTILE)('lets nothing be injected: %j', (text) => {
    const words = { title: text, subtitle: text, notes: [text] };
    const axis = { title: text, unit: text, scale: 'linear' } as const;
    const charts: readonly Chart[] = [
      {
        ...words,
        kind: 'lines',
        x: axis,
        y: axis,
        panels: [{ title: text, series: [{ name: text, points: [{ x: 1, y: 1 }] }] }],
      },
      {
        ...words,
        kind: 'stacks',
        axis,
        panels: [{ title: text, bars: [{ name: text, parts: [{ name: text, value: 1 }] }] }],
      },
      {
        ...words,
        kind: 'ranges',
        axis,
        groups: [{ title: text, rows: [{ name: text, low: 1, middle: 2, high: 3, note: text }] }],
      },
    ];
    for (const chart of charts) expect(sound(chart).name).toBe('svg');
  });

  it('shows a script as text', () => {
    const svg = sound({ ...ranges, title: '</text><script>alert(1)</script>' });
    expect(svg.children[0]?.text).toBe('</text><script>alert(1)</script>');
    expect(textsOf(svg)[0]).toBe('</text><script>alert(1)</script>');
  });

  it('breaks a long title and cuts one that has no end', () => {
    const svg = sound({ ...ranges, title: 'word '.repeat(40), notes: ['A'.repeat(10_000_000)] });
    expect(textsOf(svg).filter((text) => /^(word ?)+$/.test(text)).length).toBeGreaterThan(1);
    expect(textsOf(svg).at(-1)).toMatch(/A…$/);
  });

  it('says in words what it shows', () => {
    expect(sound(lines).children[1]?.text).toBe(
      'One invocation for each page, and one for many. Lines of price per page (instructions) over batch size (pages), for x86_64, aarch64, riscv64.',
    );
  });
});

describe('lines', () => {
  it('have titles with units, the given ticks and a name at each line', () => {
    const texts = textsOf(sound(lines));
    expect(texts).toContain('price per page (instructions)');
    expect(texts).toContain('batch size (pages)');
    for (const text of ['1', '4', '16', '64', '256', 'legacy', 'strict', 'batched', 'x86_64', 'aarch64', 'riscv64']) {
      const times = texts.filter((other) => other === text).length;
      expect([text, times]).toEqual([text, text.endsWith('64') && text.length > 2 ? 1 : 3]);
    }
  });

  it('have their names right of them, in the order of their ends', () => {
    const boxes = textBoxes(sound(lines, 360));
    const [legacy, strict, batched] = ['legacy', 'strict', 'batched'].map((name) =>
      boxes.find(({ text }) => text === name),
    );
    expect(strict?.bottom).toBeLessThanOrEqual(legacy?.top ?? 0);
    expect(legacy?.bottom).toBeLessThanOrEqual(batched?.top ?? 0);
    expect(legacy?.left).toBe(batched?.left);
  });

  it('place points on the scales', () => {
    const y = { title: '', unit: '', scale: 'linear', ticks: [0, 10] } as const;
    const x = { title: '', unit: '', scale: 'log2', ticks: [1, 4, 16] } as const;
    const points = [1, 4, 16].map((n) => ({ x: n, y: n === 4 ? 5 : 0 }));
    const svg = sound({ kind: 'lines', title: '', x, y, panels: [{ title: '', series: [{ name: '', points }] }] });
    const path = svg.children.find(({ attributes }) => attributes['stroke-width'] === '1.75');
    const places = [...(path?.attributes['d'] ?? '').matchAll(/[ML]([\d.]+),([\d.]+)/g)].map(([, a, b]) => [
      Number(a),
      Number(b),
    ]);
    const [first = [], second = [], third = []] = places;
    expect(places).toHaveLength(3);
    // On a logarithmic axis 4 is halfway between 1 and 16; 5 is halfway between 0 and 10.
    expect(second[0]).toBeCloseTo(((first[0] ?? 0) + (third[0] ?? 0)) / 2, 1);
    const grid = svg.children
      .filter(({ attributes }) => attributes['stroke'] === GRID)
      .map(({ attributes }) => Number(attributes['y1']));
    expect(second[1]).toBeCloseTo(((grid[0] ?? 0) + (grid[1] ?? 0)) / 2, 1);
    expect(first[1]).toBeCloseTo(Math.max(...grid), 1);
  });

  it('are solid or dashed as they say', () => {
    const dashes = sound(lines)
      .children.filter(({ attributes }) => attributes['stroke-width'] === '1.75')
      .map(({ attributes }) => attributes['stroke-dasharray']);
    expect(dashes).toHaveLength(9);
    expect(dashes.slice(0, 2)).toEqual([undefined, '5 3']);
  });

  it('have bands from low to high where they have intervals', () => {
    const y = { title: '', unit: '', scale: 'linear', ticks: [0, 10] } as const;
    const points = [
      { x: 1, y: 2, low: 0, high: 10 },
      { x: 4, y: 3, low: 0, high: 10 },
      { x: 16, y: 3 },
    ];
    const svg = sound({ ...lines, y, panels: [{ title: '', series: [{ name: 's', points }] }] });
    const [band, ...others] = svg.children.filter(({ attributes }) => 'fill-opacity' in attributes);
    expect(others).toEqual([]);
    const grid = svg.children
      .filter(({ attributes }) => attributes['stroke'] === GRID)
      .map(({ attributes }) => Number(attributes['y1']));
    const corners = [...(band?.attributes['d'] ?? '').matchAll(/,([\d.]+)/g)].map(([, at]) => Number(at));
    expect(corners).toHaveLength(4);
    expect(Math.min(...corners)).toBeCloseTo(Math.min(...grid), 1);
    expect(Math.max(...corners)).toBeCloseTo(Math.max(...grid), 1);
  });

  it('look the same in all panels when their names are, and differ otherwise', () => {
    const points = [
      { x: 1, y: 2 },
      { x: 4, y: 3 },
    ];
    const panels = ['ab', 'ba', 'b'].map((names) => ({
      title: names,
      series: [...names].map((name) => ({ name, points })),
    }));
    const colours = sound({ ...lines, panels })
      .children.filter(({ attributes }) => attributes['stroke-width'] === '1.75')
      .map(({ attributes }) => attributes['stroke']);
    const [a, b] = colours;
    expect(a).not.toBe(b);
    expect(colours).toEqual([a, b, b, a, b]);
  });

  it.each([
    ['all', 1],
    ['row', 2],
    ['none', 3],
  ] as const)('share their y-axis: %s', (sharedY, axes) => {
    const panels = [10, 1000, 100_000].map((y, n) => ({
      title: `p${n}`,
      series: [{ name: 's', points: [{ x: 1, y }] }],
    }));
    const svg = sound({ ...lines, panels, sharedY, columns: 2 });
    const zeros = textsOf(svg).filter((text) => text === '0');
    // A label for each row, or for each panel.
    expect(zeros).toHaveLength(sharedY === 'none' ? 3 : 2);
    const highest = new Set(textsOf(svg).filter((text) => /^(10|1,000|100,000)$/.test(text)));
    expect(highest.size).toBe(axes);
  });
});

describe('stacks', () => {
  it('name parts inside of them where they fit, and above where not, with totals', () => {
    const svg = sound(stacks);
    const texts = textsOf(svg);
    for (const text of ['one by one', 'batched', 'entry', 'walk', '1,806', '40.5', 'price per page (instructions)']) {
      expect(texts.filter((other) => other === text)).toHaveLength(1);
    }
    const boxes = textBoxes(svg);
    const bar = boxes.find(({ text }) => text === 'one by one');
    const key = boxes.find(({ text }) => text === 'write');
    expect(key?.bottom).toBeLessThan(bar?.top ?? 0);
    expect(boxes.find(({ text }) => text === 'walk')?.top).toBe(bar?.top);
  });

  it('are as wide as their values', () => {
    const bars = sound(stacks).children.filter(
      ({ name, attributes }) => name === 'rect' && attributes['height'] === '22',
    );
    const [entry = 0, walk = 0] = bars.map(({ attributes }) => Number(attributes['width']) + 1);
    expect(entry / walk).toBeCloseTo(2, 2);
  });

  it('leave out what is not above 0', () => {
    const parts = [-5, 0, Number.NaN, Number.POSITIVE_INFINITY, 7].map((value, n) => ({ name: `p${n}`, value }));
    const texts = textsOf(sound({ ...stacks, panels: [{ title: '', bars: [{ name: 'b', parts }] }] }));
    expect(texts.filter((text) => /^p\d$/.test(text))).toEqual(['p4']);
  });
});

describe('ranges', () => {
  it('print their values', () => {
    const texts = textsOf(sound(ranges));
    expect(texts).toEqual(
      expect.arrayContaining(['3 (2–5)', '2, exact', '5 (4–∞)', 'never (6–∞)', 'never pays', 'batch size (pages)']),
    );
  });

  it('have a dot at a middle, an arrow where they are open, and nothing where there is none', () => {
    const svg = sound(ranges);
    expect(svg.children.filter(({ name }) => name === 'circle')).toHaveLength(3);
    expect(svg.children.filter(({ name }) => name === 'path')).toHaveLength(2);
    const marks = svg.children.filter(({ attributes }) => attributes['stroke-width'] === '2');
    expect(marks).toHaveLength(4);
    expect(marks.filter(({ attributes }) => 'stroke-dasharray' in attributes)).toHaveLength(1);
    // The open ones end beyond the last tick, at their arrow.
    const last = textBoxes(svg).find(({ text }) => text === '6')?.right ?? Number.NaN;
    const beyond = marks.filter(({ attributes }) => Number(attributes['x2']) > last);
    expect(beyond.map(({ attributes }) => attributes['y1'])).toEqual(
      svg.children
        .filter(({ name }) => name === 'path')
        .map(({ attributes }) => /^M[\d.]+,([\d.]+)/.exec(attributes['d'] ?? '')?.[1]),
    );
  });

  it('lie from low to high', () => {
    const svg = sound(ranges);
    const tick = new Map(
      textBoxes(svg)
        .filter(({ text }) => /^\d$/.test(text))
        .map(({ text, left, right }) => [text, (left + right) / 2]),
    );
    const [map] = svg.children.filter(({ attributes }) => attributes['stroke-width'] === '2');
    expect(Number(map?.attributes['x1'])).toBeCloseTo(tick.get('2') ?? 0, 1);
    expect(Number(map?.attributes['x2'])).toBeCloseTo(tick.get('5') ?? 0, 1);
    expect(Number(svg.children.find(({ name }) => name === 'circle')?.attributes['cx'])).toBeCloseTo(
      tick.get('3') ?? 0,
      1,
    );
  });
});
