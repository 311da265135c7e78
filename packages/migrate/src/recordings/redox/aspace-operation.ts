import { redox } from '@overmap/core';
import type { LineRecord } from '@overmap/trace';
import { MalformedRecord, numberAt, textAt } from './record-reader.ts';

const { MAP, MREMAP } = redox;

const FLAG_BITS: Readonly<Record<string, number>> = {
  PROT_EXEC: MAP.exec,
  PROT_WRITE: MAP.write,
  PROT_READ: MAP.read,
  MAP_SHARED: MAP.shared,
  MAP_PRIVATE: MAP.private,
  MAP_FIXED: MAP.fixed,
  MAP_FIXED_NOREPLACE: MAP.fixedNoReplace,
  MAP_LAZY: MAP.lazy,
  'bit8-only': MAP.fixedNoReplace & ~MAP.fixed,
};

const REMAP_BITS: Readonly<Record<string, number>> = {
  FIXED: MREMAP.fixed,
  FIXED_REPLACE: MREMAP.fixedReplace,
  KEEP_OLD: MREMAP.keepOld,
};

const MEMORY: Readonly<Record<string, redox.MemoryType>> = {
  Writeback: 'wb',
  Uncacheable: 'uc',
  WriteCombining: 'wc',
  DeviceMemory: 'dev',
};

/** Bits by names with bars between; an empty text is none. @throws MalformedRecord at a name that is not known */
function bitsAt(record: LineRecord, key: string, bits: Readonly<Record<string, number>>): number {
  let value = 0;
  for (const name of textAt(record, key).split('|')) {
    if (name === '') continue;
    if (!Object.hasOwn(bits, name)) throw new MalformedRecord(key, `expected known names in "${key}"`);
    value |= bits[name];
  }
  return value;
}

function memoryAt(record: LineRecord): redox.MemoryType {
  const name = textAt(record, 'memtype');
  if (!Object.hasOwn(MEMORY, name)) throw new MalformedRecord('memtype', 'expected a known type of memory');
  return MEMORY[name];
}

/**
 * The operation of a recorded step.
 *
 * @param input - the record's `in`
 * @returns null: the model knows no such operation
 * @throws MalformedRecord
 */
export function aspaceOperation(input: LineRecord): redox.RedoxOperation | null {
  const op = textAt(input, 'op');
  const space = numberAt(input, 'as');
  const flags = (): number => bitsAt(input, 'flags', FLAG_BITS);
  const address = (): number => numberAt(input, 'addr');
  const size = (): number => numberAt(input, 'size');
  const source = () => ({ source: numberAt(input, 'src_as'), sourceAddress: numberAt(input, 'src') });
  switch (op) {
    case 'mmap_anon': {
      const contiguous = input.contig === true;
      return {
        op: 'mmap',
        space,
        address: address(),
        size: size(),
        mapFlags: flags(),
        memory: memoryAt(input),
        contiguous,
      };
    }
    case 'physmap': {
      const physical = numberAt(input, 'phys');
      return { op: 'mapPhysical', space, physical, size: size(), mapFlags: flags(), memory: memoryAt(input) };
    }
    case 'munmap':
      return { op, space, address: address(), size: size() };
    case 'munmap_unpin':
      return { op: 'munmapUnpin', space, address: address(), size: size() };
    case 'mprotect':
      return { op, space, address: address(), size: size(), mapFlags: bitsAt(input, 'prot', FLAG_BITS) };
    case 'mremap':
      return {
        op,
        space,
        oldAddress: numberAt(input, 'old_addr'),
        oldSize: numberAt(input, 'old_size'),
        newAddress: numberAt(input, 'new_addr'),
        newSize: numberAt(input, 'new_size'),
        remapFlags: bitsAt(input, 'mremap', REMAP_BITS),
        mapFlags: bitsAt(input, 'prot', FLAG_BITS),
      };
    case 'read':
    case 'write':
    case 'fetch':
      return {
        op: 'access',
        space,
        access: op,
        page: numberAt(input, 'page'),
        value: op === 'write' ? numberAt(input, 'value') : 0,
      };
    case 'fork':
      return { op, space, child: numberAt(input, 'new_as') };
    case 'drop_space':
      return { op: 'drop', space };
    case 'set_mmap_min':
      return { op: 'setLeastAddress', space, address: numberAt(input, 'value') };
    case 'borrow':
    case 'transfer':
      return { op, space, ...source(), size: size(), address: address(), mapFlags: flags() };
    case 'pin_borrow':
      return { op: 'pinBorrow', space, ...source(), size: size(), mapFlags: flags() };
    case 'fmap':
      return {
        op: 'mapScheme',
        space,
        scheme: numberAt(input, 'scheme_as'),
        reply: numberAt(input, 'reply_base'),
        file: numberAt(input, 'file'),
        offset: numberAt(input, 'offset'),
        size: size(),
        address: address(),
        mapFlags: flags(),
      };
    default:
      return null;
  }
}

/** Bytes that a write of the least address takes; it answers with them. */
const LEAST_ADDRESS_BYTES = 8;

/** An outcome of the model as a recording writes it. */
export function shownOutcome(operation: redox.RedoxOperation, outcome: redox.RedoxOutcome): LineRecord {
  switch (outcome.kind) {
    case 'error':
      return { err: outcome.error };
    case 'accessed':
      return { ok: outcome.word, faults: outcome.faults };
    case 'fault':
      return { pf: outcome.fault, faults: outcome.faults };
    case 'panic':
      return { panic: outcome.why };
    case 'done':
      if (operation.op === 'drop') return { ok: 0, other_refs: outcome.value };
      return { ok: operation.op === 'setLeastAddress' ? LEAST_ADDRESS_BYTES : outcome.value };
  }
}
