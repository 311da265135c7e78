import type { SourceRule } from './rule.ts';

/** Swallows the error, in source. */
export const OM103: SourceRule = {
  id: 'OM103',
  severity: 'warning',
  title: 'swallows the error',
  detects:
    'The answer of a map is dropped, stored and never read, or only printed, and the code goes on as if the frame were mapped; or it only makes a loop leave the page out, or the function return what it returns anyway.',
  why: 'A refusal goes unnoticed: the frame counts as mapped, and what is read and written at the address is another page, or a fault.',
  promise:
    'Page Map promises `DeleteFirst` where a mapping exists. Code that takes this for granted is right on every kernel; code that was only run on a permissive one may not be.',
  answers: [
    'A kernel that allows over-mapping (x86 and Arm as shipped) gives the page to the new frame; one that refuses it (RISC-V, `strict`, `exact`) answers `DeleteFirst` and leaves the old one.',
  ],
  bad: {
    about: 'The books say that it is mapped, whatever the kernel said:',
    language: 'c',
    lines: [
      'void record(struct page *page)',
      '{',
      '    seL4_X86_Page_Map(page->frame, page->vspace, page->address, rights, 0);',
      '    page->mapped = 1;',
      '}',
    ],
  },
  good: {
    about: 'The books are written when it is true:',
    language: 'c',
    lines: [
      'int record(struct page *page)',
      '{',
      '    int error = seL4_X86_Page_Map(page->frame, page->vspace, page->address, rights, 0);',
      '    if (error) {',
      '        return error;',
      '    }',
      '    page->mapped = 1;',
      '    return 0;',
      '}',
    ],
  },
  fix: {
    kind: 'check',
    text: 'Look at the answer before anything counts on the mapping.',
  },
  source: 'The analysis of source. See [source.md](../formats/source.md).',
};
