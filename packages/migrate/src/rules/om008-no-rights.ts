import type { Rule } from './rule.ts';

/** RISC-V no-rights entry. */
export const OM008: Rule = {
  id: 'OM008',
  severity: 'error',
  title: 'no-rights entry',
  detects:
    'On RISC-V, a page is mapped without rights and execute-never: the kernel writes an invalid entry and records the capability as mapped.',
  why: 'The place is free for anyone, and the capability counts as mapped there: when it is mapped again with rights it is a remap, and replaces whatever has been mapped meanwhile.',
  fix: { kind: 'rights', text: 'Map with at least read rights, or leave the page unmapped.' },
  say: (f) =>
    `Capability ${f.cap} was mapped at ${f.vaddr} with no rights and execute-never: it counts as mapped, and the entry is empty.`,
};
