import { answer, type Rule, since } from './rule.ts';

/** Over-map. */
export const OM001: Rule = {
  id: 'OM001',
  severity: 'error',
  title: 'over-map',
  detects: "An unmapped capability's frame takes the place of another live frame.",
  why: 'The first mapping is gone without an unmap, and its capability does not know: it still records the address, and its unmap will clear nothing. A kernel that refuses over-mapping answers DeleteFirst, and the address keeps the first frame.',
  fix: { kind: 'unmap-first', text: 'Unmap the capability that holds the place before mapping the other.' },
  say: (f) =>
    `Mapping capability ${f.cap} at ${f.vaddr} replaced the live ${f.size} page of frame ${f.held}${since(f)} by frame ${f.frame}. ${answer(f)}`,
};
