import { redox } from '@overmap/core';
import type { LineRecord } from '@overmap/trace';
import { numberAt, textAt } from './record-reader.ts';

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

/** What each operation is told by, besides `op` and `as`. Another key may change what it means. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  mmap_anon: ['addr', 'size', 'flags', 'memtype', 'contig'],
  physmap: ['phys', 'size', 'flags', 'memtype'],
  munmap: ['addr', 'size'],
  munmap_unpin: ['addr', 'size'],
  mprotect: ['addr', 'size', 'prot'],
  mremap: ['old_addr', 'old_size', 'new_addr', 'new_size', 'mremap', 'prot'],
  read: ['page'],
  write: ['page', 'value'],
  fetch: ['page'],
  fork: ['new_as'],
  drop_space: [],
  set_mmap_min: ['value'],
  borrow: ['src_as', 'src', 'size', 'addr', 'flags'],
  transfer: ['src_as', 'src', 'size', 'addr', 'flags'],
  pin_borrow: ['src_as', 'src', 'size', 'flags'],
  fmap: ['scheme_as', 'reply_base', 'file', 'offset', 'size', 'addr', 'flags'],
};

/** A step that the model cannot run, and why. */
export interface UncoveredOperation {
  readonly uncovered: string;
}

/** A name that the model does not know: the step is well formed all the same. */
class UnknownName extends Error {}

/** Bits by names with bars between; an empty text is none. @throws MalformedRecord, UnknownName */
function bitsAt(record: LineRecord, key: string, bits: Readonly<Record<string, number>>): number {
  let value = 0;
  for (const name of textAt(record, key).split('|')) {
    if (name === '') continue;
    if (!Object.hasOwn(bits, name)) throw new UnknownName(`${key} ${quoted(name)}`);
    value |= bits[name];
  }
  return value;
}

/** @throws MalformedRecord, UnknownName */
function memoryAt(record: LineRecord): redox.MemoryType {
  const name = textAt(record, 'memtype');
  if (!Object.hasOwn(MEMORY, name)) throw new UnknownName(`memtype ${quoted(name)}`);
  return MEMORY[name];
}

const quoted = (name: string): string => `"${name.slice(0, 40)}"`;

/**
 * The operation of a recorded step.
 *
 * @param input - the record's `in`
 * @returns the operation; or why the model cannot run it: an operation, key or flag that it does not know
 * @throws MalformedRecord
 */
export function aspaceOperation(input: LineRecord): redox.RedoxOperation | UncoveredOperation {
  const op = textAt(input, 'op');
  const keys = Object.hasOwn(KEYS, op) ? KEYS[op] : undefined;
  if (keys === undefined) return { uncovered: `operation ${quoted(op)} is not known` };
  const unknown = Object.keys(input).find((key) => key !== 'op' && key !== 'as' && !keys.includes(key));
  if (unknown !== undefined) return { uncovered: `${op}: key ${quoted(unknown)} is not known` };
  try {
    return knownOperation(op, input);
  } catch (error) {
    if (error instanceof UnknownName) return { uncovered: `${op}: ${error.message} is not known` };
    throw error;
  }
}

/** @throws MalformedRecord, UnknownName */
function knownOperation(op: string, input: LineRecord): redox.RedoxOperation | UncoveredOperation {
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
      return { uncovered: `operation ${quoted(op)} is not known` };
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
