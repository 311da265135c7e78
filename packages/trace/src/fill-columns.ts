import {
  Atomicity,
  Batched,
  Code,
  type Columns,
  Flag,
  failedLookup,
  invalidArgument,
  Lookup,
  Obj,
  Op,
  Right,
  rangeError,
  Why,
} from '@overmap/core';
import { clearRecord } from './clear-columns.ts';
import type { Answer, ClearedTruth, MapTruth, StateEvent, TraceEvent } from './event.ts';
import { formatEvent } from './format-event.ts';
import { MOST_OBJECTS } from './record-keys.ts';
import type { TraceTables } from './tables.ts';

/**
 * Put an event into columns. All columns of the record are written but `event` and `line`, which are the reader's.
 *
 * @param c - the columns
 * @param i - position in the batch
 * @param event - a valid event, see `validateEvent`
 * @param tables - numbers slots, names and sites; a scanner has such tables, `makeTables` makes some
 * @returns false, with nothing but the tables changed, when there are too many different slots or CSpaces
 */
export function fillColumns(c: Columns, i: number, event: TraceEvent, tables: TraceTables): boolean {
  const { slots, names, sites } = tables;
  const cspace = event.cspace === undefined ? 0 : names.intern(event.cspace);
  if (cspace !== 0 && cspace === names.othersIndex) return false;
  const slot = (number: number | null | undefined): number => (number == null ? 0 : slots.dense(number, cspace));
  const all: Readonly<Record<string, unknown>> = { ...event };
  const cap = slot(all['cap'] as number | null | undefined);
  const source = (all['src'] ?? all['pool'] ?? all['with']) as number | undefined;
  const src = slot(source);
  const vspace = slot(all['vspace'] as number | undefined);
  if ((all['cap'] != null && cap === 0) || (source !== undefined && src === 0)) return false;
  if (all['vspace'] !== undefined && vspace === 0) return false;
  let list: Int32Array | undefined | null;
  if (event.op === 'retype' && event.n > 1 && event.n <= MOST_OBJECTS) list = slots.list(event.cap, cspace, event.n);
  if (list === null) return false;

  clearRecord(c, i);
  if (list !== undefined) c.slotLists.set(i, list);
  c.op[i] = Op[event.op];
  c.cap[i] = cap;
  c.src[i] = src;
  c.vspace[i] = vspace;
  c.cspace[i] = cspace;
  if (event.thread !== undefined) c.thread[i] = names.intern(event.thread);
  if (event.site !== undefined) c.site[i] = sites.intern(event.site);
  let flags = 0;
  if (event.boot === true) flags |= Flag.boot;
  if (event.synth === true) flags |= Flag.synth;
  if (event.assume === true) flags |= Flag.assume;
  if (event.part === true) flags |= Flag.part;
  if (event.migrated !== undefined) flags |= Flag[event.migrated];
  if (event.seq !== undefined) {
    flags |= Flag.seq;
    c.seq[i] = event.seq;
  }
  c.outcome[i] = -1;
  if (event.op === 'state') {
    if (event.entries !== undefined) c.states.set(i, formatEvent(stateOnly(event)));
  } else if (event.op === 'mark') {
    c.name[i] = names.intern(event.name);
    if (event.at === 'end') flags |= Flag.markEnd;
    if (event.result !== undefined) flags |= Flag.markResult;
    if (event.result === 'failed') flags |= Flag.markFailed;
  } else if (event.op === 'other') {
    if (event.name !== undefined) c.name[i] = names.intern(event.name);
    if (event.vaddr !== undefined) setHex(c.vaddrHi, c.vaddrLo, i, event.vaddr);
    if (event.ret !== undefined) flags |= fillAnswer(c, i, event as Answer);
  } else flags |= fillAnswer(c, i, event) | fillArguments(c, i, event);
  c.flags[i] = flags;
  return true;
}

/** A `state` for its text: what the record's other keys say stands in columns already. */
function stateOnly(event: StateEvent): StateEvent {
  const { op, vspace, root, entries, tables } = event;
  return {
    op,
    vspace,
    ...(root !== undefined && { root }),
    ...(entries !== undefined && { entries }),
    ...(tables !== undefined && { tables }),
  };
}

type Invocation = Exclude<TraceEvent, { op: 'state' | 'mark' | 'other' }>;

