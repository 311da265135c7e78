import { type Rule, since } from './rule.ts';

/** Alias unmap. */
export const OM005: Rule = {
  id: 'OM005',
  severity: 'warning',
  title: 'alias unmap',
  detects: 'A capability cleared the mapping that another capability had made of the same frame.',
  why: 'Unmap compares address, size and frame, never the capability. The other capability now records a mapping that is gone.',
  fix: { kind: 'unmap-owner', text: 'Unmap through the capability that made the mapping.' },
  say: (f) =>
    `${f.op === 'delete' ? 'Deleting' : 'Unmapping'} capability ${f.cap} cleared the page at ${f.vaddr} that another capability of frame ${f.frame} had made${since(f)}.`,
};
