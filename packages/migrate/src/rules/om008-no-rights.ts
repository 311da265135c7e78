import type { Rule } from './rule.ts';

/** RISC-V no-rights entry. */
export const OM008: Rule = {
  id: 'OM008',
  severity: 'error',
  title: 'no-rights entry',
  detects:
    'On RISC-V, a page is mapped without rights and execute-never: the kernel writes an invalid entry and records the capability as mapped.',
  why: 'The place is free for anyone, and the capability counts as mapped there. When it is mapped again with rights, that is a remap, and it replaces whatever has been mapped meanwhile. Needs no authority over page tables.',
  promise: 'No error is promised for a map without rights, and none is given. The recorded answer is `ok`.',
  answers: [
    {
      columns: ['architecture', 'answer', 'entry'],
      rows: [
        ['riscv32, riscv64', 'ok, under every policy', 'invalid (all zero)'],
        ['the others', 'ok', 'valid, and user mode cannot access it'],
      ],
    },
    'Without rights but executable, RISC-V writes a valid leaf with X alone, and the rule does not fire.',
  ],
  bad: {
    about: 'No rights, and bit 0 of `attr` (execute-never):',
    lines: [
      '{"trace":"overmap","version":1,"system":"sel4","arch":"riscv64","policy":"legacy","source":"by hand","config":{"asidPool":1}}',
      '{"op":"retype","obj":"vspace","cap":2,"n":1,"paddr":"0x80000000","ret":"ok"}',
      '{"op":"assign","pool":1,"vspace":2,"ret":"ok"}',
      '{"op":"retype","obj":"table","cap":3,"n":2,"paddr":"0x80001000","ret":"ok"}',
      '{"op":"map_table","cap":3,"vspace":2,"vaddr":"0x10000000","attr":0,"ret":"ok"}',
      '{"op":"map_table","cap":4,"vspace":2,"vaddr":"0x10000000","attr":0,"ret":"ok"}',
      '{"op":"retype","obj":"page","bits":12,"cap":10,"n":2,"paddr":"0x90000000","ret":"ok"}',
      '{"op":"map","cap":10,"vspace":2,"vaddr":"0x10000000","rights":"","attr":1,"ret":"ok"}',
    ],
  },
  good: {
    about: 'With read rights there is an entry:',
    lines: [
      '{"trace":"overmap","version":1,"system":"sel4","arch":"riscv64","policy":"legacy","source":"by hand","config":{"asidPool":1}}',
      '{"op":"retype","obj":"vspace","cap":2,"n":1,"paddr":"0x80000000","ret":"ok"}',
      '{"op":"assign","pool":1,"vspace":2,"ret":"ok"}',
      '{"op":"retype","obj":"table","cap":3,"n":2,"paddr":"0x80001000","ret":"ok"}',
      '{"op":"map_table","cap":3,"vspace":2,"vaddr":"0x10000000","attr":0,"ret":"ok"}',
      '{"op":"map_table","cap":4,"vspace":2,"vaddr":"0x10000000","attr":0,"ret":"ok"}',
      '{"op":"retype","obj":"page","bits":12,"cap":10,"n":2,"paddr":"0x90000000","ret":"ok"}',
      '{"op":"map","cap":10,"vspace":2,"vaddr":"0x10000000","rights":"r","attr":1,"ret":"ok"}',
    ],
  },
  fix: { kind: 'rights', text: 'Map with at least read rights, or leave the page unmapped.' },
  notes: [
    'See hole H4 in [holes.md](../sel4/holes.md). Rights that the capability does not have count as not asked for.',
  ],
  source: 'makeUserPTE of RISC-V. See [sources.md](../sel4/sources.md).',
  say: (f) =>
    `Capability ${f.cap} was mapped at ${f.vaddr} with no rights and execute-never: it counts as mapped, and the entry is empty.`,
};
