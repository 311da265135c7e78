import type { SourceRule } from './rule.ts';

/** Any error taken for a missing table, in source. */
export const OM105: SourceRule = {
  id: 'OM105',
  severity: 'warning',
  title: 'any error taken for a missing table',
  detects: 'Whatever a map answers, a page table is added and the map is repeated; nothing asks for `FailedLookup`.',
  why: "Where a page is in the way, the table cannot be mapped either, or is wasted; the error that is reported in the end is the table's, and the true one is lost.",
  promise:
    'Page Map promises `DeleteFirst` where a mapping exists. Code that takes this for granted is right on every kernel; code that was only run on a permissive one may not be.',
  answers: [
    'A kernel that allows over-mapping (x86 and Arm as shipped) gives the page to the new frame; one that refuses it (RISC-V, `strict`, `exact`) answers `DeleteFirst` and leaves the old one.',
  ],
  bad: {
    about: 'Any error adds a table:',
    language: 'c',
    lines: [
      'int put(seL4_CPtr frame, seL4_CPtr table, seL4_Word at)',
      '{',
      '    int error = seL4_ARM_Page_Map(frame, vspace, at, rights, attributes);',
      '    if (error) {',
      '        error = seL4_ARM_PageTable_Map(table, vspace, at, attributes);',
      '        assert(!error);',
      '        error = seL4_ARM_Page_Map(frame, vspace, at, rights, attributes);',
      '    }',
      '    return error;',
      '}',
    ],
  },
  good: {
    about: 'Only the error that says so:',
    language: 'c',
    lines: [
      'int put(seL4_CPtr frame, seL4_CPtr table, seL4_Word at)',
      '{',
      '    int error = seL4_ARM_Page_Map(frame, vspace, at, rights, attributes);',
      '    if (error == seL4_FailedLookup) {',
      '        error = seL4_ARM_PageTable_Map(table, vspace, at, attributes);',
      '        assert(!error);',
      '        error = seL4_ARM_Page_Map(frame, vspace, at, rights, attributes);',
      '    }',
      '    return error;',
      '}',
    ],
  },
  fix: {
    kind: 'ask-for-failed-lookup',
    text: 'Add a table for `FailedLookup` only, and return every other error.',
  },
  source: 'The analysis of source. See [source.md](../formats/source.md).',
};