/** @returns bits of flags */
function fillArguments(c: Columns, i: number, event: Invocation): number {
  let flags = 0;
  if ('vaddr' in event) setHex(c.vaddrHi, c.vaddrLo, i, event.vaddr);
  // `attr` may be up to 64 bits; its low 32 are what the architectures look at.
  if ('attr' in event) c.attr[i] = event.attr;
  if ('rights' in event) c.rights[i] = rightBits(event.rights);
  if ('paddr' in event && event.paddr !== undefined) {
    flags |= Flag.paddr;
    setHex(c.paddrHi, c.paddrLo, i, event.paddr);
  }
  switch (event.op) {
    case 'retype':
      c.obj[i] = Obj[event.obj];
      c.bits[i] = event.bits ?? 0;
      c.n[i] = event.n;
      break;
    case 'batch':
      c.obj[i] = Batched[event.kind];
      c.bits[i] = Atomicity[event.mode];
      c.n[i] = event.n;
      break;
    case 'mint':
      c.badge[i] = event.badge;
      flags |= Flag.badge;
      break;
    case 'move':
      if (event.via === 'swap') flags |= Flag.viaSwap;
      break;
    case 'assign':
      if (event.asid !== undefined) {
        c.asid[i] = event.asid;
        flags |= Flag.asid;
      }
      break;
    case 'map':
      return flags | fillMapTruth(c, i, event);
    case 'unmap':
    case 'unmap_table':
    case 'delete':
      return flags | fillClearedTruth(c, i, event);
    default:
  }
  return flags;
}

function fillMapTruth(c: Columns, i: number, event: MapTruth): number {
  let flags = 0;
  if (event.entry !== undefined) {
    flags |= Flag.entry;
    setHex(c.entryHi, c.entryLo, i, event.entry);
  }
  if (event.was !== undefined) {
    flags |= Flag.was;
    setHex(c.wasHi, c.wasLo, i, event.was);
  }
  if (event.replaced !== undefined) {
    flags |= Flag.replaced;
    setHex(c.replacedHi, c.replacedLo, i, event.replaced);
  }
  if (event.wasValid !== undefined) {
    flags |= Flag.wasValid;
    c.wasValid[i] = event.wasValid;
  }
  if (event.remap === true) flags |= Flag.remap;
  if (event.alias === true) flags |= Flag.alias;
  return flags;
}

function fillClearedTruth(c: Columns, i: number, event: ClearedTruth): number {
  let flags = 0;
  if (event.cleared !== undefined) flags |= event.cleared ? Flag.clearedTrue : Flag.clearedFalse;
  if (event.why !== undefined) c.why[i] = Why[event.why];
  if (event.found !== undefined) {
    flags |= Flag.found;
    setHex(c.foundHi, c.foundLo, i, event.found);
  }
  return flags;
}

/** Writes the packed outcome; details that are absent or do not fit leave the bare code. */
function fillAnswer(c: Columns, i: number, event: Answer): number {
  const code = Code[event.ret];
  c.outcome[i] = code;
  switch (event.ret) {
    case 'InvalidArgument':
    case 'InvalidCapability':
      if (event.arg === undefined || event.arg > 0xfff) return Flag.bareError;
      c.outcome[i] = invalidArgument(event.arg) - Code.InvalidArgument + code;
      return 0;
    case 'RangeError': {
      const { min, max } = event;
      if (min === undefined || max === undefined || min > 0xfff || max > 0x7ff) return Flag.bareError;
      c.outcome[i] = rangeError(min, max);
      return 0;
    }
    case 'FailedLookup': {
      if (event.lookup === undefined) return Flag.bareError;
      const { type, bits, failedForSource } = event.lookup;
      c.outcome[i] = failedLookup(Lookup[type], type === 'invalid_root' ? 0 : (bits ?? 0), failedForSource);
      return 0;
    }
    case 'NotEnoughMemory':
      if (event.avail === undefined) return 0;
      c.avail[i] = event.avail;
      return Flag.avail;
    default:
      return 0;
  }
}

function rightBits(letters: string): number {
  return (
    (letters.includes('r') ? Right.read : 0) |
    (letters.includes('w') ? Right.write : 0) |
    (letters.includes('g') ? Right.grant : 0) |
    (letters.includes('G') ? Right.grantReply : 0)
  );
}

/** A hex string of up to 16 digits as two halves. */
function setHex(hi: Int32Array, lo: Int32Array, i: number, text: string): void {
  hi[i] = text.length > 10 ? Number.parseInt(text.slice(2, -8), 16) : 0;
  lo[i] = Number.parseInt(text.slice(Math.max(2, text.length - 8)), 16);
}
