import type { RuleCard } from '@overmap/report';

/** A rule of nobody's. */
export const card: RuleCard = {
  id: 'OM001',
  severity: 'error',
  title: 'over-map',
  detects: 'A page is replaced.',
  why: 'It is gone, and its unmap is dead ([OM004](OM004.md)).',
  promise: '`DeleteFirst`.',
  answers: [
    'By architecture:',
    {
      columns: ['architecture', 'legacy'],
      rows: [
        ['aarch64', 'ok'],
        ['riscv64', 'DeleteFirst'],
      ],
    },
  ],
  bad: { about: 'One over the other:', to: 'exact', lines: ['{"op":"map"}', '{"op":"map"}'] },
  good: { about: 'One:', lines: ['{"op":"map"}'] },
  fix: { kind: 'unmap-first', text: 'Unmap first.' },
  advice: 'Or stop the thread.',
  notes: ['See [holes.md](../sel4/holes.md).'],
  source: 'vspace.c',
};
