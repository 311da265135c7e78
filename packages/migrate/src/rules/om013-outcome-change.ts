import type { Rule } from './rule.ts';

/** The outcome changes for another reason. */
export const OM013: Rule = {
  id: 'OM013',
  severity: 'error',
  title: 'outcome changes',
  detects: 'The target answers an invocation differently, for a reason that no other rule names.',
  why: 'A client that depends on the recorded answer goes another way.',
  fix: null,
  say: (f) =>
    `The ${f.op} of capability ${f.cap}${f.vaddr === '' ? '' : ` at ${f.vaddr}`} answers ${f.fromAnswer} under ${f.from} and ${f.toAnswer} under ${f.to}${f.detail}.`,
};
