import type { SourceRule } from './rule.ts';

/** Changes behaviour, in source. */
export const OM102: SourceRule = {
  id: 'OM102',
  severity: 'warning',
  title: 'changes behaviour',
  detects:
    'Code that takes another way under a strict kernel, without being refused outright: a branch for `DeleteFirst` that gives the new frame back and goes on with the old page, a map that finds out whether a capability is mapped already (`InvalidCapability`, then a copy), a map that is a probe and needs exactly `FailedLookup`.',
  why: 'The branch has never run where over-mapping is allowed. What it does then, nobody has tried; what the other branch lost until now, nobody has noticed.',
  promise:
    'Page Map promises `DeleteFirst` where a mapping exists. Code that takes this for granted is right on every kernel; code that was only run on a permissive one may not be.',
  answers: [
    'A kernel that allows over-mapping (x86 and Arm as shipped) gives the page to the new frame; one that refuses it (RISC-V, `strict`, `exact`) answers `DeleteFirst` and leaves the old one.',
  ],
  bad: {
    about: 'Two segments are expected to share a page, which a permissive kernel never says:',
    language: 'c',
    lines: [
      'int load(seL4_CPtr frame, seL4_Word at)',
      '{',
      '    seL4_Error error = seL4_ARM_Page_Map(frame, vspace, at, rights, attributes);',
      '    if (error == seL4_DeleteFirst) {',
      '        free_frame(frame);',
      '    } else if (error) {',
      '        return -1;',
      '    }',
      '    return 0;',
      '}',
    ],
  },
  good: {
    about: 'Whatever the error, the caller hears of it:',
    language: 'c',
    lines: [
      'int load(seL4_CPtr frame, seL4_Word at)',
      '{',
      '    seL4_Error error = seL4_ARM_Page_Map(frame, vspace, at, rights, attributes);',
      '    if (error) {',
      '        free_frame(frame);',
      '        return -1;',
      '    }',
      '    return 0;',
      '}',
    ],
  },
  fix: {
    kind: 'decide-first',
    text: 'Ask your own books whether the page is there, and map only if it is not.',
  },
  source: 'The analysis of source. See [source.md](../formats/source.md).',
};
