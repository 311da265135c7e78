import { answer, type Rule, since } from './rule.ts';

/** Foreign mapping displaced. */
export const OM011: Rule = {
  id: 'OM011',
  severity: 'error',
  title: 'foreign mapping displaced',
  detects: 'A map takes the place of a page that another thread had mapped, as far as the trace names threads.',
  why: "The other thread goes on using the address and meets a frame that it does not know, often somebody else's. It cannot know: nobody tells it. A client that replaces its own pages may mean to; one that replaces those of others has two owners of one address.",
  promise:
    'Page Map promises `DeleteFirst` where a mapping already exists at the address, whoever made it. The kernel does not remember who did.',
  answers: [
    'As for [OM001](OM001.md) and [OM002](OM002.md), one of which is told of the same map: ok under `legacy` on x86 and Arm, `DeleteFirst` under `exact` and on RISC-V, and under `strict` unless it is a stale remap.',
  ],
  bad: {
    about: 'Two threads use one address:',
    lines: [
      '{"op":"map","cap":10,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok","thread":"driver"}',
      '{"op":"map","cap":11,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok","thread":"server"}',
    ],
  },
  good: {
    about: 'The same thread replaces its own page, which is OM001 only:',
    lines: [
      '{"op":"map","cap":10,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok","thread":"driver"}',
      '{"op":"map","cap":11,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok","thread":"driver"}',
    ],
  },
  fix: {
    kind: 'one-owner',
    text: 'Give each range of addresses one owner, and let the others ask it; or reserve the range before mapping.',
  },
  notes: [
    'Needs `thread` at both maps. Where one of them lacks it, `summary.undecidable.OM011` counts the displacement, unless the map has `cspace`: the slots of two CSpaces never name one vspace in a trace, so that the page was mapped in the same one.',
  ],
  source:
    "Like [OM001](OM001.md); who invoked is the recording's `thread`. See [trace.md](../formats/trace.md#records).",
  say: (f) =>
    `Mapping capability ${f.cap} at ${f.vaddr} took the place of a page that is not the mapper's own (${f.detail}): frame ${f.held}${since(f)} went. ${answer(f)}`,
};
