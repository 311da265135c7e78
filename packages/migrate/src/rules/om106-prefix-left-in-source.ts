import type { SourceRule } from './rule.ts';

/** Prefix left, in source. */
export const OM106: SourceRule = {
  id: 'OM106',
  severity: 'warning',
  title: 'prefix left',
  detects:
    'A loop maps a range page by page and leaves at the first error without unmapping the pages before it, while something keeps books that say otherwise (a record, a reservation, or what stood for the pages is given back). Without such books it is reported as latent (OM109).',
  why: 'Half of the range stays mapped and nobody knows. The next use of the range over-maps those pages on a permissive kernel, and is refused on a strict one.',
  promise:
    'Page Map promises `DeleteFirst` where a mapping exists. Code that takes this for granted is right on every kernel; code that was only run on a permissive one may not be.',
  answers: [
    'A kernel that allows over-mapping (x86 and Arm as shipped) gives the page to the new frame; one that refuses it (RISC-V, `strict`, `exact`) answers `DeleteFirst` and leaves the old one.',
  ],
  bad: {
    about: 'The region says that nothing is mapped:',
    language: 'c',
    lines: [
      'int map_region(struct region *region, seL4_CPtr *frames, int n)',
      '{',
      '    for (int i = 0; i < n; i++) {',
      '        int error = seL4_X86_Page_Map(frames[i], vspace, region->start + i * 4096, rights, 0);',
      '        if (error) {',
      '            return error;',
      '        }',
      '    }',
      '    region->mapped = n;',
      '    return 0;',
      '}',
    ],
  },
  good: {
    about: 'The pages before are taken back:',
    language: 'c',
    lines: [
      'int map_region(struct region *region, seL4_CPtr *frames, int n)',
      '{',
      '    for (int i = 0; i < n; i++) {',
      '        int error = seL4_X86_Page_Map(frames[i], vspace, region->start + i * 4096, rights, 0);',
      '        if (error) {',
      '            while (i-- > 0) {',
      '                seL4_X86_Page_Unmap(frames[i]);',
      '            }',
      '            return error;',
      '        }',
      '    }',
      '    region->mapped = n;',
      '    return 0;',
      '}',
    ],
  },
  fix: {
    kind: 'undo',
    text: 'Unmap what the loop has mapped before it leaves.',
  },
  source: 'The analysis of source. See [source.md](../formats/source.md).',
};
