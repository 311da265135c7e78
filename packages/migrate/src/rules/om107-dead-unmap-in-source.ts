import type { SourceRule } from './rule.ts';

/** Dead unmap, in source. */
export const OM107: SourceRule = {
  id: 'OM107',
  severity: 'note',
  title: 'dead unmap',
  detects: 'An unmap of a capability whose page another map of the same function has taken.',
  why: 'It clears nothing: the later frame stays mapped. Once the over-map is gone, so is the reason for this unmap, or it comes alive and takes a page away that was meant to stay.',
  promise:
    'Page Map promises `DeleteFirst` where a mapping exists. Code that takes this for granted is right on every kernel; code that was only run on a permissive one may not be.',
  answers: [
    'A kernel that allows over-mapping (x86 and Arm as shipped) gives the page to the new frame; one that refuses it (RISC-V, `strict`, `exact`) answers `DeleteFirst` and leaves the old one.',
  ],
  bad: {
    about: 'The unmap comes when the page is gone:',
    language: 'c',
    lines: [
      'void swap(seL4_CPtr a, seL4_CPtr b)',
      '{',
      '    int error = seL4_ARM_Page_Map(a, vspace, WINDOW, rights, attributes);',
      '    assert(!error);',
      '    error = seL4_ARM_Page_Map(b, vspace, WINDOW, rights, attributes);',
      '    assert(!error);',
      '    seL4_ARM_Page_Unmap(a);',
      '}',
    ],
  },
  good: {
    about: 'It comes in time:',
    language: 'c',
    lines: [
      'void swap(seL4_CPtr a, seL4_CPtr b)',
      '{',
      '    int error = seL4_ARM_Page_Map(a, vspace, WINDOW, rights, attributes);',
      '    assert(!error);',
      '    seL4_ARM_Page_Unmap(a);',
      '    error = seL4_ARM_Page_Map(b, vspace, WINDOW, rights, attributes);',
      '    assert(!error);',
      '}',
    ],
  },
  fix: {
    kind: 'move',
    text: 'Move the unmap in front of the map that takes the page.',
  },
  source: 'The analysis of source. See [source.md](../formats/source.md).',
};
