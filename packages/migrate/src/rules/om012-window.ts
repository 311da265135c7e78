import type { Rule } from './rule.ts';

/** Window: what a migration makes of an over-map. */
export const OM012: Rule = {
  id: 'OM012',
  severity: 'note',
  title: 'window',
  detects: 'In a migrated trace, an address that was never empty is empty between an unmap and the map behind it.',
  why: 'The recorded client replaced one page by another in one call. The migrated one needs two, and between them a thread that touches the address faults.',
  fix: {
    kind: 'quiesce',
    text: 'Stop the threads that may touch the address, or map the new frame elsewhere and switch.',
  },
  say: (f) =>
    `${f.vaddr} (${f.size}) is empty between the unmap of capability ${f.detail}${f.mappedLine > 0 ? `, mapped at line ${f.mappedLine},` : ''} and this map of capability ${f.cap}.`,
};
