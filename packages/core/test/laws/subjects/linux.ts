import fc from 'fast-check';
import {
  errnoName,
  type LinuxCall,
  LinuxColumns,
  type LinuxConfig,
  LinuxSemantics,
  runCall,
} from '../../../src/linux/index.ts';
import { callsWithin } from '../../linux/random-calls.ts';
import { PAGE } from '../../linux/process.ts';
import { type Picture, pictureOf } from '../page-picture.ts';
import type { Deviation, Performed, Range, Running, Subject } from '../subject.ts';
import { ToldPicture } from '../told-picture.ts';

const numberOf = (word: number | bigint | undefined): number => Number(word ?? 0);

class Linux implements Running<LinuxCall> {
  private readonly linux: LinuxSemantics;
  private readonly calls = new LinuxColumns();
  private readonly record = new ToldPicture();

  constructor(config: LinuxConfig) {
    this.linux = new LinuxSemantics(config);
    const { record } = this;
    const bytes = (start: number, end: number): [number, number, number] => [0, start * PAGE, end * PAGE];
    const gone = (start: number, end: number): void => record.gone(...bytes(start, end));
    this.linux.sink = {
      appeared: (start, end, id) => record.appeared(...bytes(start, end), ...this.valuesOf(id)),
      vanished: gone,
      replaced: gone,
      changed: (start, end, _before, after) => record.changed(...bytes(start, end), this.valuesOf(after)[1]),
      moved: () => {},
    };
  }

  /** The object and the flags of a set of attributes, as mapping records have them. */
  private valuesOf(id: number): [identity: string, protection: string] {
    const { attributes } = this.linux.space;
    return [`${Math.max(attributes.file[id], 0)}`, `${attributes.flags[id]}`];
  }

  get heard(): number {
    return this.record.heard;
  }

  spaces(): readonly number[] {
    return [0];
  }

  picture(): Picture {
    return pictureOf(this.linux.mappings(), ({ object }) => `${object}`);
  }

  told(): Picture {
    return this.record.picture(0);
  }

  state(): string {
    const { attributes, map, files, lastAnon, lastFile } = this.linux.space;
    const rows: unknown[] = [];
    map.forEach((start, end, id) => {
      rows.push([start, end, attributes.flags[id], attributes.file[id], attributes.delta[id], attributes.anon[id]]);
    });
    return JSON.stringify([rows, files.size, lastAnon, lastFile]);
  }

  check(call: LinuxCall): string {
    this.calls.set(0, call);
    return errnoName(this.linux.check(this.calls, 0));
  }

  perform(call: LinuxCall): Performed {
    this.calls.set(0, call);
    const error = runCall(this.linux.space, this.calls, 0);
    const ranges = rangesOf(call);
    return {
      name: call.op,
      outcome: errnoName(error),
      space: 0,
      ranges,
      ...(call.op === 'munmap' ? { empties: { space: 0, range: ranges[0] } } : {}),
    };
  }

  snapshot(): () => void {
    const kept = this.linux.snapshot();
    const told = this.record.snapshot();
    return () => {
      this.linux.restore(kept);
      told();
    };
  }

  reset(): void {
    this.linux.reset();
    this.record.reset();
  }
}

function rangesOf(call: LinuxCall): Range[] {
  const start = numberOf(call.addr);
  const range = (from: number, length: number): Range => ({ start: from, end: from + length });
  switch (call.op) {
    case 'touch':
      return [range(start, PAGE)];
    case 'mremap': {
      const [oldLen, newLen] = [numberOf(call.oldLen), numberOf(call.newLen)];
      // Places move within the source and the target by as much as either is long.
      return [range(start, oldLen), range(numberOf(call.newAddr), Math.max(oldLen, newLen))];
    }
    default:
      return [range(start, numberOf(call.len))];
  }
}

const DEVIATIONS: readonly Deviation[] = [
  {
    law: 'failure',
    operations: ['mprotect'],
    outcomes: ['ENOMEM', 'EACCES'],
    allows: ['changed'],
    within: true,
    prefix: true,
    reason: 'mprotect goes from VMA to VMA, and what lies below the one that stops it stays changed',
  },
  {
    law: 'failure',
    operations: ['mremap'],
    outcomes: ['EFAULT', 'EINVAL', 'ENOMEM'],
    allows: ['vanished', 'appeared', 'replaced'],
    within: true,
    reason: 'mremap removes the target, cuts the tail off, and moves the first of several VMAs before it fails',
  },
];

const subject = (name: string, config: LinuxConfig): Subject<LinuxCall> => ({
  name,
  operations: fc.array(callsWithin(14), { maxLength: 40, size: 'max' }),
  start: () => new Linux(config),
  deviations: DEVIATIONS,
  runs: 400,
});

export const LINUX_SUBJECTS = [
  subject('Linux 6.17', {}),
  subject('Linux 6.17 with room for 14 VMAs', { maxMapCount: 14 }),
  subject('Linux before 6.17', { mremap: 'before', maxMapCount: 14 }),
];
