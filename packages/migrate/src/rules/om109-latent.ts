import type { SourceRule } from './rule.ts';

/** Latent, in source. */
export const OM109: SourceRule = {
  id: 'OM109',
  severity: 'note',
  title: 'latent',
  detects:
    'Nothing is wrong as the code stands, and one more call would be: a dropped answer where the address is fresh, a fixed place for frames that come from outside, a range that is left half mapped without any books.',
  why: 'The mistake is made elsewhere, later. A permissive kernel hides it.',
  promise:
    'Page Map promises `DeleteFirst` where a mapping exists. Code that takes this for granted is right on every kernel; code that was only run on a permissive one may not be.',
  answers: [
    'A kernel that allows over-mapping (x86 and Arm as shipped) gives the page to the new frame; one that refuses it (RISC-V, `strict`, `exact`) answers `DeleteFirst` and leaves the old one.',
  ],
  bad: {
    about: 'A second frame would take the place of the first:',
    language: 'c',
    lines: [
      'int show(seL4_CPtr frame)',
      '{',
      '    return seL4_ARM_Page_Map(frame, vspace, CONSOLE, rights, attributes);',
      '}',
    ],
  },
  good: {
    about: 'The frame is gone when the function returns:',
    language: 'c',
    lines: [
      'int show(seL4_CPtr frame)',
      '{',
      '    int error = seL4_ARM_Page_Map(frame, vspace, CONSOLE, rights, attributes);',
      '    if (error) {',
      '        return error;',
      '    }',
      '    draw();',
      '    return seL4_ARM_Page_Unmap(frame);',
      '}',
    ],
  },
  fix: null,
  source: 'The analysis of source. See [source.md](../formats/source.md).',
};
