import type { Rule } from './rule.ts';

/** Prefix left mapped. */
export const OM010: Rule = {
  id: 'OM010',
  severity: 'warning',
  title: 'prefix left',
  detects:
    'At least two maps in a row to consecutive addresses of one vspace succeeded, the one behind them was refused, and they are still mapped at the next mark or at the end.',
  why: 'A range that was to be mapped as a whole is there in part. The client that was refused has to take back what it had mapped, or to finish; what it leaves behind is in the way of the next map of that range, and frames that are given back stay mapped.',
  promise:
    'Each Page Map stands alone: a refused one changes nothing, and takes nothing back that was mapped before it.',
  answers: [
    'Recorded refusals only, with whatever error. A map that is answered FailedLookup and repeated when the table is there has finished the range.',
  ],
  bad: {
    about: 'Two pages of three are mapped, and stay:',
    lines: [
      '{"op":"retype","obj":"page","bits":12,"cap":12,"n":1,"paddr":"0x50002000","ret":"ok"}',
      '{"op":"map","cap":12,"vspace":2,"vaddr":"0x101fe000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"map","cap":10,"vspace":2,"vaddr":"0x101ff000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"map","cap":11,"vspace":2,"vaddr":"0x10200000","rights":"rw","attr":0,"ret":"FailedLookup","lookup":{"failedForSource":false,"type":"missing_capability","bits":21}}',
    ],
  },
  good: {
    about: 'They are taken back:',
    lines: [
      '{"op":"retype","obj":"page","bits":12,"cap":12,"n":1,"paddr":"0x50002000","ret":"ok"}',
      '{"op":"map","cap":12,"vspace":2,"vaddr":"0x101fe000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"map","cap":10,"vspace":2,"vaddr":"0x101ff000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"map","cap":11,"vspace":2,"vaddr":"0x10200000","rights":"rw","attr":0,"ret":"FailedLookup","lookup":{"failedForSource":false,"type":"missing_capability","bits":21}}',
      '{"op":"unmap","cap":10,"ret":"ok"}',
      '{"op":"unmap","cap":12,"ret":"ok"}',
    ],
  },
  fix: {
    kind: 'roll-back',
    text: 'When a map in the middle of a range is refused, unmap the pages before it, or map the rest after all.',
  },
  advice: 'Batched maps do it in one call, all or nothing: see [the guide](../guide-batch.md).',
  notes: [
    'The finding stands at the mark (or the end), and names the call that was refused. Pages of one size count as a row; maps in other vspaces may lie in between. If any of them was unmapped or mapped anew since, the client has reacted, and nothing is told.',
    'A trace does not say which maps belong together. Two requests for neighbouring ranges, the second of which is refused its first page, look like one.',
  ],
  source: 'This rule judges what the client does, see [output.md](../formats/output.md#definitions).',
  say: (f) =>
    `${f.count} pages of ${f.size} in front of ${f.vaddr}, mapped from line ${f.mappedLine} on, are still mapped although the map behind them, of capability ${f.cap}, was answered ${f.fromAnswer} at line ${f.detail}.`,
};
