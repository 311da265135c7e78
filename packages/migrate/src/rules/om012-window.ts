import type { Rule } from './rule.ts';

/** Window: what a migration makes of an over-map. */
export const OM012: Rule = {
  id: 'OM012',
  severity: 'note',
  title: 'window',
  detects: 'In a migrated trace, an address that was never empty is empty between an unmap and the map behind it.',
  why: 'The recorded client replaced one page by another in one call. The migrated one needs two, and between them a thread that touches the address faults.',
  promise:
    'The manual promises nothing about the moment between two invocations: an address that nothing maps faults. A map over a page is one invocation, and leaves no such moment.',
  answers: [
    '`legacy`: the map alone is ok, and replaces the page.',
    '`strict` and `exact`: the map alone is DeleteFirst; the unmap and the map behind it are ok.',
  ],
  bad: {
    about: '`overmap migrate trace --to strict` puts an unmap in front of the second map, and tells the window:',
    lines: [
      '{"op":"map","cap":10,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"map","cap":11,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
    ],
  },
  good: {
    about: 'The recorded client had the window already:',
    lines: [
      '{"op":"map","cap":10,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"unmap","cap":10,"ret":"ok"}',
      '{"op":"map","cap":11,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
    ],
  },
  notes: [
    'Only a migration tells windows, see [the guide](../guide-migrate.md#windows). In the trace nothing happens between the two calls; other threads run all the same.',
  ],
  source: 'The definition is that of the migration: packages/migrate/src/migration-proof.ts.',
  fix: {
    kind: 'quiesce',
    text: 'Stop the threads that may touch the address, or map the new frame elsewhere and switch.',
  },
  say: (f) =>
    `${f.vaddr} (${f.size}) is empty between the unmap of capability ${f.detail}${f.mappedLine > 0 ? `, mapped at line ${f.mappedLine},` : ''} and this map of capability ${f.cap}.`,
};
