import { redox } from '@overmap/core';
import type { LineRecord } from '@overmap/trace';
import type { Compare } from './compare.ts';
import { hexAt, MalformedRecord } from './record-reader.ts';

const { PageInfos, encodeReferences } = redox;

const hex = (word: bigint): string => `0x${word.toString(16)}`;

/** References as a recording writes them. Counts are compared as far as JSON's numbers are exact. */
function shown(references: redox.References): unknown {
  if (references.kind === 'none') return null;
  return references.kind === 'one' ? 'One' : [references.kind, Number(references.count)];
}

/** A frame whose word is the record's `raw`. */
function frameOf(record: LineRecord): redox.PageInfos {
  const infos = new PageInfos(1);
  infos.setWord(0, hexAt(record, 'raw'));
  return infos;
}

/** What a function answers, or that it panics. Texts of panics are not compared. */
export function orPanic<Result>(work: () => Result): Result | 'panic' {
  try {
    return work();
  } catch (error) {
    if (error instanceof redox.KernelPanic) return 'panic';
    throw error;
  }
}

/** A recorded result, of a panic only that it was one. */
export const withoutText = (out: unknown): unknown =>
  typeof out === 'object' && out !== null && 'panic' in out ? 'panic' : out;

/** A word, what it says, and the word that says so. */
export function decodeLine(record: LineRecord, compare: Compare): null {
  const references = frameOf(record).references(0);
  compare('out', record.out, shown(references));
  const word = encodeReferences(references);
  compare('reencoded', record.reencoded, word === null ? null : hex(word));
  return null;
}

/** A reference is taken. */
export function addRefLine(record: LineRecord, compare: Compare): null {
  const infos = frameOf(record);
  const { ref_kind: kind } = record;
  if (kind !== 'Cow' && kind !== 'Shared')
    throw new MalformedRecord('ref_kind', 'expected "ref_kind" to be Cow or Shared');
  compare(
    'out',
    withoutText(record.out),
    orPanic(() => infos.addRef(0, kind)),
  );
  compare('raw_after', record.raw_after, hex(infos.word(0)));
  return null;
}

/** A reference is given back. */
export function removeRefLine(record: LineRecord, compare: Compare): null {
  const infos = frameOf(record);
  const left = (): unknown => {
    infos.removeRef(0);
    return shown(infos.references(0));
  };
  compare('out', withoutText(record.out), orPanic(left));
  compare('raw_after', record.raw_after, hex(infos.word(0)));
  return null;
}

/** May a frame be mapped writable? */
export function allowsWritableLine(record: LineRecord, compare: Compare): null {
  const infos = frameOf(record);
  compare(
    'out',
    withoutText(record.out),
    orPanic(() => infos.allowsWritable(0)),
  );
  return null;
}
