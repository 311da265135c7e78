import fc from 'fast-check';
import { freebsd } from '../../../src/index.ts';
import { anyOperation, makesSense } from '../../freebsd/random-operations.ts';
import { stateOf } from '../../freebsd/machine-under-test.ts';
import { type Picture, pictureOf } from '../page-picture.ts';
import type { Performed, Range, Running, Subject } from '../subject.ts';
import { ToldPicture } from '../told-picture.ts';

const { FreeBsdSemantics, KEY_POLICIES, PAGE_SIZE } = freebsd;

type Operation = freebsd.FreeBsdOperation;

class FreeBsd implements Running<Operation> {
  private readonly system: freebsd.FreeBsdSemantics;
  private readonly record = new ToldPicture();

  constructor(policy: freebsd.KeyPolicy) {
    this.system = new FreeBsdSemantics({ policy });
    const { record } = this;
    this.system.sink = {
      appeared: (space, start, end, { prot }) => record.appeared(space, start, end, '', `${prot}`),
      vanished: (space, start, end) => record.gone(space, start, end),
      protectionChanged: (space, start, end, _before, after) => record.changed(space, start, end, `${after}`),
      keyChanged: () => {},
    };
  }

  get heard(): number {
    return this.record.heard;
  }

  spaces(): readonly number[] {
    return [...this.system.machine.processes.keys()];
  }

  /** Objects are left out: private memory gets one at its first touch, which is no effect on a mapping. */
  picture(space: number): Picture {
    return pictureOf(this.system.mappings(space), () => '');
  }

  told(space: number): Picture {
    return this.record.picture(space);
  }

  state(): string {
    return JSON.stringify(stateOf(this.system.machine));
  }

  check(operation: Operation): string | null {
    if (!makesSense(this.system.machine, operation)) return null;
    this.system.check([operation], 0);
    return this.system.last?.error ?? 'ok';
  }

  perform(operation: Operation): Performed | null {
    if (!makesSense(this.system.machine, operation)) return null;
    this.system.perform([operation], 0);
    const ranges = 'address' in operation ? [pagesOf(operation)] : [];
    return {
      name: operation.op,
      outcome: this.system.last?.error ?? 'ok',
      space: operation.process,
      ranges,
      ...(operation.op === 'munmap' ? { empties: { space: operation.process, range: ranges[0] } } : {}),
    };
  }

  snapshot(): () => void {
    const kept = this.system.snapshot();
    const told = this.record.snapshot();
    return () => {
      this.system.restore(kept);
      told();
    };
  }

  reset(): void {
    this.system.reset();
    this.record.reset();
  }
}

const pagesOf = ({ address, length }: { readonly address: number; readonly length: number }): Range => ({
  start: Math.floor(address / PAGE_SIZE) * PAGE_SIZE,
  end: Math.ceil((address + length) / PAGE_SIZE) * PAGE_SIZE,
});

export const FREEBSD_SUBJECTS = Object.values(KEY_POLICIES).map(
  (policy): Subject<Operation> => ({
    name: `FreeBSD, ${policy.name}`,
    operations: fc.array(anyOperation, { maxLength: 40, size: 'max' }),
    start: () => new FreeBsd(policy),
    deviations: [],
    runs: 80,
  }),
);
