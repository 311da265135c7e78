import { cardHelp, cardMarkdown } from '@overmap/report';
import { describe, expect, it } from 'vitest';
import { card } from './cards.ts';

describe('cardMarkdown', () => {
  it('is a page with everything that the card says', () => {
    expect(cardMarkdown(card)).toBe(`# OM001: over-map

Severity: error

**Detects:** A page is replaced.

## Why it matters

It is gone, and its unmap is dead ([OM004](OM004.md)).

## What the manual promises

\`DeleteFirst\`.

## What the kernel answers

By architecture:

| architecture | legacy |
|---|---|
| aarch64 | ok |
| riscv64 | DeleteFirst |

## Found

One over the other:

\`\`\`jsonl bad to=exact
{"op":"map"}
{"op":"map"}
\`\`\`

## Not found

One:

\`\`\`jsonl good
{"op":"map"}
\`\`\`

## Fix

Unmap first. Or stop the thread.

## Notes

See [holes.md](../sel4/holes.md).

## Source

vspace.c
`);
  });

  it('says so where there is no fix', () => {
    const { advice: _, ...rest } = card;
    expect(cardMarkdown({ ...rest, fix: null })).toContain('## Fix\n\nThere is no general one.\n');
  });

  it('breaks lines at 120 columns, but not tables and sequences', () => {
    const text = cardMarkdown({ ...card, why: 'word '.repeat(100), answers: [] });
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
  });
});

it('cardHelp leads nowhere that is not at hand', () => {
  expect(cardHelp(card)).toContain('its unmap is dead (OM004).');
  expect(cardHelp(card)).not.toMatch(/\]\(/);
});
