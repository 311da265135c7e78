import fc from 'fast-check';
import { PCUABI_PROFILES, type PcuabiProfile } from '../../../src/pcuabi/profile.ts';
import type { PcuabiCall } from '../../../src/pcuabi/call.ts';
import { PcuabiSemantics } from '../../../src/pcuabi/semantics.ts';
import type { UserCapability } from '../../../src/pcuabi/user-capability.ts';
import { call, type CallChoice, made } from '../../pcuabi/random-calls.ts';
import { PAGE } from '../../pcuabi/space-under-test.ts';
import { type Picture, pictureOf } from '../page-picture.ts';
import type { Deviation, Performed, Range, Running, Subject } from '../subject.ts';
import { ToldPicture } from '../told-picture.ts';

class Pcuabi implements Running<CallChoice> {
  private readonly system: PcuabiSemantics;
  private readonly record = new ToldPicture();
  /** What earlier calls returned: later ones point with it. */
  private known: UserCapability[] = [];

  constructor(profile: PcuabiProfile) {
    this.system = new PcuabiSemantics(profile);
    const { record } = this;
    this.system.sink = {
      appeared: (object, start, end, prot) => record.appeared(0, start, end, `${object}`, `${prot}`),
      vanished: (_object, start, end) => record.gone(0, start, end),
      // Its protection is told apart, if it is another one.
      replaced: (_object, start, end, by) => record.replaced(0, start, end, `${by}`),
      protectionChanged: (_object, start, end, _from, to) => record.changed(0, start, end, `${to}`),
      reserved: () => {},
      released: () => {},
    };
  }

  get heard(): number {
    return this.record.heard;
  }

  spaces(): readonly number[] {
    return [0];
  }

  picture(): Picture {
    return pictureOf(this.system.mappings(), ({ object }) => `${object}`);
  }

  told(): Picture {
    return this.record.picture(0);
  }

  state(): string {
    const { space } = this.system;
    return JSON.stringify([space.listMappings(), [...space.reservations.values()], [...space.overlapping]]);
  }

  check(choice: CallChoice): string {
    this.system.check([this.callOf(choice)], 0);
    return this.answer();
  }

  perform(choice: CallChoice): Performed {
    const asked = this.callOf(choice);
    this.system.check([asked], 0);
    this.system.perform([asked], 0);
    const returned = this.system.last?.returned ?? null;
    if (returned !== null) this.known.push(returned);
    const ranges = rangesOf(asked);
    return {
      name: asked.call,
      outcome: this.answer(),
      space: 0,
      ranges,
      ...(asked.call === 'munmap' ? { empties: { space: 0, range: ranges[0] } } : {}),
    };
  }

  private callOf(choice: CallChoice): PcuabiCall {
    return made(choice, this.known, this.system.space);
  }

  private answer(): string {
    return this.system.last?.refusal?.error ?? 'ok';
  }

  snapshot(): () => void {
    const kept = this.system.snapshot();
    const known = [...this.known];
    const told = this.record.snapshot();
    return () => {
      this.system.restore(kept);
      this.known = [...known];
      told();
    };
  }

  reset(): void {
    this.system.reset();
    this.known = [];
    this.record.reset();
  }
}

function rangesOf(call: PcuabiCall): Range[] {
  // Lengths are rounded up to pages.
  const range = (start: number, length: number): Range => ({ start, end: start + Math.ceil(length / PAGE) * PAGE });
  switch (call.call) {
    case 'mremap':
      return [
        range(call.address.address, call.oldLength),
        ...(call.to === undefined ? [] : [range(call.to.address, call.newLength)]),
      ];
    case 'shmat':
      return [range(call.address.address, call.size)];
    case 'shmdt':
    case 'brk':
    case 'fork':
    case 'exec':
      return [];
    default:
      return [range(call.address.address, call.length)];
  }
}

const MPROTECT: Deviation = {
  law: 'failure',
  operations: ['mprotect'],
  outcomes: ['ENOMEM'],
  allows: ['changed'],
  within: true,
  prefix: true,
  reason: 'mprotect stops at the hole, and what lies below it stays changed',
};
const MADVISE: Deviation = {
  law: 'failure',
  operations: ['madvise'],
  outcomes: ['ENOMEM', 'EPROT'],
  allows: [],
  reason: 'mapped parts get the advice even where others are holes',
};
const MREMAP: Deviation = {
  law: 'failure',
  operations: ['mremap'],
  outcomes: ['EFAULT', 'EINVAL', 'ERESERVATION', 'ENOMEM'],
  allows: ['vanished'],
  within: true,
  reason: 'the destination is unmapped, and the tail cut off, before the place is asked for',
};

const deviations = ({ mprotectHole, mremapPlace }: PcuabiProfile): readonly Deviation[] => [
  MADVISE,
  ...(mprotectHole === 'stops-there' ? [MPROTECT] : []),
  ...(mremapPlace === 'unmapped-first' ? [MREMAP] : []),
];

export const PCUABI_SUBJECTS = Object.entries<PcuabiProfile>(PCUABI_PROFILES).map(
  ([name, profile]): Subject<CallChoice> => ({
    name: `PCuABI, ${name}`,
    operations: fc.array(call, { maxLength: 50, size: 'max' }),
    start: () => new Pcuabi(profile),
    deviations: deviations(profile),
    runs: 400,
  }),
);
