import { type Rule, since } from './rule.ts';

/** A capability acts through an ASID that has changed hands. */
export const OM006: Rule = {
  id: 'OM006',
  severity: 'error',
  title: 'reused ASID',
  detects: 'A capability maps, or clears a page, through an ASID that belonged to another vspace when it was mapped.',
  why: "A deleted vspace's ASID is given out again, lowest first. Frame capabilities that were left mapped then count as mapped in the new vspace, at the same addresses.",
  fix: { kind: 'unmap', text: 'Unmap or delete every frame capability of a vspace before the vspace itself.' },
  say: (f) =>
    `Capability ${f.cap} was mapped at ${f.vaddr} in a vspace that is gone${since(f)}; its ASID ${f.asid} has been given to another vspace since, and ${f.detail} there.`,
};
