import type { SourceRule } from './rule.ts';

/** DeleteFirst taken for success, in source. */
export const OM104: SourceRule = {
  id: 'OM104',
  severity: 'warning',
  title: 'DeleteFirst taken for success',
  detects:
    '`DeleteFirst` from a page map leads on as success does: it is compared and passed over, or left out of the errors. (From the map of a page table the same is right: the table is there.)',
  why: '`DeleteFirst` says that the frame was not mapped and another page is in its place. Taking it for "it is there already" leaves the old page under the new name.',
  promise:
    'Page Map promises `DeleteFirst` where a mapping exists. Code that takes this for granted is right on every kernel; code that was only run on a permissive one may not be.',
  answers: [
    'A kernel that allows over-mapping (x86 and Arm as shipped) gives the page to the new frame; one that refuses it (RISC-V, `strict`, `exact`) answers `DeleteFirst` and leaves the old one.',
  ],
  bad: {
    about: 'A page that is in the way passes for the frame:',
    language: 'c',
    lines: [
      'int ensure(seL4_CPtr frame, seL4_Word at)',
      '{',
      '    seL4_Error error = seL4_RISCV_Page_Map(frame, vspace, at, rights, 0);',
      '    if (error != seL4_NoError && error != seL4_DeleteFirst) {',
      '        return -1;',
      '    }',
      '    return 0;',
      '}',
    ],
  },
  good: {
    about: 'A table that is there is as good as a new one:',
    language: 'c',
    lines: [
      'int ensure_table(seL4_CPtr table, seL4_CPtr frame, seL4_Word at)',
      '{',
      '    seL4_Error error = seL4_RISCV_PageTable_Map(table, vspace, at, 0);',
      '    if (error != seL4_NoError && error != seL4_DeleteFirst) {',
      '        return -1;',
      '    }',
      '    return seL4_RISCV_Page_Map(frame, vspace, at, rights, 0);',
      '}',
    ],
  },
  fix: {
    kind: 'tell-apart',
    text: 'Handle `DeleteFirst` by itself: unmap what is there and map again, or report it.',
  },
  source: 'The analysis of source. See [source.md](../formats/source.md).',
};
