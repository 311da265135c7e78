import type { SourceRule } from './rule.ts';

/** Relies on over-mapping, in source. */
export const OM101: SourceRule = {
  id: 'OM101',
  severity: 'warning',
  title: 'relies on over-mapping',
  detects:
    'A call that maps another frame at a place which still holds one: no unmap, revoke, delete or new vspace lies between the two on some way through the function. Either two calls, or one call in a loop whose address does not move (the moving window), or a function that maps what it is given at one address, drops the error, and uses the address.',
  why: 'Under a strict kernel the second map is refused. Where the error is not seen, the code goes on with the page of the frame before: it reads, or overwrites, the wrong memory.',
  promise:
    'Page Map promises `DeleteFirst` where a mapping exists. Code that takes this for granted is right on every kernel; code that was only run on a permissive one may not be.',
  answers: [
    'A kernel that allows over-mapping (x86 and Arm as shipped) gives the page to the new frame; one that refuses it (RISC-V, `strict`, `exact`) answers `DeleteFirst` and leaves the old one.',
  ],
  bad: {
    about: 'The window moves over the frames without an unmap:',
    language: 'c',
    lines: [
      'void clear(seL4_CPtr *frames, int n)',
      '{',
      '    for (int i = 0; i < n; i++) {',
      '        int error = seL4_ARM_Page_Map(frames[i], vspace, WINDOW, rights, attributes);',
      '        assert(!error);',
      '        memset((void *)WINDOW, 0, 4096);',
      '    }',
      '}',
    ],
  },
  good: {
    about: 'Each frame is unmapped before the next comes:',
    language: 'c',
    lines: [
      'void clear(seL4_CPtr *frames, int n)',
      '{',
      '    for (int i = 0; i < n; i++) {',
      '        int error = seL4_ARM_Page_Map(frames[i], vspace, WINDOW, rights, attributes);',
      '        assert(!error);',
      '        memset((void *)WINDOW, 0, 4096);',
      '        seL4_ARM_Page_Unmap(frames[i]);',
      '    }',
      '}',
    ],
  },
  fix: {
    kind: 'unmap-first',
    text: 'Unmap the frame that is there before mapping the next; where it is known and in scope, `overmap migrate source` writes it.',
  },
  source: 'The analysis of source. See [source.md](../formats/source.md).',
};
