import type { SourceRule } from './rule.ts';

/** Old API, in source. */
export const OM108: SourceRule = {
  id: 'OM108',
  severity: 'note',
  title: 'old API',
  detects: 'A call that current kernels do not have: `…_Page_Remap`, which takes no address, and `seL4_IA32_*`.',
  why: 'It does not compile any more. The successor of Remap is Page_Map with the address of the mapping, on the same capability: a strict kernel takes it for a remap only if the frame is really there.',
  promise:
    'Page Map promises `DeleteFirst` where a mapping exists. Code that takes this for granted is right on every kernel; code that was only run on a permissive one may not be.',
  answers: [
    'A kernel that allows over-mapping (x86 and Arm as shipped) gives the page to the new frame; one that refuses it (RISC-V, `strict`, `exact`) answers `DeleteFirst` and leaves the old one.',
  ],
  bad: {
    about: 'Remap is gone since 11.0.0:',
    language: 'c',
    lines: [
      'int protect(seL4_CPtr frame)',
      '{',
      '    return seL4_ARM_Page_Remap(frame, vspace, seL4_CanRead, attributes);',
      '}',
    ],
  },
  good: {
    about: 'The same with the address:',
    language: 'c',
    lines: [
      'int protect(seL4_CPtr frame, seL4_Word at)',
      '{',
      '    return seL4_ARM_Page_Map(frame, vspace, at, seL4_CanRead, attributes);',
      '}',
    ],
  },
  fix: {
    kind: 'modernise',
    text: 'Call Page_Map with the address at which the capability is mapped.',
  },
  source: 'The analysis of source. See [source.md](../formats/source.md).',
};
