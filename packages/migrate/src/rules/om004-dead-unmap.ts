import type { Rule } from './rule.ts';

/** Dead unmap. */
export const OM004: Rule = {
  id: 'OM004',
  severity: 'note',
  title: 'dead unmap',
  detects: 'An unmap of a recorded mapping clears nothing.',
  why: 'The call answers ok, but the page it meant was gone or had been replaced. The bookkeeping of the client and the page table differ. A dead unmap is the usual trace of an earlier over-map.',
  promise:
    'Page Unmap removes an existing mapping; no error is promised for a mapping that is gone, and none is given. The recorded answer is `ok`.',
  answers: [
    'ok, on every architecture and under every policy: Page_Unmap cannot fail. The capability forgets its record in any case.',
  ],
  bad: {
    about: 'The place of frame 10 was taken, so its unmap finds another frame:',
    lines: [
      '{"op":"map","cap":10,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"map","cap":11,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"unmap","cap":10,"ret":"ok"}',
    ],
  },
  good: {
    about: 'The second unmap here is of a capability that records nothing, which is not dead but void:',
    lines: [
      '{"op":"map","cap":10,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"unmap","cap":10,"ret":"ok"}',
      '{"op":"unmap","cap":10,"ret":"ok"}',
    ],
  },
  fix: {
    kind: 'unmap-earlier',
    text: 'Unmap before the mapping is replaced, or before its page table or vspace goes.',
  },
  notes: [
    'A *deletion* that clears nothing is counted apart (`deadDeletes`) and is no finding: tear-downs that remove tables first make many of them.',
  ],
  source:
    'unmapPage of each architecture, whose result the perform functions ignore. See [sources.md](../sel4/sources.md).',
  say: (f) => `Unmapping capability ${f.cap} answered ok and cleared nothing at ${f.vaddr}: ${f.detail}.`,
};
