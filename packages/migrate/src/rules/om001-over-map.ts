import { answer, type Rule, since } from './rule.ts';

/** Over-map. */
export const OM001: Rule = {
  id: 'OM001',
  severity: 'error',
  title: 'over-map',
  detects: "An unmapped capability's frame takes the place of another live frame.",
  why: 'The first mapping is gone without an unmap, and its capability does not know. It still records the address, so it is stale from now on: its unmap clears nothing ([OM004](OM004.md)), and its next map at this address takes the place back ([OM002](OM002.md)). A client that relies on over-mapping gets `DeleteFirst` from a kernel that refuses it, and the address keeps the first frame.',
  promise:
    'Page Map promises `DeleteFirst` on every architecture where a mapping already exists at the address. Only RISC-V answers that; on x86 and Arm the recorded answer is `ok`, and nothing tells the client that a mapping is gone.',
  answers: [
    {
      columns: ['architecture', 'legacy', 'strict', 'exact', 'permissive, permissive-aware'],
      rows: [
        ['ia32, x86_64, aarch32, aarch64', 'ok', 'DeleteFirst', 'DeleteFirst', 'ok'],
        ['riscv32, riscv64', 'DeleteFirst', 'DeleteFirst', 'DeleteFirst', 'ok'],
      ],
    },
    'Only pages of equal size can replace each other on an unpatched kernel; for other sizes see [OM007](OM007.md).',
  ],
  bad: {
    about: 'Frame 10 is mapped, then frame 11 over it:',
    lines: [
      '{"op":"map","cap":10,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"map","cap":11,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
    ],
  },
  good: {
    about: 'With an unmap in between, the place is empty:',
    lines: [
      '{"op":"map","cap":10,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"unmap","cap":10,"ret":"ok"}',
      '{"op":"map","cap":11,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
    ],
  },
  fix: { kind: 'unmap-first', text: 'Unmap the capability that holds the place before mapping the other.' },
  advice:
    'Between the two calls the address is empty: if another thread may touch it meanwhile, stop that thread, or map the new frame elsewhere and switch.',
  notes: [
    'Recordings of whole systems mark the same event with `replaced`. Together, OM001 and OM002 are all events in which one frame displaces another.',
  ],
  source:
    'The checks of Page_Map in the decode…FrameInvocation functions of each architecture; pull request 1526 for `strict`. See [sources.md](../sel4/sources.md).',
  say: (f) =>
    `Mapping capability ${f.cap} at ${f.vaddr} replaced the live ${f.size} page of frame ${f.held}${since(f)} by frame ${f.frame}. ${answer(f)}`,
};
