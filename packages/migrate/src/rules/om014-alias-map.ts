import { answer, type Rule, since } from './rule.ts';

/** Alias map. */
export const OM014: Rule = {
  id: 'OM014',
  severity: 'warning',
  title: 'alias map',
  detects: 'An unmapped copy of a frame is mapped over its own frame.',
  why: 'The page stays the same frame, but afterwards two capabilities record it and either unmap removes it. A strict kernel answers DeleteFirst, since the copy is not mapped.',
  fix: {
    kind: 'same-capability',
    text: 'Change rights through the capability that made the mapping, or unmap that one first.',
  },
  say: (f) =>
    `Capability ${f.cap}, an unmapped copy, was mapped at ${f.vaddr} over its own frame ${f.frame}${since(f)}. ${answer(f)}`,
};
