import type { Rule } from './rule.ts';

/** Stale capability left behind. */
export const OM003: Rule = {
  id: 'OM003',
  severity: 'note',
  title: 'stale capability left behind',
  detects:
    'At the next start mark, or at the end, a frame capability records an address whose entry does not hold its frame at its size.',
  why: 'The capability looks mapped and is not: a map elsewhere is refused, and a map at the same address counts as a remap.',
  fix: {
    kind: 'unmap',
    text: 'Unmap (or delete) frame capabilities before their page table, their vspace, or the mapping itself goes.',
  },
  say: (f) =>
    `${f.count === 1 ? 'One capability still records a mapping that is gone' : `${f.count} capabilities still record mappings that are gone`}, the first of them capability ${f.cap} at ${f.vaddr}${f.mappedLine > 0 ? `, mapped at line ${f.mappedLine}` : ''}.`,
};
