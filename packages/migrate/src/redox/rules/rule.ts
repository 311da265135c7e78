import type { redox } from '@overmap/core';
import type { CardSequence, RuleCard, Severity } from '@overmap/report';

/** What a rule of Redox' defects may say; every text is ready to print. */
interface DefectFacts {
  /** "mremap of space 0 at 0x14000 (8,192 bytes)". */
  readonly operation: string;
  /** The grants in its ranges before it; '' = none. */
  readonly grants: string;
  /** What it does, and what it would do with the defect repaired: "answers 0x14000". */
  readonly asIs: string;
  readonly repaired: string;
}

/** A rule of the audit of Redox' defects: its card, what it says, and the defect's switch. */
export interface DefectRule extends RuleCard {
  readonly defect: redox.DefectName;
  readonly say: (f: DefectFacts) => string;
}

/** An operation of a card's session: `in` of a recorded step. */
type Step = Readonly<Record<string, string | number | boolean>>;

/** What is said of a defect; the rest of its card is the same for all. */
export interface DefectWords {
  /** Its number in docs/redox/model.md: 4 for B4, whose rule is OR004. */
  readonly number: number;
  readonly defect: redox.DefectName;
  readonly severity: Severity;
  readonly title: string;
  readonly detects: string;
  readonly why: string;
  readonly promise: string;
  /** What the kernel does, and what the model does with the defect repaired. */
  readonly asIs: string;
  readonly repaired: string;
  /** A short session that runs into it: so many spaces, its steps. */
  readonly bad: readonly [about: string, spaces: number, ...steps: Step[]];
  readonly good: readonly [about: string, spaces: number, ...steps: Step[]];
  readonly fix: { readonly kind: string; readonly text: string } | null;
}

/** A session as the lines of a recording. */
function session([about, spaces, ...steps]: DefectWords['bad'], to: string): CardSequence {
  const ids = Array.from({ length: spaces }, (_, id) => id);
  const state = Object.fromEntries(ids.map((id) => [id, {}]));
  const head = { kind: 'aspace-session', origin: 'by hand', session: 0, remote_cpus: ids.map(() => []), state };
  const lines = steps.map((step, i) => ({ kind: 'aspace-op', origin: 'by hand', session: 0, step: i, in: step }));
  return { about, to, lines: [head, ...lines].map((line) => JSON.stringify(line)) };
}

/** The rule of a defect. */
export function defectRule(words: DefectWords): DefectRule {
  const { number, defect, severity, title, detects, why, promise, asIs, repaired, bad, good, fix } = words;
  const id = `OR${String(number).padStart(3, '0')}`;
  return {
    id,
    defect,
    severity,
    title,
    detects,
    why,
    promise,
    answers: [
      {
        columns: ['as it is (`asIs`)', `with B${number} (\`${defect}\`) repaired`],
        rows: [[asIs, repaired]],
      },
    ],
    bad: session(bad, `B${number}`),
    good: session(good, `B${number}`),
    fix,
    source: `B${number}, switch \`${defect}\`: [redox/model.md](../redox/model.md#defects). Kernel 663e66410bac.`,
    say: (f) =>
      `The ${f.operation} ${f.asIs}; with B${number} repaired it ${f.repaired}.${f.grants === '' ? '' : ` Grants: ${f.grants}.`}`,
  };
}

const PAGE = 4096;
const protection = (letters: string): string =>
  [
    ...(letters.includes('x') ? ['PROT_EXEC'] : []),
    ...(letters.includes('w') ? ['PROT_WRITE'] : []),
    ...(letters.includes('r') ? ['PROT_READ'] : []),
  ].join('|');
const where = (page: number, count: number) => ({ addr: page * PAGE, size: count * PAGE });

/** Steps of sessions, in pages. Private memory at a fixed place. */
export const map = (as: number, page: number, count: number, letters = 'rw', contig = false): Step => ({
  op: 'mmap_anon',
  as,
  ...where(page, count),
  flags: `${protection(letters)}|MAP_PRIVATE|MAP_FIXED`,
  contig,
  memtype: 'Writeback',
});
export const unmap = (as: number, page: number, count: number): Step => ({ op: 'munmap', as, ...where(page, count) });
export const unmapUnpin = (as: number, page: number, count: number): Step => ({
  op: 'munmap_unpin',
  as,
  ...where(page, count),
});
export const protect = (as: number, page: number, count: number, letters: string): Step => ({
  op: 'mprotect',
  as,
  ...where(page, count),
  prot: protection(letters),
});
export const move = (as: number, page: number, to: number, letters: string, mremap = 'FIXED_REPLACE'): Step => ({
  op: 'mremap',
  as,
  old_addr: page * PAGE,
  old_size: PAGE,
  new_addr: to * PAGE,
  new_size: PAGE,
  mremap,
  prot: protection(letters),
});
export const write = (as: number, page: number, value: number): Step => ({ op: 'write', as, page, value });
export const readPage = (as: number, page: number): Step => ({ op: 'read', as, page });
export const fork = (as: number, child: number): Step => ({ op: 'fork', as, new_as: child });
/** Borrow pages of another space, at a fixed place. */
export const borrow = (as: number, to: number, source: number, from: number, count: number): Step => ({
  op: 'borrow',
  as,
  src_as: source,
  src: from * PAGE,
  ...where(to, count),
  flags: 'PROT_READ|MAP_FIXED',
});
/** Lend pages of another space to a call of a scheme. */
export const pinBorrow = (as: number, source: number, from: number): Step => ({
  op: 'pin_borrow',
  as,
  src_as: source,
  src: from * PAGE,
  size: PAGE,
  flags: 'PROT_READ',
});
/** Map a file whose pages lie in a scheme's space. */
export const file = (
  as: number,
  to: number,
  scheme: number,
  from: number,
  count: number,
  sharing = 'SHARED',
): Step => ({
  op: 'fmap',
  as,
  scheme_as: scheme,
  reply_base: from * PAGE,
  file: 7,
  offset: 0,
  ...where(to, count),
  flags: `PROT_WRITE|PROT_READ|MAP_${sharing}|MAP_FIXED`,
});
