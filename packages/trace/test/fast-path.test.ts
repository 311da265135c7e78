import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatEvent } from '../src/index.ts';
import { anyEvent } from './events.ts';
import { rowOfEvent, scanLines, slowly } from './lines.ts';

/** JSON of an object with its keys in a given order and blanks between the tokens. */
function spell(event: object, order: readonly number[], gaps: readonly string[]): string {
  const entries = Object.entries(event)
    .map((entry, k) => ({ entry, at: order[k % order.length] ?? 0 }))
    .sort((a, b) => a.at - b.at);
  let gap = 0;
  const blank = (): string => gaps[gap++ % gaps.length] ?? '';
  const members = entries.map(
    ({ entry: [key, value] }) =>
      `${blank()}${JSON.stringify(key)}${blank()}:${blank()}${JSON.stringify(value)}${blank()}`,
  );
  return `{${members.join(',')}}`;
}

const order = fc.array(fc.nat(), { minLength: 1, maxLength: 16 });
const gaps = fc.array(fc.constantFrom('', '', '', ' ', '\t', '  '), { minLength: 1, maxLength: 9 });

describe('the fast path', () => {
  it('agrees with JSON.parse and validation on valid events, whatever their spelling', () => {
    fc.assert(
      fc.property(anyEvent, order, gaps, fc.boolean(), (event, at, blanks, truth) => {
        const line = spell(event, at, blanks);
        const { rows, bad } = scanLines([line], { truth, states: true });
        expect(bad).toEqual([]);
        expect(rows).toEqual([slowly(line, truth)]);
      }),
      { numRuns: 2000 },
    );
  });

  it('takes every valid event as formatEvent spells it, but for numbers of ten digits, small sizes and escapes', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const line = formatEvent(event);
        const { rows, scanner } = scanLines([line], { truth: true });
        expect(rows).toEqual([rowOfEvent(event)]);
        const smallBits = event.op === 'retype' && (event.bits ?? 0) < 10;
        const odd = smallBits || /\d{10}|\\|[^\0-\u007f]/u.test(line);
        expect(odd || scanner.slowLines === 0).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('never accepts a damaged line that JSON.parse and validation refuse, and agrees where they accept', () => {
    const damage = fc.array(
      fc.record({
        at: fc.nat(),
        byte: fc.integer({ min: 0, max: 255 }),
        kind: fc.constantFrom('set', 'insert', 'remove', 'copy'),
      }),
      {
        minLength: 1,
        maxLength: 3,
      },
    );
    const likely = fc.constantFrom(
      ...'0123456789abcdefx"{}[]:,. \\-+eEtrufalsnpw'.split('').map((c) => c.charCodeAt(0)),
    );
    fc.assert(
      fc.property(
        anyEvent,
        damage,
        fc.array(likely, { minLength: 3, maxLength: 3 }),
        fc.boolean(),
        (event, changes, bytes, truth) => {
          const line = [...new TextEncoder().encode(formatEvent(event))];
          changes.forEach(({ at, byte, kind }, k) => {
            const p = at % line.length;
            const value = k % 2 === 0 ? (bytes[k] ?? byte) : byte;
            if (value === 0x0a) return;
            if (kind === 'set') line[p] = value;
            else if (kind === 'insert') line.splice(p, 0, value);
            else if (kind === 'remove' && line.length > 1) line.splice(p, 1);
            else line.splice(p, 0, ...line.slice(p, p + 12));
          });
          const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(line));
          const wanted = slowly(text, truth);
          const { rows, scanner } = scanLines([text], { truth });
          if (text.trim() === '') return;
          expect(rows).toEqual(wanted === undefined ? [] : [wanted]);
          expect(scanner.badLines).toBe(wanted === undefined ? 1 : 0);
        },
      ),
      { numRuns: 5000 },
    );
  });

  it.each([
    [
      'an escape in a value',
      '{"op":"\\u006dap","cap":1,"vspace":2,"vaddr":"0x1000","rights":"rw","attr":0,"ret":"ok"}',
    ],
    ['an escape in a key', '{"op":"unmap","c\\u0061p":1,"ret":"ok"}'],
    ['blanks everywhere', '{ "op" : "unmap" ,\t"cap" : 1 , "ret" : "ok" }  '],
    ['a key twice: the last one counts', '{"op":"unmap","cap":9,"cap":1,"ret":"ok"}'],
    ['the operation twice', '{"op":"delete","op":"unmap","cap":1,"ret":"ok"}'],
    ['a number with an exponent', '{"op":"unmap","cap":1e0,"ret":"ok"}'],
    ['an unknown key', '{"op":"unmap","cap":1,"zz":[{"cap":3}],"note":"a \\" b","x":-1.5e3,"ret":"ok"}'],
    ['a key of another operation', '{"op":"unmap","cap":1,"rights":"what","vaddr":7,"ret":"ok"}'],
    ['a detail of another error', '{"op":"unmap","cap":1,"arg":"x","ret":"ok"}'],
    ['upper-case hex', '{"op":"address","cap":1,"ret":"ok","paddr":"0xABCDEF0123"}'],
    ['a size of one digit', '{"op":"retype","obj":"page","bits":9,"cap":1,"n":1,"ret":"ok"}'],
  ])('leaves to the slow path, with its result: %s', (_, line) => {
    const { rows, bad, scanner } = scanLines([line]);
    expect(bad).toEqual([]);
    expect(rows).toEqual([slowly(line, false)]);
    expect(scanner.slowLines).toBe(1);
  });

  it('takes keys in another order and the spacing of Python’s json.dumps', () => {
    const lines = ['{"op": "unmap", "cap": 7, "ret": "ok"}', '{"ret":"ok","cap":7,"op":"unmap"}'];
    const { rows, scanner } = scanLines(lines);
    expect(rows.map((row) => [row['op'], row['cap'], row['outcome']])).toEqual([
      [7, 8, 0],
      [7, 8, 0],
    ]);
    expect(scanner.slowLines).toBe(0);
  });
});
