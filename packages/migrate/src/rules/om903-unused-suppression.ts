import type { SourceRule } from './rule.ts';

/** Unused suppression, in source. */
export const OM903: SourceRule = {
  id: 'OM903',
  severity: 'warning',
  title: 'unused suppression',
  detects: 'A comment `overmap-ignore` that suppresses nothing, has no reason, or names no rule.',
  why: 'What was suppressed has gone, or has moved; the comment would hide the next finding there.',
  promise: 'Nothing: this is about a comment in the source, and not about the kernel.',
  answers: ['Nothing: it is about the audit itself.'],
  bad: {
    about: 'Nothing is found there:',
    language: 'c',
    lines: [
      'int map_one(seL4_CPtr frame, seL4_CPtr vspace, seL4_Word at)',
      '{',
      '    /* overmap-ignore OM103: the frame is mapped at boot */',
      '    return seL4_ARM_Page_Map(frame, vspace, at, rights, attributes);',
      '}',
    ],
  },
  good: {
    about: 'It suppresses a finding, and says why:',
    language: 'c',
    lines: [
      'void record(struct page *page)',
      '{',
      '    /* overmap-ignore OM103: the frame is mapped at boot */',
      '    seL4_X86_Page_Map(page->frame, page->vspace, page->address, rights, 0);',
      '}',
    ],
  },
  fix: {
    kind: 'take-out',
    text: 'Take the comment out, or give it its reason.',
  },
  source: 'The analysis of source. See [source.md](../formats/source.md).',
};
