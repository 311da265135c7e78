import type { Rule } from './rule.ts';

/** Window: what a migration makes of an over-map. Reported by `overmap migrate trace --to`, and by no audit. */
export const OM012: Rule = {
  id: 'OM012',
  severity: 'note',
  title: 'window',
  detects: 'In a migrated trace, an address that was never empty is empty between an unmap and the map behind it.',
  why: 'The recorded client replaced one page by another in one call. The migrated one needs two, and between them a thread that touches the address faults.',
  promise:
    'Page Map promises `DeleteFirst` where a mapping exists, so that a replacement always takes two calls; the manual says nothing about what lies between them.',
  answers: [
    {
      columns: ['', 'legacy', 'strict, exact'],
      rows: [
        ['the map alone', 'ok, replaced', 'DeleteFirst'],
        ['unmap, then map', 'ok', 'ok'],
      ],
    },
  ],
  bad: {
    about: 'By `overmap migrate trace --to strict` in a trace like this, in front of the second map:',
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
  fix: {
    kind: 'quiesce',
    text: 'Stop the threads that may touch the address, or map the new frame elsewhere and switch.',
  },
  notes: [
    'Reported by `overmap migrate trace --to`, which knows the trace before and after. An audit sees one of them: in the original there is no window yet, and in the migrated one an unmap in front of a map is what a careful client does.',
    'In the trace nothing happens between the two calls; other threads run all the same.',
    'In an strace log that `--to noreplace` rewrites, a window is the range between an inserted munmap and the call that fills it; `length` says how many bytes it has.',
  ],
  source: 'This rule judges what a migration puts into a trace. For the answers see [OM001](OM001.md).',
  say: (f) =>
    `${f.vaddr} (${f.size}) is empty between the unmap of capability ${f.detail}${f.mappedLine > 0 ? `, mapped at line ${f.mappedLine},` : ''} and this map of capability ${f.cap}.`,
};
