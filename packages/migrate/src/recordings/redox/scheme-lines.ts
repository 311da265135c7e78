import { redox } from '@overmap/core';
import type { LineRecord } from '@overmap/trace';
import type { Compare } from './compare.ts';
import { orPanic, withoutText } from './page-info-lines.ts';
import { isRecord, numberAt, numbersAt, recordAt, textAt } from './record-reader.ts';

const { handlePageFault, MappingCounts, MEMORY_HANDLES, MEMORY_TYPES, openMemory, RangeTree } = redox;

/** A path of the memory scheme is opened. */
export function memoryOpenLine(record: LineRecord, compare: Compare): null {
  const opened = openMemory(textAt(record, 'path'), numberAt(record, 'uid'));
  if (opened === 'scheme-root') compare('out', record.out, { ok: 'scheme-root' });
  else if (typeof opened === 'string') compare('out', record.out, { err: opened });
  else {
    const { number, handle, memory, contiguous } = opened;
    const numbers = { handle_ty: MEMORY_HANDLES.indexOf(handle), mem_ty: MEMORY_TYPES.indexOf(memory) };
    compare('out', record.out, { ok: number, ...numbers, flags: contiguous ? 1 : 0 });
  }
  return null;
}

const triple = ({ start, end, value }: redox.RangeOrGap<number>): unknown[] => [start, end, value];

/** Steps on one range tree. */
export class RangeTreeLines {
  private tree = new RangeTree<number>();

  /** @returns why the step was not compared, or null @throws MalformedRecord */
  step(record: LineRecord, compare: Compare): string | null {
    if (record.step === 0) this.tree = new RangeTree();
    const input = recordAt(record, 'in');
    const out = this.answer(input);
    if (out === undefined) return `operation "${textAt(input, 'op').slice(0, 40)}" is not known`;
    compare('out', record.out, out);
    compare('after', record.after, this.tree.list().map(triple));
    return null;
  }

  private answer(input: LineRecord): unknown {
    const { tree } = this;
    const op = textAt(input, 'op');
    if (op === 'insert') {
      const done = tree.insert(numberAt(input, 'start'), numberAt(input, 'len'), numberAt(input, 'value'));
      return done ? 'Ok' : 'Occupied';
    }
    const range = (): readonly number[] => numbersAt(input, 'range', 2);
    const steps: Readonly<Record<string, (start: number, end: number) => readonly redox.RangeOrGap<number>[]>> = {
      conflicts: (start, end) => tree.conflicts(start, end),
      remove: (start, end) => tree.remove(start, end),
      remove_and_unused: (start, end) => tree.removeAndUnused(start, end),
    };
    if (!Object.hasOwn(steps, op)) return undefined;
    const [start, end] = range();
    return steps[op](start, end).map(triple);
  }
}

/** Steps of a file system that counts its mappings. */
export class MappingCountLines {
  private counts = new MappingCounts();

  /** @returns why the step was not compared, or null @throws MalformedRecord */
  step(record: LineRecord, compare: Compare): string | null {
    if (record.step === 0) this.counts = new MappingCounts();
    const input = recordAt(record, 'in');
    const op = textAt(input, 'op');
    if (op !== 'mmap_prep' && op !== 'munmap') return `operation "${op.slice(0, 40)}" is not known`;
    const [start, end] = numbersAt(input, 'range', 2);
    const { counts } = this;
    const out = orPanic(() => (op === 'munmap' ? counts.munmap(start, end) : counts.mmapPrep(start, end)) ?? 'Ok');
    compare('out', withoutText(record.out), out);
    compare('after', record.after, counts.list().map(triple));
    return null;
  }
}

const HANDLED: Readonly<Record<redox.HandlerOutcome, string>> = {
  resume: 'resume',
  signal: 'deliver-segv',
  EFAULT: 'EFAULT-from-usercopy',
  panic: 'kernel-panic(todo)',
  Segv: 'Err(Segv)',
};
const FAULTS: readonly redox.FaultOutcome[] = ['ok', 'Segv', 'Oom', 'NonfatalInternalError', 'RecursionLimitExceeded'];

/** What the handler of page faults does. @returns why it was not compared, or null */
export function faultHandlerLine(record: LineRecord, compare: Compare): string | null {
  const input = recordAt(record, 'in');
  const fault = textAt(input, 'pf');
  const by = textAt(input, 'by');
  const fetch = fault === 'Segv(instr-fetch)';
  const corrected = FAULTS.find((name) => name === (fetch ? 'Segv' : fault));
  const special = ['reserved-bit-fault', 'user-address', 'kernel-address'].includes(fault);
  if (corrected === undefined && !special) return `fault "${fault.slice(0, 40)}" is not known`;
  let looked = false;
  const handled = handlePageFault(
    {
      by: by === 'user' ? 'user' : by === 'kernel-usercopy' ? 'copy' : 'kernel',
      userAddress: fault !== 'kernel-address',
      fetch,
      reservedBit: fault === 'reserved-bit-fault',
    },
    () => {
      looked = true;
      return corrected ?? 'ok';
    },
  );
  compare('out', record.out, looked ? HANDLED[handled] : `${HANDLED[handled]} without lookup`);
  return null;
}

/** Whether a record's input is `{ key: value }`, a note besides. */
export function asks(input: unknown, key: string, value: unknown): boolean {
  return (
    isRecord(input) && input[key] === value && Object.keys(input).every((other) => other === key || other === 'note')
  );
}
