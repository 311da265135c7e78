import type { SourceRule } from './rule.ts';

/** Cannot tell, in source. */
export const OM190: SourceRule = {
  id: 'OM190',
  severity: 'note',
  title: 'cannot tell',
  detects:
    'A call that maps, and the function around it does not show what is at the address: it comes from a caller, from a field, or the code around it does not parse.',
  why: 'It may be right. To say so would be a guess.',
  promise:
    'Page Map promises `DeleteFirst` where a mapping exists. Code that takes this for granted is right on every kernel; code that was only run on a permissive one may not be.',
  answers: [
    'A kernel that allows over-mapping (x86 and Arm as shipped) gives the page to the new frame; one that refuses it (RISC-V, `strict`, `exact`) answers `DeleteFirst` and leaves the old one.',
  ],
  bad: {
    about: 'Its callers decide:',
    language: 'c',
    lines: [
      'int map_one(seL4_CPtr frame, seL4_CPtr vspace, seL4_Word at)',
      '{',
      '    return seL4_ARM_Page_Map(frame, vspace, at, rights, attributes);',
      '}',
    ],
  },
  good: {
    about: 'The range has just been reserved:',
    language: 'c',
    lines: [
      'int map_one(vspace_t *space, seL4_CPtr frame)',
      '{',
      '    void *at;',
      '    reservation_t reservation = vspace_reserve_range(space, 4096, rights, 1, &at);',
      '    return vspace_map_pages_at_vaddr(space, &frame, NULL, at, 1, 12, reservation);',
      '}',
    ],
  },
  fix: null,
  source: 'The analysis of source. See [source.md](../formats/source.md).',
};
