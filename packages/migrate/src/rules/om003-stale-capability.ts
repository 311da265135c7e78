import type { Rule } from './rule.ts';

/** Stale capability left behind. */
export const OM003: Rule = {
  id: 'OM003',
  severity: 'note',
  title: 'stale capability left behind',
  detects:
    'At the next start mark, or at the end, a frame capability records an address whose entry does not hold its frame at its size.',
  why: 'The capability looks mapped and is not. A map elsewhere is refused (InvalidArgument 0 for another address, InvalidCapability 1 for another vspace), and a map at the same address counts as a remap, whatever is there now.',
  promise:
    'The manual says nothing about capabilities whose mapping has gone. The next map elsewhere is answered with the errors that it promises for capabilities which are mapped, although this one is not.',
  answers: [
    'Nothing: being stale is a state, not an answer. Deriving, moving and deleting the capability go on working.',
  ],
  bad: {
    about: 'The page table goes first, and the trace ends:',
    lines: [
      '{"op":"map","cap":10,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"unmap_table","cap":5,"ret":"ok"}',
    ],
  },
  good: {
    about: 'The other order leaves nothing behind:',
    lines: [
      '{"op":"map","cap":10,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"unmap","cap":10,"ret":"ok"}',
      '{"op":"unmap_table","cap":5,"ret":"ok"}',
    ],
  },
  fix: {
    kind: 'unmap',
    text: 'Unmap (or delete) frame capabilities before their page table, their vspace, or the mapping itself goes.',
  },
  notes: [
    'One finding stands for all capabilities that became stale since the last look; `count` says how many, `related` names up to eight of the maps. The counts `staleAtTestEnd`, `staleAtNextStart` and `staleAtEnd` are described in [output.md](../formats/output.md).',
  ],
  source:
    'unmapPageTable, deleteASID and finalisation, none of which touches frame capabilities. See [sources.md](../sel4/sources.md).',
  say: (f) =>
    `${f.count === 1 ? 'One capability still records a mapping that is gone' : `${f.count} capabilities still record mappings that are gone`}, the first of them capability ${f.cap} at ${f.vaddr}${f.mappedLine > 0 ? `, mapped at line ${f.mappedLine}` : ''}.`,
};
