import { answer, type Rule, since } from './rule.ts';

/** Stale remap. */
export const OM002: Rule = {
  id: 'OM002',
  severity: 'error',
  title: 'stale remap',
  detects: 'A capability that records this address, whose place another frame now holds, takes it back.',
  why: 'The kernel decides "remap" by what the capability records, never by the entry. So another frame is replaced silently, under pull request 1526 and on RISC-V too; only a rule that compares the entry with the frame refuses it.',
  fix: {
    kind: 'unmap-both',
    text: 'Unmap the stale capability when its mapping goes, and unmap the one that holds the place before mapping again.',
  },
  say: (f) =>
    `Capability ${f.cap} still recorded ${f.vaddr}, where frame ${f.held} had been mapped meanwhile${since(f)}; mapping it again put frame ${f.frame} back in its place. ${answer(f)}`,
};
