import {
  ATOMICITY_NAMES,
  BATCHED_NAMES,
  CODE_MASK,
  CODE_NAMES,
  type Columns,
  describeOutcome,
  Flag,
  OBJ_NAMES,
  Obj,
  OP_NAMES,
  Right,
  WHY_NAMES,
} from '@overmap/core';
import type { StateEvent, TraceEvent } from './event.ts';
import { MIGRATED_NAMES, OP_KEYS } from './record-keys.ts';
import type { TraceTables } from './tables.ts';

/**
 * A record of a batch as an object.
 *
 * @param c - the batch
 * @param i - position in it, below `count`
 * @param tables - those of the scanner that filled it
 * @returns exactly what the trace said, in canonical spelling; of what the columns do not hold (the text of a `state`
 * that was not kept, unasked-for truth, unknown keys, bits of `attr` above 32) nothing
 * @throws {@link RangeError} when the record has no known operation
 */
export function eventAt(c: Columns, i: number, tables: TraceTables): TraceEvent {
  const op = OP_NAMES[c.op[i]];
  if (op === undefined || op === '') throw new RangeError(`record ${i} has no known operation`);
  const { slots, names, sites } = tables;
  const flags = c.flags[i];
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const { required, optional } = OP_KEYS[op];
  const slot = (dense: number): number => slots.nameOf(dense).number;
  const event: Record<string, unknown> = { op };
  for (const key of [...required, ...optional]) {
    switch (key) {
      case 'cap':
        if (c.cap[i] !== 0) event[key] = slot(c.cap[i]);
        else if (op === 'make_pool') event[key] = null;
        break;
      case 'src':
      case 'pool':
      case 'with':
        event[key] = slot(c.src[i]);
        break;
      case 'vspace':
        if (c.vspace[i] !== 0) event[key] = slot(c.vspace[i]);
        break;
      case 'obj':
        event[key] = OBJ_NAMES[c.obj[i]];
        break;
      case 'bits':
        if (c.bits[i] !== 0 || c.obj[i] === Obj.page) event[key] = c.bits[i];
        break;
      case 'kind':
        event[key] = BATCHED_NAMES[c.obj[i]];
        break;
      case 'mode':
        event[key] = ATOMICITY_NAMES[c.bits[i]];
        break;
      case 'n':
        event[key] = c.n[i];
        break;
      case 'vaddr':
        if (op !== 'other' || c.vaddrLo[i] !== 0 || c.vaddrHi[i] !== 0) event[key] = hex(c.vaddrHi[i], c.vaddrLo[i]);
        break;
      case 'rights':
        event[key] = letters(c.rights[i]);
        break;
      case 'attr':
        event[key] = c.attr[i] >>> 0;
        break;
      case 'badge':
        event[key] = c.badge[i];
        break;
      case 'paddr':
        if (has(Flag.paddr)) event[key] = hex(c.paddrHi[i], c.paddrLo[i]);
        break;
      case 'via':
        if (has(Flag.viaSwap)) event[key] = 'swap';
        break;
      case 'name':
        if (c.name[i] !== 0) event[key] = names.values[c.name[i]];
        break;
      case 'at':
        event[key] = has(Flag.markEnd) ? 'end' : 'start';
        break;
      case 'result':
        if (has(Flag.markResult)) event[key] = has(Flag.markFailed) ? 'failed' : 'passed';
        break;
      case 'ret':
        Object.assign(event, answer(c, i));
        break;
      default:
    }
  }
  if (op === 'state') Object.assign(event, stateLists(c.states.get(i)));
  addTruth(event, c, i);
  if (has(Flag.boot)) event['boot'] = true;
  if (has(Flag.synth)) event['synth'] = true;
  if (has(Flag.assume)) event['assume'] = true;
  if (has(Flag.part)) event['part'] = true;
  for (const name of MIGRATED_NAMES) if (has(Flag[name])) event['migrated'] = name;
  if (has(Flag.seq)) event['seq'] = c.seq[i];
  if (c.thread[i] !== 0) event['thread'] = names.values[c.thread[i]];
  if (c.cspace[i] !== 0) event['cspace'] = names.values[c.cspace[i]];
  if (c.site[i] !== 0) event['site'] = sites.values[c.site[i]];
  return event as unknown as TraceEvent;
}

function addTruth(event: Record<string, unknown>, c: Columns, i: number): void {
  const flags = c.flags[i];
  if ((flags & Flag.asid) !== 0) event['asid'] = c.asid[i];
  if ((flags & Flag.entry) !== 0) event['entry'] = hex(c.entryHi[i], c.entryLo[i]);
  if ((flags & Flag.was) !== 0) event['was'] = hex(c.wasHi[i], c.wasLo[i]);
  if ((flags & Flag.replaced) !== 0) event['replaced'] = hex(c.replacedHi[i], c.replacedLo[i]);
  if ((flags & Flag.remap) !== 0) event['remap'] = true;
  if ((flags & Flag.alias) !== 0) event['alias'] = true;
  if ((flags & Flag.wasValid) !== 0) event['wasValid'] = c.wasValid[i];
  if ((flags & (Flag.clearedTrue | Flag.clearedFalse)) !== 0) event['cleared'] = (flags & Flag.clearedTrue) !== 0;
  if (c.why[i] !== 0) event['why'] = WHY_NAMES[c.why[i]];
  if ((flags & Flag.found) !== 0) event['found'] = hex(c.foundHi[i], c.foundLo[i]);
}

function answer(c: Columns, i: number): object {
  const outcome = c.outcome[i];
  if (outcome < 0) return {};
  if ((c.flags[i] & Flag.bareError) !== 0) return { ret: CODE_NAMES[outcome & CODE_MASK] };
  const told = describeOutcome(outcome);
  return (c.flags[i] & Flag.avail) === 0 ? told : { ...told, avail: c.avail[i] };
}

/** The lists of a `state` record's text, which a scanner has checked. */
function stateLists(text: string | undefined): Partial<StateEvent> {
  if (text === undefined) return {};
  const { root, entries, tables } = JSON.parse(text) as Pick<StateEvent, 'root' | 'entries' | 'tables'>;
  return {
    ...(root !== undefined && { root }),
    ...(entries !== undefined && { entries }),
    ...(tables !== undefined && { tables }),
  };
}

/** Two halves of a 64-bit word as a hex string without leading zeros. */
function hex(hi: number, lo: number): string {
  const low = (lo >>> 0).toString(16);
  return hi === 0 ? `0x${low}` : `0x${(hi >>> 0).toString(16)}${low.padStart(8, '0')}`;
}

function letters(rights: number): string {
  return (
    ((rights & Right.read) === 0 ? '' : 'r') +
    ((rights & Right.write) === 0 ? '' : 'w') +
    ((rights & Right.grant) === 0 ? '' : 'g') +
    ((rights & Right.grantReply) === 0 ? '' : 'G')
  );
}
