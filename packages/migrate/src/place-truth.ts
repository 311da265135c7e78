import {
  ASID,
  CAP_WORDS,
  type Columns,
  Flag,
  holdsFrame,
  type Kernel,
  SIZE_MASK,
  SIZE_SHIFT,
  Why,
  WHY_NAMES,
} from '@overmap/core';
import { heldFrame } from './sel4-findings.ts';
import { hex } from './words.ts';

/** What a recorder inside the kernel says of the place that a map is about to write; '' where a key is absent. */
export interface PlaceTruth {
  /** The raw entry, if it is valid. */
  readonly was: string;
  /** The entry holds this frame, and this capability is mapped. */
  readonly remap: boolean;
  /** The entry holds this frame, and this capability is not mapped. */
  readonly alias: boolean;
  /** Physical address of the other frame that is there. */
  readonly replaced: string;
  /** How many of the entries to write are pages. */
  readonly wasValid: number;
}

/**
 * The ground truth of a map, before it is performed: the kernel's `at` fields are those of its check.
 *
 * @param slot - the invoked capability (dense)
 */
export function placeTruth(k: Kernel, slot: number): PlaceTruth {
  const c = slot * CAP_WORDS;
  const size = (k.caps[c] >> SIZE_SHIFT) & SIZE_MASK;
  const valid = k.links[k.at] < 0;
  const own = valid && holdsFrame(k, c, size);
  const mapped = k.caps[c + ASID] !== 0;
  let wasValid = 0;
  for (let n = 0; n < k.sizeEntries[size]; n++) if (k.links[k.at + n] < 0) wasValid++;
  return {
    was: valid ? hex(k.entryHi[k.at], k.entryLo[k.at]) : '',
    remap: own && mapped,
    alias: own && !mapped,
    replaced: valid && !own ? heldFrame(k, k.at) : '',
    wasValid,
  };
}

/** What a recorder inside the kernel says of an unmap or deletion, as keys of its record; undefined = the key is absent. */
export interface ClearedKeys {
  readonly cleared: boolean | undefined;
  readonly why: string | undefined;
  readonly found: string | undefined;
}

/** The ground truth of the unmap or deletion that a kernel has just performed. */
export function clearedTruth(k: Kernel): ClearedKeys {
  return {
    cleared: k.cleared < 0 ? undefined : k.cleared === 1,
    why: k.cleared === 0 ? WHY_NAMES[k.clearedWhy] : undefined,
    found: k.cleared === 0 && k.clearedWhy === Why.other_entry ? hex(k.foundHi, k.foundLo) : undefined,
  };
}

const TRUTH =
  Flag.entry |
  Flag.was |
  Flag.replaced |
  Flag.remap |
  Flag.alias |
  Flag.wasValid |
  Flag.clearedTrue |
  Flag.clearedFalse;

/**
 * Whether a record says what the kernel saw.
 *
 * @param client - the trace is one of the client dialect, in which absent keys say something, too
 */
export const carriesTruth = (columns: Columns, i: number, client: boolean): boolean =>
  (client && (columns.flags[i] & (Flag.boot | Flag.synth)) === 0) || (columns.flags[i] & TRUTH) !== 0;

/** What {@link placeTruth} would say of row `i`, as keys of its record; undefined = the key is absent. */
export function mapTruthKeys(k: Kernel, columns: Columns, i: number): Readonly<Record<string, unknown>> {
  const { was, replaced, remap, alias, wasValid } = placeTruth(k, columns.cap[i]);
  const keys = {
    was: was === '' ? undefined : was,
    replaced: replaced === '' ? undefined : replaced,
    remap: remap ? true : undefined,
    alias: alias ? true : undefined,
  };
  if ((columns.flags[i] & Flag.wasValid) === 0) return keys;
  return { ...keys, wasValid: wasValid === 0 ? undefined : wasValid };
}

/** Of what stands at a place, as much as {@link placeTruth} depends on. */
interface Place {
  readonly link: number;
  readonly lo: number;
  readonly hi: number;
  /** The invoked capability is mapped. */
  readonly mapped: boolean;
}

/** What stands at the place of a map of `slot` that is about to be performed. */
export function placeIn(k: Kernel, slot: number): Place {
  const { at } = k;
  return { link: k.links[at], lo: k.entryLo[at], hi: k.entryHi[at], mapped: k.caps[slot * CAP_WORDS + ASID] !== 0 };
}

/** Whether two places are the same. */
export const samePlace = (a: Place, b: Place): boolean =>
  a.link === b.link && a.lo === b.lo && a.hi === b.hi && a.mapped === b.mapped;
