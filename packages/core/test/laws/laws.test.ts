import { describe, expect, it } from 'vitest';
import { breachOf, type Seen } from './laws.ts';
import { type Deviation, type LawName, LAWS, type Subject } from './subject.ts';
import { FREEBSD_SUBJECTS } from './subjects/freebsd.ts';
import { LINUX_SUBJECTS } from './subjects/linux.ts';
import { PCUABI_SUBJECTS } from './subjects/pcuabi.ts';
import { REDOX_SUBJECTS } from './subjects/redox.ts';
import { SEL4_SUBJECTS } from './subjects/sel4.ts';

const LAW_LIST = Object.entries(LAWS).map(([law, statement]) => ({ law: law as LawName, statement }));

/** A semantics whose operations are nobody's business here. */
interface Accused {
  readonly name: string;
  readonly deviations: readonly Deviation[];
  readonly breachOf: (law: LawName, seen: Seen) => string | null;
}

const accused = <Operation>(subject: Subject<Operation>): Accused => ({
  name: subject.name,
  deviations: subject.deviations,
  breachOf: (law, seen) => breachOf(subject, law, seen),
});

const ALL: readonly Accused[] = [
  ...LINUX_SUBJECTS.map(accused),
  ...PCUABI_SUBJECTS.map(accused),
  ...FREEBSD_SUBJECTS.map(accused),
  ...REDOX_SUBJECTS.map(accused),
  ...SEL4_SUBJECTS.map(accused),
];

describe.each(ALL)('$name', (subject) => {
  it.each(LAW_LIST)('$statement', ({ law }) => {
    const seen: Seen = new Map();
    expect(subject.breachOf(law, seen)).toBeNull();
    // A deviation that never occurs is none.
    const never = subject.deviations.filter((deviation) => deviation.law === law && !seen.has(deviation));
    expect(never.map(({ operations, reason }) => `${operations.join()}: ${reason}`)).toEqual([]);
  });
});
