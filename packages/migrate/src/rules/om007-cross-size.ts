import type { Rule } from './rule.ts';

/** Cross-size collision. */
export const OM007: Rule = {
  id: 'OM007',
  severity: 'warning',
  title: 'cross-size collision',
  detects: 'A map is refused because a page of another size, or a page table, holds the place.',
  why: 'The answer depends on the architecture (FailedLookup or DeleteFirst), and under pull request 1526 on aarch64 also on what the first entry of the table holds: portable clients cannot interpret it.',
  fix: {
    kind: 'unmap-first',
    text: 'Unmap the pages (and the page table) that cover the range before mapping another size there.',
  },
  say: (f) =>
    `Mapping capability ${f.cap} (${f.size}) at ${f.vaddr} met ${f.obstacle}${f.mappedLine > 0 ? `, mapped at line ${f.mappedLine},` : ''} and was answered ${f.fromAnswer}${f.toAnswer === f.fromAnswer ? '' : `; ${f.to} answers ${f.toAnswer}`}.`,
};
