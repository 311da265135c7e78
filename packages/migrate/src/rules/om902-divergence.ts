import type { Rule } from './rule.ts';

/** Recording and model disagree. */
export const OM902: Rule = {
  id: 'OM902',
  severity: 'warning',
  title: 'recording and model disagree',
  detects: 'The first event whose recorded answer is not the one that the policy of the recording gives.',
  why: 'The trace comes from another kernel than its header says, or lacks lines. Later findings rest on a state that followed the recording as far as it could.',
  fix: {
    kind: 'check-header',
    text: 'Check the header (architecture, policy, configuration), or name the policy with --from.',
  },
  say: (f) => `The recording answers ${f.toAnswer} and the model of ${f.from} answers ${f.fromAnswer}. ${f.detail}`,
};
