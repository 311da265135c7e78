import type { Rule } from './rule.ts';

/** Dead unmap. */
export const OM004: Rule = {
  id: 'OM004',
  severity: 'note',
  title: 'dead unmap',
  detects: 'An unmap of a recorded mapping clears nothing.',
  why: 'The call answers ok, but the page it meant was gone or had been replaced: the bookkeeping of the client and the page table differ.',
  fix: {
    kind: 'unmap-earlier',
    text: 'Unmap before the mapping is replaced, or before its page table or vspace goes.',
  },
  say: (f) => `Unmapping capability ${f.cap} answered ok and cleared nothing at ${f.vaddr}: ${f.detail}.`,
};
