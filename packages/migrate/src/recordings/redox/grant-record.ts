import { redox } from '@overmap/core';
import type { LineRecord } from '@overmap/trace';
import { isRecord, MalformedRecord, numberAt, textAt } from './record-reader.ts';

const { PTE } = redox;
const FLAGS = /^r([w-])([x-])(\+uc|\+wc)?$/;

/** Entry bits by their text, such as `rw-+uc`. */
export function flagBits(text: string): number {
  const parts = FLAGS.exec(text);
  if (parts === null)
    throw new MalformedRecord('f', `expected flags such as "rw-" or "r-x+wc", not "${text.slice(0, 20)}"`);
  const memory = parts[3] === undefined ? 0 : parts[3] === '+uc' ? PTE.uncached : PTE.writeCombining;
  return (parts[1] === 'w' ? PTE.write : 0) | (parts[2] === 'x' ? PTE.exec : 0) | memory;
}

/** The text of entry bits. */
export function flagText(bits: number): string {
  const memory = (bits & PTE.uncached) !== 0 ? '+uc' : (bits & PTE.writeCombining) !== 0 ? '+wc' : '';
  return `r${(bits & PTE.write) === 0 ? '-' : 'w'}${(bits & PTE.exec) === 0 ? '-' : 'x'}${memory}`;
}

/** A grant as a recording writes it, with the keys that are left out when they are plain. */
export interface GrantRecord {
  readonly p: number;
  readonly n: number;
  readonly f: string;
  readonly prov: string;
  readonly detail: string;
}

/** A recorded grant in the form in which grants are compared. */
export function grantRecord(value: unknown): GrantRecord {
  if (!isRecord(value)) throw new MalformedRecord('grants', 'expected a grant to be an object');
  const prov = textAt(value, 'prov');
  const { p, n, f } = { p: numberAt(value, 'p'), n: numberAt(value, 'n'), f: textAt(value, 'f') };
  return { p, n, f, prov, detail: recordedDetail(value, prov) };
}

function recordedDetail(value: LineRecord, prov: string): string {
  switch (prov) {
    case 'Allocated': {
      const file = value.file === undefined ? '' : ` file ${numberAt(value, 'file')}+${numberAt(value, 'off')}`;
      return `${value.contig === true ? 'contiguous' : ''}${file}`;
    }
    case 'AllocatedShared':
      return value.pin === true ? 'pinned' : '';
    case 'PhysBorrowed':
      return `frame ${numberAt(value, 'frame')}`;
    case 'External': {
      const space = value.as === undefined ? '' : ` of ${numberAt(value, 'as')}`;
      return `source ${numberAt(value, 'src')}${space}${value.pin === true ? ' pinned' : ''}`;
    }
    case 'FmapBorrowed':
      return `file ${numberAt(value, 'file')}+${numberAt(value, 'off')} pins ${numberAt(value, 'pins')}`;
    default:
      throw new MalformedRecord('prov', `expected a provider of grants, not "${prov.slice(0, 40)}"`);
  }
}

/** A grant of the model in the form in which grants are compared. */
export function shownGrant({ base, count, flags, provider }: redox.Grant): GrantRecord {
  return { p: base, n: count, f: flagText(flags), prov: provider.kind, detail: shownDetail(provider) };
}

function shownDetail(provider: redox.Provider): string {
  switch (provider.kind) {
    case 'Allocated': {
      const { file } = provider;
      return `${provider.contiguous ? 'contiguous' : ''}${file === null ? '' : ` file ${file.file}+${file.offset}`}`;
    }
    case 'AllocatedShared':
      return provider.pinned ? 'pinned' : '';
    case 'PhysBorrowed':
      return `frame ${provider.frame}`;
    case 'External': {
      const { source } = provider;
      const space = source === null ? '' : ` of ${source.orphaned ? -1 : source.id}`;
      return `source ${provider.sourceBase}${space}${provider.pinned ? ' pinned' : ''}`;
    }
    case 'FmapBorrowed':
      return `file ${provider.file.file}+${provider.file.offset} pins ${provider.pins}`;
  }
}

/** A recorded grant as the model's, for lines about bare grants. The source of an External one is not known. */
export function modelGrant(value: unknown): redox.Grant {
  const { p, n, f, prov } = grantRecord(value);
  return { base: p, count: n, flags: flagBits(f), mapped: true, provider: modelProvider(value as LineRecord, prov) };
}

/** A recorded provider as the model's. */
export function modelProvider(value: LineRecord, prov: string): redox.Provider {
  const file = (): redox.FileRange => ({ file: numberAt(value, 'file'), offset: numberAt(value, 'off') });
  switch (prov) {
    case 'Allocated':
      return { kind: prov, contiguous: value.contig === true, file: value.file === undefined ? null : file() };
    case 'AllocatedShared':
      return { kind: prov, pinned: value.pin === true };
    case 'PhysBorrowed':
      return { kind: prov, frame: value.frame === undefined ? 1 : numberAt(value, 'frame') };
    case 'External': {
      const sourceBase = value.src === undefined ? 0 : numberAt(value, 'src');
      return { kind: prov, source: null, sourceBase, pinned: value.pin === true };
    }
    case 'FmapBorrowed':
      return {
        kind: prov,
        file: value.file === undefined ? { file: 0, offset: 0 } : file(),
        pins: numberAt(value, 'pins'),
      };
    default:
      throw new MalformedRecord('prov', `expected a provider of grants, not "${prov.slice(0, 40)}"`);
  }
}
